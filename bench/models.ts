import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The four int8 networks of MLPerf Tiny, as one commit of its repository has them. */

export interface BenchModel {
  readonly name: string;
  readonly url: string;
  readonly sha256: string;
  readonly bytes: number;
}

const repository =
  'https://raw.githubusercontent.com/mlcommons/tiny/1afd2c9820f795965a6134facd0b4dfae41ef23f/benchmark/training';

export const benchModels: readonly BenchModel[] = [
  {
    name: 'ad01_int8',
    url: `${repository}/anomaly_detection/trained_models/ad01_int8.tflite`,
    sha256: '87cf24194ef93d1d9b11a591d805526b98008e351655d29883c825c9c106ba24',
    bytes: 276_976,
  },
  {
    name: 'kws_ref_model',
    url: `${repository}/keyword_spotting/trained_models/kws_ref_model.tflite`,
    sha256: 'aeea436800704fce17b17292e4412630ad856e9d777c044c64ef748a880bd0ae',
    bytes: 53_936,
  },
  {
    name: 'pretrainedResnet_quant',
    url: `${repository}/image_classification/trained_models/pretrainedResnet_quant.tflite`,
    sha256: '3c002613d1b2475eb51dd78dfb85a546c8ae658dee71cf6ade43b022fe205415',
    bytes: 98_496,
  },
  {
    name: 'vww_96_int8',
    url: `${repository}/visual_wake_words/trained_models/vww_96_int8.tflite`,
    sha256: '597a384c8c2c8a1276f04702f25013b7838f2f814f1ca7c174d295b73e3d6b7b',
    bytes: 333_288,
  },
];

export interface FindOptions {
  /** Where they may be already; what is there with other bytes is not taken. */
  readonly folders: readonly string[];
  /** Takes what is fetched, or copied from `folders`. */
  readonly cacheFolder: string;
  readonly retryDelayMs?: number;
}

/** Brings all models into `cacheFolder`, by checksum. Throws when one is nowhere to be had, or its bytes are others. */
export async function findModels(models: readonly BenchModel[], options: FindOptions): Promise<void> {
  await mkdir(options.cacheFolder, { recursive: true });
  for (const model of models) await findModel(model, options);
}

async function findModel(
  model: BenchModel,
  { folders, cacheFolder, retryDelayMs = 1000 }: FindOptions,
): Promise<void> {
  const kept = join(cacheFolder, `${model.name}.tflite`);
  if (await isRight(kept, model)) return;
  for (const folder of folders) {
    const file = join(folder, `${model.name}.tflite`);
    if (await isRight(file, model)) return await whole(kept, async (path) => await copyFile(file, path));
  }
  const bytes = await download(model, retryDelayMs);
  const sha256 = digest(bytes);
  if (sha256 !== model.sha256)
    throw new Error(`${model.url} has SHA-256 ${sha256}, not ${model.sha256}: it was not taken.`);
  await whole(kept, async (path) => await writeFile(path, bytes));
}

async function isRight(file: string, model: BenchModel): Promise<boolean> {
  const bytes = await readFile(file).catch(() => null);
  return bytes !== null && digest(bytes) === model.sha256;
}

/** A file that is killed while it is written has not its name yet. */
async function whole(file: string, write: (path: string) => Promise<void>): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  try {
    await write(unfinished);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

const attempts = 3;

async function download({ url, bytes }: BenchModel, retryDelayMs: number): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
      if (response.ok) return await readUpTo(response, bytes);
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status}`);
    } catch (error) {
      if (attempt === attempts)
        throw new Error(`${url} could not be fetched: ${(error as Error).message}`, { cause: error });
      await delay(retryDelayMs * attempt);
    }
  }
}

/** An answer that does not end is not read to its end. */
async function readUpTo(response: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let received = 0;
  for await (const part of response.body ?? []) {
    received += part.length;
    if (received > most) throw new Error(`it is longer than ${most} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
