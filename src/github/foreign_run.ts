import { z } from 'zod';
import { DeployError, printable } from '../errors.ts';
import { artifactArchive } from './artifact_archive.ts';
import { type ClientOptions, githubClient } from './client.ts';
import { mostArchiveBytes } from './untrusted_report.ts';

/** The workflow run that a `workflow_run` event is about: GitHub's own words, not the run's. */

const sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

const workflowRunEvent = z.object({
  workflow_run: z.object({
    id: z.int().positive(),
    event: z.string(),
    conclusion: z.string().nullish(),
    head_sha: sha,
    head_branch: z.string().min(1).nullable(),
    head_repository: z.object({ full_name: z.string(), owner: z.object({ login: z.string() }) }).nullable(),
  }),
});

export interface ForeignRun {
  readonly id: number;
  /** What started it, e.g. `pull_request`. */
  readonly event: string;
  /** Not where it was cancelled. */
  readonly hasFailed: boolean;
  readonly headCommit: string;
  /** null: the branch or its repository is gone. */
  readonly head: { readonly owner: string; readonly repository: string; readonly branch: string } | null;
}

/** Throws DeployError (kind `input`) for another event. */
export function foreignRun(eventName: string, event: unknown): ForeignRun {
  const { data } = workflowRunEvent.safeParse(event);
  if (eventName !== 'workflow_run' || data === undefined)
    throw new DeployError(
      'input',
      `\`mode: comment\` is for a \`workflow_run\` event; this is ${printable(eventName || 'none', 40)}.`,
      {},
      'Take the pair of workflows in examples/forks.',
    );
  const { id, event: started, conclusion, head_sha, head_branch, head_repository } = data.workflow_run;
  return {
    id,
    event: started,
    hasFailed: conclusion === 'failure',
    headCommit: head_sha,
    head:
      head_branch === null || head_repository === null
        ? null
        : { owner: head_repository.owner.login, repository: head_repository.full_name, branch: head_branch },
  };
}

export interface OpenPullRequest {
  readonly number: number;
  readonly headCommit: string;
  readonly headRepository: string | null;
}

/** What mode `comment` asks GitHub. */
export interface ForeignRunApi {
  /** The open pull requests into this repository from that branch. */
  pullRequests(owner: string, branch: string): Promise<readonly OpenPullRequest[]>;
  /** The newest artifact of this name that the run left, as a zip archive; null where there is none. Throws DeployError (kind `input`) above the limit. */
  archive(run: ForeignRun, name: string): Promise<Uint8Array | null>;
}

export async function foreignRunApi(
  token: string,
  context: { readonly owner: string; readonly repository: string },
  options: ClientOptions = {},
): Promise<ForeignRunApi> {
  const octokit = await githubClient(token, options);
  const place = { owner: context.owner, repo: context.repository };
  return {
    async pullRequests(owner, branch) {
      const pulls = await octokit.paginate(octokit.rest.pulls.list, {
        ...place,
        state: 'open',
        head: `${owner}:${branch}`,
        per_page: 100,
      });
      return pulls.map(({ number, head }) => ({
        number,
        headCommit: head.sha,
        // GitHub says null where the fork is gone, whatever the types say.
        headRepository: (head.repo as typeof head.repo | null)?.full_name ?? null,
      }));
    },
    async archive(run, name) {
      const artifacts = await octokit.paginate(octokit.rest.actions.listWorkflowRunArtifacts, {
        ...place,
        run_id: run.id,
        name,
        per_page: 100,
      });
      const [newest] = artifacts
        .filter((each) => each.name === name && !each.expired)
        .toSorted((a, b) => b.id - a.id);
      if (newest === undefined) return null;
      return await artifactArchive(octokit, place, newest, mostArchiveBytes);
    },
  };
}
