import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { SourceFile, Sources } from '../codegen/sources.ts';

export interface HostOptions {
  /** Takes sources, program, inputs and outputs; removed by `close`. */
  readonly folder: string;
  /** The folder `runtime` of this project. */
  readonly runtimeFolder: string;
  /** The host's C compiler; `cc` when absent. */
  readonly hostCompiler?: string;
  readonly signal?: AbortSignal;
}

/** A generated library, compiled for this machine. */
export interface HostProgram {
  /** Packed inputs → packed outputs of as many inferences, each as after a reset; null where the program fails. */
  run(inputs: readonly Uint8Array[]): Promise<readonly Uint8Array[] | null>;
  close(): Promise<void>;
}

/** An hour: more samples than that are refused before. */
const timeLimitMs = 3_600_000;

/** Floats as they are written: the reference contracts nothing. */
const flags = ['-std=c11', '-O2', '-ffp-contract=off', '-fno-strict-aliasing'];

/** null: there is no compiler, or it does not take the library. */
export async function buildHostProgram(sources: Sources, options: HostOptions): Promise<HostProgram | null> {
  const { folder, runtimeFolder } = options;
  const compiler = options.hostCompiler ?? 'cc';
  const signal = options.signal === undefined ? {} : { cancelSignal: options.signal };
  const close = () => rm(folder, { recursive: true, force: true });
  await close();
  const files = [...sources.library, ...sources.firmware];
  for (const file of files) await writeSource(folder, file);
  const program = join(folder, process.platform === 'win32' ? 'host.exe' : 'host');
  const built = await execa(
    compiler,
    [
      ...flags,
      `-I${folder}`,
      `-I${join(runtimeFolder, 'firmware')}`,
      ...files.filter(({ path }) => path.endsWith('.c')).map(({ path }) => join(folder, path)),
      join(runtimeFolder, 'host', 'main.c'),
      '-lm',
      '-o',
      program,
    ],
    { reject: false, stdin: 'ignore', ...signal },
  );
  if (built.failed) {
    await close();
    return null;
  }
  const [inputFile, outputFile] = [join(folder, 'inputs'), join(folder, 'outputs')];
  return {
    close,
    async run(inputs) {
      await writeFile(inputFile, Buffer.concat(inputs));
      const ran = await execa(program, [inputFile, outputFile], {
        reject: false,
        stdin: 'ignore',
        timeout: timeLimitMs,
        ...signal,
      });
      if (ran.failed) return null;
      const outputs = await readFile(outputFile);
      const each = outputs.length / inputs.length;
      if (!Number.isInteger(each)) return null;
      return inputs.map((_, index) => outputs.subarray(index * each, (index + 1) * each));
    },
  };
}

async function writeSource(folder: string, { path, text }: SourceFile): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}
