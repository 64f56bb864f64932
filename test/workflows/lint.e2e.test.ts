import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { execa } from 'execa';
import { initialFiles } from '../../src/cli/init.ts';
import { type Found, findActionlint, findZizmor } from './linters.ts';
import { workflowsIn } from './snippets.ts';

const root = join(import.meta.dirname, '..', '..');
const work = mkdtempSync(join(tmpdir(), 'tinyml-lint-'));
after(() => rmSync(work, { recursive: true, force: true }));

let actionlint: Found;
let zizmor: Found;
before(async () => {
  [actionlint, zizmor] = await Promise.all([findActionlint(), findZizmor()]);
});

const committed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '');
const workflows = committed.filter((path) => /(^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(path));
const others = committed.filter((path) => /(^|\/)(action|dependabot)\.ya?ml$/.test(path));

/** What is no file of the repository: the parts that pages show, and what `init` writes. By file name. */
function shown(): Map<string, string> {
  const texts = new Map<string, string>();
  for (const page of committed.filter((path) => path.endsWith('.md')))
    for (const [index, text] of workflowsIn(readFileSync(join(root, page), 'utf8')).entries())
      texts.set(`${page.replaceAll('/', '_')}-${index + 1}.yml`, text);
  for (const withForks of [false, true])
    for (const [path, text] of Object.entries(initialFiles(['m.tflite'], withForks)))
      if (path.includes('workflows/')) texts.set(`init-${withForks}-${basename(path)}`, text);
  return texts;
}

/** Writes them where linters look for workflows; the folder of that repository. */
function repositoryWith(texts: ReadonlyMap<string, string>): { folder: string; files: string[] } {
  const folder = mkdtempSync(join(work, 'repository-'));
  const place = join(folder, '.github', 'workflows');
  mkdirSync(place, { recursive: true });
  for (const [name, text] of texts) writeFileSync(join(place, name), text);
  return { folder, files: [...texts.keys()].map((name) => join('.github', 'workflows', name)) };
}

/** What the linter finds; null where it is not there, which the test says. */
async function lint(t: TestContext, found: Found, folder: string, parameters: readonly string[]) {
  if (found.program === null) {
    t.skip(found.why);
    return null;
  }
  const result = await execa(found.program, parameters, { cwd: folder, reject: false, all: true });
  // zizmor passes over a file that it cannot read.
  return { passed: result.exitCode === 0 && !result.all.includes(' WARN '), text: result.all };
}

const checkStyle = (t: TestContext, folder: string, files: readonly string[]) =>
  lint(t, actionlint, folder, ['-no-color', ...files]);
const checkSafety = (t: TestContext, folder: string, files: readonly string[]) =>
  lint(t, zizmor, folder, [
    ...['--offline', '--no-progress', '--color', 'never', '--persona', 'pedantic'],
    ...['--config', join(root, 'zizmor.yml'), ...files],
  ]);

const bad = new Map([
  [
    'bad.yml',
    `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v7\n      - run: echo $\{{ github.nope }}\n`,
  ],
]);

describe('actionlint', () => {
  it('finds nothing in any workflow of the repository and of its examples', async (t) => {
    const result = await checkStyle(t, root, workflows);
    if (result !== null) assert.ok(result.passed, result.text);
  });
  it('finds nothing in what the pages show and `init` writes', async (t) => {
    const { folder, files } = repositoryWith(shown());
    const result = await checkStyle(t, folder, files);
    if (result !== null) assert.ok(result.passed, result.text);
  });
  it('would find something', async (t) => {
    const { folder, files } = repositoryWith(bad);
    const result = await checkStyle(t, folder, files);
    if (result !== null) assert.match(result.text, /"nope" is not defined/);
  });
});

describe('zizmor, pedantic', () => {
  it('finds nothing in any workflow of the repository and of its examples', async (t) => {
    const result = await checkSafety(t, root, [...workflows, ...others]);
    if (result !== null) assert.ok(result.passed, result.text);
  });
  it('finds nothing in what the pages show and `init` writes', async (t) => {
    const { folder, files } = repositoryWith(shown());
    const result = await checkSafety(t, folder, files);
    if (result !== null) assert.ok(result.passed, result.text);
  });
  it('would find something', async (t) => {
    const { folder, files } = repositoryWith(bad);
    const result = await checkSafety(t, folder, files);
    if (result !== null) assert.match(result.text, /unpinned-uses/);
  });
});

describe('the workflows that are linted', () => {
  it('are those of the repository, the examples and the pages', () => {
    assert.ok(workflows.length >= 8, workflows.join(', '));
    assert.ok(others.includes('action.yml'));
    const names = [...shown().keys()];
    for (const page of ['README.md', 'docs_ci.md'])
      assert.ok(
        names.some((name) => name.startsWith(page)),
        `${page} in ${names.join(', ')}`,
      );
  });
});
