import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { marker } from '../../src/github/comment.ts';
import { parseReport } from '../../src/report/json.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import type { Report } from '../../src/report/report.ts';
import { newRepository, type Repository } from '../baseline/repository.ts';
import { type FakeGitHub, startFakeGitHub } from '../github/fake_github.ts';
import { crossCompiler } from '../tools.ts';
import { findAct, runAct, type WorkflowRun } from './act.ts';
import { type ArtifactProxy, artifactEntries, freePort, startArtifactProxy } from './artifact_server.ts';
import { packDist } from './packed_dist.ts';
import { runDirectly } from './runner.ts';

// The packed action as a workflow runs it, in a repository with two commits that change a model, against a local
// fake of GitHub's REST API.

const root = join(import.meta.dirname, '../..');
const models = join(root, 'examples', 'digits', 'models');
const work = mkdtempSync(join(tmpdir(), 'tinyml-e2e-'));
const collected = join(work, 'collected');

const workflow = `
on: pull_request
permissions:
  contents: read
  pull-requests: write
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: tinyml/deploy-action@v1
        id: deploy
        with:
          emulator: qemu
          install: false
      - if: always() && steps.deploy.outputs.report-json != ''
        run: cp "\${{ steps.deploy.outputs.report-json }}" "$COLLECTED/report.json"
`;

let github: FakeGitHub;
let proxy: ArtifactProxy | null = null;
let act: Awaited<ReturnType<typeof findAct>>;
let actPort = 0;
let action = '';

before(async () => {
  github = await startFakeGitHub();
  act = await findAct();
  if (act.program === null) {
    console.error(
      `NOTE: ${act.why}: the packed action is driven directly, without a workflow and its artifact.`,
    );
  } else {
    actPort = await freePort();
    proxy = await startArtifactProxy(actPort);
  }
  mkdirSync(collected);
  // What `uses:` checks out and needs: nothing of node_modules, nothing that has to be built.
  action = join(work, 'action');
  for (const part of ['action.yml', 'runtime', 'package.json'])
    cpSync(join(root, part), join(action, part), { recursive: true });
  await packDist(join(action, 'dist'));
});

after(async () => {
  await github.close();
  await proxy?.close();
  rmSync(work, { recursive: true, force: true });
});

/** A pull request that exchanges the model, merged as GitHub does it for `refs/pull/7/merge`. */
class PullRequest {
  readonly repository: Repository = newRepository();
  readonly #base: string;

  constructor(config: string) {
    mkdirSync(join(this.repository.folder, '.github', 'workflows'), { recursive: true });
    mkdirSync(join(this.repository.folder, 'models'));
    this.#putModel('digits_mlp.tflite');
    this.#base = this.repository.commit('base', {
      '.github/workflows/ml.yml': workflow,
      'tinyml.yml': config,
    });
    this.repository.git('branch', 'feature');
  }

  push(change: { readonly model?: string; readonly files?: Readonly<Record<string, string>> }): void {
    this.repository.git('checkout', '--quiet', 'feature');
    if (change.model !== undefined) this.#putModel(change.model);
    this.repository.commit('change', change.files ?? {});
    const head = this.repository.head();
    this.repository.git('checkout', '--quiet', '--detach', this.#base);
    this.repository.git('merge', '--quiet', '--no-ff', '-m', 'merge', head);
    const pull = { number: 7, head: { sha: head, ref: 'feature' }, base: { sha: this.#base, ref: 'main' } };
    const event = { pull_request: pull, repository: { name: 'r', full_name: 'o/r', owner: { login: 'o' } } };
    writeFileSync(join(work, 'event.json'), JSON.stringify(event));
  }

  #putModel(name: string): void {
    copyFileSync(join(models, name), join(this.repository.folder, 'models', 'digits.tflite'));
  }

  get base(): string {
    return this.#base;
  }
}

async function runWorkflow(pull: PullRequest): Promise<WorkflowRun> {
  rmSync(join(collected, 'report.json'), { force: true });
  const request = {
    repository: pull.repository.folder,
    action,
    eventFile: join(work, 'event.json'),
    environment: { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'o/r', COLLECTED: collected },
    cacheFolder: work,
  };
  if (act.program === null || proxy === null) {
    const run = await runDirectly(request, {
      emulator: 'qemu',
      install: 'false',
      artifact: '',
      'github-token': 'a-token',
    });
    const report = run.outputs['report-json'] ?? '';
    if (report !== '') copyFileSync(report, join(collected, 'report.json'));
    return run;
  }
  const artifacts = { folder: join(work, 'artifacts'), port: actPort, url: proxy.url };
  return await runAct({ ...request, program: act.program, artifacts });
}

const reportOf = (): Report =>
  parseReport(readFileSync(join(collected, 'report.json'), 'utf8'), 'report.json');
const config = (more = ''): string =>
  `targets: [cortex-m4]\nmodels:\n  - file: models/digits.tflite\n${more}`;

describe('the packed action on a pull request', { timeout: 600_000 }, () => {
  it('comments what changed against the base commit, and updates the comment in place', async (test) => {
    if ((await crossCompiler(test)) === null) return;
    const pull = new PullRequest(config());
    pull.push({ model: 'digits_cnn.tflite' });
    const first = await runWorkflow(pull);
    assert.ok(first.succeeded, first.log);

    const report = reportOf();
    assert.equal(report.verdict.status, 'pass');
    assert.deepEqual([report.baseline.source, report.baseline.commit], ['rebuilt', pull.base]);
    const [now] = report.measurements;
    const [before_] = report.baselineMeasurements;
    assert.ok(now !== undefined && before_ !== undefined);
    assert.notEqual(
      now.flash.total,
      before_.flash.total,
      'the two models must differ for this to say anything',
    );

    assert.equal(github.comments.length, 1);
    const [comment] = github.comments;
    assert.ok(comment !== undefined);
    assert.ok(comment.body.startsWith(`${marker('tinyml.yml')}\n`));
    const delta = now.flash.total - before_.flash.total;
    const instructions = now.instructions?.total ?? Number.NaN;
    for (const number of [now.flash.total, now.ram.total, instructions, delta])
      assert.ok(comment.body.includes(number.toLocaleString('en-US')), `${number} in ${comment.body}`);
    const runUrl = /\((https:[^)]*actions\/runs\/[^)]*)\)/.exec(comment.body)?.[1] ?? null;
    const [, state, ...text] = comment.body.split('\n');
    assert.match(state ?? '', /^<!-- tinyml-deploy-state: [0-9a-f]+ -->$/);
    assert.equal(text.join('\n'), renderMarkdown(report, { reportUrl: runUrl }));
    assert.equal(first.summary.trim(), renderMarkdown(report, { reportUrl: runUrl }).trim());
    if (act.program !== null) assert.match(runUrl ?? '', /\/actions\/runs\/[^/]*\/artifacts\/\d+$/);

    assert.deepEqual(
      { ...first.outputs, 'report-json': '', 'report-html': '' },
      {
        verdict: 'pass',
        failed: '0',
        'report-json': '',
        'report-html': '',
        'comment-url': 'https://github.com/o/r/pull/7#issuecomment-1000',
        flash: String(now.flash.total),
        ram: String(now.ram.total),
        instructions: String(instructions),
        accuracy: '',
      },
    );
    assert.deepEqual(first.errors, []);
    assert.deepEqual(first.warnings, []);

    if (act.program !== null) {
      const entries = artifactEntries(join(work, 'artifacts'), 'tinyml-deploy');
      for (const wanted of [
        'report.json',
        'report.html',
        'digits/cortex-m4/firmware.elf',
        'digits/cortex-m4/library/digits.c',
      ])
        assert.ok(entries.includes(wanted), `${wanted} in ${entries.join(', ')}`);
      assert.deepEqual(
        entries.filter((entry) => entry.endsWith('.o')),
        [],
      );
    }

    pull.push({ model: 'digits_mlp.tflite' });
    const second = await runWorkflow(pull);
    assert.ok(second.succeeded, second.log);
    assert.equal(github.comments.length, 1, 'in place');
    assert.equal(reportOf().measurements[0]?.flash.total, before_.flash.total);
    assert.ok(comment.body.includes(before_.flash.total.toLocaleString('en-US')), comment.body);
    assert.ok(github.requests.includes('PATCH /repos/o/r/issues/comments/1000'));
  });

  it('fails on a broken budget, with an annotation at its line', async (test) => {
    if ((await crossCompiler(test)) === null) return;
    const broken = config('    budgets:\n      instructions: 1 k\n');
    const pull = new PullRequest(config());
    pull.push({ files: { 'tinyml.yml': broken } });
    const run = await runWorkflow(pull);
    assert.equal(run.succeeded, false);
    assert.equal(run.exitCode, 1, run.log);
    assert.equal(run.outputs.verdict, 'fail');
    assert.equal(run.outputs.failed, '1');
    assert.equal(run.errors.length, 1, JSON.stringify(run.errors));
    const [error] = run.errors;
    assert.equal(error?.file, 'tinyml.yml');
    assert.equal(error?.line, '5');
    assert.equal(error?.message, reportOf().verdict.reasons[0]?.message);

    const [id, issue, label] = [900, 7, 'accept-regression'];
    github.events.push({
      ...{ id, issue, event: 'labeled', actor: 'ada', label },
      created_at: '2026-11-24T08:00:00Z',
    });
    const accepted = await runWorkflow(pull);
    assert.ok(accepted.succeeded, accepted.log);
    assert.equal(accepted.outputs.verdict, 'pass');
    assert.deepEqual(
      reportOf().accepted.map(({ metric, by }) => [metric, by]),
      [['instructions', 'ada']],
    );
    const comment = github.comments.find(({ body }) => body.startsWith(marker('tinyml.yml')));
    assert.match(comment?.body ?? '', /over its budget&#58; accepted by @\u200bada on 2026-11-24/);
    assert.match(accepted.summary, /accepted by @\u200bada on 2026-11-24/);

    github.requests.length = 0;
    assert.ok((await runWorkflow(pull)).succeeded, 'again, by what the comment remembers');
    assert.deepEqual(
      github.requests.filter((line) => /^(POST|PATCH) .*comments/.test(line)),
      [],
      'the same figures leave the comment alone, though the run and its artifact are others',
    );
  });

  it('says what is wrong with the input, at its place', async (test) => {
    if ((await crossCompiler(test)) === null) return;
    const pull = new PullRequest(config());
    pull.push({ files: { 'tinyml.yml': `${config()}bugdets: {}\n` } });
    let run = await runWorkflow(pull);
    // On a busy machine act may lose the last lines of a step that ends at once; the exit code it keeps.
    for (let again = 0; again < 2 && run.errors.length === 0; again += 1) run = await runWorkflow(pull);
    assert.equal(run.exitCode, 2, run.log);
    assert.equal(run.errors.length, 1, JSON.stringify(run.errors));
    assert.equal(run.errors[0]?.file, 'tinyml.yml');
    assert.equal(run.errors[0]?.line, '4');
    assert.match(run.errors[0]?.message ?? '', /bugdets/);
  });

  it('passes without the permission to comment, with one warning', async (test) => {
    if ((await crossCompiler(test)) === null) return;
    github.refuseWritesWith = 403;
    try {
      const pull = new PullRequest(config());
      pull.push({ model: 'digits_cnn.tflite' });
      const run = await runWorkflow(pull);
      assert.ok(run.succeeded, run.log);
      assert.equal(run.warnings.length, 1, JSON.stringify(run.warnings));
      assert.match(run.warnings[0] ?? '', /comment was not written: .*`pull-requests: write`/);
      assert.match(run.summary, /Pass: 1 model on 1 target/);
      assert.equal(run.outputs['comment-url'], '');
    } finally {
      github.refuseWritesWith = null;
    }
  });
});
