import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { zip } from '../../src/release/library_zip.ts';

const entry = (path: string, text = path) => ({ path, bytes: Buffer.from(text) });

describe('the zip of a library', () => {
  it('holds the files below one folder, sorted', () => {
    const files = unzipSync(zip('kws-cortex-m4', [entry('kws.h'), entry('tinyml/add.h'), entry('kws.c')]));
    assert.deepEqual(
      Object.entries(files).map(([path, bytes]) => [path, strFromU8(bytes)]),
      [
        ['kws-cortex-m4/kws.c', 'kws.c'],
        ['kws-cortex-m4/kws.h', 'kws.h'],
        ['kws-cortex-m4/tinyml/add.h', 'tinyml/add.h'],
      ],
    );
  });
  it('has the same bytes in whichever order and time zone, and others when a byte of a file changes', (t) => {
    const before = process.env.TZ;
    t.after(() => {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    });
    const hash = (zone: string, entries: Parameters<typeof zip>[1]) => {
      process.env.TZ = zone;
      return Buffer.from(zip('kws', entries)).toString('base64');
    };
    const first = hash('Pacific/Kiritimati', [entry('a.c'), entry('b.c')]);
    assert.equal(hash('America/Los_Angeles', [entry('b.c'), entry('a.c')]), first);
    assert.notEqual(hash('America/Los_Angeles', [entry('b.c'), entry('a.c', 'a.d')]), first);
  });
});
