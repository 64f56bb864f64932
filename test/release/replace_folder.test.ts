import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { renderChecksums } from '../../src/release/checksums.ts';
import { describeFile } from '../../src/release/file.ts';
import { replaceFolder, requireReplaceable } from '../../src/release/replace_folder.ts';
import { folderWith } from '../project/folder.ts';

const earlier = {
  'out/a.elf': 'old',
  'out/NOTES.md': 'old',
  'out/SHA256SUMS': renderChecksums([describeFile('a.elf', 'old')]),
};

describe('which folder a release may replace', () => {
  it('is one that is new, empty, or an earlier release', async (t) => {
    await requireReplaceable(join(folderWith(t, {}), 'out'));
    await requireReplaceable(folderWith(t, {}));
    await requireReplaceable(join(folderWith(t, earlier), 'out'));
  });
  it('is not one that holds anything else', async (t) => {
    for (const [files, complaint] of [
      [{ 'out/thesis.txt': '' }, /holds "thesis\.txt"/],
      [{ ...earlier, 'out/thesis.txt': '' }, /holds "thesis\.txt"/],
      [{ ...earlier, 'out/.git/config': '' }, /holds "\.git"/],
      [{ 'out/SHA256SUMS': 'not what sha256sum writes' }, /something else than a release/],
      [{ out: 'a file' }, /a file, not a folder/],
    ] as const)
      await assert.rejects(requireReplaceable(join(folderWith(t, files), 'out')), complaint);
  });
});

describe('replacing a folder', () => {
  it('leaves nothing of the old one, and nothing beside it', async (t) => {
    const out = join(folderWith(t, earlier), 'out');
    const result = await replaceFolder(out, async (folder) => {
      writeFileSync(join(folder, 'b.elf'), 'new');
      assert.equal(readFileSync(join(out, 'a.elf'), 'utf8'), 'old', 'the old one stands until the end');
      return 'result';
    });
    assert.equal(result, 'result');
    assert.deepEqual(readdirSync(out), ['b.elf']);
    assert.deepEqual(readdirSync(dirname(out)), ['out']);
  });
  it('that fails half-way leaves all as it was', async (t) => {
    const out = join(folderWith(t, earlier), 'out');
    const failing = replaceFolder(out, async (folder) => {
      writeFileSync(join(folder, 'b.elf'), 'half');
      throw new Error('disk full');
    });
    await assert.rejects(failing, /disk full/);
    assert.deepEqual(readdirSync(out).sort(), ['NOTES.md', 'SHA256SUMS', 'a.elf']);
    assert.deepEqual(readdirSync(dirname(out)), ['out']);
  });
  it('that fails at the swap brings the old one back', async (t) => {
    const out = join(folderWith(t, earlier), 'out');
    // Nothing is left to take the place.
    const failing = replaceFolder(out, async (folder) => {
      rmSync(folder, { recursive: true });
    });
    await assert.rejects(failing, /ENOENT/);
    assert.equal(readFileSync(join(out, 'a.elf'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(dirname(out)), ['out']);
  });
});
