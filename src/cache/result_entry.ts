import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { z } from 'zod';
import { type Measurement, measurement } from '../measurement.ts';

/** A measurement with the files that people take from it, as one zip archive. */

const recordName = 'measurement.json';
const record = z.strictObject({ key: z.string(), measurement });

/** Sources, headers, link scripts and firmware: what the compiler made on its way is nobody's result. */
const keptName =
  /^(?:(?:library|firmware)\/(?:\w[\w.-]*\/){0,2}\w[\w.-]*\.[chS]|firmware(?:-qemu)?\.(?:elf|ld))$/;
const mostFiles = 500;
const largestFile = 48 * 1024 * 1024;
const largestTotal = 128 * 1024 * 1024;

/** Packs what a job left in its folder. The same content gives the same bytes. */
export async function packResult(
  key: string,
  value: Measurement,
  folder: string,
  keepsFiles: boolean,
): Promise<Uint8Array> {
  const entries = keepsFiles ? await readdir(folder, { recursive: true, withFileTypes: true }) : [];
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => keptName.test(name))
    .sort();
  const files: Record<string, Uint8Array> = {
    [recordName]: Buffer.from(JSON.stringify({ key, measurement: value })),
  };
  for (const name of names) files[name] = await readFile(join(folder, name));
  return zipSync(files, { level: 6, mtime: '1980-01-01T00:00:00' });
}

export interface UnpackedResult {
  readonly measurement: Measurement;
  /** Bytes by path below the job's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads back what packResult wrote for this very key, model and target; null for anything else. The archive is
 * untrusted: sizes are checked before a byte is unpacked, and a name that is not one of ours makes it worthless.
 */
export function unpackResult(
  entry: Uint8Array,
  wanted: {
    readonly key: string;
    readonly modelSha256: string;
    readonly model: string;
    readonly target: string;
  },
): UnpackedResult | null {
  const files = unzipCarefully(entry);
  const text = files?.get(recordName);
  if (files === null || text === undefined) return null;
  const parsed = record.safeParse(jsonOf(text));
  if (!parsed.success || parsed.data.key !== wanted.key) return null;
  const { measurement: found } = parsed.data;
  const isWanted =
    found.model.name === wanted.model &&
    found.model.sha256 === wanted.modelSha256 &&
    found.target === wanted.target &&
    found.failures.length === 0;
  if (!isWanted) return null;
  files.delete(recordName);
  return { measurement: found, files };
}

/** Writes the files below the job's folder, which exists. */
export async function writeResultFiles({ files }: UnpackedResult, folder: string): Promise<void> {
  for (const [name, bytes] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}

function unzipCarefully(entry: Uint8Array): Map<string, Uint8Array> | null {
  let total = 0;
  let count = 0;
  let isOurs = true;
  try {
    const files = unzipSync(entry, {
      filter: ({ name, originalSize }) => {
        count += 1;
        total += originalSize;
        isOurs &&= name === recordName || keptName.test(name);
        isOurs &&= originalSize <= largestFile && total <= largestTotal && count <= mostFiles;
        return isOurs;
      },
    });
    return isOurs ? new Map(Object.entries(files)) : null;
  } catch {
    return null;
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
