import type { History } from '../baseline/history.ts';
import { type KeptReport, recordName, reportName } from '../baseline/kept_report.ts';
import { DeployError } from '../errors.ts';
import { artifactArchive } from './artifact_archive.ts';
import { type ClientOptions, type GitHubClient, githubClient } from './client.ts';
import { fileInArchive } from './untrusted_archive.ts';
import { mostArchiveBytes, mostReportBytes } from './untrusted_report.ts';

/** The workflow runs of this repository, and the reports in their artifacts. */

/** Those run the repository's own workflows on its own commits; a pull request's run may be a stranger's. */
const trustedEvents = ['push', 'schedule', 'workflow_dispatch', 'release'];
const mostRuns = 10;
const mostPages = 5;
const mostRecordBytes = 64 * 1024;

export interface RepositoryRuns extends History {
  /** What the runs on that very commit left, newest first. Stops without an error where GitHub refuses. */
  reportsOf(commit: string): AsyncIterable<KeptReport>;
}

interface Place {
  readonly owner: string;
  readonly repository: string;
  /** Name of the artifact that holds the report. */
  readonly artifact: string;
  /** Where it is not known, nothing is known of its last measured commit. */
  readonly defaultBranch: string | null;
}

export async function repositoryRuns(
  token: string,
  { owner, repository, artifact, defaultBranch }: Place,
  options: ClientOptions = {},
): Promise<RepositoryRuns> {
  const octokit = await githubClient(token, options);
  const place = { owner, repo: repository };
  const isTrusted = ({ event, head_repository: from }: Run): boolean =>
    trustedEvents.includes(event) && isSame(from?.full_name, `${owner}/${repository}`);
  return {
    async releases() {
      const { data } = await octokit.rest.repos.listReleases({ ...place, per_page: 100 });
      return data
        .filter(({ draft, prerelease }) => !draft && !prerelease)
        .map(({ tag_name }) => ({ tag: tag_name }));
    },
    async lastMeasured(except) {
      if (defaultBranch === null) return null;
      // By artifact, not by run: of most runs on a branch nobody knows how many other workflows started them.
      for (const id of await measuredRuns(octokit, { ...place, name: artifact }, defaultBranch, except)) {
        const { data: run } = await octokit.rest.actions.getWorkflowRun({ ...place, run_id: id });
        if (run.head_branch === defaultBranch && isTrusted(run)) return run.head_sha;
      }
      return null;
    },
    async *reportsOf(commit) {
      try {
        const { data } = await octokit.rest.actions.listWorkflowRunsForRepo({
          ...place,
          head_sha: commit,
          per_page: 100,
        });
        const exact = data.workflow_runs
          .filter((run) => run.head_sha === commit && isTrusted(run))
          .toSorted((a, b) => b.id - a.id);
        for (const run of exact.slice(0, mostRuns)) {
          const found = await newestArtifact(octokit, place, run.id, artifact);
          const kept = found === null ? null : await keptIn(octokit, place, found);
          if (kept !== null) yield kept;
        }
      } catch (error) {
        // Without the right to read runs there is the next source.
        if (!isAnswer(error)) throw error;
      }
    },
  };
}

interface Run {
  readonly event: string;
  readonly head_repository: { readonly full_name: string } | null;
}

/** Runs on a branch that left an artifact of this name, on another commit than `except`; the newest first, a few. */
async function measuredRuns(
  octokit: GitHubClient,
  of: { readonly owner: string; readonly repo: string; readonly name: string },
  branch: string,
  except: string,
): Promise<number[]> {
  const found = new Set<number>();
  let pages = 0;
  for await (const { data } of octokit.paginate.iterator(octokit.rest.actions.listArtifactsForRepo, {
    ...of,
    per_page: 100,
  })) {
    for (const { name, expired, workflow_run: run } of data) {
      const isOwn = run?.head_repository_id === run?.repository_id;
      const isOn = isOwn && run?.head_branch === branch && run.head_sha !== except;
      if (name === of.name && !expired && isOn && run.id !== undefined) found.add(run.id);
    }
    // The newest come first; most are those of pull requests.
    if (found.size >= mostRuns || ++pages === mostPages) break;
  }
  return [...found].sort((a, b) => b - a).slice(0, mostRuns);
}

interface Artifact {
  readonly id: number;
  readonly size_in_bytes: number;
}

async function newestArtifact(
  octokit: GitHubClient,
  place: { readonly owner: string; readonly repo: string },
  run: number,
  name: string,
): Promise<Artifact | null> {
  const { data } = await octokit.rest.actions.listWorkflowRunArtifacts({
    ...place,
    run_id: run,
    name,
    per_page: 100,
  });
  const [newest] = data.artifacts
    .filter((each) => each.name === name && !each.expired)
    .toSorted((a, b) => b.id - a.id);
  return newest ?? null;
}

/** null where it cannot be had, or holds no report. */
async function keptIn(
  octokit: GitHubClient,
  place: { readonly owner: string; readonly repo: string },
  artifact: Artifact,
): Promise<KeptReport | null> {
  try {
    const zip = await artifactArchive(octokit, place, artifact, mostArchiveBytes);
    const text = (name: string, limit: number) =>
      Buffer.from(fileInArchive(zip, name, limit)).toString('utf8');
    const report = text(reportName, mostReportBytes);
    return { report, record: orNull(() => text(recordName, mostRecordBytes)) };
  } catch (error) {
    if (error instanceof DeployError || isAnswer(error)) return null;
    throw error;
  }
}

function orNull<Value>(make: () => Value): Value | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof DeployError) return null;
    throw error;
  }
}

/** GitHub's refusal, or a network that fails. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && ('status' in error || 'code' in error);
}

/** Names of owners and repositories know no case. */
function isSame(one: string | undefined, other: string): boolean {
  return one !== undefined && one.toLowerCase() === other.toLowerCase();
}
