import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dataShape, inTensorOrder, rowOrder } from '../../src/data/file_order.ts';
import type { Tensor } from '../../src/graph/graph.ts';

const turned: Tensor = {
  index: 0,
  name: 'x',
  type: 'float32',
  shape: [1, 2, 3, 2],
  quantization: null,
  data: null,
  fileOrder: [0, 2, 3, 1],
};

test('data of training, channels first, is turned into the order of the tensor', () => {
  const order = rowOrder([2, 2, 3], turned);
  assert.ok(order !== null);
  const row = [...Array(12).keys()];
  assert.deepEqual(inTensorOrder(row, order), [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
  assert.deepEqual(dataShape(turned), [2, 2, 3]);
  assert.deepEqual(rowOrder([1, 2, 2, 3], turned), order);
});

test('data with channels last already stays as it is, and any other shape is none', () => {
  const order = rowOrder([2, 3, 2], turned);
  assert.deepEqual(order, { places: null });
  assert.equal(rowOrder([3, 2, 2], turned), null);
  assert.equal(rowOrder([12], turned), null);
});

test('a tensor in the order of its file takes data in that order', () => {
  const { fileOrder: _, ...plain } = turned;
  assert.deepEqual(rowOrder([2, 3, 2], plain), { places: null });
  assert.equal(rowOrder([2, 2, 3], plain), null);
});
