import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { railsOf } from '../../src/report/rails.ts';

/** `0b` the bottom half of lane 0, `1t↰` the top half of lane 1 that turns into the dot. */
const drawn = (inputs: readonly (readonly number[])[]) => {
  const { pieces, lanes } = railsOf(inputs);
  const rows = pieces.map((row) =>
    row.map(({ lane, part, turns }) => `${lane}${part[0]}${turns ? '↰' : ''}`).join(' '),
  );
  return { rows, lanes };
};

describe('the lines of the graph', () => {
  it('run straight through a chain', () => {
    assert.deepEqual(drawn([[-1], [0], [1]]), { rows: ['0b', '0t 0b', '0t'], lanes: 1 });
  });
  it('leap what a residual block adds around', () => {
    assert.deepEqual(drawn([[-1], [0], [1], [2, 0], [3]]), {
      rows: ['0b 1b↰', '0t 1w 0b', '1w 0t 0b', '1t↰ 0t 0b', '0t'],
      lanes: 2,
    });
  });
  it('take a lane again when it is free', () => {
    assert.equal(drawn([[-1], [0], [1, 0], [2], [3, 2]]).lanes, 2);
    assert.equal(drawn([[-1], [0], [1], [2, 0], [3, 1]]).lanes, 3);
  });
  it('give up on what is too tangled to read', () => {
    const all = Array.from({ length: 40 }, (_, row) => Array.from({ length: row }, (_, from) => from));
    const { lanes, pieces } = railsOf(all);
    assert.equal(lanes, 8);
    assert.ok(pieces.flat().every(({ lane }) => lane < 8));
  });
  it('draw one line for a tensor that is read twice, and none for what makes no sense', () => {
    assert.deepEqual(drawn([[-1], [0, 0], [7, 2]]), { rows: ['0b', '0t', ''], lanes: 1 });
  });
});
