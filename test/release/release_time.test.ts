import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { isChanged } from '../../src/baseline/working_tree.ts';
import { releaseTime } from '../../src/release/release_time.ts';
import { folderWith } from '../project/folder.ts';

describe('the time of a release', () => {
  it('is that of the commit', async (t) => {
    const folder = folderWith(t, { file: '' });
    const git = (...parameters: string[]) =>
      execa('git', ['-c', 'user.name=n', '-c', 'user.email=n@example.com', ...parameters], {
        cwd: folder,
        env: { GIT_COMMITTER_DATE: '2026-03-04T05:06:07+02:00' },
      });
    await git('init', '--quiet');
    await git('add', 'file');
    await git('commit', '--quiet', '--no-gpg-sign', '--message', 'first');
    assert.equal((await releaseTime(folder, undefined)).toISOString(), '2026-03-04T03:06:07.000Z');
    assert.equal((await releaseTime(folder, '1700000000')).toISOString(), '2023-11-14T22:13:20.000Z');

    writeFileSync(join(folder, 'not tracked'), '');
    assert.equal(await isChanged(folder), false);
    writeFileSync(join(folder, 'file'), 'changed');
    assert.equal(await isChanged(folder), true);
  });
  it('is 1970 outside of a repository, rather than now', async (t) => {
    const folder = folderWith(t, {});
    assert.equal((await releaseTime(folder, '')).getTime(), 0);
    assert.equal(await isChanged(folder), false);
  });
  it('is no guess where SOURCE_DATE_EPOCH is no number of seconds', async (t) => {
    const folder = folderWith(t, {});
    for (const wrong of ['yesterday', '-1', '1.5', '999999999999', '1\n2'])
      await assert.rejects(releaseTime(folder, wrong), /SOURCE_DATE_EPOCH is "[^\n]+", which is no number/);
  });
});
