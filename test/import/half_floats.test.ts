import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typedArray } from '../../src/graph/graph.ts';
import { widenHalfFloats } from '../../src/import/half_floats.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { sharedModel, withShared } from '../shared.ts';

function widened(...bits: readonly number[]): number[] {
  const bytes = new Uint8Array(Uint16Array.from(bits).buffer);
  return Array.from(typedArray('float32', widenHalfFloats(bytes)) as Float32Array);
}

test('float16 numbers are the same in float32', () => {
  assert.deepEqual(widened(0x3c00, 0xbc00, 0x0000, 0x7bff, 0x0400, 0x0001, 0x83ff), [
    1,
    -1,
    0,
    65504,
    2 ** -14,
    2 ** -24,
    -1023 * 2 ** -24,
  ]);
  assert.ok(Object.is(widened(0x8000)[0], -0));
  assert.deepEqual(widened(0x7c00, 0xfc00, 0x7e00), [Infinity, -Infinity, Number.NaN]);
});

test('all of them keep their order, and neighbours their distance', () => {
  const positive = widened(...Array.from({ length: 0x7c00 }, (_, bits) => bits));
  for (let bits = 1; bits < positive.length; bits++) {
    const [before, value] = [positive[bits - 1] as number, positive[bits] as number];
    assert.ok(value > before);
    // Neighbours are one step of the exponent's size apart.
    assert.equal(value - before, 2 ** (Math.max(1, (bits - 1) >> 10) - 25));
  }
});

test('a file with float16 weights has the operators of the one with float32 weights, and nearly its answers', (t) => {
  if (!withShared(t)) return;
  const half = sharedModel('digits/digits_keras_float16');
  const whole = sharedModel('digits/digits_keras_float');
  assert.deepEqual(
    half.operators.map(({ kind }) => kind),
    whole.operators.map(({ kind }) => kind),
  );
  for (const seed of [1, 2, 3]) {
    const [a, b] = [half, whole].map((graph) => {
      const [output = new Uint8Array()] = interpret(graph, seededInputs(graph, seed)).outputs;
      return typedArray('float32', output) as Float32Array;
    });
    for (const [at, value] of (a ?? []).entries())
      assert.ok(Math.abs(value - (b?.[at] ?? Number.NaN)) < 0.02);
  }
});
