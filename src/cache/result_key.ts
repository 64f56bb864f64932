import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { placeFiles } from '../data/dataset.ts';
import { DeployError } from '../errors.ts';
import { digestOfModel, filesBesideModel } from '../import/import_model.ts';
import type { Job, Project } from '../project/project.ts';

/** What decides every measurement of a run beside its own job. */
export interface Surroundings {
  /** Digest of this program's own code. */
  readonly code: string;
  readonly toolVersion: string;
  readonly reportSchemaVersion: number;
  /** Compiler and emulators, told apart by more than their version; see tool_identity.ts. */
  readonly tools: string;
  /** Whether sources and firmware are kept beside the figures. */
  readonly keepsFiles: boolean;
}

export interface ResultKey {
  /** SHA-256 in hexadecimal. */
  readonly key: string;
  readonly modelSha256: string;
}

/**
 * The key over everything that decides one measurement: model and test data by content, every setting of the job but its
 * budgets (those are judged later), tools, and this program. null where a file cannot be read, as the measurement
 * itself then says, and where a program of the user's takes part, which may read anything.
 */
export async function resultKey(
  project: Pick<Project, 'folder' | 'timeLimitSeconds'>,
  { model, budgets: _, ...settings }: Job,
  surroundings: Surroundings,
): Promise<ResultKey | null> {
  const digest = (file: string) => sha256Of(join(project.folder, file));
  // One after the other: a folder of images has more files than may be open at a time.
  const digests = async (files: readonly string[]) => {
    const found: Record<string, string> = {};
    for (const file of files) found[file] = await digest(file);
    return found;
  };
  const { testData, accuracy, preprocessing, sizes, quantize, arithmetic } = model;
  // What decides the answer of somebody's program is not known.
  if (accuracy?.metric?.kind === 'script') return null;
  try {
    const modelSha256 = await digestOfModel(project.folder, model.file);
    const beside = await Promise.all((await filesBesideModel(project.folder, model.file)).map(digest));
    const decides = {
      format: 'tinyml-deploy result 1',
      ...surroundings,
      model: {
        name: model.name,
        file: model.file,
        sha256: modelSha256,
        ...(beside.length === 0 ? {} : { beside }),
      },
      testData:
        testData === null
          ? null
          : { ...testData, files: await digests(placeFiles(project.folder, testData)) },
      accuracy: accuracy ?? null,
      preprocessing: preprocessing ?? null,
      sizes: sizes ?? null,
      ...(arithmetic === undefined ? {} : { arithmetic }),
      quantize:
        quantize === undefined
          ? null
          : {
              ...quantize,
              files: await digests(
                placeFiles(project.folder, { inputs: quantize.calibration, labels: null }),
              ),
            },
      timeLimitSeconds: project.timeLimitSeconds,
      settings,
    };
    return { key: hashOf(decides), modelSha256 };
  } catch (error) {
    if (error instanceof DeployError || (error instanceof Error && 'code' in error)) return null;
    throw error;
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** SHA-256 of a plain value, the same whatever the order in which its fields were set. */
export function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field)]),
  );
}
