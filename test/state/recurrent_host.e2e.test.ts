import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { layerConstants, repeatedConstants } from '../../src/codegen/constants.ts';
import { elementCount, type Graph, tensorAt } from '../../src/graph/graph.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { defaultOptions } from '../../src/quantize/options.ts';
import { quantize } from '../../src/quantize/quantize.ts';
import { findTarget } from '../../src/targets/index.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { runOnHost } from '../codegen/host.ts';
import { fixtures } from '../golden/golden.ts';

function quantized(name: string): { readonly graph: Graph; readonly decibels: number } {
  const file = `${name}.onnx`;
  const float = importOnnx(readFileSync(join(fixtures, 'recurrent', file)), { file, name });
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 1.5 * (state / 2 ** 31 - 1);
  };
  const samples = Array.from({ length: 32 }, () =>
    float.inputs.map((index) =>
      Float32Array.from({ length: elementCount(tensorAt(float, index).shape) }, random),
    ),
  );
  return quantize(float, samples, defaultOptions);
}

for (const name of ['lstm_last', 'gru_linear_before_reset', 'lstm_streaming', 'gru_bidirectional'])
  test(`${name}, quantized: one copy of the weights for all steps, bit-exact on the host`, async () => {
    const { graph, decibels } = quantized(name);
    assert.ok(decibels > 20, `${decibels} dB`);
    const plan = makePlan(optimize(graph), findTarget('cortex-m4'));
    const steps = graph.operators.filter(({ kind }) => kind === 'FULLY_CONNECTED').length;
    const constants = plan.layers.flatMap((layer) => layerConstants(plan, layer));
    const weights = constants.filter(
      ({ symbol, constant }) => constant.name === 'weights' && !repeatedConstants(constants).has(symbol),
    );
    // The products with the input, and those with the state: for both directions where there are two.
    const most = name.includes('bidirectional') ? 4 : 2;
    assert.ok(weights.length <= most, `${weights.length} weights for ${steps} layers`);
    const samples = [1, 2, 3].map((seed) => seededInputs(graph, seed));
    for (const target of ['cortex-m3', 'cortex-m4']) {
      const outputs = await runOnHost(graph, target, samples);
      const expected = Buffer.concat(samples.flatMap((inputs) => interpret(graph, inputs).outputs));
      assert.deepEqual(Buffer.from(outputs), expected, target);
    }
  });

for (const name of ['svdf_float', 'svdf_rank2_float', 'lstm_float', 'lstm_two_float', 'variable_float'])
  test(`${name} as it is: its state is kept by code that layers share, without a warning, on the host`, async () => {
    const file = `${name}.tflite`;
    const graph = importTflite(readFileSync(join(fixtures, 'recurrent', file)), { file, name });
    const sample = seededInputs(graph, 1);
    const outputs = new Float32Array(Uint8Array.from(await runOnHost(graph, 'cortex-m4f', [sample])).buffer);
    const expected = new Float32Array(
      Uint8Array.from(Buffer.concat(interpret(graph, sample).outputs.map((output) => Buffer.from(output))))
        .buffer,
    );
    assert.equal(outputs.length, expected.length);
    for (const [at, value] of expected.entries())
      assert.ok(Math.abs((outputs[at] ?? Number.NaN) - value) < 1e-5, `${at}: ${outputs[at]}, not ${value}`);
  });
