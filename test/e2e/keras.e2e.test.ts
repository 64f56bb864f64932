import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, it } from 'node:test';
import { newRepository } from '../baseline/repository.ts';
import { startFakeGitHub } from '../github/fake_github.ts';
import { fakeUv } from '../import/fake_uv.ts';
import { fixtureBytes } from '../import/float_models.ts';
import { crossCompiler } from '../tools.ts';
import { findAct, runAct, type WorkflowRun } from './act.ts';
import { freePort, startArtifactProxy } from './artifact_server.ts';
import { packedRepository } from './packed_repository.ts';

// The packed action with a Keras model, and a stand-in for TensorFlow that writes down how it was called.

const work = mkdtempSync(join(tmpdir(), 'tinyml-keras-'));
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
          baseline: false
`;
const configuration = `models:
  - file: net.h5
    quantize: { calibration: calibration.npy }
`;

it('converts a Keras model once, and of a fork only what the base has converted', {
  timeout: 600_000,
}, async (t) => {
  if ((await crossCompiler(t)) === null) return;
  const act = await findAct();
  if (act.program === null) {
    t.skip(`SKIPPED: ${act.why}`);
    return;
  }
  const { program } = act;
  const tflite = Buffer.from(fixtureBytes('digits/digits_keras_float.tflite')).toString('base64');
  const fake = fakeUv(t, { python: `fs.writeFileSync(args[4], Buffer.from('${tflite}', 'base64'));` });
  // That it is there is asked at each run.
  const calls = () => fake.calls().filter(({ args }) => args[0] !== '--version');
  const github = await startFakeGitHub();
  const port = await freePort();
  const proxy = await startArtifactProxy(port);
  try {
    const action = join(work, 'action');
    await packedRepository(action);
    const repository = newRepository();
    mkdirSync(join(repository.folder, '.github', 'workflows'), { recursive: true });
    writeFileSync(join(repository.folder, 'calibration.npy'), fixtureBytes('digits/digits_calib_x.npy'));
    const commit = (model: string, target = 'cortex-m4'): string =>
      repository.commit(`${model} ${target}`, {
        '.github/workflows/ml.yml': workflow,
        'tinyml.yml': `targets: [${target}]\n${configuration}`,
        'net.h5': `model_config ${model}`,
      });
    const run = async (event: string, of: object): Promise<WorkflowRun> => {
      const owner = { login: 'o' };
      const whole = { ...of, repository: { name: 'r', full_name: 'o/r', owner, default_branch: 'main' } };
      writeFileSync(join(work, 'event.json'), JSON.stringify(whole));
      return await runAct({
        program,
        repository: repository.folder,
        action,
        event,
        eventFile: join(work, 'event.json'),
        environment: {
          GITHUB_API_URL: github.url,
          GITHUB_REPOSITORY: 'o/r',
          RUNNER_TOOL_CACHE: join(work, 'tools'),
          PATH: [fake.path, process.env.PATH].join(delimiter),
        },
        artifacts: { folder: join(work, 'artifacts'), port, url: proxy.url },
        cacheFolder: work,
      });
    };
    const fromFork = (head: string): object => ({
      number: 7,
      pull_request: {
        number: 7,
        head: { sha: head, ref: 'change', repo: { full_name: 'stranger/r' } },
        base: { sha: head, ref: 'main', repo: { full_name: 'o/r' } },
      },
    });

    const first = commit('first');
    const pushed = await run('push', { ref: 'refs/heads/main', before: '0'.repeat(40), after: first });
    assert.ok(pushed.succeeded, pushed.log);
    assert.match(pushed.log, /net on cortex-m4: convert: installing TensorFlow, once/);
    assert.match(pushed.log, /net on cortex-m4: convert: TensorFlow/);
    const { length } = calls();
    assert.equal(length, 3);
    for (const { environment } of calls())
      assert.deepEqual(
        Object.keys(environment).filter((name) => /TOKEN|SECRET|^INPUT_|^ACTIONS_|^GITHUB_/.test(name)),
        [],
      );

    // Measured anew, from what was converted before.
    const same = await run('pull_request', fromFork(commit('first', 'cortex-m0plus')));
    assert.ok(same.succeeded, same.log);
    assert.match(same.log, /net on cortex-m0plus: compile/);
    assert.equal(calls().length, length, 'nothing is started for a fork');

    const changed = await run('pull_request', fromFork(commit('changed')));
    assert.equal(changed.exitCode, 2);
    assert.match(changed.errors.map(({ message }) => message).join(), /not started on what a fork brings/);
    assert.equal(calls().length, length);
  } finally {
    await proxy.close();
    await github.close();
  }
});
