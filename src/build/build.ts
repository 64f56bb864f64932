import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Sources } from '../codegen/sources.ts';
import { DeployError, printable } from '../errors.ts';
import type { MemoryMap, Target } from '../targets/target.ts';
import { type CompileOptions, compileObjects, compilerError, type Objects } from './compile.ts';
import { type Elf, readElf } from './elf.ts';
import type { Firmware, Mark } from './firmware.ts';
import { defaultStackBytes, linkScript } from './link_script.ts';
import { codeOf, flashUse, layerFunction, layerSizes, memorySections, ramUse } from './sizes.ts';
import { checkArmv6M } from './v6m.ts';

export interface LinkOptions {
  /** File name without ending, e.g. `firmware-qemu`; `firmware` when absent. */
  readonly label?: string;
  readonly stackBytes?: number;
  readonly signal?: AbortSignal;
}

/** Compiles and links in one go; for two maps of one target use `compileObjects` and `linkFirmware`. */
export async function build(
  sources: Sources,
  target: Target,
  map: MemoryMap,
  options: CompileOptions & LinkOptions,
): Promise<Firmware> {
  return await linkFirmware(await compileObjects(sources, target, options), map, options);
}

/**
 * Links for one memory map. Firmware larger than the map still links: ask `memoryNeeds` and `tooBig`. Throws
 * DeployError (`tool`) when the linker complains, and when Armv6-M code holds other instructions.
 */
export async function linkFirmware(
  objects: Objects,
  map: MemoryMap,
  options: LinkOptions = {},
): Promise<Firmware> {
  const label = options.label ?? 'firmware';
  const stackBytes = options.stackBytes ?? defaultStackBytes;
  const { folder, target, toolchain } = objects;
  await writeFile(join(folder, `${label}.ld`), linkScript(map, stackBytes));
  const result = await execa(
    toolchain.gcc,
    [
      ...target.compilerFlags,
      '-nostdlib',
      '-nostartfiles',
      `-Wl,-T,${label}.ld`,
      '-Wl,--gc-sections',
      '-Wl,--build-id=none',
      '-Wl,--no-warn-rwx-segments',
      ...objects.library,
      ...objects.firmware,
      '-Wl,--start-group',
      '-lc_nano',
      '-lm',
      '-lgcc',
      '-Wl,--end-group',
      '-o',
      `${label}.elf`,
    ],
    {
      cwd: folder,
      reject: false,
      stdin: 'ignore',
      env: { LC_ALL: 'C' },
      ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    },
  );
  if (result.isCanceled) throw new DeployError('tool', 'the build was cancelled.');
  if (result.failed) throw compilerError(toolchain, result.stderr, result.shortMessage ?? '');
  const path = join(folder, `${label}.elf`);
  const elf = readElf(await readFile(path));
  if (target.features.v6m) checkArmv6M(elf);
  return describeFirmware(elf, path, objects, map, stackBytes);
}

/** All numbers of a linked ELF, read from its section headers and symbols. */
export function describeFirmware(
  elf: Elf,
  path: string,
  of: Pick<Objects, 'target' | 'name' | 'layerSymbols' | 'sharedSymbols'>,
  map: MemoryMap,
  stackBytes: number,
): Firmware {
  const sections = memorySections(elf);
  const stray = sections.find(({ name }) => !/^\.(model|runtime|harness)\./.test(name));
  if (stray !== undefined)
    throw new DeployError(
      'tool',
      `section ${printable(stray.name)} of the firmware is on nobody's account.`,
      {
        file: path,
      },
    );
  const functions = elf.symbols.filter((symbol) => symbol.kind === 'function');
  const mark = (name: string): Mark => {
    const symbol = layerFunction(functions, name);
    if (symbol === undefined)
      throw new DeployError('tool', `the compiler left no function '${name}' in the firmware.`, {
        file: path,
      });
    return { name, address: symbol.address };
  };
  return {
    elf: path,
    target: of.target,
    map,
    sections,
    flash: flashUse(sections),
    ram: ramUse(sections),
    layers: layerSizes(elf, of.name, of.layerSymbols),
    shared: of.sharedSymbols.map((symbol) => ({ symbol, code: codeOf(functions, symbol) })),
    stackBytes,
    marks: [`${of.name}_invoke`, ...of.layerSymbols, 'tinyml_measure_end'].map(mark),
    symbols: functions
      .map(({ name, address, bytes }) => ({ name, address, bytes }))
      .sort((a, b) => a.address - b.address || (a.name < b.name ? -1 : 1)),
  };
}
