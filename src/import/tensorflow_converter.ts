import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { execa } from 'execa';
import { DeployError, printable } from '../errors.ts';
import { lastLines } from '../install/last_lines.ts';
import type { ModelConverter, TrainedModel } from './convert.ts';
import { readModel } from './read_model.ts';

/** Keeps conversions from run to run, each under a SHA-256 of all that decides it. */
export interface ConversionStore {
  restore(key: string): Promise<Uint8Array | null>;
  save(key: string, tflite: Uint8Array): Promise<string>;
}

export interface TensorflowOptions {
  /** The folder `runtime/convert`: script and locked packages. */
  readonly folder: string;
  /** Path of the Python that has those packages; asked only when there is something to convert. */
  readonly python: (requirements: string, onStep: (step: string) => void) => Promise<string>;
  /** null: nothing is kept. */
  readonly kept: ConversionStore | null;
  /** Why nothing may be converted in this run, and what to do; what is kept is taken nevertheless. null: it may. */
  readonly refusal: { readonly what: string; readonly hint: string } | null;
  /** The value of PATH. */
  readonly path: string;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

const defaultLimitMs = 10 * 60_000;

/**
 * Each generation of Keras reads its own files only, and old SavedModels need the older one. Where the file does not say
 * which one wrote it, the second is tried when the first fails.
 */
const generations = ['keras-3', 'keras-2'] as const;
const generationTitles = { 'keras-3': 'Keras 3', 'keras-2': 'Keras 2' } as const;

/** Converts by TensorFlow, in a process without tokens, one model at a time. The same bytes give the same bytes. */
export function tensorflowConverter(options: TensorflowOptions): ModelConverter {
  const running = new Map<string, Promise<Uint8Array>>();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    async convert(model, onStep) {
      const key = await keyOf(options.folder, model);
      const before = running.get(key);
      // Head and base often have the same model.
      if (before !== undefined) return await before;
      const conversion = (async () => {
        const kept = (await options.kept?.restore(key)) ?? null;
        if (kept !== null && isTflite(kept)) return kept;
        if (options.refusal !== null)
          throw new DeployError('input', options.refusal.what, { file: model.file }, options.refusal.hint);
        // TensorFlow takes all processors and a gigabyte.
        const result = turn.then(() => convert(options, model, onStep));
        turn = result.catch(() => {});
        const tflite = await result;
        await options.kept?.save(key, tflite);
        return tflite;
      })();
      running.set(key, conversion);
      return await conversion;
    },
  };
}

const requirements = 'requirements.txt';
const script = 'to_tflite.py';

async function keyOf(folder: string, { kind, files }: TrainedModel): Promise<string> {
  const hash = createHash('sha256').update(`tinyml-deploy conversion 1 ${kind}`);
  for (const name of [requirements, script]) hash.update(await readFile(join(folder, name)));
  for (const [name, bytes] of files) {
    // Of a single file only the ending matters.
    const part = kind === 'keras' ? kerasEnding(name) : name;
    hash.update(`\n${part} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

function isTflite(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(4, 8)) === 'TFL3';
}

async function convert(
  options: TensorflowOptions,
  model: TrainedModel,
  onStep: (step: string) => void,
): Promise<Uint8Array> {
  const { file } = model;
  const python = await options.python(join(options.folder, requirements), onStep);
  // The model stands alone: nothing beside it is found, and nothing is written into the repository.
  const work = await mkdtemp(join(tmpdir(), 'tinyml-convert-'));
  try {
    const given = await writeModel(model, work);
    const output = join(work, 'model.tflite');
    const complaints = new Map<string, string>();
    for (const generation of generations) {
      onStep(generation === 'keras-3' ? 'TensorFlow' : 'TensorFlow, as a file of Keras 2');
      const result = await execa(python, ['-I', join(options.folder, script), generation, given, output], {
        reject: false,
        cwd: work,
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: 'pipe',
        maxBuffer: { stderr: 16 * 1024 * 1024 },
        env: environmentOf(options.path, work),
        extendEnv: false,
        timeout: options.limitMs ?? defaultLimitMs,
        ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
      });
      if (!result.failed) return await readModel(work, basename(output));
      if (result.isCanceled) throw new DeployError('tool', 'the run was cancelled.');
      if (result.timedOut) throw tooLong(file, options.limitMs ?? defaultLimitMs);
      const stderr = String(result.stderr ?? '');
      if (result.exitCode === 2) throw refused(file, stderr);
      if (result.exitCode === 3) continue;
      const how = result.signal === undefined ? '' : `  it was ended by ${result.signal}\n`;
      const complaint = `${how}${lastLines(stderr, 3)}`;
      // A SavedModel has often the same to say for itself both times.
      if (![...complaints.values()].includes(complaint))
        complaints.set(generationTitles[generation], complaint);
    }
    const shown = [...complaints].map(([title, lines]) =>
      complaints.size === 1 ? lines : `${title}:\n${lines}`,
    );
    throw new DeployError(
      'tool',
      'TensorFlow could not convert this model.',
      { file },
      `Convert it where it was trained, by tf.lite.TFLiteConverter, and give the .tflite. Its last lines:\n${shown.join('\n')}`,
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Under a name of our own: only the ending says something. Returns the path that the converter is given. */
async function writeModel({ kind, files }: TrainedModel, work: string): Promise<string> {
  const folder = join(work, 'model');
  if (kind === 'savedmodel') {
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    return folder;
  }
  const [[name, bytes] = ['', new Uint8Array()]] = files;
  const path = `${folder}${kerasEnding(name)}`;
  await writeFile(path, bytes);
  return path;
}

function kerasEnding(name: string): string {
  return extname(name).toLowerCase() === '.keras' ? '.keras' : '.h5';
}

/** No token, and no home folder with credentials in it. */
function environmentOf(path: string, work: string): Record<string, string> {
  return {
    PATH: path,
    HOME: work,
    TMPDIR: work,
    LANG: 'C.UTF-8',
    TF_CPP_MIN_LOG_LEVEL: '2',
    // The same arithmetic on all processors, and no search for a GPU.
    TF_ENABLE_ONEDNN_OPTS: '0',
    CUDA_VISIBLE_DEVICES: '-1',
  };
}

function tooLong(file: string, limitMs: number): DeployError {
  return new DeployError(
    'tool',
    `TensorFlow did not convert this model in ${Math.round(limitMs / 1000)} s, so it was stopped.`,
    { file },
    'Convert it where it was trained, by tf.lite.TFLiteConverter, and give the .tflite.',
  );
}

/** The words of the script's last line: `refused: KIND DETAIL`. */
function refused(file: string, stderr: string): DeployError {
  const [, kind = '', detail = ''] = /^refused: (\S+) ?(.*)$/m.exec(stderr) ?? [];
  const { what, hint } = refusals[kind] ?? refusals['no-model'] ?? { what: () => '', hint: '' };
  return new DeployError('input', what(printable(detail, 80)), { file }, hint);
}

interface Refusal {
  readonly what: (detail: string) => string;
  readonly hint: string;
}

const saveWhole = 'Save the whole model by `model.save("model.keras")`, and give that file.';

const refusals: Readonly<Record<string, Refusal>> = {
  'no-model': { what: () => 'this is no model that Keras has saved.', hint: saveWhole },
  weights: { what: () => 'this file holds weights, but no model.', hint: saveWhole },
  'too-large': {
    what: () => 'what is packed in this file is larger than 1 GiB.',
    hint: 'No network for a microcontroller is that large.',
  },
  lambda: {
    what: (layer) => `the layer ${JSON.stringify(layer)} is code of its author, which is never run.`,
    hint: 'Replace Lambda layers by layers or operations of Keras, or convert it where it was trained and give the .tflite.',
  },
  'own-code': {
    what: (name) => `it needs ${JSON.stringify(name)}, code of its author, which is never run.`,
    hint: 'Convert it where it was trained, by tf.lite.TFLiteConverter, and give the .tflite.',
  },
};
