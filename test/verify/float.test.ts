import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Graph, typedArray } from '../../src/graph/graph.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { makeCases } from '../../src/verify/cases.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { roundingErrors } from '../../src/verify/rounding_errors.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { verify } from '../../src/verify/verify.ts';
import { graphOf } from '../codegen/one_operator.ts';

/** What float32 outputs are held to. */

const weights = Float32Array.from({ length: 40 }, (_, at) => ((at * 37) % 19) / 10 - 0.9);

function dense(values: Float32Array): Graph {
  return graphOf({
    name: 'dense',
    kind: 'FULLY_CONNECTED',
    options: { activation: 'none', weightsFormat: 0 },
    inputs: [
      { shape: [1, 10], type: 'float32' },
      { shape: [4, 10], type: 'float32', data: values },
      { shape: [4], type: 'float32', data: Float32Array.of(0.1, 0.2, 0.3, 0.4) },
    ],
    outputs: [{ shape: [1, 4], type: 'float32' }],
  });
}

const graph = dense(weights);
const cases = makeCases(graph, []);
const expected = cases.map((each) => each.expected);

/** The reference's outputs with one element of the third case changed. */
function changed(map: (value: number) => number): Uint8Array[] {
  const outputs = expected.map((bytes): Uint8Array => bytes.slice());
  const values = typedArray('float32', outputs[2] ?? new Uint8Array()) as Float32Array;
  values[1] = map(values[1] as number);
  outputs[2] = new Uint8Array(values.buffer);
  return outputs;
}

const allowed = cases[2]?.allowed?.[0]?.[1] ?? 0;

test('what the reference gives is within 0 ulp, and the bound is that of a sum of ten products', () => {
  const { bitExact, float32, mismatch } = verify(graph, cases, expected);
  assert.equal(bitExact, false);
  assert.equal(mismatch, null);
  assert.equal(float32?.ulp, 0);
  assert.ok(float32.bound > 4 && float32.bound < 400, String(float32.bound));
});

test('an element that is off by less than its bound passes, by more it does not', () => {
  assert.ok(allowed > 0 && allowed < 1e-4);
  const close = verify(
    graph,
    cases,
    changed((value) => value + 0.9 * allowed),
  );
  assert.equal(close.mismatch, null);
  assert.ok(close.float32 !== undefined && close.float32.ulp > 1);
  const far = verify(
    graph,
    cases,
    changed((value) => value + 2 * allowed),
  );
  assert.equal(far.float32, undefined);
  assert.equal(far.mismatch?.sample, 'seed 3');
  assert.equal(far.mismatch.index, 1);
});

test('not-a-number and infinities are no numbers within a bound', () => {
  for (const value of [Number.NaN, Infinity])
    assert.equal(
      verify(
        graph,
        cases,
        changed(() => value),
      ).mismatch?.index,
      1,
    );
});

test('outputs that are cut short, and cases that are missing, are no proof', () => {
  const short = expected.map((bytes, at) => (at === 2 ? bytes.subarray(0, 9) : bytes));
  assert.equal(verify(graph, cases, short).float32, undefined);
  assert.equal(verify(graph, cases, expected.slice(0, 3)).float32, undefined);
});

test('a weight that is off by a thousandth is found', () => {
  const other = dense(weights.map((weight, at) => (at === 17 ? weight + 0.001 : weight)));
  const outputs = makeCases(other, []).map((each) => each.expected);
  assert.notEqual(verify(graph, cases, outputs).mismatch, null);
});

test('a model of integers with float edges is compared byte for byte', () => {
  const edge = graphOf({
    name: 'edge',
    kind: 'DEQUANTIZE',
    inputs: [{ shape: [1, 4] }],
    outputs: [{ shape: [1, 4], type: 'float32' }],
  });
  assert.ok(makeCases(edge, []).every((each) => each.allowed === undefined));
});

test('what float32 computes may not become integers again', () => {
  const [input, , , output] = graph.tensors;
  assert.ok(input !== undefined && output !== undefined);
  const index = graph.tensors.length;
  const quantization = { scales: [0.1], zeroPoints: [0], axis: 0 };
  const mixed: Graph = {
    ...graph,
    tensors: [...graph.tensors, { ...output, index, name: 'steps', type: 'int8', quantization }],
    operators: [
      ...graph.operators,
      { index: 1, kind: 'QUANTIZE', inputs: [output.index], outputs: [index], options: null },
    ],
    outputs: [index],
  };
  assert.throws(() => checkOperators(mixed), /QUANTIZE #1.*what is computed in float32 becomes int8 again/);
  assert.doesNotThrow(() => checkOperators(graph));
  assert.equal(interpret(graph, [new Uint8Array(40)]).outputs[0]?.length, 16);
});

test('what a truth about rounded numbers chooses may be either where they are close', () => {
  const [, , , sums] = graph.tensors;
  assert.ok(sums !== undefined);
  const index = graph.tensors.length;
  const inputs = seededInputs(graph, 1);
  const [reached] = interpret(graph, inputs).outputs;
  const computed = typedArray('float32', reached ?? new Uint8Array()) as Float32Array;
  // The first limit is what the sum is, the others are far off.
  const limits = computed.map((value, at) => (at === 0 ? value : value + 1));
  const chosen = { ...sums, index: index + 2, name: 'chosen' };
  const choosing: Graph = {
    ...graph,
    tensors: [
      ...graph.tensors,
      { ...sums, index, name: 'limits', data: new Uint8Array(limits.buffer) },
      { ...sums, index: index + 1, name: 'truths', type: 'bool' },
      chosen,
    ],
    operators: [
      ...graph.operators,
      { index: 1, kind: 'GREATER', inputs: [sums.index, index], outputs: [index + 1], options: null },
      {
        index: 2,
        kind: 'SELECT_V2',
        inputs: [index + 1, sums.index, index],
        outputs: [index + 2],
        options: null,
      },
    ],
    outputs: [index + 2],
  };
  checkOperators(choosing);
  const [first] = makeCases(choosing, []);
  const bounds = first?.allowed?.[0];
  const errors = roundingErrors(choosing, interpret(choosing, inputs).tensors);
  assert.deepEqual([...(errors.get(index + 1) ?? [])], [1, 0, 0, 0]);
  assert.ok(bounds !== undefined && bounds !== null);
  // Far from a limit the constant is chosen, which has no error.
  assert.ok((bounds[0] as number) > 1e-8 && (bounds[1] as number) < 1e-30, bounds.join());
});

test('integers may not be chosen by what float32 computes', () => {
  const [, , , sums] = graph.tensors;
  assert.ok(sums !== undefined);
  const index = graph.tensors.length;
  const quantized = {
    ...sums,
    type: 'int8' as const,
    quantization: { scales: [0.1], zeroPoints: [0], axis: 0 },
  };
  const mixed: Graph = {
    ...graph,
    tensors: [
      ...graph.tensors,
      { ...sums, index, name: 'truths', type: 'bool' },
      { ...quantized, index: index + 1, name: 'integers', data: new Uint8Array(4) },
      { ...quantized, index: index + 2, name: 'chosen' },
    ],
    operators: [
      ...graph.operators,
      { index: 1, kind: 'GREATER', inputs: [sums.index, sums.index], outputs: [index], options: null },
      {
        index: 2,
        kind: 'SELECT_V2',
        inputs: [index, index + 1, index + 1],
        outputs: [index + 2],
        options: null,
      },
    ],
    outputs: [index + 2],
  };
  assert.throws(() => checkOperators(mixed), /SELECT_V2 #2.*what is computed in float32 becomes int8 again/);
});
