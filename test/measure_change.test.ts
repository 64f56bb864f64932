import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../src/errors.ts';
import { measureChange } from '../src/measure_change.ts';
import { loadProject } from '../src/project/load.ts';
import { folderWith } from './project/folder.ts';

test('a change with a Keras model asks the converter that the shell brought', async (t) => {
  const folder = folderWith(t, { 'net.h5': 'model_config' });
  const asked: string[] = [];
  const measured = measureChange({
    project: loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] }),
    configFile: undefined,
    base: { kind: 'none', why: 'it is a test' },
    isBaseOnDefaultBranch: false,
    loadProject: () => assert.fail('there is no base'),
    supply: {
      identity: null,
      prepare: () => assert.fail('nothing is left to measure'),
      isAsIdentified: async () => true,
    },
    options: {
      outputFolder: join(folder, 'out'),
      parallel: 1,
      converter: {
        convert: async ({ file }) => {
          asked.push(file);
          throw new DeployError('tool', 'it was asked.', { file });
        },
      },
    },
    results: null,
    reports: null,
    keepsFiles: false,
    onProgress: () => {},
    say: () => {},
  });
  await assert.rejects(measured, /net\.h5: it was asked\./);
  assert.deepEqual(asked, ['net.h5']);
});
