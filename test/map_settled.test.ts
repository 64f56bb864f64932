import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { mapSettled } from '../src/map_settled.ts';

test('results come in the order of the items', async () => {
  const results = await mapSettled([30, 1, 10], (wait) => delay(wait, wait), 3);
  assert.deepEqual(results, [30, 1, 10]);
});

test('an error is thrown only when nothing is under way any more, and begins nothing new', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const failing = mapSettled(
    [1, 2, 3, 4],
    async (item) => {
      begun.push(item);
      await delay(item === 1 ? 1 : 40);
      if (item === 1) throw new Error('first');
      ended.push(item);
    },
    2,
  );
  await assert.rejects(failing, /first/);
  assert.deepEqual(begun, [1, 2]);
  assert.deepEqual(ended, [2]);
});
