import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import type { SourceFile, Sources } from '../codegen/sources.ts';
import { DeployError, printable } from '../errors.ts';
import { mapSettled } from '../map_settled.ts';
import { compilerLevel, type OptimizationLevel } from '../operators/setting.ts';
import type { Target } from '../targets/target.ts';
import type { Toolchain } from './toolchain.ts';

export interface CompileOptions {
  /** Takes the sources and objects, in `library/` and `firmware/`; made when missing. */
  readonly folder: string;
  readonly toolchain: Toolchain;
  /** The folder `runtime` of this project. */
  readonly runtimeFolder: string;
  /** In place of the setting's own level. */
  readonly level?: OptimizationLevel;
  /** Compilers at a time; 2 when absent. */
  readonly parallel?: number;
  readonly signal?: AbortSignal;
}

/** Compiled once for a target; linked for as many memory maps as needed. Paths relative to `folder`. */
export interface Objects {
  readonly folder: string;
  readonly target: Target;
  readonly toolchain: Toolchain;
  readonly name: string;
  readonly layerSymbols: readonly string[];
  readonly sharedSymbols: readonly string[];
  readonly library: readonly string[];
  readonly firmware: readonly string[];
}

const warnings = ['-Wall', '-Wextra', '-Werror'];

/** What the library is compiled with, target flags aside; also what its user is advised to take. */
export const libraryFlags = ['-std=c11', '-ffunction-sections', '-fdata-sections', '-fno-common'] as const;

/** The model's own flags: folding of identical functions would take a layer's symbol away. */
export function modelFlags(target: Target, level: OptimizationLevel): readonly string[] {
  return [...target.compilerFlags, level, ...libraryFlags, '-fno-ipa-icf', ...warnings];
}

/** The harness calls no library, so that all run-time library code is there on the model's account. */
const harnessFlags = ['-ffreestanding', '-fno-tree-loop-distribute-patterns'];

/**
 * Writes the sources and compiles them and the measuring harness. Throws DeployError (`tool`) with the
 * compiler's first complaint.
 */
export async function compileObjects(
  sources: Sources,
  target: Target,
  options: CompileOptions,
): Promise<Objects> {
  const { folder, runtimeFolder } = options;
  await writeSources(join(folder, 'library'), sources.library);
  await writeSources(join(folder, 'firmware'), sources.firmware);

  const harnessFolder = resolve(runtimeFolder, 'firmware');
  const harness = (await readdir(harnessFolder)).filter(isCompiled).sort();
  const model = modelFlags(target, options.level ?? compilerLevel(sources.optimize, target.features));
  const own = [
    ...model,
    ...harnessFlags,
    `-I${harnessFolder}`,
    `-ffile-prefix-map=${harnessFolder}=firmware`,
  ];
  const library = sources.library
    .filter((file) => isCompiled(file.path))
    .map((file) => unit(`library/${file.path}`, 'library', file.path, [...model, '-Ilibrary']));
  const firmware = [
    ...sources.firmware
      .filter((file) => isCompiled(file.path))
      .map((file) => unit(`firmware/${file.path}`, 'firmware', file.path, [...own, '-Ilibrary'])),
    ...harness.map((file) => unit(join(harnessFolder, file), 'firmware', `tinyml_${file}`, own)),
  ];
  await mapSettled([...library, ...firmware], (one) => compile(one, options), options.parallel ?? 2);
  return {
    folder,
    target,
    toolchain: options.toolchain,
    name: sources.name,
    layerSymbols: sources.layerSymbols,
    sharedSymbols: sources.sharedSymbols,
    library: library.map((one) => one.object),
    firmware: firmware.map((one) => one.object),
  };
}

/** The model's objects as a static library, `lib<name>.a` in the build folder; the same bytes each time. */
export async function archiveLibrary(objects: Objects): Promise<string> {
  const archive = `lib${objects.name}.a`;
  const result = await execa(objects.toolchain.ar, ['rcsD', archive, ...objects.library], {
    cwd: objects.folder,
    reject: false,
    stdin: 'ignore',
  });
  if (result.failed) throw new DeployError('tool', `${objects.toolchain.ar} could not write ${archive}.`);
  return join(objects.folder, archive);
}

interface Unit {
  readonly source: string;
  readonly object: string;
  readonly flags: readonly string[];
}

function unit(source: string, folder: string, path: string, flags: readonly string[]): Unit {
  return { source, object: `${folder}/${path.replaceAll('/', '_').replace(/\.[cS]$/, '.o')}`, flags };
}

function isCompiled(path: string): boolean {
  return path.endsWith('.c') || path.endsWith('.S');
}

async function writeSources(folder: string, files: readonly SourceFile[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    if (!/^\w[\w.-]*(\/\w[\w.-]*)*$/.test(file.path))
      throw new DeployError('tool', `'${printable(file.path)}' is no name for a generated file.`);
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.text);
  }
}

async function compile(one: Unit, options: CompileOptions): Promise<void> {
  const result = await execa(options.toolchain.gcc, [...one.flags, '-c', one.source, '-o', one.object], {
    cwd: options.folder,
    reject: false,
    stdin: 'ignore',
    env: { LC_ALL: 'C' },
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  if (result.isCanceled) throw new DeployError('tool', 'the build was cancelled.');
  if (result.failed) throw compilerError(options.toolchain, result.stderr, result.shortMessage ?? '');
}

/** The first error in a compiler's or linker's output, as one sentence. */
export function compilerError(toolchain: Toolchain, output: string, otherwise: string): DeployError {
  const lines = output.split('\n').map((line) => line.trim());
  const line =
    lines.find((text) => /\berror:|undefined reference|multiple definition/.test(text)) ??
    lines.find((text) => text !== '') ??
    otherwise;
  return new DeployError(
    'tool',
    `the compiler refused the generated code: ${printable(line, 300)}`,
    {},
    `This is a defect of tinyml-deploy or an unusual compiler (${toolchain.version}); please report it.`,
  );
}
