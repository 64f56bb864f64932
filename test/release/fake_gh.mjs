#!/usr/bin/env node
// The few commands of GitHub's command line that our release workflows call, on releases and tags kept in the file
// $FAKE_GH_STATE. Refuses what GitHub refuses: a second release of a tag, an asset that is there, a tag that is not.
// Every call goes into the state's `calls`. `--jq` is jq itself.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

const state = JSON.parse(readFileSync(process.env.FAKE_GH_STATE, 'utf8'));
const [, , ...parameters] = process.argv;
if (!process.env.GH_TOKEN)
  fail('To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.');
state.calls.push(parameters);
save();

const text = { type: 'string' };
const flag = { type: 'boolean' };
const { values, positionals } = parseArgs({
  args: parameters,
  allowPositionals: true,
  options: {
    ...{ json: text, jq: text, 'notes-file': text, title: text, pattern: text, dir: text, method: text },
    ...{ 'raw-field': { type: 'string', multiple: true }, field: { type: 'string', multiple: true } },
    ...{ clobber: flag, prerelease: flag, 'verify-tag': flag, paginate: flag },
    ...{ 'exclude-drafts': flag, 'exclude-pre-releases': flag },
  },
});
const [command, action, tag, ...files] = positionals;
const release = state.releases[tag];

if (command === 'api') api(action);
else if (action === 'list') {
  const tags = Object.keys(state.releases).filter((name) => !state.releases[name].prerelease);
  print(tags.toReversed().map((tagName) => ({ tagName })));
} else if (action === 'create') {
  if (release !== undefined) fail(`a release with the same tag name already exists: ${tag}`);
  if (values['verify-tag'] && state.refs[`refs/tags/${tag}`] === undefined) fail(`tag ${tag} doesn't exist`);
  state.releases[tag] = {
    title: values.title,
    body: notes(),
    prerelease: values.prerelease === true,
    assets: {},
  };
  upload(state.releases[tag]);
} else if (release === undefined) fail('release not found');
else if (action === 'view') print({ body: release.body });
else if (action === 'edit') release.body = notes();
else if (action === 'upload') upload(release);
else if (action === 'download') {
  const content = release.assets[values.pattern];
  if (content === undefined) fail('no assets match the file pattern');
  mkdirSync(values.dir, { recursive: true });
  writeFileSync(join(values.dir, values.pattern), content);
} else fail(`unknown command: ${parameters.join(' ')}`);
save();

function api(path) {
  const [, matching] = /^repos\/o\/r\/git\/matching-refs\/(.+)$/.exec(path) ?? [];
  const [, name] = /^repos\/o\/r\/git\/(refs\/.+)$/.exec(path) ?? [];
  const fields = Object.fromEntries((values['raw-field'] ?? []).map((pair) => pair.split('=')));
  if (matching !== undefined) {
    const refs = Object.keys(state.refs).filter((ref) => ref.startsWith(`refs/${matching}`));
    print(refs.sort().map((ref) => ({ ref })));
  } else if (values.method === 'PATCH') {
    if (state.refs[name] === undefined) fail('Reference does not exist (HTTP 422)');
    if (!(values.field ?? []).includes('force=true')) fail('Update is not a fast forward (HTTP 422)');
    state.refs[name] = fields.sha;
  } else if (values.method === 'POST' && path === 'repos/o/r/git/refs') {
    if (state.refs[fields.ref] !== undefined) fail('Reference already exists (HTTP 422)');
    state.refs[fields.ref] = fields.sha;
  } else fail(`unknown request: ${parameters.join(' ')}`);
}

function notes() {
  return readFileSync(values['notes-file'], 'utf8');
}

function upload(to) {
  for (const file of files) {
    const name = basename(file);
    if (to.assets[name] !== undefined && !values.clobber)
      fail(`asset under the same name already exists: ${name}`);
    to.assets[name] = readFileSync(file, 'utf8');
  }
}

function print(value) {
  const json = JSON.stringify(value);
  if (values.jq === undefined) console.log(json);
  else
    process.stdout.write(
      spawnSync('jq', ['--raw-output', values.jq], { input: json, encoding: 'utf8' }).stdout,
    );
}

function save() {
  writeFileSync(process.env.FAKE_GH_STATE, JSON.stringify(state));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
