import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { openNpz } from '../../src/data/npz.ts';
import { folderWith } from '../project/folder.ts';
import { floats, integers, npz } from './files.ts';
import { refuses } from './refused.ts';

describe('openNpz', () => {
  for (const level of [0, 6] as const)
    it(`reads arrays that are ${level === 0 ? 'stored' : 'compressed'}`, (t) => {
      const folder = folderWith(t, { 'x.npz': npz({ x: floats([2, 3]), y: integers([4, 5]) }, level) });
      const archive = openNpz(folder, 'x.npz');
      assert.deepEqual(archive.names, ['x', 'y']);
      const array = archive.open('x');
      assert.deepEqual([array.type, array.shape], ['f4', [2, 3]]);
      assert.deepEqual(array.row(1), [3, 4, 5]);
      assert.deepEqual(archive.open('y').row(0), [4]);
    });
  it('refuses what is no archive, and a damaged one', (t) => {
    const good = Buffer.from(npz({ x: floats([20, 30]) }, 6));
    const cut = good.subarray(0, good.length - 30);
    const flipped = Buffer.from(good);
    flipped.fill(0xff, 45, 60);
    for (const [what, bytes] of Object.entries({
      text: Buffer.from('not a zip'),
      empty: Buffer.alloc(0),
      cut,
      flipped,
    }))
      refuses(/^x\.npz: .*(not a \.npz file|damaged|truncated|header)/, () => {
        const archive = openNpz(folderWith(t, { 'x.npz': bytes }), 'x.npz');
        assert.fail(`${what} gives ${archive.open('x').row(3)}`);
      });
    refuses(/It holds no array/, () =>
      openNpz(folderWith(t, { 'x.npz': zipSync({ a: strToU8('a') }) }), 'x.npz'),
    );
  });
  it('refuses an archive that would unpack to too much', (t) => {
    const bytes = Buffer.from(npz({ x: floats([2, 3]) }, 6));
    // The size that the directory declares.
    const directory = bytes.indexOf('PK\x01\x02', 0, 'latin1');
    bytes.writeUInt32LE(0x7fffffff, directory + 24);
    refuses(/unpack to more than the 536870912 bytes/, () =>
      openNpz(folderWith(t, { 'x.npz': bytes }), 'x.npz').open('x'),
    );
  });
  it('takes no more than what is declared, whatever is packed', (t) => {
    const bytes = Buffer.from(npz({ x: floats([1000, 3], () => 0) }, 6));
    const directory = bytes.indexOf('PK\x01\x02', 0, 'latin1');
    bytes.writeUInt32LE(200, directory + 24);
    refuses(/has 200 bytes where its header asks for 1/, () =>
      openNpz(folderWith(t, { 'x.npz': bytes }), 'x.npz').open('x'),
    );
  });
});
