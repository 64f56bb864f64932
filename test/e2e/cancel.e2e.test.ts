import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { execa } from 'execa';
import { newRepository, temporaryFolder } from '../baseline/repository.ts';
import { startFakeGitHub } from '../github/fake_github.ts';
import { crossCompiler } from '../tools.ts';

// The action as the runner cancels it: SIGINT in the middle of its work.

const root = join(import.meta.dirname, '..', '..');
const models = join(root, 'examples', 'digits', 'models');
const github = await startFakeGitHub();
after(() => github.close());

it('a cancelled run posts nothing and leaves no worktree, no process and no finished report', async (t) => {
  if ((await crossCompiler(t)) === null) return;
  const repository = newRepository();
  const put = (model: string): void =>
    copyFileSync(join(models, model), join(repository.folder, 'digits.tflite'));
  put('digits_mlp.tflite');
  const base = repository.commit('base', { 'tinyml.yml': 'emulator: qemu\n' });
  put('digits_cnn.tflite');
  const head = repository.commit('head');
  const temporary = temporaryFolder();
  const event = { pull_request: { number: 7, head: { sha: head }, base: { sha: base, ref: 'main' } } };
  const eventFile = join(temporary, 'event.json');
  writeFileSync(eventFile, JSON.stringify(event));
  const summary = join(temporary, 'summary');
  writeFileSync(summary, '');

  const action = execa(process.execPath, [join(root, 'src', 'action.ts')], {
    cwd: repository.folder,
    reject: false,
    all: true,
    env: {
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_EVENT_PATH: eventFile,
      GITHUB_WORKSPACE: repository.folder,
      GITHUB_STEP_SUMMARY: summary,
      GITHUB_OUTPUT: '',
      RUNNER_TEMP: temporary,
      INPUT_INSTALL: 'false',
      'INPUT_GITHUB-TOKEN': 'a-token',
      INPUT_ARTIFACT: '',
    },
  });
  let worktrees = 0;
  action.all.on('data', (chunk) => {
    if (!String(chunk).includes('base: digits on cortex-m4: compile')) return;
    worktrees = repository.git('worktree', 'list').split('\n').length;
    action.kill('SIGINT');
    // The runner's second word, if the first one did not end it.
    setTimeout(() => action.kill('SIGTERM'), 200);
  });
  const { exitCode, all } = await action;
  assert.equal(worktrees, 2, `it was at work when it was cancelled: ${all}`);
  assert.equal(exitCode, 3, all);
  assert.match(all, /::error.*cancelled/);
  assert.deepEqual(github.comments, []);
  assert.ok(!github.requests.some((request) => !request.startsWith('GET ')), github.requests.join(', '));
  assert.equal(repository.git('worktree', 'list').split('\n').length, 1);
  const left = readdirSync(temporary, { recursive: true, encoding: 'utf8' });
  assert.ok(!left.some((name) => /report\.(json|html)$/.test(name)), left.join(', '));
  assert.ok(existsSync(summary));
});
