import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { writeNpy } from '../../src/accuracy/write_npy.ts';
import { examineTools, missingTools } from '../../src/install/host_tools.ts';
import { parseReport, renderJson } from '../../src/report/json.ts';
import { folderWith } from '../project/folder.ts';

/** Another network in place of one: what the command line says of its answers, with the real compiler and QEMU. */

const root = join(import.meta.dirname, '..', '..');
const digits = join(root, 'examples', 'digits');
const cache = mkdtempSync(join(tmpdir(), 'tinyml-cache-'));
after(() => rmSync(cache, { recursive: true, force: true }));

const missing = missingTools(await examineTools());
const skip =
  missing.length > 0 ? `not on this machine: ${missing.map(({ name }) => name).join(', ')}` : false;

async function run(folder: string, ...parameters: string[]) {
  const env = { XDG_CACHE_HOME: cache, RUNNER_TOOL_CACHE: '', GITHUB_TOKEN: 'secret' };
  const cli = join(root, 'src', 'cli.ts');
  return await execa(process.execPath, [cli, 'run', ...parameters], { cwd: folder, reject: false, env });
}

function project(t: TestContext, accuracy: string, budgets: string): string {
  const model = `{ file: m.tflite, test-data: { inputs: x.npy, labels: y.npy, samples: 5 }, accuracy: ${accuracy}, budgets: ${budgets} }`;
  const folder = folderWith(t, {
    'tinyml.yml': `targets: [cortex-m4f]\nemulator: qemu\nmodels:\n  - ${model}\n`,
  });
  for (const name of ['x', 'y'])
    copyFileSync(join(digits, 'test_data', `digits_${name}.npy`), join(folder, `${name}.npy`));
  put(folder, 'digits_mlp');
  return folder;
}

const put = (folder: string, name: string) =>
  copyFileSync(join(digits, 'models', `${name}.tflite`), join(folder, 'm.tflite'));

describe('a change of the network', { skip }, () => {
  it('says how accurate it is now, and which answers changed', async (t) => {
    const folder = project(
      t,
      '{}',
      '{ changed-answers: { limit: 1, share: 50% }, accuracy: { change: -50% } }',
    );
    const before = await run(folder, '--json');
    assert.equal(before.exitCode, 0, before.stderr);
    writeFileSync(join(folder, 'before.json'), before.stdout);
    const old = parseReport(before.stdout, 'stdout').measurements[0];
    assert.deepEqual([old?.accuracy?.samples, old?.accuracy?.emulated?.samples], [200, 5]);

    put(folder, 'digits_cnn');
    const now = await run(folder, '--baseline', 'before.json');
    assert.equal(now.exitCode, 1, now.stderr);
    const read = (name: string) => readFileSync(join(folder, 'tinyml-out', name), 'utf8');
    const report = parseReport(read('report.json'), 'report.json');
    const [row] = report.rows;
    const changed = row?.changes.find(({ metric }) => metric === 'changed-answers')?.after ?? 0;
    assert.ok(changed > 1);
    assert.deepEqual(
      row?.budgets.map(({ metric, bound, status }) => `${metric} ${bound} ${status}`),
      ['accuracy change within', 'changed-answers limit exceeded', 'changed-answers share within'],
    );
    assert.match(
      report.verdict.reasons[0]?.message ?? '',
      new RegExp(
        `^The number of changed answers is ${changed}, ${changed - 1} over its budget of 1 sample\\. Most often: class \\d → class \\d \\(\\d+\\), `,
      ),
    );
    assert.match(
      now.stdout,
      new RegExp(
        `m: ${changed} of 200 answers changed: \\d+ right before and wrong now, \\d+ wrong before and right now\\. Samples \\d+ \\(\\d → \\d\\)`,
      ),
    );
    assert.match(
      read('report.md'),
      new RegExp(`- \\*\\*m\\*\\* on \`cortex-m4f\`: ${changed} of 200 answers changed`),
    );
    assert.equal(read('report.html').match(/<img src="data:image\/bmp;base64,/g)?.length, changed);
    assert.ok(!existsSync(join(folder, 'tinyml-out', 'm', 'scoring')), 'nothing is left');

    // The same answers to other samples, as far as anybody knows.
    renameSync(join(folder, 'y.npy'), join(folder, 'z.npy'));
    const config = readFileSync(join(folder, 'tinyml.yml'), 'utf8');
    writeFileSync(join(folder, 'tinyml.yml'), config.replace('y.npy', 'z.npy'));
    const other = await run(folder, '--baseline', 'before.json');
    assert.equal(other.exitCode, 0, other.stderr);
    assert.match(
      other.stdout,
      /Not checked, since the baseline was measured on other test data: changed answers 1/,
    );
  });

  it('tells labels that do not fit before it compiles', async (t) => {
    const folder = project(t, '{}', '{}');
    const labels = Array.from({ length: 200 }, (_, at) => [at === 17 ? 12 : 1]);
    writeNpy(join(folder, 'y.npy'), 'int32', [], labels);
    const { exitCode, stderr } = await run(folder);
    assert.equal(exitCode, 2);
    assert.match(
      stderr,
      /y\.npy: Label 17 is 12 where the model has the classes 0 to 9\. Check that labels and model belong together\./,
    );
    assert.ok(!existsSync(join(folder, 'tinyml-out', 'm', 'cortex-m4f', 'library')));
  });

  it('is scored by the user’s own program, without a token', async (t) => {
    const folder = project(t, `{ script: ['${process.execPath}', score.mjs] }`, '{ error: 0.5 }');
    writeFileSync(
      join(folder, 'score.mjs'),
      `import { readFileSync } from 'node:fs';
      if (process.env.GITHUB_TOKEN !== undefined) throw new Error('a token');
      const labels = readFileSync(process.argv.at(-1) + '/labels.npy');
      const samples = (labels.length - 128) / 4;
      console.log(JSON.stringify({ name: 'samples / 1000', value: samples / 1000, higher_is_better: false }));`,
    );
    const { exitCode, stdout, stderr } = await run(folder, '--json');
    assert.equal(exitCode, 0, stderr);
    const report = parseReport(stdout, 'stdout');
    assert.equal(renderJson(report), `${stdout}\n`, 'every field in its place');
    const { accuracy } = report.measurements[0] ?? {};
    assert.deepEqual(
      [accuracy?.name, accuracy?.value, accuracy?.better, accuracy?.emulated],
      ['samples / 1000', 0.2, 'less', null],
    );
    // What it answers is never taken from an earlier run.
    writeFileSync(
      join(folder, 'score.mjs'),
      `console.log('{"name": "n", "value": 1, "higher_is_better": false}');`,
    );
    const again = await run(folder);
    assert.equal(again.exitCode, 1);
    assert.match(again.stdout, /The error of 1 is 0\.5 \(100\.0%\) over its budget of 0\.5\./);
    writeFileSync(join(folder, 'score.mjs'), `throw new Error('no module named torch');`);
    const failed = await run(folder);
    assert.equal(failed.exitCode, 2);
    assert.match(
      failed.stderr,
      /^.*m\.tflite: The program that scores this model .* failed with exit code 1\. It ended with:\n[\s\S]*no module named torch/m,
    );
  });
});
