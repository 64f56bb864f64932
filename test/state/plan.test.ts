import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from '../../src/codegen/generate.ts';
import { stateOf } from '../../src/graph/graph.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { makeCases, sequenceOf } from '../../src/verify/cases.ts';
import { kernelTexts } from '../codegen/host.ts';
import { fixtureModel } from '../golden/golden.ts';
import { replay } from '../plan/replay.ts';
import { stateFiles, stateModel } from './sequences.ts';

for (const name of stateFiles())
  for (const preserveInput of [false, true])
    test(`${name}${preserveInput ? ' with its input preserved' : ''}: nothing else takes the bytes of its state`, () => {
      const plan = makePlan(optimize(stateModel(name)), findTarget('cortex-m4'), { preserveInput });
      replay(plan);
      for (const { index } of stateOf(plan.graph)) {
        const own = plan.buffers.find(({ tensors }) => tensors.includes(index));
        assert.ok(own !== undefined);
        assert.deepEqual([own.firstStep, own.lastStep], [-1, plan.layers.length]);
        assert.match(own.label, /^state /);
      }
    });

test('the replay sees a layer that writes over state', () => {
  const plan = makePlan(stateModel('lstm'), findTarget('cortex-m4'));
  const [state] = stateOf(plan.graph);
  const output = plan.layers.at(-1)?.node.outputs[0]?.index ?? -1;
  const at = plan.offsets.get(state?.index ?? -1) ?? 0;
  assert.throws(
    () => replay({ ...plan, offsets: new Map([...plan.offsets, [output, at]]) }),
    /state|next inference/,
  );
});

test('reading and assigning a variable keep their order', () => {
  const plan = makePlan(stateModel('variable_float_state'), findTarget('cortex-m4'));
  const kinds = plan.layers.map(({ node }) => node.operator.kind);
  assert.ok(kinds.indexOf('READ_VARIABLE') < kinds.indexOf('ASSIGN_VARIABLE'), kinds.join(' '));
});

test('the library of a model with state has a reset, any other does not mention it', async () => {
  const kernels = await kernelTexts();
  const headerOf = (graph: Parameters<typeof makePlan>[0]): string => {
    const { library, firmware } = generate(makePlan(graph, findTarget('cortex-m4')), kernels);
    return [...library, ...firmware]
      .filter(({ path }) => !path.startsWith('tinyml/'))
      .map(({ text }) => text)
      .join('');
  };
  const withState = headerOf(stateModel('variable_call_once'));
  assert.match(withState, /void variable_call_once_reset\(void \*arena\);/);
  assert.match(withState, /keeps 7 bytes of state in the arena/);
  assert.match(withState, /memcpy\(bytes \+ \d+, variable_call_once_state_0_initial_weights, 7\);/);
  assert.match(withState, /\.reset = variable_call_once_reset,/);
  assert.match(headerOf(stateModel('svdf_int8_rank2_zero_point')), /memset\(bytes \+ \d+, 5, 32\);/);
  assert.doesNotMatch(headerOf(fixtureModel('ops/add.tflite')), /reset|string\.h/);
});

test('models with state run streams besides, and a trace can make them again', () => {
  const graph = stateModel('svdf_int16');
  const samples = [1, 2, 3].map((index) => ({ index, input: new Uint8Array(13).fill(index) }));
  const cases = makeCases(graph, samples);
  const continuing = cases.filter(({ continues }) => continues).map(({ label }) => label);
  assert.equal(continuing.length, 7 + 2);
  assert.equal(sequenceOf(cases, 'inference 4 of a stream').length, 4);
  assert.equal(sequenceOf(cases, 'seed 3').length, 1);
  const streamed = cases.findIndex(({ label }) => label === 'test sample 3 in a stream');
  const alone = cases.find(({ label }) => label === 'test sample 3');
  assert.deepEqual(cases[streamed]?.input, alone?.input);
  assert.notDeepEqual(cases[streamed]?.expected, alone?.expected);
  assert.ok(makeCases(fixtureModel('ops/add.tflite'), []).every(({ continues }) => !continues));
});
