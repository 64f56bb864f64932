import { setTimeout as delay } from 'node:timers/promises';
import { type ClientOptions, githubClient } from './client.ts';
import type { Comment, CommentApi } from './comment.ts';
import type { Context } from './context.ts';

const attempts = 3;

/** The comments of a pull request by GitHub's REST API. */
export async function commentApi(
  token: string,
  context: Pick<Context, 'owner' | 'repository'>,
  pullRequest: number,
  options: ClientOptions = {},
): Promise<CommentApi> {
  const octokit = await githubClient(token, options);
  const place = { owner: context.owner, repo: context.repository };
  async function* comments(): AsyncGenerator<readonly Comment[]> {
    const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
      ...place,
      issue_number: pullRequest,
      per_page: 100,
    });
    for await (const { data } of pages) yield data.map(commentOf);
  }
  const askViewer = async (): Promise<string> => {
    try {
      // The one question that a user's, an app's and a workflow's token can all answer.
      const answer = await octokit.graphql<{ viewer: { login: string } }>('query { viewer { login } }');
      return answer.viewer.login;
    } catch {
      return 'github-actions[bot]';
    }
  };
  let known: Promise<string> | null = null;
  return {
    // Asked once: the client takes it for a write, and leaves a second between two.
    async viewer() {
      known ??= askViewer();
      return await known;
    },
    comments,
    async create(body) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          // Not repeated blindly: a comment may have been made though the answer was a 5xx, and there is to be one.
          const request = { ...place, issue_number: pullRequest, body, request: { retries: 0 } };
          return commentOf((await octokit.rest.issues.createComment(request)).data);
        } catch (error) {
          if (attempt === attempts || !isFaultOfServer(error)) throw error;
          await delay((options.testOnly?.secondMs ?? 1000) * attempt ** 2);
          for await (const page of comments()) {
            const made = page.find((comment) => comment.body.trimEnd() === body.trimEnd());
            if (made !== undefined) return made;
          }
        }
      }
    },
    async update(id, body) {
      return commentOf((await octokit.rest.issues.updateComment({ ...place, comment_id: id, body })).data);
    },
  };
}

function isFaultOfServer(error: unknown): boolean {
  return error instanceof Error && 'status' in error && Number(error.status) >= 500;
}

interface RestComment {
  readonly id: number;
  readonly body?: string | undefined;
  readonly user: { readonly login: string } | null;
  readonly html_url: string;
}

function commentOf(comment: RestComment): Comment {
  return {
    id: comment.id,
    body: comment.body ?? '',
    author: comment.user?.login ?? '',
    url: comment.html_url,
  };
}
