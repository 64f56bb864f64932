import { posix } from 'node:path';
import * as core from '@actions/core';
import { DeployError } from '../errors.ts';
import type { ClientOptions } from '../github/client.ts';
import { deliverComment } from '../github/comment.ts';
import { foreignRun, foreignRunApi } from '../github/foreign_run.ts';
import { headPullRequest } from '../github/head_pull_request.ts';
import { commentApi } from '../github/octokit.ts';
import type { Session } from '../github/session.ts';
import { writeSummary } from '../github/summary.ts';
import { reportInArchive } from '../github/untrusted_report.ts';
import { foreignComment } from '../report/foreign_comment.ts';

/**
 * Writes the report that another workflow's run measured into the comment of its pull request. That run may be a
 * stranger's: its artifact is data, and nothing of it is run, written to disk or taken for an address.
 */
export async function comment(
  { inputs, context }: Session,
  client: ClientOptions = { say: core.info },
): Promise<number> {
  const token = inputs['github-token'];
  if (token === '')
    throw new DeployError('input', 'The input `github-token` is empty, so nothing can be commented.');
  const run = foreignRun(context.eventName, context.event);
  const api = await foreignRunApi(token, context, client);
  const found = await headPullRequest(api, run);
  if (found.kind === 'none') return nothing(found.why);
  const archive = await api.archive(run, inputs.artifact);
  if (archive === null) return nothing(`its run left no artifact \`${inputs.artifact}\``);

  const report = reportInArchive(archive);
  const url = `${context.runsUrl}/${run.id}`;
  const markdown = foreignComment(report, url);
  const configuration = posix.join(inputs['working-directory'], inputs.config ?? 'tinyml.yml');
  const delivery = await deliverComment(
    await commentApi(token, context, found.number, client),
    configuration,
    markdown,
  );
  await writeSummary(markdown);
  core.setOutput('verdict', report.verdict.status);
  if (delivery.kind === 'refused')
    throw new DeployError(
      'tool',
      'The comment was not written, though this workflow has nothing else to do.',
      {},
      delivery.warning,
    );
  core.info(`The comment on pull request ${found.number} was ${delivery.kind}: ${delivery.url}`);
  core.setOutput('comment-url', delivery.url);
  return 0;
}

function nothing(why: string): number {
  core.info(`There is nothing to comment: ${why}.`);
  return 0;
}
