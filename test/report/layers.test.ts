import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pairLayers } from '../../src/report/layers.ts';
import { layer } from './sample.ts';

const named = (names: string, shape = [1, 4]) =>
  [...names].map((operator, index) => layer(index, { operator, outputShape: shape }));
const shown = (before: string, after: string) =>
  pairLayers(named(before), named(after))
    .map((pair) => `${pair.before?.operator ?? '-'}${pair.after?.operator ?? '-'}`)
    .join(' ');

describe('pairLayers', () => {
  it('pairs equal models layer by layer', () => {
    assert.equal(shown('CDCA', 'CDCA'), 'CC DD CC AA');
  });
  it('keeps later layers paired after one was inserted or removed', () => {
    assert.equal(shown('CDFS', 'CDPFS'), 'CC DD -P FF SS');
    assert.equal(shown('CDPFS', 'CDFS'), 'CC DD P- FF SS');
  });
  it('shows a replaced layer as one that went and one that came', () => {
    assert.equal(shown('CAS', 'CBS'), 'CC A- -B SS');
  });
  it('prefers layers of the same shape', () => {
    const before = named('C', [1, 8]);
    const after = [
      layer(0, { operator: 'C', outputShape: [1, 4] }),
      layer(1, { operator: 'C', outputShape: [1, 8] }),
    ];
    assert.deepEqual(
      pairLayers(before, after).map((pair) => [pair.before?.outputShape[1], pair.after?.outputShape[1]]),
      [
        [undefined, 4],
        [8, 8],
      ],
    );
  });
  it('takes models that came or went, and hostile lengths', () => {
    assert.equal(shown('', 'CD'), '-C -D');
    assert.equal(shown('CD', ''), 'C- D-');
    assert.equal(pairLayers(named('C'.repeat(5000)), named('C'.repeat(5001))).length, 5001);
  });
});
