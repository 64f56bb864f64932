import type { ForeignRun, ForeignRunApi } from './foreign_run.ts';

/** The pull request that a run measured, or in one sentence why there is none to comment on. */
export type FoundPullRequest =
  | { readonly kind: 'found'; readonly number: number }
  | { readonly kind: 'none'; readonly why: string };

/** By what GitHub says of the run's head, never by what the run says: open, from that repository, with exactly that commit. */
export async function headPullRequest(
  api: Pick<ForeignRunApi, 'pullRequests'>,
  run: ForeignRun,
): Promise<FoundPullRequest> {
  if (run.event !== 'pull_request')
    return none('the workflow that measured was not started by a pull request');
  const { head } = run;
  if (head === null) return none('the branch that was measured is gone');
  const open = (await api.pullRequests(head.owner, head.branch)).filter(
    ({ headRepository }) => headRepository === head.repository,
  );
  const [found, another] = open.filter(({ headCommit }) => headCommit === run.headCommit);
  if (another !== undefined) return none('several open pull requests have this commit as their head');
  if (found !== undefined) return { kind: 'found', number: found.number };
  return none(
    open.length === 0
      ? 'no open pull request has this branch as its head'
      : 'the pull request has a newer commit by now, whose own run will be reported',
  );
}

function none(why: string): FoundPullRequest {
  return { kind: 'none', why };
}
