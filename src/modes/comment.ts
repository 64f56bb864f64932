import { posix } from 'node:path';
import * as core from '@actions/core';
import { DeployError } from '../errors.ts';
import { acceptOnPullRequest, labelApi } from '../github/acceptance.ts';
import type { ClientOptions } from '../github/client.ts';
import { configurationId, deliverComment, textLimit } from '../github/comment.ts';
import { replaceComment } from '../github/failure_comment.ts';
import { foreignRun, foreignRunApi } from '../github/foreign_run.ts';
import { headPullRequest } from '../github/head_pull_request.ts';
import { commentApi } from '../github/octokit.ts';
import type { Session } from '../github/session.ts';
import { summaryCharacters, writeSummary } from '../github/summary.ts';
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
  const foreign = await foreignRunApi(token, context, client);
  const found = await headPullRequest(foreign, run);
  if (found.kind === 'none') return nothing(found.why);
  const file = posix.join(inputs['working-directory'], inputs.config ?? 'tinyml.yml');
  const configuration = configurationId(file, inputs['comment-id']);
  const api = {
    ...(await commentApi(token, context, found.number, client)),
    ...(await labelApi(token, context, found.number, client)),
  };
  const archive = await foreign.archive(run, inputs.artifact);
  if (archive === null) {
    if (run.hasFailed) await replaceComment(api, configuration, 'The run of this commit left no report.');
    return nothing(`its run left no artifact \`${inputs.artifact}\``);
  }

  const judged = reportInArchive(archive);
  const label = inputs['accept-label'];
  const { report, record, warning } = await acceptOnPullRequest(judged, api, {
    configuration,
    label,
    isKept: true,
  });
  if (warning !== '') core.warning(warning);
  const text = { reportUrl: `${context.runsUrl}/${run.id}`, acceptLabel: label };
  const markdown = foreignComment(report, { ...text, limit: textLimit(configuration, { record }) });
  const delivery = await deliverComment(api, configuration, markdown, { record });
  await writeSummary(foreignComment(report, { ...text, limit: summaryCharacters }));
  core.setOutput('verdict', report.verdict.status);
  if (delivery.kind === 'refused')
    throw new DeployError(
      'tool',
      'The comment was not written, and this workflow has nothing else to do.',
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
