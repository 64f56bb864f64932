import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { zipSync } from 'fflate';
import { supplyConverter } from '../../src/converter.ts';
import { DeployError } from '../../src/errors.ts';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { type Graph, typedArray } from '../../src/graph/graph.ts';
import type { ModelConverter } from '../../src/import/convert.ts';
import { importModelFile } from '../../src/import/import_model.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { storedFiles } from '../../src/import/zip.ts';
import { provideEnvironment } from '../../src/install/uv_environment.ts';
import { runtimeFolder } from '../../src/runtime_folder.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { shared, withShared } from '../shared.ts';

/**
 * TensorFlow itself, 1.5 GB, set up as users get it. Needs uv (`.ci/run` brings it) and a package index; where one is
 * missing, the tests say so and skip, unless TINYML_KERAS_E2E=1 wants them.
 */

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const ofDevelopers = join(cache, 'tinyml-deploy-dev');
const environment = {
  ...process.env,
  PATH: [process.env.PATH ?? '', join(ofDevelopers, 'uv', 'bin')].join(delimiter),
  // Kept from run to run, away from the user's own.
  XDG_CACHE_HOME: ofDevelopers,
  RUNNER_TOOL_CACHE: undefined,
  GITHUB_TOKEN: 'must not be seen',
};
const models = mkdtempSync(join(tmpdir(), 'tinyml-keras-'));
after(() => rmSync(models, { recursive: true, force: true }));
const answers: Record<string, readonly number[]> = {};
let missing: string | null = null;

describe('TensorFlow converts', () => {
  before(
    async () => {
      try {
        await makeModels();
      } catch (error) {
        if (process.env.TINYML_KERAS_E2E === '1' || !(error instanceof DeployError)) throw error;
        missing = `SKIPPED: TensorFlow could not be set up here. ${error.message}`;
      }
    },
    { timeout: 600_000 },
  );

  for (const file of [
    'new.keras',
    'new.h5',
    'new_saved/saved_model.pb',
    'old.h5',
    'old.keras',
    'old_saved/saved_model.pb',
  ])
    it(`${file} to a network with the same answers`, async (t) => {
      if (isMissing(t)) return;
      const graph = await (file === 'new.keras' ? readConverted(models, file) : read(models, file));
      const wanted = answers[file.replace('/saved_model.pb', '')] ?? [];
      const input = Float32Array.from({ length: 128 }, (_, at) => ((at * 37) % 101) / 50 - 1);
      const [result = []] = prepareFloat(graph).run([input]);
      assert.equal(wanted.length, 3);
      assert.equal(result.length, 3);
      for (const [at, value] of wanted.entries())
        assert.ok(Math.abs((result[at] ?? Number.NaN) - value) < 1e-6, `${at}: ${result[at]}, not ${value}`);
    });

  it('the digits in all three formats, as its own float .tflite answers', async (t) => {
    if (isMissing(t) || !withShared(t)) return;
    const folder = mkdtempSync(join(tmpdir(), 'tinyml-digits-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const digits = join(shared, 'models', 'digits');
    for (const name of ['digits_keras.keras', 'digits_keras.h5', 'digits_savedmodel'])
      execFileSync('cp', ['-r', '--no-preserve=mode', join(digits, name), folder]);
    const golden = JSON.parse(readFileSync(join(shared, 'vectors', 'digits_keras_float.json'), 'utf8')) as {
      readonly vectors: readonly {
        readonly seed: number;
        readonly outputs: readonly { readonly hex: string }[];
      }[];
    };
    const images = npyData('digits_x.npy', 200 * 64 * 4);
    const labels = npyData('digits_y.npy', 200);
    for (const file of ['digits_keras.keras', 'digits_keras.h5', 'digits_savedmodel/saved_model.pb']) {
      const graph = await (file === 'digits_keras.keras' ? readConverted(folder, file) : read(folder, file));
      const network = prepareFloat(graph);
      for (const { seed, outputs } of golden.vectors) {
        const inputs = seededInputs(graph, seed).map((bytes) => typedArray('float32', bytes) as Float32Array);
        const wanted = typedArray('float32', Buffer.from(outputs[0]?.hex ?? '', 'hex')) as Float32Array;
        const [result = new Float32Array()] = network.run(inputs);
        for (const [at, value] of wanted.entries())
          assert.ok(
            Math.abs((result[at] ?? Number.NaN) - value) <= 2e-5 * value + 1e-7,
            `${file} ${seed} ${at}`,
          );
      }
      const pixels = typedArray('float32', images) as Float32Array;
      let right = 0;
      for (let sample = 0; sample < 200; sample++) {
        const [result = new Float32Array()] = network.run([pixels.subarray(64 * sample, 64 * (sample + 1))]);
        if (result.indexOf(Math.max(...result)) === labels[sample]) right++;
      }
      assert.equal(right / 200, 0.97, file);
    }
  });

  it('what is read without it to the same network', async (t) => {
    if (isMissing(t)) return;
    const native = await importModelFile(models, { file: 'new.keras', name: 'net' });
    const converted = await readConverted(models, 'new.keras');
    const kindsOf = ({ operators }: Graph) => operators.map(({ kind }) => kind);
    assert.deepEqual(kindsOf(native), kindsOf(converted));
    for (const seed of [1, 2, 3]) {
      const [one = [], other = []] = [native, converted].map((graph) => {
        const inputs = seededInputs(graph, seed).map((bytes) => typedArray('float32', bytes) as Float32Array);
        return prepareFloat(graph).run(inputs)[0];
      });
      assert.ok(one.length === 3 && one.every((value, at) => Math.abs(value - (other[at] ?? 9)) < 1e-6));
    }
  });

  it('nothing that would run code of its author', async (t) => {
    if (isMissing(t)) return;
    for (const file of ['lambda.keras', 'lambda.h5'])
      await assert.rejects(read(models, file), /the layer "evil" is code of its author, which is never run/);
    // HDF5 with code in it, and a zip without: what is looked through must be what is loaded.
    const both = ['lambda.h5', 'new.keras'].map((name) => readFileSync(join(models, name)));
    writeFileSync(join(models, 'both.h5'), Buffer.concat(both));
    await assert.rejects(read(models, 'both.h5'), /the layer "evil" is code of its author/);
    await assert.rejects(read(models, 'own.keras'), /it needs "Mine", code of its author/);
  });

  it('nothing that is no model, or that TensorFlow Lite cannot compute, and says why', async (t) => {
    if (isMissing(t)) return;
    await assert.rejects(
      read(models, 'new.weights.h5'),
      /this file holds weights, but no model\. Save the whole/,
    );
    cpSync(join(models, 'new.json'), join(models, 'text.keras'));
    await assert.rejects(read(models, 'text.keras'), /this is no model that Keras has saved/);
    const parts = storedFiles('new.keras', new Uint8Array(readFileSync(join(models, 'new.keras'))));
    const config = Buffer.from(parts.get('config.json') ?? '').toString();
    const huge = Buffer.from(config.replace('"units": 3', '"units": 3000000000'));
    writeFileSync(join(models, 'huge.keras'), zipSync({ ...Object.fromEntries(parts), 'config.json': huge }));
    await assert.rejects(
      read(models, 'huge.keras'),
      /could not convert this model\.[\s\S]*OOM when allocating/,
    );
    await assert.rejects(
      read(models, 'det/saved_model.pb'),
      /could not convert this model\. .* Its last lines:\n {2}.*MatrixDeterminant/,
    );
  });
});

let converter: ModelConverter | null = null;

async function makeModels(): Promise<void> {
  const request = {
    install: true,
    environment,
    host: { platform: process.platform, arch: process.arch },
    home: homedir(),
  };
  converter = supplyConverter({ ...request, kept: null, isUntrusted: false });
  const uv = environment.PATH.split(delimiter)
    .map((folder) => join(folder, 'uv'))
    .find(existsSync);
  const python = await provideEnvironment(
    {
      title: 'TensorFlow',
      requirements: join(runtimeFolder(), 'convert', 'requirements.txt'),
      python: '>=3.11,<3.14',
    },
    {
      uv: async () => {
        if (uv !== undefined) return uv;
        throw new DeployError('tool', 'There is no uv: `.ci/run` brings one.');
      },
      cacheFolder: join(ofDevelopers, 'tinyml-deploy'),
      environment,
      platform: process.platform,
    },
  );
  for (const generation of ['new', 'old']) {
    const script = join(import.meta.dirname, 'make_keras_models.py');
    execFileSync(python, ['-I', script, models, generation], { stdio: ['ignore', 'ignore', 'pipe'] });
    const made = readFileSync(join(models, `${generation}.json`), 'utf8');
    Object.assign(answers, JSON.parse(made) as Record<string, readonly number[]>);
  }
}

function isMissing(t: TestContext): boolean {
  if (missing !== null) t.skip(missing);
  return missing !== null;
}

async function read(folder: string, file: string): Promise<Graph> {
  assert.ok(converter !== null);
  return await importModelFile(folder, { file, name: 'net' }, { converter });
}

/** By TensorFlow even where it could be read without. */
async function readConverted(folder: string, file: string): Promise<Graph> {
  assert.ok(converter !== null);
  const files = new Map([[file, new Uint8Array(readFileSync(join(folder, file)))]]);
  const tflite = await converter.convert({ file, kind: 'keras', files }, () => {});
  return importTflite(tflite, { file, name: 'net' });
}

/** The last bytes of a .npy file, which are its data. */
function npyData(name: string, bytes: number): Uint8Array {
  return new Uint8Array(readFileSync(join(shared, 'data', name)).subarray(-bytes));
}
