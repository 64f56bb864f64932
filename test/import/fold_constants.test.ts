import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Constant, floatConstant, integerConstant, mostElements } from '../../src/import/constant.ts';
import { foldElementwise } from '../../src/import/fold_constants.ts';

const integers = (...values: readonly number[]): Constant => integerConstant([values.length], values);
const floats = (...values: readonly number[]): Constant => floatConstant([values.length], values);
const valuesOf = (constant: Constant | null): number[] | null =>
  constant === null ? null : Array.from(constant.values);

describe('arithmetic on constants', () => {
  const ofTwo: readonly (readonly [kind: string, a: Constant, b: Constant, expected: readonly number[]])[] = [
    ['Add', integers(3, -4), integers(2, 2), [5, -2]],
    ['Sub', floats(0.5, 1), floats(0.25, 2), [0.25, -1]],
    ['Mul', integers(3, -4), integers(5, 6), [15, -24]],
    ['Pow', floats(2, 9), floats(3, 0.5), [8, 3]],
    ['Min', integers(3, -4), integers(1, 6), [1, -4]],
    ['Max', integers(3, -4), integers(1, 6), [3, 6]],
    ['Equal', integers(3, -4), integers(3, 6), [1, 0]],
    ['Less', integers(3, -4), integers(3, 6), [0, 1]],
    ['Greater', integers(4, -4), integers(3, 6), [1, 0]],
  ];
  for (const [kind, a, b, expected] of ofTwo)
    it(`${kind} goes element by element`, () =>
      assert.deepEqual(valuesOf(foldElementwise(kind, [a, b])), expected));

  it('divides integers towards zero and floats as they are', () => {
    assert.deepEqual(valuesOf(foldElementwise('Div', [integers(7, -7), integers(2, 2)])), [3, -3]);
    assert.deepEqual(valuesOf(foldElementwise('Div', [floats(7, -7), floats(2, 2)])), [3.5, -3.5]);
  });

  it('gives a remainder the sign of the divisor, as ONNX has it for integers', () => {
    const [a, b] = [integers(7, -7, 7, -7), integers(3, 3, -3, -3)];
    assert.deepEqual(valuesOf(foldElementwise('Mod', [a, b])), [1, 2, -2, -1]);
  });

  const ofOne: readonly (readonly [kind: string, of: Constant, expected: readonly number[]])[] = [
    ['Neg', integers(3, -4), [-3, 4]],
    ['Abs', floats(0.5, -1.5), [0.5, 1.5]],
    ['Sqrt', floats(9, 0.25), [3, 0.5]],
    ['Reciprocal', floats(4, -0.5), [0.25, -2]],
    ['Exp', floats(0), [1]],
    ['Log', floats(1), [0]],
    ['Floor', floats(1.5, -1.5), [1, -2]],
    ['Ceil', floats(1.5, -1.5), [2, -1]],
    ['Not', integers(0, 1), [1, 0]],
  ];
  for (const [kind, of, expected] of ofOne)
    it(`${kind} goes element by element`, () =>
      assert.deepEqual(valuesOf(foldElementwise(kind, [of])), expected));

  it('broadcasts as numpy does', () => {
    const column = integerConstant([2, 1], [10, 20]);
    const sum = foldElementwise('Add', [column, integers(1, 2, 3)]);
    assert.deepEqual(sum?.shape, [2, 3]);
    assert.deepEqual(valuesOf(sum), [11, 12, 13, 21, 22, 23]);
    assert.deepEqual(foldElementwise('Mul', [floatConstant([], [2]), floats(1, 2)])?.shape, [2]);
  });

  it('keeps floats single and the shape of what it changes', () => {
    const third = foldElementwise('Div', [floats(1), floats(3)]);
    assert.equal(third?.is, 'float');
    assert.equal(third?.values[0], Math.fround(1 / 3));
    assert.deepEqual(foldElementwise('Neg', [integerConstant([1, 2, 1], [1, 2])])?.shape, [1, 2, 1]);
  });
});

describe('what is not arithmetic on constants stays', () => {
  it('an operator that it does not know, whatever objects have by that name', () => {
    for (const kind of ['Conv', 'constructor', 'toString', '__proto__', 'hasOwnProperty', '']) {
      assert.equal(foldElementwise(kind, [integers(1)]), null, kind);
      assert.equal(foldElementwise(kind, [integers(1), integers(2)]), null, kind);
    }
  });

  it('too few or too many inputs', () => {
    assert.equal(foldElementwise('Add', [integers(1)]), null);
    assert.equal(foldElementwise('Add', [integers(1), integers(2), integers(3)]), null);
    assert.equal(foldElementwise('Neg', [integers(1), integers(2)]), null);
    assert.equal(foldElementwise('Neg', []), null);
  });

  it('shapes that do not broadcast', () => {
    assert.equal(foldElementwise('Add', [integers(1, 2), integers(1, 2, 3)]), null);
  });

  it('two small constants that would make a huge one', () => {
    const side = Math.ceil(Math.sqrt(mostElements)) + 1;
    const row = floatConstant([1, side], new Float32Array(side));
    const column = floatConstant([side, 1], new Float32Array(side));
    assert.equal(foldElementwise('Add', [row, column]), null);
  });
});
