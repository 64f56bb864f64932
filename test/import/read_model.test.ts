import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { readModel } from '../../src/import/read_model.ts';
import { folderWith } from '../project/folder.ts';

test('a model file is read whole', async (t) => {
  const folder = folderWith(t, { 'm.tflite': 'abc' });
  assert.equal(Buffer.from(await readModel(folder, 'm.tflite')).toString(), 'abc');
});

test('a file of 3 GB, which cannot be a model, is refused by its size', async (t) => {
  const folder = folderWith(t, { 'm.tflite': '' });
  truncateSync(join(folder, 'm.tflite'), 3e9);
  await assert.rejects(readModel(folder, 'm.tflite'), (error) => {
    assert.ok(error instanceof DeployError);
    assert.equal(error.kind, 'input');
    assert.match(error.message, /^m\.tflite: the file has 3000000000 bytes, more than the 268435456 that/);
    return true;
  });
});

test('a folder or a device is no model', async () => {
  for (const file of ['.', 'null'])
    await assert.rejects(readModel('/dev', file), /this is not a file\. Give the path of a file\.$/);
});

test('a file that went away is one sentence', async (t) => {
  await assert.rejects(
    readModel(folderWith(t, {}), 'm.tflite'),
    /^DeployError: m\.tflite: the file cannot be read \(ENOENT\)\. Check that it is there, and its permissions\.$/,
  );
});
