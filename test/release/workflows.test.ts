import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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
  example: join(root, 'examples', 'digits', '.github', 'workflows', 'release.yml'),
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
  const publish = (at: ReturnType<typeof runner>, tag = 'v1.0.0') => at.run(paths.example, 'publish', tag);

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
    const steps = read(paths.example).jobs.publish?.steps ?? [];
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

  it('compares with the release before, never with itself', (t) => {
    const { before, tool } = beforeStep(t);
    const release = (text: string) => ({
      title: '',
      body: '',
      prerelease: false,
      assets: { 'report.json': text },
    });
    const at = before({ 'v1.0.0': release('1.0'), 'v1.1.0': release('1.1') }, 'v1.1.0');
    assert.equal(at.exitCode, 0, at.text);
    assert.equal(readFileSync(join(at.folder, 'temp', 'before', 'report.json'), 'utf8'), '1.0');
    assert.match(readFileSync(join(at.folder, 'output'), 'utf8'), /^report=.*before\/report\.json\n$/);
    assert.equal(tool, '.tinyml-deploy/dist/cli/index.js');
  });
  it('says why nothing is compared, and goes on', (t) => {
    const { before } = beforeStep(t);
    const release = (assets: Record<string, string>) => ({ title: '', body: '', prerelease: false, assets });
    for (const [releases, sentence] of [
      [{}, /^There is no release before this one\.$/m],
      [{ 'v1.0.0': release({}) }, /^::warning::Release v1\.0\.0 has no report\.json/m],
      [
        { 'v1.0.0': release({ 'report.json': 'unreadable' }) },
        /^::warning::The report of release v1\.0\.0 cannot/m,
      ],
    ] as const) {
      const at = before(releases, 'v1.1.0');
      assert.equal(at.exitCode, 0, at.text);
      assert.match(at.text, sentence);
      assert.ok(!existsSync(join(at.folder, 'output')));
    }
  });
});

/** The step that fetches the earlier report, with a stand-in for our command line. */
function beforeStep(t: TestContext) {
  const tool = '.tinyml-deploy/dist/cli/index.js';
  const cli = `const { readFileSync } = require('node:fs');
const [command, a, b] = process.argv.slice(2);
process.exit(command === 'compare' && a === b && readFileSync(a, 'utf8') !== 'unreadable' ? 0 : 2);\n`;
  const before = (releases: State['releases'], tag: string) => {
    const at = runner(t, { [tool]: cli });
    at.write({ releases });
    return { ...at, ...at.run(paths.example, 'before', tag) };
  };
  return { before, tool };
}

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
      for (const job of Object.values(others)) assert.deepEqual(job.permissions, { contents: 'read' });
      for (const { uses } of stepsOf(path))
        if (uses !== undefined) assert.match(uses, /^actions\/[a-z-]+@[0-9a-f]{40}$/);
      // Nothing of the event is text of a script.
      for (const { run } of stepsOf(path)) assert.ok(!run?.includes('${{'));
    });
});
