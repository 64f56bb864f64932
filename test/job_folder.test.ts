import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DeployError } from '../src/errors.ts';
import { freshJobFolder } from '../src/job_folder.ts';
import { folderWith } from './project/folder.ts';

describe('the folder of a job', () => {
  it('is made where it is missing', async (t) => {
    const out = folderWith(t, {});
    assert.deepEqual(readdirSync(await freshJobFolder(out, 'kws', 'cortex-m4')), []);
  });
  it('loses what an earlier run made, and nothing of the user’s', async (t) => {
    const out = folderWith(t, {
      'kws/notes.txt': 'mine',
      'kws/cortex-m4/notes.txt': 'mine',
      'kws/cortex-m4/src/main.c': 'mine',
      'kws/cortex-m4/library/tinyml/stale.h': '',
      'kws/cortex-m4/firmware.elf': '',
      'kws/cortex-m4/firmware-qemu.ld': '',
      'kws/cortex-m4/trace/qemu/uart.txt': '',
    });
    assert.deepEqual(readdirSync(await freshJobFolder(out, 'kws', 'cortex-m4')).sort(), ['notes.txt', 'src']);
    assert.deepEqual(readdirSync(join(out, 'kws')).sort(), ['cortex-m4', 'notes.txt']);
  });
  it('is refused in one sentence where a file is in the way, and the file stays', async (t) => {
    const out = folderWith(t, { kws: 'mine' });
    await assert.rejects(freshJobFolder(out, 'kws', 'cortex-m4'), (error) => {
      assert.ok(error instanceof DeployError);
      assert.equal(error.kind, 'input');
      assert.match(error.message, /kws\/cortex-m4: Nothing can be written here \(ENOTDIR\)\. Give another/);
      return true;
    });
    mkdirSync(join(out, 'other'));
    writeFileSync(join(out, 'other', 'cortex-m4'), 'mine');
    await assert.rejects(freshJobFolder(out, 'other', 'cortex-m4'), /\(EEXIST\)/);
    assert.deepEqual(readdirSync(join(out, 'other')), ['cortex-m4']);
  });
});
