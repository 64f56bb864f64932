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
  const runs = async (of: { readonly head_sha: string } | { readonly branch: string }) => {
    const { data } = await octokit.rest.actions.listWorkflowRunsForRepo({ ...place, ...of, per_page: 100 });
    return data.workflow_runs
      .filter(({ event }) => trustedEvents.includes(event))
      .filter(({ head_repository: from }) => isSame(from?.full_name, `${owner}/${repository}`))
      .toSorted((a, b) => b.id - a.id);
  };
  return {
    async releases() {
      const { data } = await octokit.rest.repos.listReleases({ ...place, per_page: 100 });
      return data
        .filter(({ draft, prerelease }) => !draft && !prerelease)
        .map(({ tag_name }) => ({ tag: tag_name }));
    },
    async lastMeasured(except) {
      if (defaultBranch === null) return null;
      const others = (await runs({ branch: defaultBranch })).filter(({ head_sha }) => head_sha !== except);
      for (const run of others.slice(0, mostRuns))
        if ((await newestArtifact(octokit, place, run.id, artifact)) !== null) return run.head_sha;
      return null;
    },
    async *reportsOf(commit) {
      try {
        const exact = (await runs({ head_sha: commit })).filter(({ head_sha }) => head_sha === commit);
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
