import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeRelease } from '../../src/release/release.ts';
import { call } from '../cli/terminal.ts';
import { folderWith } from '../project/folder.ts';
import { sampleReport } from '../report/sample.ts';

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
