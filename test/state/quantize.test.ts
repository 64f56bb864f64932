import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { stateOf, tensorAt, typedArray } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { defaultOptions } from '../../src/quantize/options.ts';
import { quantize } from '../../src/quantize/quantize.ts';
import { streamed } from '../../src/quantize/streamed.ts';
import { initialState, interpret } from '../../src/verify/interpreter.ts';
import { fixtures } from '../golden/golden.ts';

/** A float model that keeps the last six inputs in a variable, quantized with its state. */

const file = 'variable_float.tflite';
const float = importTflite(readFileSync(join(fixtures, 'recurrent', file)), { file, name: 'variable' });

function stream(count: number, seed: number): Float32Array[] {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 2 * (state / 2 ** 31 - 1);
  };
  return Array.from({ length: count }, () => Float32Array.from({ length: 4 }, random));
}

test('calibration samples are one sequence: each comes with the state that those before it left', () => {
  const samples = streamed(
    float,
    stream(8, 1).map((input) => [input]),
  );
  const [first, second, last] = [samples[0], samples[1], samples.at(-1)];
  assert.equal(first?.length, 1);
  assert.deepEqual(second?.[1]?.subarray(20), first?.[0]);
  assert.deepEqual(last?.[1]?.subarray(20), samples.at(-2)?.[0]);
});

test('the int8 graph keeps int8 state, starts from the same numbers, and follows the float one over a long stream', () => {
  const { graph } = quantize(
    float,
    stream(64, 1).map((input) => [input]),
    { ...defaultOptions, edges: 'float32' },
  );
  const [state] = stateOf(graph);
  assert.equal(state?.type, 'int8');
  const { scales, zeroPoints } = state.quantization ?? { scales: [], zeroPoints: [] };
  const before = Array.from(
    typedArray('int8', state.initialState) as Int8Array,
    (value) => (value - (zeroPoints[0] ?? 0)) * (scales[0] ?? 0),
  );
  for (const [at, value] of before.entries())
    assert.ok(Math.abs(value - (-1 + (2 * at) / 23)) <= (scales[0] ?? 0) / 2 + 1e-6, `element ${at}`);

  const network = prepareFloat(float);
  const floatState = stateOf(float).map(({ index }) => index);
  const withState = prepareFloat({ ...float, outputs: floatState });
  let ours = initialState(graph);
  let theirs: readonly Float32Array[] = [];
  const power = { signal: 0, noise: 0 };
  for (const input of stream(50, 99)) {
    const exact = network.run([input, ...theirs])[0] as Float32Array;
    theirs = withState.run([input, ...theirs]).map((values) => values.slice());
    const result = interpret(graph, [new Uint8Array(input.slice().buffer)], ours);
    ours = result.state;
    const output = tensorAt(graph, graph.outputs[0] ?? -1);
    const values = typedArray(output.type, result.outputs[0] as Uint8Array) as Float32Array;
    for (const [at, value] of exact.entries()) {
      power.signal += value ** 2;
      power.noise += (value - (values[at] as number)) ** 2;
    }
  }
  const decibels = 10 * Math.log10(power.signal / power.noise);
  assert.ok(decibels > 35, `${decibels} dB`);
});
