import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, before as prepare, type TestContext } from 'node:test';
import { unzipSync } from 'fflate';
import { parseReport } from '../../src/report/json.ts';
import type { Report } from '../../src/report/report.ts';
import { newRepository, type Repository } from '../baseline/repository.ts';
import { type FakeGitHub, startFakeGitHub } from '../github/fake_github.ts';
import { crossCompiler } from '../tools.ts';
import { findAct, runAct, type WorkflowRun } from './act.ts';
import { type ArtifactProxy, artifactEntries, freePort, startArtifactProxy } from './artifact_server.ts';
import { packedRepository } from './packed_repository.ts';

// Workflows as a repository has them, with the packed action: the reusable one, the pair for forks, a merge group, a tag.

const root = join(import.meta.dirname, '../..');
const models = join(root, 'examples', 'digits', 'models');
const work = mkdtempSync(join(tmpdir(), 'tinyml-matrix-'));

const head =
  'on: pull_request\njobs:\n  tinyml:\n    permissions: { actions: read, contents: read, pull-requests: write }\n';
const caller = `${head}
    uses: tinyml/deploy-action/.github/workflows/deploy.yml@v1
    with:
      groups: '2'
      emulator: qemu
      install: false
`;
const oneJob = `${head}
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: tinyml/deploy-action/.github/actions/deploy@v1
        with:
          emulator: qemu
          install: false
`;
const config = (...names: readonly string[]): string =>
  `targets: [cortex-m0plus, cortex-m4]\nmodels:\n${names.map((name) => `  - file: models/${name}.tflite\n`).join('')}`;

let github: FakeGitHub;
let proxy: ArtifactProxy;
let actPort = 0;
const artifacts = join(work, 'artifacts');
const action = join(work, 'action');

prepare(async () => {
  github = await startFakeGitHub();
  actPort = await freePort();
  proxy = await startArtifactProxy(actPort);
  await packedRepository(action);
});

after(async () => {
  await github.close();
  await proxy.close();
  rmSync(work, { recursive: true, force: true });
});

const digits = (name: string): Buffer => readFileSync(join(models, `digits_${name}.tflite`));

/** A pull request from one set of files to another, merged as GitHub does it. */
function pullRequest(before: Readonly<Record<string, string | Buffer>>, now: typeof before): Repository {
  const repository = newRepository();
  for (const folder of ['models', '.github', join('.github', 'workflows')])
    mkdirSync(join(repository.folder, folder));
  const base = repository.commit('base', before);
  repository.git('checkout', '--quiet', '-b', 'feature');
  for (const name of Object.keys(before)) if (!(name in now)) rmSync(join(repository.folder, name));
  const head = repository.commit('change', now);
  repository.git('checkout', '--quiet', '--detach', base);
  repository.git('merge', '--quiet', '--no-ff', '-m', 'merge', head);
  const pull = { number: 7, head: { sha: head, ref: 'feature' }, base: { sha: base, ref: 'main' } };
  const event = { pull_request: pull, repository: { name: 'r', full_name: 'o/r', owner: { login: 'o' } } };
  writeFileSync(join(work, 'event.json'), JSON.stringify(event));
  return repository;
}

/** Runs the workflow; null, and the test skipped, where something for it is not on this machine. */
async function runWorkflow(
  test: TestContext,
  repository: Repository,
  event = 'pull_request',
): Promise<WorkflowRun | null> {
  if ((await crossCompiler(test)) === null) return null;
  const act = await findAct();
  if (act.program === null) {
    test.skip(`not run: ${act.why}`);
    return null;
  }
  rmSync(artifacts, { recursive: true, force: true });
  return await runAct({
    program: act.program,
    repository: repository.folder,
    action,
    event,
    eventFile: join(work, 'event.json'),
    environment: { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: 'o/r' },
    artifacts: { folder: artifacts, port: actPort, url: proxy.url },
    cacheFolder: work,
  });
}

/** An artifact of the latest run. */
function artifactZip(name: string): Buffer {
  const files = readdirSync(artifacts, { recursive: true, encoding: 'utf8' });
  const path = files.find((each) => each.endsWith(`${name}.zip`));
  assert.ok(path !== undefined, `${name} in ${files.join(', ')}`);
  return readFileSync(join(artifacts, path));
}

/** The report of the latest run, from its artifact. */
function reportOf(): Report {
  const { 'report.json': json } = unzipSync(artifactZip('tinyml-deploy'));
  assert.ok(json !== undefined);
  return parseReport(Buffer.from(json).toString('utf8'), 'report.json');
}

describe('the reusable workflow', { timeout: 600_000 }, () => {
  const workflow = '.github/workflows/ml.yml';
  const before = {
    [workflow]: caller,
    'tinyml.yml': config('cnn', 'gone'),
    'models/cnn.tflite': digits('cnn'),
    'models/gone.tflite': digits('cnn'),
  };
  const now = {
    [workflow]: caller,
    'tinyml.yml': config('cnn', 'mlp'),
    'models/cnn.tflite': digits('mlp'),
    'models/mlp.tflite': digits('mlp'),
  };

  it('makes, from groups of jobs, the report that one job makes', async (test) => {
    const run = await runWorkflow(test, pullRequest(before, now));
    if (run === null) return;
    assert.ok(run.succeeded, run.log);
    const report = reportOf();
    assert.deepEqual(
      report.measurements.map(({ model, target }) => `${model.name}@${target}`),
      ['cnn@cortex-m0plus', 'cnn@cortex-m4', 'mlp@cortex-m0plus', 'mlp@cortex-m4'],
    );
    assert.equal(report.baselineMeasurements.length, 4, 'with those that are gone');
    assert.equal(report.verdict.status, 'pass');
    assert.equal(github.comments.length, 1);
    const comment = github.comments[0]?.body;
    const entries = artifactEntries(artifacts, 'tinyml-deploy');
    for (const wanted of ['report.html', 'cnn/cortex-m4/firmware.elf', 'mlp/cortex-m0plus/library/mlp.c'])
      assert.ok(entries.includes(wanted), `${wanted} in ${entries.join(', ')}`);
    assert.ok(!entries.some((entry) => entry.includes('measurements')), entries.join(', '));

    const alone = { ...now, [workflow]: oneJob };
    const again = await runWorkflow(test, pullRequest({ ...before, [workflow]: oneJob }, alone));
    assert.ok(again?.succeeded, again?.log);
    // The two repositories differ in the workflow's file, and so in their commits.
    const figures = ({ run: _, head: __, baseline: ___, ...rest }: Report) => rest;
    assert.deepEqual(figures(report), figures(reportOf()));
    assert.equal(github.comments.length, 1, 'the same comment');
    assert.ok(comment !== undefined);
  });

  it('fails and names the jobs of a group that failed, and shows the others', async (test) => {
    const secret = caller.replace('with:\n', 'with:\n      upload-firmware: false\n');
    const broken = { ...now, [workflow]: secret, 'models/mlp.tflite': digits('mlp').subarray(0, 2000) };
    const run = await runWorkflow(test, pullRequest(before, broken));
    if (run === null) return;
    assert.equal(run.succeeded, false);
    const report = reportOf();
    assert.equal(report.verdict.status, 'fail');
    assert.deepEqual(
      report.rows.filter(({ status }) => status === 'fail').map(({ model, target }) => `${model}@${target}`),
      ['mlp@cortex-m0plus', 'mlp@cortex-m4'],
    );
    assert.equal(report.measurements.length, 2);
    for (const { message } of report.verdict.reasons)
      assert.match(message, /It was not measured\. .*mlp\.tflite/);
    assert.match(github.comments[0]?.body ?? '', /Fail: 2 of 4 deployments/);
    for (const artifact of ['tinyml-deploy', 'tinyml-deploy-measurements-1', 'tinyml-deploy-measurements-2'])
      for (const entry of artifactEntries(artifacts, artifact))
        assert.match(entry, /^[a-z]+\.(json|html)$/, 'nothing of a secret model but its figures');
  });
});

describe('mode release', { timeout: 600_000 }, () => {
  it('leaves what belongs to the release of a tag, compared with the release before', async (test) => {
    const workflow = '.github/workflows/ml.yml';
    const release = `on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v7\n      - uses: tinyml/deploy-action/.github/actions/deploy@v1\n        with: { mode: release, emulator: qemu, install: false }\n`;
    const files = { [workflow]: release, 'tinyml.yml': config('mlp'), 'models/mlp.tflite': digits('mlp') };
    const repository = newRepository();
    for (const folder of ['models', '.github', join('.github', 'workflows')])
      mkdirSync(join(repository.folder, folder));
    const before = repository.commit('before', {
      ...files,
      'tinyml.yml': config('mlp').replace(', cortex-m4', ''),
    });
    repository.git('tag', 'v0.9.0');
    repository.commit('now', files);
    repository.git('tag', 'v1.0.0');
    github.releases.push({ id: 1, tag_name: 'v0.9.0' });
    const event = {
      ref: 'refs/tags/v1.0.0',
      before: '0'.repeat(40),
      repository: { full_name: 'o/r', default_branch: 'main' },
    };
    writeFileSync(join(work, 'event.json'), JSON.stringify(event));

    const run = await runWorkflow(test, repository, 'push');
    if (run === null) return;
    assert.ok(run.succeeded, run.log);
    const report = reportOf();
    assert.equal(report.baseline.commit, before);
    const entries = unzipSync(artifactZip('tinyml-deploy-release'));
    const sums = Buffer.from(entries.SHA256SUMS ?? [])
      .toString('utf8')
      .trim()
      .split('\n');
    assert.deepEqual(
      sums.map((line) => line.slice(66)).sort(),
      Object.keys(entries)
        .filter((name) => name !== 'SHA256SUMS' && name !== 'NOTES.md')
        .sort(),
    );
    for (const line of sums) {
      const bytes = entries[line.slice(66)] ?? new Uint8Array();
      assert.equal(createHash('sha256').update(bytes).digest('hex'), line.slice(0, 64));
    }
    assert.ok('mlp-cortex-m4.elf' in entries && 'bom.cdx.json' in entries, Object.keys(entries).join());
  });
});

describe('the pair of workflows for forks', { timeout: 600_000 }, () => {
  const example = (name: string) =>
    readFileSync(join(root, 'examples', 'forks', '.github', 'workflows', name), 'utf8');
  const files = {
    '.github/workflows/tinyml.yml': example('tinyml.yml'),
    '.github/workflows/tinyml-comment.yml': example('tinyml-comment.yml'),
    'tinyml.yml': `emulator: qemu\n${config('mlp')}`,
    'models/mlp.tflite': digits('cnn'),
  };

  it('measures with a token that only reads, and comments from where nothing of the fork runs', async (test) => {
    github.reset();
    const repository = pullRequest(files, { ...files, 'models/mlp.tflite': digits('mlp') });
    github.tokens.set('a-token', { contents: 'read' });
    const measured = await runWorkflow(test, repository);
    if (measured === null) return;
    assert.ok(measured.succeeded, measured.log);
    assert.deepEqual([measured.warnings, github.comments], [[], []]);

    const head = repository.git('rev-parse', 'feature');
    const forked = { sha: head, ref: 'feature', owner: 'eve', repo: 'eve/r' };
    github.pulls.push({
      number: 7,
      head: forked,
      base: { sha: repository.git('rev-parse', 'HEAD^1'), ref: 'main' },
    });
    github.artifacts.push({ id: 1, name: 'tinyml-deploy', run: 77, zip: artifactZip('tinyml-deploy') });
    const run = {
      ...{ id: 77, event: 'pull_request', head_sha: head, head_branch: 'feature' },
      head_repository: { full_name: 'eve/r', owner: { login: 'eve' } },
    };
    writeFileSync(
      join(work, 'event.json'),
      JSON.stringify({ workflow_run: run, repository: { full_name: 'o/r' } }),
    );
    github.tokens.set('a-token', { actions: 'read', 'pull-requests': 'write' });
    const commented = await runWorkflow(test, repository, 'workflow_run');
    assert.ok(commented?.succeeded, commented?.log);
    assert.equal(github.comments.length, 1, commented?.log);
    assert.match(github.comments[0]?.body ?? '', /Measured by the pull request’s own workflow run/);
    assert.equal(commented?.outputs['comment-url'], 'https://github.com/o/r/pull/7#issuecomment-1000');
  });

  it('survives a model that is made to crash the importer, with one sentence at its file', async (test) => {
    github.reset();
    const hostile = Buffer.from(digits('mlp'));
    // The root table at the end of the world.
    hostile.writeUInt32LE(0xffff_fff0, 0);
    const repository = pullRequest(files, { ...files, 'models/mlp.tflite': hostile });
    let run = await runWorkflow(test, repository);
    // On a busy machine act may lose the last lines of a step that ends at once; the exit code it keeps.
    for (let again = 0; again < 2 && run?.errors.length === 0; again += 1)
      run = await runWorkflow(test, repository);
    if (run === null) return;
    assert.equal(run.exitCode, 2, run.log);
    assert.deepEqual(
      run.errors.map(({ file }) => file),
      ['models/mlp.tflite'],
    );
    assert.ok(!existsSync(artifacts) || !readdirSync(artifacts, { recursive: true }).join().includes('.zip'));
  });
});

describe('a merge group', { timeout: 600_000 }, () => {
  it('is compared with its base, and comments on nothing', async (test) => {
    github.reset();
    const workflow = oneJob.replace('on: pull_request', 'on: merge_group');
    const files = {
      '.github/workflows/ml.yml': workflow,
      'tinyml.yml': config('mlp'),
      'models/mlp.tflite': digits('cnn'),
    };
    const repository = pullRequest(files, { ...files, 'models/mlp.tflite': digits('mlp') });
    const base = repository.git('rev-parse', 'HEAD^1');
    const group = {
      base_sha: base,
      base_ref: 'refs/heads/main',
      head_sha: repository.head(),
      head_ref: 'refs/heads/gh-readonly-queue/main/pr-7',
    };
    const event = { merge_group: group, repository: { full_name: 'o/r', default_branch: 'main' } };
    writeFileSync(join(work, 'event.json'), JSON.stringify(event));
    const run = await runWorkflow(test, repository, 'merge_group');
    if (run === null) return;
    assert.ok(run.succeeded, run.log);
    assert.equal(reportOf().baseline.commit, base);
    assert.deepEqual([run.warnings, github.comments], [[], []]);
  });
});
