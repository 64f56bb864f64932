import { mkdtempSync, statSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as core from '@actions/core';
import { headOf } from '../baseline/commits.ts';
import { supplyConverter } from '../converter.ts';
import { DeployError, printable } from '../errors.ts';
import { toolCacheFolder } from '../install/download.ts';
import { toolchainVersions } from '../install/toolchain_release.ts';
import type { JudgeContext } from '../judge/judge.ts';
import type { PipelineOptions, Progress } from '../pipeline.ts';
import { loadProject } from '../project/load.ts';
import type { Project } from '../project/project.ts';
import { targets } from '../targets/index.ts';
import type { ToolRequest } from '../tools.ts';
import { toolVersion } from '../version.ts';
import { workflowCache, workflowResults } from './cache.ts';
import { type Context, isFromFork, readContext } from './context.ts';
import { type Inputs, readInputs, unknownInputs } from './inputs.ts';
import { interruption } from './interruption.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** One run of the action: what the workflow asked for, in the words of the pipeline. */
export interface Session {
  readonly inputs: Inputs;
  readonly context: Context;
  /** Absolute. */
  readonly projectFolder: string;
  /** Everything below it goes into the artifact. */
  readonly outputFolder: string;
  /** The same in each run. */
  readonly cacheFolder: string;
  /** SOURCE_DATE_EPOCH, as it is set. */
  readonly sourceDateEpoch: string | undefined;
  loadProject(folder: string): Project;
  toolRequest(project: Project): ToolRequest;
  pipelineOptions(outputFolder: string): PipelineOptions;
  judgeContext(project: Project): Promise<JudgeContext>;
}

/** Reads inputs and event. Throws a `DeployError` of kind `input` for an input that is wrong. */
export function openSession(environment: Environment): Session {
  for (const sentence of unknownInputs(environment)) core.warning(sentence);
  const inputs = readInputs(environment);
  const context = readContext(environment);
  if (inputs['github-token'] !== '') core.setSecret(inputs['github-token']);
  const projectFolder = resolve(context.workspace, inputs['working-directory']);
  // Nothing is checked out where only a comment is written.
  if (
    inputs.mode !== 'comment' &&
    statSync(projectFolder, { throwIfNoEntry: false })?.isDirectory() !== true
  ) {
    throw new DeployError(
      'input',
      `The working directory \`${printable(inputs['working-directory'])}\` is not a folder of the repository.`,
      {},
      'Check the path, and that actions/checkout runs first.',
    );
  }
  const signal = interruption();
  // A folder of its own for each step: a job may use the action several times.
  const outputFolder = mkdtempSync(join(environment.RUNNER_TEMP || tmpdir(), 'tinyml-deploy-'));
  const cacheFolder = toolCacheFolder(environment, homedir());
  const host = { platform: process.platform, arch: process.arch };
  // Weights of a secret model stay out of the cache, and a release takes nothing from where other workflows can write.
  const keeps = inputs.cache && inputs['upload-firmware'] && context.occasion.kind !== 'release';
  const converter = supplyConverter({
    install: inputs.install,
    environment,
    host,
    home: homedir(),
    store: workflowCache,
    kept: keeps ? workflowResults(cacheFolder) : null,
    isUntrusted: isFromFork(context.event) && !inputs['convert-from-forks'],
    signal,
  });
  return {
    inputs,
    context,
    projectFolder,
    outputFolder,
    cacheFolder,
    sourceDateEpoch: environment.SOURCE_DATE_EPOCH,
    loadProject: (folder) =>
      loadProject({
        folder,
        configFile: inputs.config,
        knownTargets: [...targets.keys()],
        knownToolchains: toolchainVersions,
        emulator: inputs.emulator,
        toolchain: inputs.toolchain,
      }),
    toolRequest: (project) => ({
      project,
      install: inputs.install,
      environment,
      host,
      home: homedir(),
      store: workflowCache,
      say: core.info,
    }),
    pipelineOptions: (folder) => ({
      outputFolder: folder,
      parallel: availableParallelism(),
      signal,
      converter,
      programs: {
        environment,
        isAllowed: !isFromFork(context.event) || inputs['score-from-forks'],
      },
    }),
    judgeContext: async (project) => ({
      toolVersion: toolVersion(),
      run: { at: new Date().toISOString(), host: `${process.platform} ${process.arch}` },
      headCommit: (await headOf(projectFolder))?.commit ?? null,
      configFile: project.configFile,
    }),
  };
}

/** A group in the workflow's log for each phase. */
export const phase = core.group;

/** A line in the workflow's log for each step of each job. */
export function showProgress({ job, stage, part = 0, step }: Progress, of = ''): void {
  // A log has no bar: the start is enough.
  if (part > 0) return;
  core.info(
    `${of}${printable(job.model.name)} on ${printable(job.target)}: ${stage}${step === undefined ? '' : `: ${step}`}`,
  );
}
