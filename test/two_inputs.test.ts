import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateLibrary, loadModel } from '../src/pipeline.ts';
import { loadProject } from '../src/project/load.ts';
import { findTarget } from '../src/targets/index.ts';
import { kernelTexts } from './codegen/host.ts';
import { floats, npz } from './data/files.ts';
import { refuses } from './data/refused.ts';
import { folderWith } from './project/folder.ts';
import { twoInputs } from './two_inputs.ts';

const wave = (step: number) => (at: number) => Math.sin(at * step);
const images = floats([20, 4, 4, 2], wave(0.7));
const metas = floats([20, 3], wave(1.3));

function entryOf(folder: string) {
  const [job] = loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] }).jobs;
  assert.ok(job !== undefined);
  return job.model;
}

test('test data feeds both inputs, by name, and the reference answers with both outputs', async (t) => {
  const folder = folderWith(t, {
    'two.tflite': twoInputs(),
    'x.npz': npz({ meta: metas, image: images }),
    'tinyml.yml': 'models: [{ file: two.tflite, test-data: { inputs: x.npz, samples: 4 } }]',
  });
  const { cases } = await loadModel({ folder }, entryOf(folder));
  const samples = cases.filter(({ sample }) => sample !== null);
  assert.deepEqual(
    samples.map(({ sample, input, expected }) => [sample, input.length, expected.length]),
    [0, 5, 10, 15].map((index) => [index, 35, 8]),
  );
  // Real numbers at the inputs' scale of 0.05 and zero point of 3, the image's before the vector's.
  const quantized = (value: number) => Math.round(value / 0.05) + 3;
  const [first] = samples;
  assert.equal(new Int8Array(first?.input ?? [])[1], quantized(Math.sin(0.7)));
  assert.equal(new Int8Array(first?.input ?? [])[33], quantized(Math.sin(1.3)));
});

test('calibration data feeds both inputs of a float model, by name or from files of their own', async (t) => {
  const folder = folderWith(t, {
    'two.tflite': twoInputs(true),
    'image.npy': images,
    'meta.npy': metas,
    'x.npz': npz({ input_1: metas, input_0: images }),
    'tinyml.yml':
      'models: [{ file: two.tflite, quantize: { calibration: { meta: meta.npy, image: image.npy } } }]',
    'other.yml': 'models: [{ file: two.tflite, quantize: { calibration: x.npz } }]',
  });
  const { graph } = await loadModel({ folder }, entryOf(folder));
  assert.deepEqual(
    [...graph.inputs, ...graph.outputs].map((index) => [
      graph.tensors[index]?.name,
      graph.tensors[index]?.type,
    ]),
    ['image', 'meta', 'sum', 'share'].map((name) => [name, 'int8']),
  );
  const other = loadProject({
    folder,
    configFile: 'other.yml',
    knownTargets: ['cortex-m4'],
    knownToolchains: [],
  });
  const [job] = other.jobs;
  assert.ok(job !== undefined);
  const { graph: same } = await loadModel({ folder }, job.model);
  assert.deepEqual(same.tensors, graph.tensors);
});

test('an input whose calibration data never varies is named', async (t) => {
  const folder = folderWith(t, {
    'two.tflite': twoInputs(true),
    'x.npz': npz({ meta: floats([20, 3], () => 2), image: images }),
    'tinyml.yml': 'models: [{ file: two.tflite, quantize: { calibration: x.npz } }]',
  });
  await assert.rejects(loadModel({ folder }, entryOf(folder)), (error) => {
    refuses(/^x\.npz, tensor meta: Every value of the calibration data is 2: it has no variance/, () => {
      throw error;
    });
    return true;
  });
});

test('the header of the library says which input and which output is which', async (t) => {
  const folder = folderWith(t, { 'two.tflite': twoInputs(), 'tinyml.yml': 'models: [{ file: two.tflite }]' });
  const { graph } = await loadModel({ folder }, entryOf(folder));
  const { sources } = generateLibrary(graph, findTarget('cortex-m4'), await kernelTexts());
  const header = sources.library.find(({ path }) => path === 'two.h')?.text ?? '';
  for (const line of [
    '/* input_0: image, int8 [1, 4, 4, 2] */',
    '/* input_1: meta, int8 [1, 3] */',
    '/* output_0: sum, int8 [1, 4] */',
    '/* output_1: share, int8 [1, 4] */',
    '/* Where to write the input 0 (image) before each inference',
    '/* Where the output 1 (share) is after an inference, until the next one. */',
    '#define TWO_INPUT_1_BYTES 3',
    'static inline int8_t *two_input_0(void *arena)',
    'static inline const int8_t *two_output_1(const void *arena)',
  ])
    assert.ok(header.includes(line), line);
});
