import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { examineTools, missingTools } from '../../src/install/host_tools.ts';
import { parseReport, renderJson } from '../../src/report/json.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { folderWith } from '../project/folder.ts';

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'src', 'cli.ts');
const digits = join(root, 'examples', 'digits');

// What earlier runs on this machine have kept must not decide a test.
const cache = mkdtempSync(join(tmpdir(), 'tinyml-cache-'));
after(() => rmSync(cache, { recursive: true, force: true }));

/** The command line as a process of its own, with the real compiler and QEMU. */
function call(folder: string, parameters: readonly string[], environment: Record<string, string> = {}) {
  const env = { XDG_CACHE_HOME: cache, RUNNER_TOOL_CACHE: '', ...environment };
  return execa(process.execPath, [cli, ...parameters], { cwd: folder, reject: false, env });
}

const missing = missingTools(await examineTools());
const skip =
  missing.length > 0 ? `not on this machine: ${missing.map(({ name }) => name).join(', ')}` : false;

describe('tinyml-deploy run, with real tools', { skip }, () => {
  const config = (budget: string) =>
    `targets: [cortex-m4f]\nemulator: qemu\nbudgets: { flash: ${budget} }\nmodels: [{ file: m.tflite, test-data: { inputs: x.npy, labels: y.npy, samples: 5 } }]\n`;
  const project = (t: Parameters<typeof folderWith>[0], budget: string) => {
    const folder = folderWith(t, { 'tinyml.yml': config(budget) });
    copyFileSync(join(digits, 'models', 'digits_mlp.tflite'), join(folder, 'm.tflite'));
    copyFileSync(join(digits, 'test_data', 'digits_x.npy'), join(folder, 'x.npy'));
    copyFileSync(join(digits, 'test_data', 'digits_y.npy'), join(folder, 'y.npy'));
    return folder;
  };

  it('passes, writes every report, prints the same as JSON, and changes nothing on a second run', async (t) => {
    const folder = project(t, '64 KiB');
    const first = await call(folder, ['run', '--json']);
    assert.equal(first.exitCode, 0, first.stderr);
    assert.equal(first.stderr, '', 'no bar where there is no terminal');
    const report = parseReport(first.stdout, 'stdout');
    const written = (name: string) => readFileSync(join(folder, 'tinyml-out', name), 'utf8');
    assert.equal(written('report.json'), renderJson(report));
    assert.equal(written('report.md'), renderMarkdown(report));
    assert.match(written('report.html'), /^<!doctype html>/);

    const [measurement] = report.measurements;
    assert.ok(measurement?.verification?.bitExact === true);
    assert.equal(measurement.accuracy?.emulated?.samples, 5);
    assert.ok((measurement.instructions?.total ?? 0) > 0);
    const layers = measurement.layers.reduce((sum, { instructions }) => sum + (instructions ?? 0), 0);
    assert.ok(layers > 0 && layers <= (measurement.instructions?.total ?? 0));

    const copy = join(folder, 'before.json');
    copyFileSync(join(folder, 'tinyml-out', 'report.json'), copy);
    const second = await call(folder, ['run', '--baseline', 'before.json']);
    assert.equal(second.exitCode, 0);
    assert.match(second.stdout, /Sizes and instruction counts are unchanged\./);
    const reused = (text: string): number => parseReport(text, 'report.json').run.reused;
    assert.deepEqual([reused(first.stdout), reused(written('report.json'))], [0, 1]);
    const anew = await call(folder, ['run', '--no-cache', '--json']);
    assert.equal(reused(anew.stdout), 0);
    assert.ok(!second.stdout.includes('\u001b'));
  });
  it('ends with 1 when the verdict is negative, and points to the budget', async (t) => {
    const { exitCode, stdout } = await call(project(t, '1 KiB'), []);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^✖ Fail: 1 of 1 deployment/);
    assert.match(stdout, /over its budget of 1,024 B \(1 KiB\)\. Largest: [^\n]+\. tinyml\.yml:3/);
  });
  it('ends with 2 for a file that is no model, and writes no report', async (t) => {
    const folder = folderWith(t, { 'a.tflite': 'no model at all' });
    const { exitCode, stderr } = await call(folder, ['run', '-e', 'qemu']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^error: a\.tflite: [^\n]+$/);
    assert.ok(!existsSync(join(folder, 'tinyml-out', 'report.json')));
  });
  it('ends with 3 without a compiler, and says how to get one', async (t) => {
    const { exitCode, stderr } = await call(project(t, '64 KiB'), ['run'], { PATH: '/nonexistent' });
    assert.equal(exitCode, 3, stderr);
    assert.match(stderr, /(missing|not).*apt-get install/s);
  });
  it('stops at Ctrl-C and leaves no process behind', { timeout: 60_000 }, async (t) => {
    const folder = project(t, '64 KiB');
    const running = call(folder, ['run', '--no-cache']);
    while (!existsSync(join(folder, 'tinyml-out', 'm', 'cortex-m4f'))) await delay(20);
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 130, stderr);
    assert.match(stderr, /Stopped\./);
    assert.ok(!existsSync(join(folder, 'tinyml-out', 'report.json')));
    const { stdout } = await execa('ps', ['-eo', 'args']);
    assert.ok(!stdout.includes(folder), 'a process of the run is left');
  });
});
