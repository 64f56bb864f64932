import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type ConverterRequest, supplyConverter } from '../../src/converter.ts';
import { DeployError } from '../../src/errors.ts';
import type { ModelConverter } from '../../src/import/convert.ts';
import { filesBesideModel, importModelFile } from '../../src/import/import_model.ts';
import { type ConversionStore, tensorflowConverter } from '../../src/import/tensorflow_converter.ts';
import { runtimeFolder } from '../../src/runtime_folder.ts';
import { folderWith } from '../project/folder.ts';
import { buildModel } from './build_model.ts';
import { type FakeUv, fakeUv } from './fake_uv.ts';

const host = { platform: 'linux', arch: 'x64' };
const secrets = {
  GITHUB_TOKEN: 'ghs_secret',
  ACTIONS_RUNTIME_TOKEN: 'secret',
  INPUT_GITHUB_TOKEN: 'secret',
  'INPUT_GITHUB-TOKEN': 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

test('a Keras file is converted by a Python of its own, made once', async (t) => {
  const fake = fakeUv(t, { python: writesTflite });
  const folder = folderWith(t, { 'models/net.keras': 'a model' });
  const steps: string[] = [];
  const first = await read(folder, 'models/net.keras', converter(fake), steps);
  assert.equal(first.source.format, 'keras');
  assert.equal(first.source.file, 'models/net.keras');
  assert.equal(first.source.bytes, 'a model'.length);
  // Of the model itself, not of what it was converted to.
  assert.equal(first.source.sha256, createHash('sha256').update('a model').digest('hex'));
  assert.deepEqual(steps, [
    'looking for Python',
    'installing TensorFlow, once',
    'Downloading tensorflow-cpu (261.1MiB)',
    'Installed 33 packages in 190ms',
    'TensorFlow',
  ]);

  const [venv, sync, python] = fake.calls();
  assert.deepEqual(venv?.args.slice(0, -1), ['venv', '--relocatable', '--python', '>=3.11,<3.14']);
  const requirements = join(runtimeFolder(), 'convert', 'requirements.txt');
  assert.deepEqual(sync?.args.slice(0, 6), [
    'pip',
    'sync',
    '--require-hashes',
    '--only-binary',
    ':all:',
    '--python',
  ]);
  assert.equal(sync?.args.at(-1), requirements);
  const script = join(runtimeFolder(), 'convert', 'to_tflite.py');
  assert.deepEqual(python?.args.slice(0, 3), ['-I', script, 'keras-3']);
  assert.match(python?.args[3] ?? '', /\/model\.keras$/);

  await read(folder, 'models/net.keras', converter(fake));
  assert.deepEqual(
    fake.calls().map(({ program }) => program),
    ['uv', 'uv', 'python', 'python'],
    'the environment is kept',
  );
  assert.deepEqual(readdirSync(fake.cacheFolder).length, 1, 'nothing half-made is left');
});

test('the converter sees no token, no home folder, and nothing of the repository', async (t) => {
  const fake = fakeUv(t, { python: writesTflite });
  const folder = folderWith(t, { 'net.h5': 'a model', 'secret.txt': '' });
  await read(folder, 'net.h5', converter(fake, { UV_DEFAULT_INDEX: 'https://mirror.example.com/simple' }));
  const [venv, sync, python] = fake.calls();
  assert.deepEqual(Object.keys(python?.environment ?? {}).sort(), [
    'CUDA_VISIBLE_DEVICES',
    'HOME',
    'LANG',
    'PATH',
    'TF_CPP_MIN_LOG_LEVEL',
    'TF_ENABLE_ONEDNN_OPTS',
    'TMPDIR',
  ]);
  assert.equal(python?.environment.HOME, python?.folder);
  assert.equal(python?.folder.startsWith(folder), false);
  assert.equal(existsSync(python?.folder ?? ''), false, 'its folder is gone');
  for (const call of [venv, sync]) {
    assert.equal(call?.environment.UV_DEFAULT_INDEX, 'https://mirror.example.com/simple');
    for (const name of Object.keys(secrets)) assert.equal(call?.environment[name], undefined, name);
    assert.equal(call?.folder.startsWith(fake.cacheFolder), true, "the repository's uv.toml says nothing");
  }
});

test('a file of Keras 2 is tried by its own package when Keras 3 cannot read it', async (t) => {
  const fake = fakeUv(t, {
    python: `if (args[2] === 'keras-3') return end(1, 'TypeError: groups');${writesTflite}`,
  });
  const steps: string[] = [];
  await read(folderWith(t, { 'net.h5': 'a model' }), 'net.h5', converter(fake), steps);
  assert.deepEqual(steps.slice(-2), ['TensorFlow', 'TensorFlow, as a file of Keras 2']);
  assert.deepEqual(
    fake
      .calls()
      .slice(-2)
      .map(({ args }) => args[2]),
    ['keras-3', 'keras-2'],
  );
});

test('a file that says which Keras wrote it is read by that one alone', async (t) => {
  const fake = fakeUv(t, {
    python: "process.exitCode = args[2] === 'keras-3' ? 3 : 1; process.stderr.write('ValueError: broken')",
  });
  await assert.rejects(
    read(folderWith(t, { 'net.h5': 'a model' }), 'net.h5', converter(fake)),
    /Its last lines:\n {2}ValueError: broken$/,
  );
});

test('a SavedModel is its graph with variables and assets, links left out', async (t) => {
  const fake = fakeUv(t, {
    python: `
const files = ['saved_model.pb', 'variables/variables.index'].map((name) => fs.readFileSync(path.join(args[3], name), 'utf8'));
if (files.join() !== 'graph,index') return end(1, files.join());
${writesTflite}`,
  });
  const folder = folderWith(t, {
    'net/saved_model.pb': 'graph',
    'net/variables/variables.index': 'index',
    'net/keras_metadata.pb': 'not needed',
  });
  const graph = await read(folder, 'net/saved_model.pb', converter(fake));
  assert.equal(graph.source.format, 'savedmodel');
  assert.equal(graph.source.bytes, 'graphindex'.length);
  assert.deepEqual(await filesBesideModel(folder, 'net/saved_model.pb'), ['net/variables/variables.index']);
  const other = folderWith(t, { 'net/saved_model.pb': 'graph', 'net/variables/variables.index': 'other' });
  const changed = await read(other, 'net/saved_model.pb', converter(fakeUv(t, { python: writesTflite })));
  assert.notEqual(changed.source.sha256, graph.source.sha256, 'other weights are another model');
  const pointer = 'version https://git-lfs.github.com/spec/v1';
  const unfetched = folderWith(t, {
    'net/saved_model.pb': 'graph',
    'net/variables/variables.index': pointer,
  });
  await assert.rejects(
    read(unfetched, 'net/saved_model.pb', converter(fake)),
    /net\/variables\/variables\.index: this is a Git LFS pointer/,
  );
  const many = Object.fromEntries([...Array(17).keys()].map((index) => [`net/assets/${index}`, '']));
  const crowded = folderWith(t, { 'net/saved_model.pb': 'graph', ...many });
  await assert.rejects(read(crowded, 'net/saved_model.pb', converter(fake)), /it has 17 files of variables/);
});

test('what was converted is kept by the content of the model', async (t) => {
  const fake = fakeUv(t, { python: writesTflite });
  const store = memoryStore();
  const folder = folderWith(t, { 'a.keras': 'a model', 'copy.keras': 'a model', 'b.keras': 'another' });
  const { length: before } = fake.calls();
  assert.equal(before, 0);
  await read(folder, 'a.keras', converter(fake, {}, { kept: store }));
  const { length } = fake.calls();
  await read(folder, 'a.keras', converter(fake, {}, { kept: store }));
  assert.equal(fake.calls().length, length, 'nothing is started');
  await read(folder, 'b.keras', converter(fake, {}, { kept: store }));
  assert.equal(fake.calls().length, length + 1);
  // What a store brings is untrusted: what is no .tflite is not taken.
  for (const key of store.entries.keys()) store.entries.set(key, Buffer.from('rubbish'));
  await read(folder, 'a.keras', converter(fake, {}, { kept: store }));
  assert.equal(fake.calls().length, length + 2);

  const both = converter(fake);
  await Promise.all([read(folder, 'a.keras', both), read(folder, 'copy.keras', both)]);
  assert.equal(fake.calls().length, length + 3, 'head and base share one conversion');
});

test('on models from a fork nothing is started, but what the base has converted is taken', async (t) => {
  const fake = fakeUv(t, { python: writesTflite });
  const kept = memoryStore();
  const folder = folderWith(t, { 'net.keras': 'a model', 'changed.keras': 'theirs' });
  await read(folder, 'net.keras', converter(fake, {}, { kept }));
  const { length } = fake.calls();
  await read(folder, 'net.keras', converter(fake, {}, { kept, isUntrusted: true }));
  await assert.rejects(
    read(folder, 'changed.keras', converter(fake, {}, { kept, isUntrusted: true })),
    /^DeployError: changed\.keras: this model has to be converted by TensorFlow, which is not started on what a fork brings\. A maintainer can allow it by `convert-from-forks: true`/,
  );
  assert.equal(fake.calls().length, length);
});

test('what the script refuses is one sentence with what to do', async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['lambda evil', /the layer "evil" is code of its author, which is never run\. Replace Lambda layers/],
    ['own-code os.system', /it needs "os\.system", code of its author, which is never run\./],
    ['weights', /this file holds weights, but no model\. Save the whole model by `model\.save/],
    ['no-model', /this is no model that Keras has saved\./],
    ['too-large', /larger than 1 GiB/],
  ];
  for (const [line, message] of cases) {
    const fake = fakeUv(t, { python: `end(2, 'some noise\\nrefused: ${line}')` });
    const error = await failure(read(folderWith(t, { 'net.h5': 'x' }), 'net.h5', converter(fake)));
    assert.match(error.message, message);
    assert.equal(error.kind, 'input');
    assert.equal(fake.calls().filter(({ program }) => program === 'python').length, 1, 'not tried again');
  }
});

test('a converter that fails shows its own last lines, safe to print', async (t) => {
  const fake = fakeUv(t, {
    python:
      "end(1, 'first line\\n' + 'x'.repeat(9999) + '\\nValueError: layer \\u001b[31mMine\\u202e is unknown to ' + args[2])",
  });
  const error = await failure(read(folderWith(t, { 'net.keras': 'x' }), 'net.keras', converter(fake)));
  assert.equal(error.kind, 'tool');
  assert.match(
    error.message,
    /^net\.keras: TensorFlow could not convert this model\. Convert it where it was trained/,
  );
  assert.match(
    error.message,
    /Keras 3:\n[\s\S]*ValueError: layer \\u\{1b\}\[31mMine\\u\{202e\} is unknown to keras-3/,
  );
  assert.match(error.message, /Keras 2:\n[\s\S]*ValueError: .* is unknown to keras-2$/);
  assert.ok(error.message.length < 2000);

  const same = fakeUv(t, { python: "end(1, 'ConverterError: no')" });
  await assert.rejects(
    read(folderWith(t, { 'net.keras': 'x' }), 'net.keras', converter(same)),
    /Its last lines:\n {2}ConverterError: no$/,
  );

  const killed = fakeUv(t, { python: "process.kill(process.pid, 'SIGKILL')" });
  await assert.rejects(
    read(folderWith(t, { 'net.keras': 'x' }), 'net.keras', converter(killed)),
    /Its last lines:\n {2}it was ended by SIGKILL/,
  );
});

test('a converter that does not end is stopped, by its limit or by the user', async (t) => {
  const fake = fakeUv(t, { python: 'setInterval(() => {}, 1000)' });
  const folder = folderWith(t, { 'net.keras': 'x' });
  const python = join(fake.path, 'python-of-uv');
  chmodSync(python, 0o755);
  const options = {
    folder: join(runtimeFolder(), 'convert'),
    python: async () => python,
    kept: null,
    refusal: null,
    path: '',
  };
  const slow = tensorflowConverter({ ...options, limitMs: 300 });
  await assert.rejects(
    read(folder, 'net.keras', slow),
    /^DeployError: net\.keras: TensorFlow did not convert this model in 0 s, so it was stopped\./,
  );
  const { signal } = stopAfter(300);
  const stopped = tensorflowConverter({ ...options, signal });
  await assert.rejects(read(folder, 'net.keras', stopped), /^DeployError: the run was cancelled\.$/);
  for (const call of fake.calls()) assert.equal(existsSync(call.folder), false, 'its folder is gone');
});

function stopAfter(ms: number): AbortController {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), ms);
  return controller;
}

test('an environment that cannot be made says why, and leaves nothing', async (t) => {
  const folder = folderWith(t, { 'net.keras': 'x' });
  const noPython = fakeUv(t, {
    uv: "if (args[0] === 'venv') return end(2, 'error: No interpreter found for Python >=3.11, <3.14');",
  });
  const error = await failure(read(folder, 'net.keras', converter(noPython)));
  assert.equal(error.kind, 'tool');
  assert.match(
    error.message,
    /There is no Python >=3\.11,<3\.14 on this machine.* Install Python 3\.12\. uv said:\n {2}error: No interpreter found/,
  );
  assert.deepEqual(readdirSync(noPython.cacheFolder), []);

  const altered = fakeUv(t, {
    uv: "if (args[0] === 'pip') return end(1, 'error: Hash mismatch for `keras==3.15.1`');",
  });
  await assert.rejects(
    read(folder, 'net.keras', converter(altered)),
    /TensorFlow could not be installed by uv\.[\s\S]*\n {2}error: Hash mismatch for `keras==3\.15\.1`$/,
  );
  assert.deepEqual(readdirSync(altered.cacheFolder), []);

  const none = { ...altered, path: dirname(altered.path) };
  await assert.rejects(
    read(folder, 'net.keras', converter(none, {}, { host: { platform: 'darwin', arch: 'arm64' } })),
    /uv, which sets up TensorFlow to convert this model, is not installed\. Install it by `pip install uv`/,
  );
  await assert.rejects(
    read(folder, 'net.keras', converter(altered, {}, { install: false })),
    /TensorFlow, which converts this model, is not set up on this machine\. Run once with leave/,
  );
});

test('an environment that a run left half-made, or whose Python is gone, is made again', async (t) => {
  const fake = fakeUv(t, { python: writesTflite });
  const folder = folderWith(t, { 'net.keras': 'x' });
  await read(folder, 'net.keras', converter(fake));
  const [name = ''] = readdirSync(fake.cacheFolder);
  const python = join(fake.cacheFolder, name, 'bin', 'python');
  rmSync(python);
  await read(folder, 'net.keras', converter(fake));
  assert.ok(existsSync(python));
  rmSync(join(fake.cacheFolder, name), { recursive: true });
  mkdirSync(dirname(python), { recursive: true });
  writeFileSync(python, 'half of it');
  await read(folder, 'net.keras', converter(fake));
  assert.match(readFileSync(python, 'utf8'), /^#!/);
});

test('a model that must be converted says so where there is no converter', async (t) => {
  const folder = folderWith(t, { 'net.keras': 'x' });
  await assert.rejects(importModelFile(folder, { file: 'net.keras', name: 'net' }), /has to be converted by/);
});

/** One ReLU. */
function floatModel(): Uint8Array {
  const tensor = { shape: [1, 4], type: 0 };
  return buildModel({
    tensors: [tensor, tensor],
    operators: [{ code: 19, inputs: [0], outputs: [1] }],
    inputs: [0],
    outputs: [1],
  });
}

/** Body of a python that writes a small float .tflite. */
const writesTflite = `fs.writeFileSync(args[4], Buffer.from('${Buffer.from(floatModel()).toString('base64')}', 'base64'));`;

function converter(
  fake: FakeUv,
  environment: Readonly<Record<string, string>> = {},
  request: Partial<ConverterRequest> = {},
): ModelConverter {
  return supplyConverter({
    install: true,
    environment: {
      ...secrets,
      ...environment,
      PATH: fake.path,
      XDG_CACHE_HOME: dirname(fake.cacheFolder),
    },
    host,
    home: fake.folder,
    kept: null,
    isUntrusted: false,
    ...request,
  });
}

function read(folder: string, file: string, by: ModelConverter, steps: string[] = []) {
  return importModelFile(
    folder,
    { file, name: 'net' },
    { converter: by, onStep: (step) => steps.push(step) },
  );
}

async function failure(work: Promise<unknown>): Promise<DeployError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

function memoryStore(): ConversionStore & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  return {
    entries,
    restore: async (key) => entries.get(key) ?? null,
    save: async (key, entry) => {
      entries.set(key, entry);
      return '';
    },
  };
}
