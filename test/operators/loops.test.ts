import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wideIndexOfDeep } from '../../src/operators/block.ts';
import { stridedIndices } from '../../src/operators/broadcast.ts';
import { type Loops, loopsOf, runTablesOf } from '../../src/operators/loops.ts';
import { mapByAxis, range } from '../../src/operators/movement.ts';

/** The map that loops make, by running them. */
function replay({ loops, inputStart, outputStart }: Loops, size: number): Int32Array {
  const map = new Int32Array(size).fill(-1);
  const run = (depth: number, from: number, to: number): void => {
    const loop = loops[depth];
    if (loop === undefined) {
      assert.equal(map[to], -1, 'no element is written twice');
      map[to] = from;
      return;
    }
    for (let i = 0; i < loop.extent; i++)
      run(depth + 1, from + i * loop.inputStride, to + i * loop.outputStride);
  };
  run(0, inputStart, outputStart);
  return map;
}

function loopsThatMake(map: Int32Array): Loops {
  const loops = loopsOf(map);
  assert.ok(loops !== null);
  assert.deepEqual(replay(loops, map.length), map);
  return loops;
}

test('a matrix is transposed by two loops', () => {
  const { loops } = loopsThatMake(stridedIndices([4, 3], [1, 4], 0));
  assert.deepEqual(loops, [
    { extent: 4, inputStride: 1, outputStride: 3 },
    { extent: 3, inputStride: 4, outputStride: 1 },
  ]);
});

test('dimensions that run together are one loop', () => {
  const { loops } = loopsThatMake(stridedIndices([5, 2, 3, 4], [24, 12, 4, 1], 0));
  assert.deepEqual(loops, [{ extent: 120, inputStride: 1, outputStride: 1 }]);
});

test('a slice with negative strides starts at its last element and goes back', () => {
  // x[3:0:-1, 4::-2] of [4, 5]
  const { inputStart, loops } = loopsThatMake(stridedIndices([3, 3], [-5, -2], 19));
  assert.equal(inputStart, 19);
  assert.deepEqual(
    loops.map(({ inputStride }) => inputStride),
    [-5, -2],
  );
});

test('space to depth gathers whole rows of a block', () => {
  const { loops } = loopsThatMake(wideIndexOfDeep([1, 4, 6, 3], 2));
  assert.deepEqual(loops, [
    { extent: 2, inputStride: 36, outputStride: 36 },
    { extent: 3, inputStride: 6, outputStride: 12 },
    { extent: 2, inputStride: 18, outputStride: 6 },
    { extent: 6, inputStride: 1, outputStride: 1 },
  ]);
});

test('a nearest neighbour of an even ratio repeats by a stride of 0', () => {
  const twice = [0, 0, 1, 1, 2, 2];
  const { loops } = loopsThatMake(mapByAxis([3, 3, 2], [twice, twice, range(2)]));
  assert.deepEqual(
    loops.map(({ inputStride }) => inputStride),
    [6, 0, 2, 0, 1],
  );
});

test('padding moves a block into the output', () => {
  const { outputStart, loops } = loopsThatMake(
    mapByAxis(
      [2, 3],
      [
        [-1, 0, 1],
        [-1, -1, 0, 1, 2],
      ],
    ),
  );
  assert.equal(outputStart, 7);
  assert.deepEqual(loops, [
    { extent: 2, inputStride: 3, outputStride: 5 },
    { extent: 3, inputStride: 1, outputStride: 1 },
  ]);
});

test('one element needs no loop', () => {
  assert.deepEqual(loopsOf(Int32Array.of(-1, 7, -1)), { inputStart: 7, outputStart: 1, loops: [] });
});

test('no loops make arbitrary positions, a mirrored edge, a row that differs late, or nothing', () => {
  assert.equal(loopsOf(Int32Array.of(2, 0, 5, 1)), null);
  assert.equal(loopsOf(mapByAxis([3], [[1, 0, 1, 2, 1]])), null);
  assert.equal(loopsOf(Int32Array.of(0, 1, 2, 4, 5, 6, 8, 9, 11)), null);
  assert.equal(loopsOf(Int32Array.of(-1, -1)), null);
});

test('tables hold what loops cannot: one entry for each row and column, runs as long as they are common', () => {
  const mirrored = [1, 0, 1, 2, 1];
  const map = mapByAxis([3, 3, 4], [mirrored, mirrored, range(4)]);
  const { rows, columns, length } = runTablesOf(map);
  assert.deepEqual([rows.length, columns.length, length], [5, 5, 4]);
  const made = [...rows].flatMap((row) =>
    [...columns].flatMap((column) => range(length).map((k) => row + column + k)),
  );
  assert.deepEqual(made, [...map]);
});

test('positions without any order are a table of themselves', () => {
  const map = Int32Array.of(5, 0, 3, 9, 1);
  assert.deepEqual(runTablesOf(map), { rows: map, columns: Int32Array.of(0), length: 1 });
});
