import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { keptResults } from '../../src/cache/kept_results.ts';
import { resultKey, type Surroundings } from '../../src/cache/result_key.ts';
import type { Measurement } from '../../src/measurement.ts';
import type { Job, Project } from '../../src/project/project.ts';
import { temporaryFolder } from '../baseline/repository.ts';
import { measurement } from '../report/sample.ts';
import { memoryStore } from './memory_store.ts';

const surroundings: Surroundings = {
  code: 'c0de',
  toolVersion: '1.0.0',
  reportSchemaVersion: 3,
  tools: 'gcc and qemu',
  keepsFiles: true,
};
const job: Job = {
  model: {
    name: 'kws',
    file: 'kws.tflite',
    testData: { inputs: 'x.npy', labels: 'y.npy', label: null, classes: null, samples: 5 },
  },
  target: 'cortex-m4',
  optimize: 'balanced',
  preserveInput: false,
  tuned: null,
  budgets: [],
};

function project(files: Readonly<Record<string, string>> = {}): Project {
  const folder = temporaryFolder();
  const all = { 'kws.tflite': 'model', 'x.npy': 'inputs', 'y.npy': 'labels', ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return {
    folder,
    configFile: null,
    emulator: 'auto',
    toolchain: 'system',
    timeLimitSeconds: 60,
    jobs: [job],
  };
}

const keyOf = async (of = project(), each: Job = job, around = surroundings): Promise<string> =>
  (await resultKey(of, each, around))?.key ?? assert.fail('there is none');

describe('resultKey', () => {
  it('is the same for the same content, wherever it lies and whatever its budgets', async () => {
    const budget = { metric: 'flash', bound: 'limit', amount: 1, written: '1 B', line: 1 } as const;
    assert.match(await keyOf(), /^[0-9a-f]{64}$/);
    assert.equal(await keyOf(), await keyOf(project(), { ...job, budgets: [budget] }));
  });

  it('is another one for everything that decides a measurement', async () => {
    const { model } = job;
    const testData = { inputs: 'x.npy', labels: 'y.npy', label: null, classes: null, samples: 5 };
    const keys = await Promise.all([
      keyOf(),
      keyOf(project({ 'kws.tflite': 'Model' })),
      keyOf(project({ 'x.npy': 'Inputs' })),
      keyOf(project({ 'y.npy': 'Labels' })),
      keyOf({ ...project(), timeLimitSeconds: 61 }),
      keyOf(project(), { ...job, model: { ...model, testData: { ...testData, samples: 6 } } }),
      keyOf(project(), { ...job, model: { ...model, testData: null } }),
      keyOf(project(), { ...job, model: { ...model, name: 'other' } }),
      keyOf(project(), {
        ...job,
        model: { ...model, sizes: { shapes: {}, dimensions: { time: 2 } } },
      }),
      keyOf(project(), {
        ...job,
        model: { ...model, preprocessing: { audio: { fit: 'pad', scale: 1 } } },
      }),
      keyOf(project(), { ...job, target: 'cortex-m7' }),
      keyOf(project(), { ...job, optimize: 'size' }),
      ...Object.entries({
        code: 'x',
        toolVersion: '1.0.1',
        reportSchemaVersion: 4,
        tools: 'x',
        keepsFiles: false,
      }).map(([name, value]) => keyOf(project(), job, { ...surroundings, [name]: value })),
    ]);
    assert.equal(new Set(keys).size, keys.length);
  });

  it('knows every image of a folder, and its name', async () => {
    const testData = { inputs: 'images', labels: null, label: null, classes: null, samples: 5 };
    const each = { ...job, model: { ...job.model, testData } };
    const files = { 'images/a.png': 'a', 'images/b.png': 'b' };
    const keys = await Promise.all(
      [files, { ...files, 'images/b.png': 'c' }, { 'images/a.png': 'a', 'images/c.png': 'b' }].map((some) =>
        keyOf(project(some), each),
      ),
    );
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(await keyOf(project({ ...files, 'images/notes.txt': '' }), each), keys[0]);
  });

  it('is none where a file is missing', async () => {
    const missing = { ...job, model: { ...job.model, file: 'gone.tflite' } };
    assert.equal(await resultKey(project(), missing, surroundings), null);
  });
});

describe('keptResults', () => {
  async function keep(of: Project, change: Partial<Measurement> = {}) {
    const store = memoryStore();
    const results = keptResults(store, surroundings);
    const key = (await results.keyOf(of, job)) ?? assert.fail('there is none');
    const value = measurement({
      model: { name: 'kws', file: 'kws.tflite', sha256: key.modelSha256, bytes: 5 },
      target: 'cortex-m4',
      failures: [],
      ...change,
    });
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'library'));
    writeFileSync(join(folder, 'library', 'kws.c'), 'int kws;');
    const save = () => results.keep(of, job, key, value, folder);
    const restore = () => results.restore(job, key, async () => temporaryFolder());
    return { store, value, save, restore };
  }

  it('gives a measurement back', async () => {
    const { value, save, restore } = await keep(project());
    assert.equal(await restore(), null);
    assert.equal(await save(), '');
    assert.deepEqual(await restore(), value);
  });

  it('keeps no failure: the next run tries again', async () => {
    const { store, save } = await keep(project(), { failures: [{ kind: 'hang', message: 'It hangs.' }] });
    await save();
    assert.equal(store.entries.size, 0);
  });

  it('keeps nothing when a file was exchanged while it was measured', async () => {
    const of = project();
    const { store, save } = await keep(of);
    writeFileSync(join(of.folder, 'x.npy'), 'others');
    await save();
    assert.equal(store.entries.size, 0);
  });
});
