import { relative } from 'node:path';
import pc from 'picocolors';

/** All that the command line knows of the world, handed in, so that tests can look at it from both sides. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the command was called. */
  readonly folder: string;
  readonly now: () => Date;
  /** Ends long work when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
}

/** https://no-color.org: present and not empty means no. */
export function wantsColour(stream: { readonly isTTY?: boolean }, terminal: Terminal): boolean {
  return stream.isTTY === true && !terminal.environment.NO_COLOR && terminal.environment.TERM !== 'dumb';
}

export function coloursFor(terminal: Terminal): ReturnType<typeof pc.createColors> {
  return pc.createColors(wantsColour(terminal.stdout, terminal));
}

export function print(terminal: Terminal, text: string): void {
  terminal.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(terminal: Terminal, value: unknown): void {
  print(terminal, JSON.stringify(value, null, 2));
}

/** A sentence beside the result, never in it: `--json | jq` must not see it. */
export function say(terminal: Terminal, sentence: string): void {
  terminal.stderr.write(`${sentence}\n`);
}

/** A path as short as it can be given from here. */
export function shownPath(terminal: Terminal, path: string): string {
  const near = relative(terminal.folder, path);
  return near === '' ? '.' : near.startsWith('..') ? path : near;
}
