import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as core from '@actions/core';
import { DeployError } from '../errors.ts';
import type { Project } from '../project/project.ts';
import { renderHtml } from '../report/html.ts';
import { renderJson } from '../report/json.ts';
import { renderMarkdown } from '../report/markdown.ts';
import type { Report } from '../report/report.ts';
import { renderText } from '../report/text.ts';
import { type Annotation, errorAnnotation, loosenedAnnotations, reportAnnotations } from './annotations.ts';
import { uploadArtifact } from './artifact.ts';
import { deliverComment } from './comment.ts';
import { commentApi } from './octokit.ts';
import { outputsOf } from './outputs.ts';
import type { Session } from './session.ts';
import { summaryCharacters, writeSummary } from './summary.ts';

/** Brings a report to everyone who waits for it: log, files, step summary, annotations, comment, artifact, outputs. */
export async function deliver(report: Report, project: Project, session: Session): Promise<void> {
  const { inputs, context, outputFolder } = session;
  printSafely(renderText(report, { colour: true, columns: 160 }));
  await mkdir(outputFolder, { recursive: true });
  const files = {
    json: join(outputFolder, 'report.json'),
    html: join(outputFolder, 'report.html'),
  };
  await writeFile(files.json, renderJson(report));
  await writeFile(files.html, renderHtml(report));
  await writeSummary(renderMarkdown(report, { limit: summaryCharacters }));
  const folder = relative(context.workspace, project.folder);
  for (const annotation of reportAnnotations(report, folder)) annotate(annotation);
  for (const { message, ...place } of loosenedAnnotations(report, folder)) core.warning(message, place);
  const comment = await deliverToPullRequest(report, project, session);
  if (inputs.artifact !== '')
    warn(
      await uploadArtifact(
        inputs.artifact,
        outputFolder,
        inputs['upload-firmware'] ? 'everything' : 'reports',
      ),
    );
  for (const [name, value] of Object.entries(outputsOf(report, files, comment))) core.setOutput(name, value);
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

async function deliverToPullRequest(
  report: Report,
  project: Project,
  { inputs, context }: Session,
): Promise<string> {
  if (!inputs.comment || context.pullRequest === null) return '';
  if (inputs['github-token'] === '') {
    warn(
      'The comment was not written: the input `github-token` is empty. The report is in the step summary.',
    );
    return '';
  }
  const folder = relative(context.workspace, project.folder);
  const configuration = join(folder, project.configFile ?? 'tinyml.yml');
  const markdown = renderMarkdown(report, { reportUrl: context.runUrl });
  const api = await commentApi(inputs['github-token'], context, context.pullRequest);
  const delivery = await deliverComment(api, configuration, markdown);
  if (delivery.kind === 'refused') {
    warn(delivery.warning);
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
