import assert from 'node:assert/strict';
import { existsSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { folderStore } from '../../src/cache/folder_store.ts';
import { largestEntry } from '../../src/cache/result_store.ts';
import { temporaryFolder } from '../baseline/repository.ts';

const key = (letter: string): string => letter.repeat(64);
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7);

/** A clock that goes on by a minute each time it is read. */
function clock(): () => Date {
  let minutes = 0;
  return () => new Date(Date.UTC(2026, 0, 1, 0, minutes++));
}

describe('folderStore', () => {
  it('gives back what was saved under exactly that key', async () => {
    const store = folderStore(join(temporaryFolder(), 'new', 'folder'), { limitBytes: 1000, now: clock() });
    assert.equal(await store.save(key('a'), bytes(3)), '');
    assert.deepEqual(new Uint8Array((await store.restore(key('a'))) ?? []), bytes(3));
    assert.equal(await store.restore(key('b')), null);
  });

  it('throws away what was not used for longest', async () => {
    const folder = temporaryFolder();
    const now = clock();
    const store = folderStore(folder, { limitBytes: 250, now });
    for (const letter of ['a', 'b']) {
      await store.save(key(letter), bytes(100));
      await store.restore(key(letter));
    }
    await store.restore(key('a'));
    // Saved by the machine's clock, which is later than the one above.
    await store.save(key('c'), bytes(100));
    assert.equal(await store.restore(key('b')), null, 'b was used before a');
    assert.notEqual(await store.restore(key('a')), null);
    assert.notEqual(await store.restore(key('c')), null);
    assert.equal(readdirSync(folder).length, 2);
  });

  it('takes no path for a key', async () => {
    const store = folderStore(temporaryFolder(), { limitBytes: 1000, now: clock() });
    for (const wrong of ['../evil', 'a', `${key('a')}/..`, key('A')])
      await assert.rejects(store.restore(wrong), /SHA-256/);
  });

  it('reads nothing of an entry that is too large', async () => {
    const folder = temporaryFolder();
    const store = folderStore(folder, { limitBytes: 1000, now: clock() });
    await store.save(key('a'), bytes(1));
    const [name = ''] = readdirSync(folder);
    truncateSync(join(folder, name), largestEntry + 1);
    assert.equal(await store.restore(key('a')), null);
  });

  it('says in one sentence that the disk is full, and leaves nothing half-written', async (t) => {
    // A device that answers every write with ENOSPC.
    if (!existsSync('/dev/full')) {
      t.skip('SKIPPED: there is no /dev/full here to play a full disk');
      return;
    }
    const folder = temporaryFolder();
    symlinkSync('/dev/full', join(folder, `${key('a')}.result.${process.pid}.tmp`));
    const store = folderStore(folder, { limitBytes: 1000, now: clock() });
    assert.equal(
      await store.save(key('a'), bytes(100_000)),
      `Results could not be kept for the next run: the disk is full at ${folder}.`,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it('says why where the folder cannot be made, and has nothing then', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const store = folderStore(join(file, 'below'), { limitBytes: 1000, now: clock() });
    assert.match(
      await store.save(key('a'), bytes(1)),
      /^Results could not be kept for the next run: ENOTDIR/,
    );
    assert.equal(await store.restore(key('a')), null);
  });
});
