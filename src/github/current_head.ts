import { type ClientOptions, githubClient } from './client.ts';
import type { Context } from './context.ts';

/** The commit that a pull request's branch is at now; null where GitHub does not say. Never throws for its answer. */
export async function currentHead(
  token: string,
  { owner, repository }: Pick<Context, 'owner' | 'repository'>,
  pullRequest: number,
  options: ClientOptions = {},
): Promise<string | null> {
  try {
    const octokit = await githubClient(token, options);
    const { data } = await octokit.rest.pulls.get({ owner, repo: repository, pull_number: pullRequest });
    return data.head.sha;
  } catch (error) {
    if (error instanceof Error && ('status' in error || 'code' in error)) return null;
    throw error;
  }
}
