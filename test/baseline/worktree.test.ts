import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { withWorktree } from '../../src/baseline/worktree.ts';
import { newRepository, shallowClone, temporaryFolder } from './repository.ts';

describe('withWorktree', () => {
  it('shows the files of a commit, leaves the checkout alone and cleans up', async () => {
    const repository = newRepository();
    const base = repository.commit('base', { 'model.tflite': 'old' });
    repository.commit('head', { 'model.tflite': 'new' });
    writeFileSync(join(repository.folder, 'model.tflite'), 'not committed');
    let seen = '';
    const result = await withWorktree(repository.folder, base, async (folder) => {
      seen = folder;
      return readFileSync(join(folder, 'model.tflite'), 'utf8');
    });
    assert.equal(result, 'old');
    assert.equal(existsSync(seen), false);
    assert.equal(repository.git('worktree', 'list').split('\n').length, 1);
    assert.equal(readFileSync(join(repository.folder, 'model.tflite'), 'utf8'), 'not committed');
  });

  it('cleans up after a failure too, and passes it on', async () => {
    const repository = newRepository();
    const base = repository.commit('base', { 'model.tflite': 'old' });
    let seen = '';
    await assert.rejects(
      withWorktree(repository.folder, base, async (folder) => {
        seen = folder;
        writeFileSync(join(folder, 'left-over'), '');
        throw new Error('broken model');
      }),
      /^Error: broken model$/,
    );
    assert.notEqual(seen, '');
    assert.equal(existsSync(seen), false);
    assert.equal(repository.git('worktree', 'list').split('\n').length, 1);
  });

  it('fetches the commit that a shallow clone lacks', async () => {
    const origin = newRepository();
    const base = origin.commit('base', { 'model.tflite': 'old' });
    origin.commit('head', { 'model.tflite': 'new' });
    const clone = shallowClone(origin, 'main');
    assert.throws(() => clone.git('cat-file', '-e', base), 'the clone must lack it for this to say anything');
    const text = await withWorktree(clone.folder, base, async (folder) =>
      readFileSync(join(folder, 'model.tflite'), 'utf8'),
    );
    assert.equal(text, 'old');
  });

  it('runs no hook of the repository', async () => {
    const repository = newRepository();
    const base = repository.commit('base', { 'model.tflite': 'old' });
    const trace = join(temporaryFolder(), 'hook-ran');
    const hook = join(repository.folder, '.git', 'hooks', 'post-checkout');
    writeFileSync(hook, `#!/bin/sh\ntouch ${trace}\n`);
    chmodSync(hook, 0o755);
    repository.git('checkout', '--quiet', '--detach');
    assert.ok(existsSync(trace), 'the hook must work for this to say anything');
    writeFileSync(hook, `#!/bin/sh\ntouch ${trace}-again\n`);
    await withWorktree(repository.folder, base, async () => {});
    assert.equal(existsSync(`${trace}-again`), false);
  });

  it('leaves a Git LFS pointer as it is', async () => {
    const repository = newRepository();
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n';
    const base = repository.commit('base', {
      '.gitattributes': '*.tflite filter=lfs -text\n',
      'model.tflite': pointer,
    });
    const text = await withWorktree(repository.folder, base, async (folder) =>
      readFileSync(join(folder, 'model.tflite'), 'utf8'),
    );
    assert.equal(text, pointer);
  });

  it('says why a commit cannot be had', async () => {
    const repository = newRepository();
    repository.commit('base', { a: '' });
    const missing = 'a'.repeat(40);
    const use = async (): Promise<void> => assert.fail('must not be called');
    await assert.rejects(
      withWorktree(repository.folder, missing, use),
      /The base commit a{12}… could not be checked out: it is not in this clone, and there is no remote `origin`/,
    );
    const clone = shallowClone(repository, 'main');
    await assert.rejects(
      withWorktree(clone.folder, missing, use),
      /could not be checked out: it is not in this clone and could not be fetched \(.*\)\. Give actions\/checkout/,
    );
  });

  it('takes no option of git for a commit', async () => {
    const repository = newRepository();
    repository.commit('base', { a: '' });
    const clone = shallowClone(repository, 'main');
    const trace = join(temporaryFolder(), 'ran');
    const use = async (): Promise<void> => assert.fail('must not be called');
    await assert.rejects(
      withWorktree(clone.folder, `--upload-pack=touch ${trace};git-upload-pack`, use),
      /it is not named by a whole commit hash/,
    );
    assert.equal(existsSync(trace), false);
  });
});
