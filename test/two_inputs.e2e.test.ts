import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findRenode } from '../src/emulate/renode.ts';
import { measureProject } from '../src/pipeline.ts';
import { loadProject } from '../src/project/load.ts';
import { kernelTexts } from './codegen/host.ts';
import { floats, integers, npz } from './data/files.ts';
import { fixtures } from './golden/golden.ts';
import { folderWith } from './project/folder.ts';
import { countingQemu, crossCompiler, runtimeFolder } from './tools.ts';
import { twoInputs } from './two_inputs.ts';

const samples = 12;
/** For the network that TensorFlow converted. */
const converted = npz({
  picture: floats([samples, 8, 8, 1], (at) => Math.sin(at * 0.3)),
  sensor: floats([samples, 5], (at) => Math.cos(at * 1.7)),
});
const data = npz({
  image: floats([samples, 4, 4, 2], (at) => Math.sin(at * 0.7)),
  meta: floats([samples, 3], (at) => Math.cos(at * 1.3)),
  labels: integers(Array.from({ length: samples }, (_, at) => at % 4)),
});

test('a model with two inputs and two outputs is exact on QEMU and on Renode, from int8 and from float', async (t) => {
  const cache = await mkdtemp(join(tmpdir(), 'tinyml-two-'));
  t.after(() => rm(cache, { recursive: true, force: true }));
  const toolchain = await crossCompiler(t);
  const qemu = await countingQemu(t, cache);
  const renode = await findRenode().catch(() => null);
  if (toolchain === null || qemu === null) return;
  if (renode === null) {
    t.skip('Renode is not installed.');
    return;
  }
  const folder = folderWith(t, {
    'two.tflite': twoInputs(),
    'two_float.tflite': twoInputs(true),
    'x.npz': data,
    'converted.tflite': readFileSync(join(fixtures, 'open_sizes', 'two_inputs_float.tflite')),
    'converted.npz': converted,
    'tinyml.yml': `targets: [cortex-m0plus, cortex-m4, cortex-m55]
models:
  - file: two.tflite
    test-data: { inputs: x.npz, samples: 6 }
  - file: two_float.tflite
    quantize: { calibration: x.npz }
    test-data: { inputs: x.npz, samples: 6 }
  - file: converted.tflite
    quantize: { calibration: converted.npz }
    test-data: { inputs: converted.npz, samples: 6 }
`,
  });
  const project = loadProject({
    folder,
    knownTargets: ['cortex-m0plus', 'cortex-m4', 'cortex-m55'],
    knownToolchains: [],
  });
  const tools = { toolchain, emulators: [renode, qemu], runtimeFolder, kernels: await kernelTexts() };
  const measurements = await measureProject(project, tools, {
    outputFolder: join(folder, 'out'),
    parallel: 1,
  });
  assert.equal(measurements.length, 9);
  for (const { model, target, failures, verification, emulations } of measurements) {
    const what = `${model.name} on ${target}`;
    assert.deepEqual(failures, [], what);
    assert.equal(verification?.bitExact, true, what);
    // Eight seeds, three corners and six samples of ours.
    assert.equal(verification?.inputs, 17, what);
    assert.equal(emulations.length, target === 'cortex-m55' ? emulations.length : 2, what);
  }
});
