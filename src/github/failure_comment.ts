import { join, relative } from 'node:path';
import * as core from '@actions/core';
import { DeployError, printable } from '../errors.ts';
import { renderFailure } from '../report/failure.ts';
import type { ClientOptions } from './client.ts';
import { type CommentApi, configurationId, deliverComment, findComment, recordIn } from './comment.ts';
import { isFromFork } from './context.ts';
import { currentHead } from './current_head.ts';
import { commentApi } from './octokit.ts';
import type { Session } from './session.ts';

/**
 * Where a run ends without a report: the comment that an earlier one wrote would go on to say that all is well, so it
 * says what is wrong instead. None is made where there is none, and a cancelled run writes nothing. Never throws.
 */
export async function commentFailure(
  error: unknown,
  session: Session,
  client: ClientOptions = { say: core.info },
): Promise<void> {
  const { inputs, context } = session;
  const token = inputs['github-token'];
  const number = context.pullRequest;
  const isCancelled = session.pipelineOptions(session.outputFolder).signal?.aborted === true;
  const isSilent = !inputs.comment || token === '' || isFromFork(context.event) || isCancelled;
  if (isSilent || number === null || !['all', 'report'].includes(inputs.mode)) return;
  try {
    const head = await currentHead(token, context, number, client);
    const { occasion } = context;
    if (head !== null && occasion.kind === 'pull-request' && head !== occasion.head) return;
    const api = await commentApi(token, context, number, client);
    const folder = relative(context.workspace, session.projectFolder);
    // Which configuration it is may be what could not be found out.
    for (const name of inputs.config === undefined ? ['tinyml.yml', 'tinyml.yaml'] : [inputs.config])
      await replaceComment(api, configurationId(join(folder, name), inputs['comment-id']), messageOf(error));
  } catch (refusal) {
    // What ended the run is what people should see.
    core.info(
      `The comment was left as it is: ${printable(refusal instanceof Error ? refusal.message : String(refusal))}`,
    );
  }
}

/** Our comment says why there are no figures, and remembers what was accepted. */
export async function replaceComment(api: CommentApi, configuration: string, message: string): Promise<void> {
  const own = await findComment(api, configuration);
  if (own === null) return;
  const accepted = recordIn(own)?.accepted ?? null;
  await deliverComment(api, configuration, renderFailure(message), { record: { shown: [], accepted } });
}

function messageOf(error: unknown): string {
  if (error instanceof DeployError) return error.message;
  return 'tinyml-deploy failed for a reason that it does not know; the log of its run has more.';
}
