import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import { writeRelease } from '../../src/release/release.ts';
import { call } from '../cli/terminal.ts';
import { folderWith } from '../project/folder.ts';
import { context, measurement, sampleReport } from '../report/sample.ts';

describe('a release', () => {
  it('is not made of a report that failed', async (t) => {
    const folder = join(folderWith(t, {}), 'out');
    const toolchain = { gcc: '', objcopy: '', ar: '', version: '', major: 12 };
    const report = sampleReport();
    assert.equal(report.verdict.status, 'fail');
    await assert.rejects(
      writeRelease({ report, folder, outputFolder: '', toolchain, licence: '' }),
      /nothing to release/,
    );
    assert.ok(!existsSync(folder));
  });
});

describe('a release that cannot be written', () => {
  it('says so in one sentence and leaves nothing', async (t) => {
    const parent = folderWith(t, {});
    const toolchain = { gcc: '', objcopy: '', ar: '', version: '', major: 12 };
    const report = judge([measurement()], noBaseline(''), [], context);
    // The measured firmware is not where it should be.
    const outputFolder = join(parent, 'nothing');
    await assert.rejects(
      writeRelease({ report, folder: join(parent, 'out'), outputFolder, toolchain, licence: '' }),
      (error) =>
        error instanceof DeployError &&
        error.kind === 'tool' &&
        error.what === 'The release could not be written (ENOENT).',
    );
    assert.deepEqual(readdirSync(parent), []);
  });
});

describe('tinyml-deploy release', () => {
  it('refuses, before any work, a folder that holds other files', async (t) => {
    const folder = folderWith(t, { 'a.tflite': 'not looked at', 'out/thesis.txt': '' });
    const { exitCode, stderr } = await call(folder, ['release', '--out', 'out']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^error: .*out: The folder holds "thesis\.txt", which is of no release/);
  });
  it('refuses a baseline that is no report, and a time that is none', async (t) => {
    const folder = folderWith(t, { 'a.tflite': 'not looked at', 'before.json': '{}' });
    const wrongBaseline = await call(folder, ['release', '--baseline', 'before.json']);
    assert.equal(wrongBaseline.exitCode, 2);
    assert.match(wrongBaseline.stderr, /before\.json: The file is not a report/);
    const wrongTime = await call(folder, ['release'], { environment: { SOURCE_DATE_EPOCH: 'now' } });
    assert.equal(wrongTime.exitCode, 2);
    assert.ok(!existsSync(join(folder, 'tinyml-release')));
  });
  it('explains itself', async () => {
    const { exitCode, stdout } = await call('.', ['release', '--help']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /Nothing is written when the verdict is negative\./);
  });
});
