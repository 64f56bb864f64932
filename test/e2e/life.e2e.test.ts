import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { unzipSync } from 'fflate';
import { marker } from '../../src/github/comment.ts';
import { parseReport } from '../../src/report/json.ts';
import type { Report } from '../../src/report/report.ts';
import { newRepository, type Repository } from '../baseline/repository.ts';
import { type FakeGitHub, secondaryLimitFault, startFakeGitHub } from '../github/fake_github.ts';
import { crossCompiler } from '../tools.ts';
import { findAct, runAct, type WorkflowRun } from './act.ts';
import { type ArtifactProxy, freePort, startArtifactProxy } from './artifact_server.ts';
import { packedRepository } from './packed_repository.ts';

// What a pull request lives through, by the packed action in a workflow that act runs, on a fake GHES.

const models = join(import.meta.dirname, '..', '..', 'examples', 'digits', 'models');
const work = mkdtempSync(join(tmpdir(), 'tinyml-life-'));
const action = join(work, 'action');
const artifacts = join(work, 'artifacts');

const workflow = `on: [pull_request, push]
permissions: { contents: read, pull-requests: write }
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: tinyml/deploy-action@v1
        with: { emulator: qemu, install: false }
`;

let github: FakeGitHub;
let proxy: ArtifactProxy;
let actPort = 0;

before(async () => {
  github = await startFakeGitHub({ basePath: '/api/v3' });
  actPort = await freePort();
  proxy = await startArtifactProxy(actPort);
  await packedRepository(action);
});

after(async () => {
  await github.close();
  await proxy.close();
  rmSync(work, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string | Buffer>>;

const mlp = readFileSync(join(models, 'digits_mlp.tflite'));
const cnn = readFileSync(join(models, 'digits_cnn.tflite'));

/** A branch of a repository, and the pull request for it. */
class Branch {
  readonly repository: Repository = newRepository();
  readonly base: string;
  readonly #headRepository: string;

  constructor(files: Files, headRepository = 'o/r') {
    this.#headRepository = headRepository;
    for (const folder of ['models', '.github', join('.github', 'workflows')])
      mkdirSync(join(this.repository.folder, folder));
    this.base = this.repository.commit('base', { '.github/workflows/ml.yml': workflow, ...files });
    this.repository.git('branch', 'feature');
  }

  /** Checks out what GitHub makes of the new head: its merge with the base. */
  push(files: Files): void {
    const { repository } = this;
    repository.git('checkout', '--quiet', 'feature');
    const head = repository.commit('change', files);
    repository.git('checkout', '--quiet', '--detach', this.base);
    repository.git('merge', '--quiet', '--no-ff', '-m', 'merge', head);
    const repo = { full_name: this.#headRepository };
    this.#write({
      pull_request: {
        number: 7,
        head: { sha: head, ref: 'feature', repo },
        base: { sha: this.base, ref: 'main', repo: { full_name: 'o/r' } },
      },
    });
  }

  /** The same head as a push to the default branch. */
  asPush(): void {
    this.#write({ before: this.base, after: this.repository.head(), ref: 'refs/heads/main' });
  }

  #write(event: object): void {
    const repository = { name: 'r', full_name: 'o/r', owner: { login: 'o' }, default_branch: 'main' };
    writeFileSync(join(work, 'event.json'), JSON.stringify({ ...event, repository }));
  }
}

async function run(t: TestContext, branch: Branch, event = 'pull_request'): Promise<WorkflowRun | null> {
  if ((await crossCompiler(t)) === null) return null;
  const act = await findAct();
  if (act.program === null) {
    t.skip(`not run: ${act.why}`);
    return null;
  }
  rmSync(artifacts, { recursive: true, force: true });
  github.requests.length = 0;
  return await runAct({
    program: act.program,
    repository: branch.repository.folder,
    action,
    event,
    eventFile: join(work, 'event.json'),
    environment: { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'o/r' },
    artifacts: { folder: artifacts, port: actPort, url: proxy.url },
    cacheFolder: work,
  });
}

function reportOf(): Report {
  const path = readdirSync(artifacts, { recursive: true, encoding: 'utf8' }).find((each) =>
    each.endsWith('tinyml-deploy.zip'),
  );
  assert.ok(path !== undefined);
  const { 'report.json': json } = unzipSync(readFileSync(join(artifacts, path)));
  assert.ok(json !== undefined);
  return parseReport(Buffer.from(json).toString('utf8'), 'report.json');
}

const flash = (report: Report) => ({
  now: report.measurements[0]?.flash.total ?? Number.NaN,
  before: report.baselineMeasurements[0]?.flash.total ?? Number.NaN,
});
const ours = () => github.comments.filter(({ body }) => body.startsWith(marker('tinyml.yml')));
const writes = () => github.requests.filter((line) => /^(POST|PATCH|DELETE) \/repos/.test(line));
const figures = (number: number) => number.toLocaleString('en-US');

describe('a pull request', { timeout: 600_000 }, () => {
  const config = 'targets: [cortex-m4]\nmodels:\n  - file: models/digits.tflite\n';

  it('is told once that nothing changed, then what did, among 120 comments, and again when the comment is gone', async (t) => {
    github.reset();
    for (let id = 0; id < 120; id += 1) github.comments.push({ id, body: 'talk', login: 'someone' });
    const branch = new Branch({ 'tinyml.yml': config, 'models/digits.tflite': cnn });

    branch.push({ 'README.md': 'Nothing that matters.\n' });
    const first = await run(t, branch);
    if (first === null) return;
    assert.ok(first.succeeded, first.log);
    assert.deepEqual(writes(), ['POST /repos/o/r/issues/7/comments']);
    const [comment] = ours();
    assert.ok(comment !== undefined && github.comments.length === 121);
    assert.equal(flash(reportOf()).now, flash(reportOf()).before);
    const [visible = ''] = comment.body.replaceAll(/<!--[\s\S]*?-->\n?/g, '').split(/<details>/);
    assert.equal(visible.trim().split('\n').length, 1, `one line: ${visible}`);

    for (let id = 200; id < 210; id += 1) github.comments.push({ id, body: 'more talk', login: 'someone' });
    branch.push({ 'models/digits.tflite': mlp });
    const smaller = await run(t, branch);
    assert.ok(smaller?.succeeded, smaller?.log);
    const { now, before } = flash(reportOf());
    assert.ok(now < before);
    assert.deepEqual(writes(), [`PATCH /repos/o/r/issues/comments/${comment.id}`]);
    assert.ok(
      comment.body.includes(figures(now)) && comment.body.includes(figures(before - now)),
      comment.body,
    );

    const again = await run(t, branch);
    assert.ok(again?.succeeded, again?.log);
    assert.deepEqual(writes(), [], 'the same figures leave the comment alone');

    github.comments.splice(github.comments.indexOf(comment), 1);
    github.faults.push(
      { on: /^GET .*\/comments$/, status: 502 },
      secondaryLimitFault(/^POST .*\/comments$/, 1),
    );
    const gone = await run(t, branch);
    assert.ok(gone?.succeeded, gone?.log);
    assert.equal(ours().length, 1, 'made again, past a 502 and a limit');
    assert.deepEqual(gone.warnings, []);
  });

  it('that makes one of two models bigger, and breaks its budget, fails for that one alone', async (t) => {
    github.reset();
    const both = `targets: [cortex-m4]
models:
  - file: models/one.tflite
    budgets:
      flash: 64 KiB
  - file: models/two.tflite
    budgets:
      flash: { percent: +2% }
`;
    const branch = new Branch({ 'tinyml.yml': both, 'models/one.tflite': mlp, 'models/two.tflite': mlp });
    branch.push({ 'models/two.tflite': cnn });
    const result = await run(t, branch);
    if (result === null) return;
    assert.equal(result.exitCode, 1, result.log);
    assert.equal(result.outputs.failed, '1');
    assert.deepEqual(
      reportOf().rows.map(({ model, status }) => [model, status]),
      [
        ['one', 'pass'],
        ['two', 'fail'],
      ],
    );
    assert.deepEqual(
      result.errors.map(({ title, file, line }) => [title, file, line]),
      [['two on cortex-m4', 'tinyml.yml', '8']],
    );
    assert.match(result.errors[0]?.message ?? '', /over its budget of .*, the baseline \+2%\. Grew most: /);
    const [comment] = ours();
    assert.ok(comment?.body.includes('one') && comment.body.includes('two'), comment?.body);
  });

  it('from a fork is measured without a write, and told so where its author cannot mend it', async (t) => {
    github.reset();
    const reads = { contents: 'read', 'pull-requests': 'read', issues: 'read', actions: 'read' } as const;
    github.tokens.set('a-token', reads);
    const branch = new Branch({ 'tinyml.yml': config, 'models/digits.tflite': mlp }, 'someone/r');
    branch.push({ 'models/digits.tflite': cnn });
    const result = await run(t, branch);
    if (result === null) return;
    assert.ok(result.succeeded, result.log);
    assert.equal(result.outputs['comment-url'], '');
    assert.deepEqual([github.comments, result.errors, result.warnings], [[], [], []]);
    assert.match(result.log, /comes from a fork, whose token can only read/);
    assert.match(result.summary, /Pass: 1 model on 1 target/);
    assert.ok(result.summary.includes(figures(flash(reportOf()).now)));
  });
});

describe('a push to the default branch', { timeout: 600_000 }, () => {
  it('is compared with the head before it, in the step summary alone', async (t) => {
    github.reset();
    const config = 'targets: [cortex-m4]\nmodels:\n  - file: models/digits.tflite\n';
    const branch = new Branch({ 'tinyml.yml': config, 'models/digits.tflite': mlp });
    branch.push({ 'models/digits.tflite': cnn });
    branch.asPush();
    const result = await run(t, branch, 'push');
    if (result === null) return;
    assert.ok(result.succeeded, result.log);
    assert.deepEqual([writes(), github.comments], [[], []]);
    const report = reportOf();
    assert.equal(report.baseline.commit, branch.base);
    assert.ok(flash(report).now > flash(report).before);
    assert.ok(result.summary.includes(figures(flash(report).now)));
  });
});
