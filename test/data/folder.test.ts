import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { dataFiles, sampleFiles } from '../../src/data/folder.ts';
import { folderWith } from '../project/folder.ts';
import { refuses } from './refused.ts';

function found(t: TestContext, paths: readonly string[], classes: readonly string[] | null = null) {
  return sampleFiles(folderWith(t, Object.fromEntries(paths.map((path) => [path, '']))), 'd', classes);
}

describe('sampleFiles', () => {
  it('takes loose files without labels, sorted, and nothing else', (t) => {
    const { kind, files, labels } = found(t, [
      'd/b.PNG',
      'd/a.jpg',
      'd/.hidden.png',
      'd/notes.txt',
      'e/c.png',
    ]);
    assert.deepEqual([kind, files, labels], ['images', ['d/a.jpg', 'd/b.PNG'], null]);
  });
  it('numbers classes by the alphabet', (t) => {
    const { files, labels } = found(t, ['d/dog/1.png', 'd/cat/2.png', 'd/dog/more/3.png']);
    assert.deepEqual(files, ['d/cat/2.png', 'd/dog/1.png', 'd/dog/more/3.png']);
    assert.deepEqual(labels, { of: [0, 1, 1], names: ['cat', 'dog'] });
  });
  it('takes numbers as numbers, and classes in the order of tinyml.yml', (t) => {
    assert.deepEqual(found(t, ['d/10/a.wav', 'd/2/b.wav']).labels?.of, [10, 2]);
    const { labels } = found(t, ['d/yes/a.wav', 'd/no/b.wav'], ['yes', 'no', 'other']);
    assert.deepEqual(labels, { of: [1, 0], names: ['yes', 'no', 'other'] });
  });
  it('says what is wrong with a folder', (t) => {
    refuses(/^d: The folder holds no image/, () => found(t, ['d/notes.txt']));
    refuses(/holds both d\/a\.png and d\/b\.wav/, () => found(t, ['d/a.png', 'd/b.wav']));
    refuses(/d\/a\.png is in no class's subfolder/, () => found(t, ['d/a.png', 'd/cat/b.png']));
    refuses(/d\/a\.png is in no class's subfolder/, () => found(t, ['d/a.png'], ['cat']));
    refuses(/The subfolder "cow" is none of the classes\. Classes: cat, dog/, () =>
      found(t, ['d/cow/a.png'], ['cat', 'dog']),
    );
    refuses(/nested too deep/, () => found(t, [`d/${'e/'.repeat(20)}a.png`]));
  });
  it('follows links inside of the project, and refuses those out of it', (t) => {
    const folder = folderWith(t, { 'kept/a.png': '' });
    mkdirSync(join(folder, 'd'));
    symlinkSync('../kept/a.png', join(folder, 'd', 'a.png'));
    assert.deepEqual(sampleFiles(folder, 'd', null).files, ['d/a.png']);
    symlinkSync('/etc/hostname', join(folder, 'd', 'b.png'));
    refuses(/^d\/b\.png: This link leads nowhere, or out of the project/, () =>
      sampleFiles(folder, 'd', null),
    );
    refuses(/^d\/b\.png: This link/, () => dataFiles(folder, 'd'));
  });
});
