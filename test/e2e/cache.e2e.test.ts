import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { unzipSync } from 'fflate';
import { parseReport } from '../../src/report/json.ts';
import type { Report } from '../../src/report/report.ts';
import { newRepository } from '../baseline/repository.ts';
import { startFakeGitHub } from '../github/fake_github.ts';
import { crossCompiler } from '../tools.ts';
import { findAct, runAct } from './act.ts';
import { freePort, startArtifactProxy } from './artifact_server.ts';
import { packedRepository } from './packed_repository.ts';

// The packed action with a workflow's cache, which act serves: what one run measured, the next one takes.

const models = join(import.meta.dirname, '..', '..', 'examples', 'digits', 'models');
const work = mkdtempSync(join(tmpdir(), 'tinyml-cache-'));
after(() => rmSync(work, { recursive: true, force: true }));

const workflow = `
on: [push, pull_request]
jobs:
  deploy:
    permissions: { actions: read, contents: read, pull-requests: write }
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: tinyml/deploy-action@v1
        with:
          emulator: qemu
          install: false
`;

it('takes head and base from the cache: what main’s push measured is the pull request’s baseline', {
  timeout: 600_000,
}, async (t) => {
  if ((await crossCompiler(t)) === null) return;
  const act = await findAct();
  if (act.program === null) {
    t.skip(`SKIPPED: ${act.why}`);
    return;
  }
  const { program } = act;
  const github = await startFakeGitHub();
  const port = await freePort();
  const proxy = await startArtifactProxy(port);
  try {
    const action = join(work, 'action');
    await packedRepository(action);
    const repository = newRepository();
    mkdirSync(join(repository.folder, '.github', 'workflows'), { recursive: true });
    const put = (model: string): void =>
      copyFileSync(join(models, model), join(repository.folder, 'digits.tflite'));
    put('digits_mlp.tflite');
    const first = repository.commit('first', { '.github/workflows/ml.yml': workflow });
    const base = repository.commit('base', { 'README.md': 'Nothing that matters.' });
    const default_ = { name: 'r', full_name: 'o/r', owner: { login: 'o' }, default_branch: 'main' };
    const artifacts = join(work, 'artifacts');
    const run = async (event: string, of: object): Promise<{ report: Report; log: string }> => {
      writeFileSync(join(work, 'event.json'), JSON.stringify({ ...of, repository: default_ }));
      rmSync(artifacts, { recursive: true, force: true });
      const result = await runAct({
        program,
        repository: repository.folder,
        action,
        event,
        eventFile: join(work, 'event.json'),
        environment: {
          GITHUB_API_URL: github.url,
          GITHUB_REPOSITORY: 'o/r',
          RUNNER_TOOL_CACHE: join(work, 'tools'),
        },
        artifacts: { folder: artifacts, port, url: proxy.url },
        cacheFolder: work,
      });
      assert.ok(result.succeeded, result.log);
      assert.deepEqual(result.warnings, []);
      const zip = readdirSync(artifacts, { recursive: true, encoding: 'utf8' }).find((name) =>
        name.endsWith('tinyml-deploy.zip'),
      );
      const { 'report.json': json, 'baseline.json': record } = unzipSync(
        readFileSync(join(artifacts, zip ?? 'none')),
      );
      assert.ok(json !== undefined && record !== undefined);
      return { report: parseReport(Buffer.from(json).toString('utf8'), 'report.json'), log: result.log };
    };

    const onMain = await run('push', { before: first, after: base, ref: 'refs/heads/main' });
    assert.equal(onMain.report.run.reused, 0);
    assert.deepEqual([onMain.report.baseline.source, onMain.report.baseline.commit], ['rebuilt', first]);
    assert.deepEqual(
      onMain.report.trend.map(({ commit }) => commit),
      [first],
    );

    put('digits_cnn.tflite');
    const head = repository.commit('head');
    const pull = { number: 7, head: { sha: head, ref: 'feature' }, base: { sha: base, ref: 'main' } };
    const once = await run('pull_request', { pull_request: pull });
    assert.equal(once.report.run.reused, 0);
    assert.deepEqual([once.report.baseline.source, once.report.baseline.commit], ['cache', base]);
    assert.match(once.log, /digits on cortex-m4: compile/);
    assert.doesNotMatch(once.log, /base: digits on cortex-m4/, 'its report was taken as it was');
    assert.deepEqual(
      once.report.trend.map(({ commit }) => commit),
      [first, base],
    );

    const again = await run('pull_request', { pull_request: pull });
    assert.equal(again.report.run.reused, 1);
    assert.doesNotMatch(again.log, /digits on cortex-m4: compile/);
    assert.deepEqual(again.report.measurements, once.report.measurements);
    assert.equal(github.comments.length, 1);
    assert.equal(github.requests.filter((request) => request.startsWith('PATCH')).length, 0);
  } finally {
    await github.close();
    await proxy.close();
  }
});
