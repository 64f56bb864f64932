import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { renderChecksums } from '../../src/release/checksums.ts';
import { describeFile } from '../../src/release/file.ts';
import { notesMarker } from '../../src/release/notes.ts';
import { folderWith } from '../project/folder.ts';

const root = join(import.meta.dirname, '..', '..');
const paths = {
  ours: join(root, '.github', 'workflows', 'release.yml'),
  users: join(root, '.github', 'workflows', 'deploy-release.yml'),
};

const step = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  defaults: z.object({ run: z.object({ shell: z.literal('bash') }) }),
  jobs: z.record(
    z.string(),
    z.object({
      permissions: z.record(z.string(), z.string()),
      needs: z.string().optional(),
      steps: z.array(step),
    }),
  ),
});
const read = (path: string) => workflow.parse(parse(readFileSync(path, 'utf8')));
const stepsOf = (path: string) => Object.values(read(path).jobs).flatMap(({ steps }) => steps);

/** GitHub's side, as far as the steps see it. */
interface State {
  readonly releases: Record<
    string,
    { title: string; body: string; prerelease: boolean; assets: Record<string, string> }
  >;
  readonly refs: Record<string, string>;
  readonly calls: readonly string[][];
}

const commit = 'c'.repeat(40);

/** Runs a step's script as the runner does, with a stand-in for `gh`, in a folder with these files. */
function runner(t: TestContext, files: Record<string, string>, refs: Record<string, string> = {}) {
  const folder = folderWith(t, { ...files, 'bin/.keep': '', 'temp/.keep': '' });
  const bin = join(folder, 'bin');
  const stateFile = join(folder, 'state.json');
  symlinkSync(join(import.meta.dirname, 'fake_gh.mjs'), join(bin, 'gh'));
  symlinkSync(process.execPath, join(bin, 'node'));
  // `git rev-parse` of the checkout.
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho ${commit}\n`, { mode: 0o755 });
  writeFileSync(stateFile, JSON.stringify({ releases: {}, refs, calls: [] }));
  const state = (): State => JSON.parse(readFileSync(stateFile, 'utf8'));
  return {
    folder,
    state,
    write: (next: { readonly [Key in keyof State]?: State[Key] | undefined }) =>
      writeFileSync(stateFile, JSON.stringify({ ...state(), ...next })),
    run(path: string, id: string, tag: string) {
      const { run, env = {} } = stepsOf(path).find((each) => each.id === id) ?? {};
      assert.ok(run !== undefined, `no step ${id}`);
      const values: Record<string, string> = {
        '${{ github.token }}': 'token',
        '${{ github.ref_name }}': tag,
        '${{ github.repository }}': 'o/r',
      };
      const given = Object.entries(env).map(([name, value]) => [name, values[value] ?? `unknown ${value}`]);
      const result = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
        cwd: folder,
        encoding: 'utf8',
        env: {
          PATH: `${bin}:${process.env.PATH}`,
          RUNNER_TEMP: join(folder, 'temp'),
          GITHUB_OUTPUT: join(folder, 'output'),
          GITHUB_REPOSITORY: 'o/r',
          FAKE_GH_STATE: stateFile,
          ...Object.fromEntries(given),
        },
      });
      return { exitCode: result.status, text: `${result.stdout}${result.stderr}` };
    },
  };
}

const hasJq = spawnSync('jq', ['--version']).status === 0;
const skip = hasJq ? false : 'not on this machine: jq, which stands in for that of GitHub’s command line';

const notes = (text: string) => `${notesMarker}\n\n${text}\n`;
const built = (version: string) => ({
  'release/NOTES.md': notes(`sizes of ${version}`),
  'release/a.elf': version,
  'release/SHA256SUMS': renderChecksums([describeFile('a.elf', version)]),
});

describe('the release workflow for users', { skip }, () => {
  const publish = (at: ReturnType<typeof runner>, tag = 'v1.0.0') => at.run(paths.users, 'publish', tag);

  it('makes a release with every file, and the notes as its text', (t) => {
    const at = runner(t, built('one'), { 'refs/tags/v1.0.0': commit });
    assert.deepEqual(publish(at), { exitCode: 0, text: 'release not found\n' });
    assert.deepEqual(at.state().releases, {
      'v1.0.0': {
        title: 'v1.0.0',
        body: notes('sizes of one'),
        prerelease: false,
        assets: { 'a.elf': 'one', SHA256SUMS: built('one')['release/SHA256SUMS'] },
      },
    });
  });
  it('replaces files and notes when it runs again, and keeps what people wrote above', (t) => {
    const at = runner(t, built('one'), { 'refs/tags/v1.0.0': commit });
    assert.equal(publish(at).exitCode, 0);
    for (const version of ['two', 'three']) {
      const [release] = Object.values(at.state().releases);
      assert.ok(release !== undefined);
      if (version === 'two')
        at.write({ releases: { 'v1.0.0': { ...release, body: `By hand: "$TAG".\r\n\r\n${release.body}` } } });
      for (const [path, text] of Object.entries(built(version))) writeFileSync(join(at.folder, path), text);
      assert.deepEqual(publish(at), { exitCode: 0, text: '' });
    }
    const [[tag, release] = []] = Object.entries(at.state().releases);
    assert.equal(tag, 'v1.0.0');
    assert.equal(release?.body, `By hand: "$TAG".\n\n${notes('sizes of three')}`);
    assert.deepEqual(Object.keys(release?.assets ?? {}).sort(), ['SHA256SUMS', 'a.elf']);
    assert.equal(release?.assets['a.elf'], 'three');
  });
  it('adds to a release that was written by hand first', (t) => {
    const at = runner(t, built('one'), { 'refs/tags/v1.0.0': commit });
    at.write({ releases: { 'v1.0.0': { title: 'One', body: 'News.', prerelease: false, assets: {} } } });
    assert.equal(publish(at).exitCode, 0);
    assert.equal(at.state().releases['v1.0.0']?.body, `News.\n\n${notes('sizes of one')}`);
    assert.equal(at.state().releases['v1.0.0']?.title, 'One');
  });
  it('marks a tag such as v1.0.0-rc.1 as one before a release, and fails for a tag that is gone', (t) => {
    const at = runner(t, built('one'), { 'refs/tags/v1.0.0-rc.1': commit });
    assert.equal(publish(at, 'v1.0.0-rc.1').exitCode, 0);
    assert.equal(at.state().releases['v1.0.0-rc.1']?.prerelease, true);
    const gone = runner(t, built('one'));
    assert.equal(publish(gone).exitCode, 1);
    assert.deepEqual(gone.state().releases, {});
  });

  it('attests every file of the checksums, which it has checked, before it publishes', () => {
    const steps = read(paths.users).jobs.publish?.steps ?? [];
    const place = (found: (each: z.infer<typeof step>) => boolean) => steps.findIndex(found);
    const check = place(({ run }) => run === 'sha256sum --check --strict SHA256SUMS');
    const provenance = place(
      ({ with: inputs }) => inputs?.['sbom-path'] === undefined && 'subject-checksums' in (inputs ?? {}),
    );
    const bill = place(({ with: inputs }) => inputs?.['sbom-path'] === 'release/bom.cdx.json');
    const order = [check, provenance, bill, place(({ id }) => id === 'publish')];
    assert.ok(check >= 0, 'the check is there');
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
    for (const index of [provenance, bill])
      assert.equal(steps[index]?.with?.['subject-checksums'], 'release/SHA256SUMS');
  });
});

describe('our own release workflow', { skip }, () => {
  const at = (t: TestContext, tags: Record<string, string> = {}) =>
    runner(
      t,
      {
        'package.json': '{ "version": "1.2.0" }',
        'CHANGELOG.md': '# Changelog\n\n## [Unreleased]\n\n## [1.2.0]\n\n- New.\n\n## [1.1.0]\n\n- Old.\n',
      },
      { 'refs/tags/v1.2.0': commit, ...tags },
    );
  const old = 'a'.repeat(40);

  it('stops when the tag is not the version, or the changelog says nothing of it', (t) => {
    const folder = at(t);
    assert.deepEqual(folder.run(paths.ours, 'version', 'v1.2.0'), { exitCode: 0, text: '' });
    const wrongTag = folder.run(paths.ours, 'version', 'v1.3.0');
    assert.equal(wrongTag.exitCode, 1);
    assert.match(
      wrongTag.text,
      /::error file=package\.json::The tag is v1\.3\.0, but the version is 1\.2\.0\./,
    );
    writeFileSync(join(folder.folder, 'CHANGELOG.md'), '## [Unreleased]\n');
    assert.match(folder.run(paths.ours, 'version', 'v1.2.0').text, /There is no section \[1\.2\.0\]/);
  });
  it('publishes the section of the changelog, also twice', (t) => {
    const folder = at(t);
    for (let attempt = 0; attempt < 2; attempt++) {
      assert.equal(folder.run(paths.ours, 'publish', 'v1.2.0').exitCode, 0);
      const { releases } = folder.state();
      assert.deepEqual(Object.keys(releases), ['v1.2.0']);
      assert.equal(releases['v1.2.0']?.body, '\n- New.\n\n');
    }
  });
  it('moves the tag of the major version, or makes it, and only that', (t) => {
    for (const before of [{}, { 'refs/tags/v1': old }, { 'refs/tags/v1-beta': old, 'refs/tags/v10': old }]) {
      const folder = at(t, before);
      assert.equal(folder.run(paths.ours, 'move', 'v1.2.0').exitCode, 0);
      const others = Object.fromEntries(Object.entries(before).filter(([ref]) => ref !== 'refs/tags/v1'));
      assert.deepEqual(folder.state().refs, {
        'refs/tags/v1.2.0': commit,
        ...others,
        'refs/tags/v1': commit,
      });
    }
  });
  it('never moves it back', (t) => {
    const folder = at(t, { 'refs/tags/v1': old, 'refs/tags/v1.10.0': old, 'refs/tags/v1.9.0': old });
    const { exitCode, text } = folder.run(paths.ours, 'move', 'v1.2.0');
    assert.equal(exitCode, 0);
    assert.equal(text, '::notice::v1 stays where it is: v1.10.0 is newer than v1.2.0.\n');
    assert.equal(folder.state().refs['refs/tags/v1'], old);
    assert.ok(!folder.state().calls.some((call) => call.includes('--method')));
  });
  it('fails, rather than to leave the tag quietly, when GitHub does not answer', (t) => {
    const folder = at(t, { 'refs/tags/v1': old });
    folder.write({ refs: undefined });
    assert.notEqual(folder.run(paths.ours, 'move', 'v1.2.0').exitCode, 0);
  });
  it('checks dist/ before anything is attested, and attests it before anything is published', () => {
    const { jobs } = read(paths.ours);
    const checks = jobs.check?.steps.map(({ run }) => run) ?? [];
    assert.ok(checks.includes('npm run pack -- --check'));
    assert.equal(jobs.publish?.needs, 'check');
    const steps = jobs.publish?.steps ?? [];
    const attest = steps.findIndex(({ uses }) => uses?.startsWith('actions/attest@'));
    assert.equal(steps[attest]?.with?.['subject-path'], 'dist/**');
    assert.ok(attest >= 0 && attest < steps.findIndex(({ id }) => id === 'publish'));
  });
});

describe('both release workflows', () => {
  for (const [name, path] of Object.entries(paths))
    it(`${name}: only the job that publishes may write, and every action is pinned by commit`, () => {
      const { permissions, jobs } = read(path);
      assert.deepEqual(permissions, {});
      const { publish, ...others } = jobs;
      assert.deepEqual(publish?.permissions, {
        contents: 'write',
        'id-token': 'write',
        attestations: 'write',
        'artifact-metadata': 'write',
      });
      for (const job of Object.values(others))
        assert.ok(Object.values(job.permissions).every((access) => access === 'read'));
      for (const { uses } of stepsOf(path))
        if (uses !== undefined)
          assert.match(uses, /^(actions\/[a-z-]+@[0-9a-f]{40}|\$\/\.github\/actions\/deploy)$/);
      // Nothing of the event is text of a script.
      for (const { run } of stepsOf(path)) assert.ok(!run?.includes('${{'));
    });
});

describe('the reusable workflows', () => {
  const reusable = ['deploy.yml', 'deploy-release.yml'];
  const callers: Readonly<Record<string, string>> = {
    'deploy.yml': join('matrix', '.github', 'workflows', 'tinyml.yml'),
    'deploy-release.yml': join('digits', '.github', 'workflows', 'release.yml'),
  };
  const access = z.record(z.string(), z.enum(['read', 'write']));
  const called = z.object({
    on: z.object({
      workflow_call: z.strictObject({
        inputs: z.record(z.string(), z.unknown()),
        outputs: z.unknown().optional(),
      }),
    }),
    permissions: z.strictObject({}),
    jobs: z.record(
      z.string(),
      z.object({
        permissions: access,
        steps: z.array(
          z.object({
            uses: z.string().optional(),
            with: z.record(z.string(), z.unknown()).optional(),
            run: z.string().optional(),
          }),
        ),
      }),
    ),
  });
  const calling = z.object({
    jobs: z.record(z.string(), z.object({ uses: z.string().optional(), permissions: access })),
  });
  const yaml = (path: string) => parse(readFileSync(path, 'utf8'));

  for (const name of reusable) {
    const { on, jobs } = called.parse(yaml(join(root, '.github', 'workflows', name)));
    const steps = Object.values(jobs).flatMap((job) => job.steps);

    it(`${name}: a caller grants exactly what its jobs need, or GitHub starts nothing`, () => {
      const caller = calling.parse(yaml(join(root, 'examples', callers[name] ?? '')));
      const job = Object.values(caller.jobs).find(({ uses }) => uses?.includes(`/${name}@`));
      const needed = new Map<string, string>();
      for (const { permissions } of Object.values(jobs))
        for (const [scope, level] of Object.entries(permissions))
          if (level === 'write' || !needed.has(scope)) needed.set(scope, level);
      assert.deepEqual(job?.permissions, Object.fromEntries(needed));
    });

    it(`${name}: every input reaches the action, and nothing else does`, () => {
      const action = z
        .object({ inputs: z.record(z.string(), z.unknown()) })
        .parse(yaml(join(root, 'action.yml')));
      const own = steps.filter(({ uses }) => uses === '$/.github/actions/deploy');
      assert.ok(own.length > 0);
      const given = new Set(own.flatMap((each) => Object.keys(each.with ?? {})));
      for (const input of given) assert.ok(input in action.inputs, `${input} is an input of the action`);
      const text = readFileSync(join(root, '.github', 'workflows', name), 'utf8');
      for (const input of Object.keys(on.workflow_call.inputs))
        assert.ok(text.includes(`inputs.${input}`), `${input} is used`);
    });
  }

  it('deploy.yml passes every input of the action on', () => {
    const { jobs } = called.parse(yaml(join(root, '.github', 'workflows', 'deploy.yml')));
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const given = new Set(steps.flatMap((each) => Object.keys(each.with ?? {})));
    const { inputs } = z
      .object({ inputs: z.record(z.string(), z.unknown()) })
      .parse(yaml(join(root, 'action.yml')));
    // The token is the one of each job, with its own permissions.
    for (const input of Object.keys(inputs).filter((each) => each !== 'github-token'))
      assert.ok(given.has(input), input);
  });

  it('deploy.yml reports what arrived when a group failed, and nothing when the run was cancelled', () => {
    const { jobs } = z
      .object({
        jobs: z.object({
          measure: z.object({ strategy: z.object({ 'fail-fast': z.literal(false) }) }),
          report: z.object({ if: z.string(), needs: z.array(z.string()) }),
        }),
      })
      .parse(yaml(join(root, '.github', 'workflows', 'deploy.yml')));
    assert.match(jobs.report.if, /^\$\{\{ !cancelled\(\) && needs\.plan\.result == 'success' \}\}$/);
    assert.deepEqual(jobs.report.needs, ['plan', 'measure']);
  });

  it('the job that branch protection asks for always answers, and passes only what passed or was skipped', () => {
    const step = z.object({ run: z.string(), env: z.object({ RESULT: z.string() }) });
    const { jobs } = z
      .object({ jobs: z.object({ check: z.object({ if: z.literal('always()'), steps: z.tuple([step]) }) }) })
      .parse(yaml(join(root, 'examples', callers['deploy.yml'] ?? '')));
    const [{ run, env }] = jobs.check.steps;
    assert.match(env.RESULT, /^\$\{\{ needs\.tinyml\.result \}\}$/);
    const passes = (result: string) =>
      spawnSync('bash', ['-e', '-c', run], { env: { PATH: process.env.PATH, RESULT: result } }).status === 0;
    assert.deepEqual(['success', 'skipped', 'failure', 'cancelled', ''].filter(passes), [
      'success',
      'skipped',
    ]);
  });

  it('deploy.yml runs checkout and this action alone', () => {
    const { jobs } = called.parse(yaml(join(root, '.github', 'workflows', 'deploy.yml')));
    for (const { uses, run } of Object.values(jobs).flatMap(({ steps }) => steps)) {
      assert.equal(run, undefined);
      assert.match(uses ?? '', /^(actions\/checkout@[0-9a-f]{40}|\$\/\.github\/actions\/deploy)$/);
    }
  });
});
