import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSession } from '../../src/github/session.ts';
import { folderWith } from '../project/folder.ts';

const own = { full_name: 'team/models' };
const fork = { full_name: 'stranger/models' };

test('what a fork brings is converted only where the workflow says so', async (t) => {
  await assert.rejects(convertFrom(t, fork, {}), /not started on what a fork brings/);
  await assert.rejects(convertFrom(t, null, {}), /not started on what a fork brings/);
  // The next thing that is missing shows that it would have been.
  const tried = /TensorFlow, which converts this model, is not set up on this machine/;
  await assert.rejects(convertFrom(t, fork, { 'INPUT_CONVERT-FROM-FORKS': 'true' }), tried);
  await assert.rejects(convertFrom(t, own, {}), tried);
});

async function convertFrom(
  t: TestContext,
  repo: { readonly full_name: string } | null,
  inputs: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const workspace = folderWith(t, { 'tools/.keep': '' });
  const event = join(workspace, 'event.json');
  const pull = { number: 1, head: { sha: 'a', repo }, base: { sha: 'b', repo: own } };
  writeFileSync(event, JSON.stringify({ pull_request: pull }));
  const session = openSession({
    GITHUB_WORKSPACE: workspace,
    GITHUB_REPOSITORY: own.full_name,
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_EVENT_PATH: event,
    RUNNER_TOOL_CACHE: join(workspace, 'tools'),
    INPUT_INSTALL: 'false',
    ...inputs,
  });
  t.after(() => rmSync(session.outputFolder, { recursive: true, force: true }));
  const { converter } = session.pipelineOptions(session.outputFolder);
  assert.ok(converter !== undefined);
  const files = new Map([['net.keras', new Uint8Array([1])]]);
  return await converter.convert({ file: 'net.keras', kind: 'keras', files }, () => {});
}
