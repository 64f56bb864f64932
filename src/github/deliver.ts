import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as core from '@actions/core';
import { entriesOf, sampleSights } from '../accuracy/pictures.ts';
import { DeployError } from '../errors.ts';
import { type AcceptanceRecord, acceptRegressions } from '../judge/accept.ts';
import type { Project } from '../project/project.ts';
import { renderHtml } from '../report/html.ts';
import { renderJson } from '../report/json.ts';
import { renderMarkdown } from '../report/markdown.ts';
import type { Report } from '../report/report.ts';
import { renderText } from '../report/text.ts';
import { type Accepted, acceptOnPullRequest, labelApi } from './acceptance.ts';
import { type Annotation, errorAnnotation, loosenedAnnotations, reportAnnotations } from './annotations.ts';
import { uploadArtifact } from './artifact.ts';
import { configurationId, deliverComment, textLimit } from './comment.ts';
import { isFromFork } from './context.ts';
import { currentHead } from './current_head.ts';
import { commentApi } from './octokit.ts';
import { outputsOf } from './outputs.ts';
import type { Session } from './session.ts';
import { summaryCharacters, writeSummary } from './summary.ts';

/**
 * Brings a report to everyone who waits for it: log, files, step summary, annotations, artifact, comment, outputs.
 * Returns it as it was delivered: with what the pull request's label accepts.
 */
export async function deliver(judged: Report, project: Project, session: Session): Promise<Report> {
  const { inputs, context, outputFolder } = session;
  const pullRequest = await pullRequestOf(project, session);
  const { report, record, warning } = await accepted(judged, pullRequest, session);
  warn(warning);
  printSafely(renderText(report, { colour: true, columns: 160 }));
  await mkdir(outputFolder, { recursive: true });
  const files = {
    json: join(outputFolder, 'report.json'),
    html: join(outputFolder, 'report.html'),
  };
  await writeFile(files.json, renderJson(report));
  const sights = sampleSights(project.folder, entriesOf(project));
  await writeFile(files.html, renderHtml(report, sights.of));
  sights.close();
  // Before the comment, which leads to it.
  const artifactUrl = await uploadReport(session);
  const reportUrl = artifactUrl ?? context.runUrl;
  await writeSummary(renderMarkdown(report, { reportUrl, limit: summaryCharacters }));
  const folder = relative(context.workspace, project.folder);
  for (const annotation of reportAnnotations(report, folder)) annotate(annotation);
  for (const { message, ...place } of loosenedAnnotations(report, folder)) core.warning(message, place);
  if (inputs.comment && pullRequest?.isOutdated === true) core.info(outdated);
  const comment =
    inputs.comment && pullRequest !== null && !pullRequest.isOutdated
      ? await writeComment(report, record, reportUrl, pullRequest, session)
      : '';
  for (const [name, value] of Object.entries(outputsOf(report, files, comment))) core.setOutput(name, value);
  return report;
}

/** Annotates whatever ended the run without a report; returns the exit code: 2 the input is wrong, 3 a tool failed. */
export function deliverError(error: unknown): 2 | 3 {
  const annotation = errorAnnotation(error, process.env['INPUT_WORKING-DIRECTORY'] ?? '');
  annotate(annotation);
  if (error instanceof DeployError) return error.kind === 'input' ? 2 : 3;
  if (error instanceof Error) printSafely(error.stack ?? '');
  return 3;
}

/** A text of which parts come from the pull request: none of its lines may be taken for a command to the runner. */
function printSafely(text: string): void {
  const token = randomUUID();
  core.info(`::stop-commands::${token}\n${text}\n::${token}::`);
}

interface PullRequest {
  readonly number: number;
  /** Which comment on it is this run's. */
  readonly configuration: string;
  readonly isFromFork: boolean;
  /** Whether its branch has another commit by now, e.g. where an old run is started again. */
  readonly isOutdated: boolean;
}

const outdated =
  'The comment was not written: the pull request has another commit by now, whose own run writes it.';

async function pullRequestOf(project: Project, { inputs, context }: Session): Promise<PullRequest | null> {
  if (context.pullRequest === null) return null;
  const token = inputs['github-token'];
  const { pullRequest: number, occasion } = context;
  const head = token === '' ? null : await currentHead(token, context, number, { say: core.info });
  const file = join(relative(context.workspace, project.folder), project.configFile ?? 'tinyml.yml');
  return {
    number,
    configuration: configurationId(file, inputs['comment-id']),
    isFromFork: isFromFork(context.event),
    isOutdated: head !== null && occasion.kind === 'pull-request' && head !== occasion.head,
  };
}

async function accepted(
  report: Report,
  pullRequest: PullRequest | null,
  { inputs, context }: Session,
): Promise<Accepted> {
  const token = inputs['github-token'];
  if (pullRequest === null || token === '')
    return { ...acceptRegressions(report, { set: null, record: null, isKept: false }), warning: '' };
  const { number, configuration, isFromFork: isForeign, isOutdated } = pullRequest;
  const client = { say: core.info };
  const api = {
    ...(await commentApi(token, context, number, client)),
    ...(await labelApi(token, context, number, client)),
  };
  return await acceptOnPullRequest(report, api, {
    configuration,
    label: inputs['accept-label'],
    isKept: inputs.comment && !isForeign && !isOutdated,
  });
}

/** Address of the artifact; null where there is none. */
async function uploadReport({ inputs, context, outputFolder }: Session): Promise<string | null> {
  if (inputs.artifact === '') return null;
  const content = inputs['upload-firmware'] ? 'everything' : 'reports';
  const { id, warning } = await uploadArtifact(inputs.artifact, outputFolder, content);
  warn(warning);
  return id === null ? null : `${context.runUrl}/artifacts/${id}`;
}

async function writeComment(
  report: Report,
  record: AcceptanceRecord,
  reportUrl: string,
  pullRequest: PullRequest,
  { inputs, context }: Session,
): Promise<string> {
  if (inputs['github-token'] === '') {
    warn(
      'The comment was not written: the input `github-token` is empty. The report is in the step summary.',
    );
    return '';
  }
  const { configuration, isFromFork: isForeign } = pullRequest;
  const options = { record, isFromFork: isForeign };
  const markdown = renderMarkdown(report, {
    reportUrl,
    acceptLabel: inputs['accept-label'],
    limit: textLimit(configuration, options),
  });
  const api = await commentApi(inputs['github-token'], context, pullRequest.number, { say: core.info });
  const delivery = await deliverComment(api, configuration, markdown, options);
  if (delivery.kind === 'refused') {
    // Nothing that the author of a fork's pull request, or the team by permissions, could mend.
    if (isForeign) core.info(delivery.warning);
    else warn(delivery.warning);
    return '';
  }
  core.info(
    `The comment was ${delivery.kind === 'unchanged' ? 'left as it is' : delivery.kind}: ${delivery.url}`,
  );
  return delivery.url;
}

function annotate({ message, ...properties }: Annotation): void {
  core.error(message, properties);
}

function warn(warning: string): void {
  if (warning !== '') core.warning(warning);
}
