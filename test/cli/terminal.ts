import { Writable } from 'node:stream';
import { main } from '../../src/cli/main.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process, as if called in the folder. */
export async function call(
  folder: string,
  parameters: readonly string[],
  terminal: Partial<Terminal> & { readonly isTTY?: boolean } = {},
): Promise<Outcome> {
  const stdout = collector(terminal.isTTY ?? false);
  const stderr = collector(terminal.isTTY ?? false);
  const exitCode = await main(parameters, {
    stdout,
    stderr,
    environment: {},
    folder,
    now: () => new Date('2026-11-23T22:00:00Z'),
    signal: new AbortController().signal,
    ...terminal,
  });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(isTTY: boolean): Writable & { isTTY: boolean; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { isTTY, text: () => chunks.join('') });
}
