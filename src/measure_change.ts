import { relative, sep } from 'node:path';
import type { Base } from './baseline/base.ts';
import { headOf, repositoryOf } from './baseline/commits.ts';
import type { BaselineIdentity } from './baseline/identity.ts';
import { type KeptReport, packKept, readKept, unpackKept } from './baseline/kept_report.ts';
import { rebuildBaseline, sentenceOf } from './baseline/rebuild.ts';
import { findRenames } from './baseline/renames.ts';
import { extendTrend } from './baseline/trend.ts';
import { isChanged } from './baseline/working_tree.ts';
import { hashOf } from './cache/result_key.ts';
import type { ResultStore } from './cache/result_store.ts';
import { codeDigest } from './code_digest.ts';
import { DeployError } from './errors.ts';
import { type Baseline, type Limits, limitsOf } from './judge/judge.ts';
import type { Measurement } from './measurement.ts';
import { type MeasuredJobs, measureJobs, type PipelineOptions, type Progress } from './pipeline.ts';
import type { Project } from './project/project.ts';
import { renderJson } from './report/json.ts';
import { type Report, reportSchemaVersion, type TrendPoint } from './report/report.ts';
import { openResults } from './results.ts';
import { slots } from './slots.ts';
import type { ToolSupply } from './tool_identity.ts';
import { toolVersion } from './version.ts';

/** A change measured: the head, and what it is compared with, side by side. */

/** Picks the jobs, or measurements, of the base that this run answers for. */
export type Selection = <Each extends { readonly model: { readonly name: string }; readonly target: string }>(
  all: readonly Each[],
) => readonly Each[];

export interface ChangeRequest {
  /** The head, checked out. */
  readonly project: Project;
  /** The configuration as it was asked for; undefined: found by its name. */
  readonly configFile: string | undefined;
  readonly base: Base;
  /** Whether the base is a commit of the default branch, whose trend goes on. */
  readonly isBaseOnDefaultBranch: boolean;
  /** The base's own project in a checkout of it; the tools are the head's. */
  readonly loadProject: (folder: string) => Project;
  readonly selectBase?: Selection;
  readonly supply: ToolSupply;
  readonly options: PipelineOptions;
  /** Measurements of earlier runs; null: everything is made anew. */
  readonly results: ResultStore | null;
  /** Reports of commits; null: none is looked for. */
  readonly reports: ResultStore | null;
  /** Whether `results` keeps sources and firmware too. */
  readonly keepsFiles: boolean;
  /** What the runs of a commit left, newest first; untrusted. */
  readonly artifactsOf?: (commit: string) => AsyncIterable<KeptReport>;
  readonly onProgress: (progress: Progress, of: 'head' | 'base') => void;
  readonly say: (sentence: string) => void;
}

export interface MeasuredChange {
  /** In the order of the head's jobs. */
  readonly measurements: readonly Measurement[];
  readonly limits: readonly Limits[];
  /** How many of the head's measurements an earlier run made. */
  readonly reused: number;
  readonly baseline: Baseline;
  readonly trend: TrendPoint[];
  /** Under which the head's report may be found later; null where it stands for no commit. */
  readonly identity: BaselineIdentity | null;
}

/**
 * Measures the head, and finds the base's figures at the same time: in the store, else in the artifact of that commit's
 * run, else by measuring its files with the head's tools. Throws what measuring the head throws; what is wrong with the
 * base is a note, and a defect of ours there is thrown too. Whatever happens, nobody is left working.
 */
export async function measureChange(request: ChangeRequest): Promise<MeasuredChange> {
  const { project, supply, options } = request;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const results = request.results === null ? null : openResults(request.results, supply, request.keepsFiles);
  const warned = new Set<string>();
  const shared = {
    ...options,
    slots: slots(options.parallel),
    signal,
    warn: (sentence: string) => {
      if (!warned.has(sentence)) request.say(sentence);
      warned.add(sentence);
    },
    ...(results === null ? {} : { results }),
  };
  const measure = (of: Project, outputFolder: string, which: 'head' | 'base') =>
    measureJobs(of, supply.prepare, { ...shared, outputFolder }, (progress) =>
      request.onProgress(progress, which),
    );
  const ends: unknown[] = [];
  const stopOthers = (error: unknown): never => {
    ends.push(error);
    stop.abort();
    throw error;
  };
  const [head, found] = await Promise.allSettled([
    measure(project, options.outputFolder, 'head').catch(stopOthers),
    findBaseline(request, (of) => measure(of, `${options.outputFolder}-base`, 'base')).catch(stopOthers),
  ]);
  // The first one is why: the other was stopped, and says no more than that.
  if (head.status === 'rejected' || found.status === 'rejected') throw ends[0];
  if (signal.aborted) throw new DeployError('tool', 'the run was cancelled.');
  // Nothing of other tools may be mixed with what these measured.
  if (!(await supply.isAsIdentified())) {
    request.say('Other tools were installed than announced, so everything is measured by them.');
    return await measureChange({ ...request, supply: { ...supply, identity: null, isAsIdentified } });
  }
  const { measurements, reused } = head.value;
  const { baseline, report } = found.value;
  return {
    measurements,
    limits: project.jobs,
    reused,
    baseline: { ...baseline, renames: findRenames(baseline.measurements, measurements) },
    trend:
      request.isBaseOnDefaultBranch && baseline.commit !== null && baseline.source !== 'none'
        ? extendTrend(baseline.commit, baseline.measurements, report)
        : [],
    identity: await headIdentity(request),
  };
}

const isAsIdentified = async (): Promise<boolean> => true;

interface FoundBaseline {
  readonly baseline: Baseline;
  /** Where it was taken from a report. */
  readonly report: Report | null;
}

async function findBaseline(
  request: ChangeRequest,
  measure: (of: Project) => Promise<MeasuredJobs>,
): Promise<FoundBaseline> {
  const { base, project } = request;
  const select: Selection = request.selectBase ?? ((all) => all);
  const declined: string[] = [];
  const repository = await repositoryOf(project.folder);
  if (base.kind === 'commit' && repository !== null) {
    const identity = identityOf(request, repository, base.commit);
    if (identity !== null)
      for await (const { source, kept } of keptReports(request, identity)) {
        const read = readKept(kept, identity);
        if (read.kind === 'report')
          return { baseline: baselineFrom(read.report, source, base, select), report: read.report };
        if (!declined.includes(read.why)) declined.push(read.why);
      }
  }
  let isBuilt = true;
  const rebuilt = await rebuildBaseline(project.folder, base, async (folder) => {
    const before = request.loadProject(folder);
    const jobs = select(before.jobs);
    const { measurements, reused } = await measure({ ...before, jobs });
    isBuilt = reused < jobs.length;
    return { measurements, limits: jobs };
  });
  const [why] = declined;
  const note = why === undefined ? rebuilt.note : `${rebuilt.note} An earlier report was not taken: ${why}.`;
  // Its files were checked out, and each of its measurements was kept from an earlier run on just those.
  const source = rebuilt.source === 'rebuilt' && !isBuilt ? 'cache' : rebuilt.source;
  return { baseline: { ...rebuilt, source, note }, report: null };
}

async function* keptReports(
  { reports, artifactsOf }: ChangeRequest,
  identity: BaselineIdentity,
): AsyncGenerator<{ readonly source: 'cache' | 'artifact'; readonly kept: KeptReport }> {
  const entry = (await reports?.restore(hashOf(identity))) ?? null;
  const cached = entry === null ? null : unpackKept(entry);
  if (cached !== null) yield { source: 'cache', kept: cached };
  if (artifactsOf === undefined) return;
  for await (const kept of artifactsOf(identity.commit)) yield { source: 'artifact', kept };
}

function baselineFrom(
  report: Report,
  source: 'cache' | 'artifact',
  base: Base & { readonly kind: 'commit' },
  select: Selection,
): Baseline {
  return {
    commit: base.commit,
    source,
    note: sentenceOf(`it is ${base.how}`),
    measurements: select(report.measurements),
    limits: select(limitsOf(report)),
  };
}

function identityOf(
  { project, configFile, supply }: ChangeRequest,
  repository: string,
  commit: string,
): BaselineIdentity | null {
  if (supply.identity === null) return null;
  return {
    commit,
    project: relative(repository, project.folder).split(sep).join('/'),
    configuration: configFile ?? '',
    code: codeDigest(),
    toolVersion: toolVersion(),
    reportSchemaVersion,
    compiler: supply.identity.compiler,
    emulators: { ...supply.identity.emulators },
  };
}

/** null outside of a repository, and where a file differs from the commit: then these are not the commit's figures. */
async function headIdentity(request: ChangeRequest): Promise<BaselineIdentity | null> {
  const { folder } = request.project;
  const repository = await repositoryOf(folder);
  const head = repository === null ? null : await headOf(folder);
  if (repository === null || head === null || (await isChanged(folder))) return null;
  return identityOf(request, repository, head.commit);
}

/** Keeps the report of a commit, so that a later change can be compared with it; '' or one sentence that says why not. */
export async function keepReport(
  store: ResultStore,
  identity: BaselineIdentity,
  report: Report,
): Promise<string> {
  if (report.head.commit !== identity.commit) return '';
  if (report.measurements.some(({ failures }) => failures.length > 0)) return '';
  return await store.save(hashOf(identity), packKept(renderJson(report), identity));
}
