import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Graph } from '../../src/graph/graph.ts';
import { tensorAt } from '../../src/graph/graph.ts';
import { validateGraph } from '../../src/graph/validate.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { loadModel, measureProject } from '../../src/pipeline.ts';
import { loadProject } from '../../src/project/load.ts';
import { integerGraph } from '../../src/quantize/integer_graph.ts';
import { checkedFloat } from '../../src/quantize/quantize.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { kernelTexts } from '../codegen/host.ts';
import { runTogether } from '../codegen/host_models.ts';
import { fixtureModel, fixtures } from '../golden/golden.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';
import { uneven, unevenFile } from './uneven.ts';

/** Graphs of int8 and int16 side by side: the generated C against the exact reference. */

const folder = await mkdtemp(join(tmpdir(), 'tinyml-mixed-'));
after(() => rm(folder, { recursive: true, force: true }));

const digits = () => fixtureModel('digits/digits_keras_float.tflite');

const networks: readonly (readonly [string, Graph])[] = [
  ['keras', digits()],
  ['uneven', uneven(digits(), 64)],
  ['torch', torch()],
  ['layer_norm', fixtureModel('ops/layer_norm.tflite')],
  ['silu', fixtureModel('ops/silu.tflite')],
  ['sqrt', fixtureModel('ops/sqrt.tflite')],
  ['concat', fixtureModel('ops/concat_c.tflite')],
];

function torch(): Graph {
  const file = 'digits/digits_torch.onnx';
  return importOnnx(readFileSync(join(fixtures, file)), { file, name: 'torch' });
}

/** Five choices of the activations in int16 for each network, by chance but the same in every run. */
function choices(name: string, graph: Graph): Graph[] {
  const float = checkedFloat(graph);
  let state = name.length;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const span = { low: -6, high: 6 };
  const ranges = new Map(float.tensors.map(({ index }) => [index, span] as const));
  return [0.2, 0.4, 0.6, 0.8, 1].map((share, at) => {
    const tensors = new Set([...ranges.keys()].filter(() => random() < share));
    const edges = at === 1 ? 'float32' : 'as-computed';
    const made = integerGraph(float, { ranges, edges, means: null, wide: { tensors, ranges } });
    validateGraph(made);
    checkOperators(made);
    return { ...made, name: `${name}_${at}` };
  });
}

const graphs = networks.flatMap(([name, graph]) => choices(name, graph));

test('the choices have int8, int16 and both', () => {
  const kinds = graphs.map((graph) => {
    const types = graph.operators.flatMap(({ outputs }) =>
      outputs.map((index) => tensorAt(graph, index).type),
    );
    return ['int8', 'int16'].filter((type) => types.some((each) => each === type)).join(' ');
  });
  for (const kind of ['int16', 'int8 int16'])
    assert.ok(kinds.filter((each) => each === kind).length > 4, kinds.join(', '));
});

for (const target of ['cortex-m0plus', 'cortex-m4f', 'cortex-m55'])
  test(`graphs of int8 and int16 by chance in one program for ${target}: bit-exact and clean under sanitizers`, async () => {
    const together = graphs.map((graph) => {
      const corner = cornerInputs(graph)[0]?.inputs ?? seededInputs(graph, 4);
      return { graph, samples: [...[1, 2, 3].map((seed) => seededInputs(graph, seed)), corner] };
    });
    const outputs = await runTogether(together, target);
    for (const [position, { graph, samples }] of together.entries()) {
      const expected = samples.flatMap((inputs) => interpret(graph, inputs).outputs);
      assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected), graph.name);
    }
  });

test('a project with mixed precision runs on an emulated cortex-m4f, bit-exact, and keeps its accuracy', async (t) => {
  const toolchain = await crossCompiler(t);
  const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
  if (toolchain === null || qemu === null) return;
  const file = readFileSync(join(fixtures, 'digits', 'digits_keras_float.tflite'));
  writeFileSync(join(folder, 'digits.tflite'), unevenFile(file, digits(), 256));
  for (const name of ['digits_calib_x', 'digits_x', 'digits_y'])
    cpSync(join(fixtures, 'digits', `${name}.npy`), join(folder, `${name}.npy`));
  writeFileSync(
    join(folder, 'tinyml.yml'),
    `targets: [cortex-m4f]
models:
  - file: digits.tflite
    test-data: { inputs: digits_x.npy, labels: digits_y.npy, samples: 20 }
    quantize: { calibration: digits_calib_x.npy, activations: mixed }
`,
  );
  const project = loadProject({ folder, knownTargets: ['cortex-m4f'], knownToolchains: ['system'] });
  const [job] = project.jobs;
  assert.ok(job !== undefined);
  const { graph } = await loadModel(project, job.model);
  const kinds = graph.operators.map(
    ({ kind, outputs }) => `${kind} ${tensorAt(graph, outputs[0] ?? -1).type}`,
  );
  assert.ok(kinds.includes('CONV_2D int16') && kinds.includes('CONV_2D int8'), kinds.join(', '));
  const [measurement] = await measureProject(
    project,
    { toolchain, emulators: [qemu], runtimeFolder, kernels: await kernelTexts() },
    { outputFolder: join(folder, 'out'), parallel: 1 },
  );
  assert.deepEqual(measurement?.failures, []);
  assert.equal(measurement?.verification?.bitExact, true);
  const { accuracy } = measurement;
  assert.ok((accuracy?.value ?? 0) >= 96, `${accuracy?.value} % where float has ${accuracy?.float?.value}`);
  t.diagnostic(
    `${accuracy?.value} %, ${accuracy?.float?.decibels} dB, ${measurement.instructions?.total} instructions`,
  );
});
