import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { writeBinaries } from '../build/binary.ts';
import type { Toolchain } from '../build/toolchain.ts';
import type { Measurement } from '../measurement.ts';
import { describeFile, type ReleaseFile } from './file.ts';
import { zip } from './library_zip.ts';

/** What a release holds of one model on one target. */
export interface Deployment {
  /** `<model>-<target>`, the start of every file's name. Models are C identifiers, so no two share it. */
  readonly name: string;
  readonly measurement: Measurement;
  /** ELF, raw and Intel HEX image of the firmware that was measured. */
  readonly firmware: readonly ReleaseFile[];
  /** The C library, zipped. */
  readonly library: ReleaseFile;
}

export interface DeploymentSource {
  /** Where the measurement left `<model>/<target>/firmware.elf` and `library/`. */
  readonly outputFolder: string;
  readonly toolchain: Toolchain;
  /** Text of the licence under which the generated C stands; goes into the zip. */
  readonly licence: string;
}

/** Copies and converts what was measured, built once, into the folder. */
export async function writeDeployment(
  measurement: Measurement,
  { outputFolder, toolchain, licence }: DeploymentSource,
  folder: string,
): Promise<Deployment> {
  const name = `${measurement.model.name}-${measurement.target}`;
  const built = join(outputFolder, measurement.model.name, measurement.target);
  const elf = join(folder, `${name}.elf`);
  await writeFile(elf, await readFile(join(built, 'firmware.elf')));
  await writeBinaries({ elf }, toolchain);
  const library = `${name}.zip`;
  const entries = [
    ...(await cFiles(join(built, 'library'))),
    { path: 'LICENSE', bytes: Buffer.from(licence) },
  ];
  await writeFile(join(folder, library), zip(name, entries));
  const described = async (file: string) => describeFile(file, await readFile(join(folder, file)));
  return {
    name,
    measurement,
    firmware: await Promise.all(['elf', 'bin', 'hex'].map((ending) => described(`${name}.${ending}`))),
    library: await described(library),
  };
}

/** Sources and headers below a folder, without the objects that were compiled beside them. */
async function cFiles(folder: string): Promise<{ path: string; bytes: Uint8Array }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return await Promise.all(
    entries
      .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map(async (file) => ({
        path: relative(folder, file).split(sep).join('/'),
        bytes: await readFile(file),
      })),
  );
}
