import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { arenaPeak, bytesInUse } from '../../src/report/arena.ts';

const buffer = (offset: number, bytes: number, firstStep: number, lastStep: number) => ({
  label: 'x',
  offset,
  bytes,
  firstStep,
  lastStep,
});

describe('the arena', () => {
  it('counts bytes that two buffers share once', () => {
    const arena = [buffer(0, 100, 0, 1), buffer(80, 100, 1, 2), buffer(10, 20, 1, 1)];
    assert.deepEqual(
      [-1, 0, 1, 2, 3].map((step) => bytesInUse(arena, step)),
      [0, 100, 180, 100, 0],
    );
  });
  it('is fullest first where it is', () => {
    const arena = [buffer(0, 10, -1, 0), buffer(16, 10, 0, 1), buffer(0, 10, 1, 2)];
    assert.deepEqual(arenaPeak(arena, 2), { step: 0, bytes: 20 });
    assert.deepEqual(arenaPeak([], 2), { step: -1, bytes: 0 });
  });
});
