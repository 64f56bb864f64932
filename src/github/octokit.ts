import type { Comment, CommentApi } from './comment.ts';
import type { Context } from './context.ts';

/** The comments of a pull request by GitHub's REST API; the library is loaded when it is needed. */
export async function commentApi(token: string, context: Context, pullRequest: number): Promise<CommentApi> {
  const { getOctokit } = await import('@actions/github');
  const octokit = getOctokit(token);
  const place = { owner: context.owner, repo: context.repository };
  return {
    async viewer() {
      try {
        // The one question that a user's, an app's and a workflow's token can all answer.
        const answer = await octokit.graphql<{ viewer: { login: string } }>('query { viewer { login } }');
        return answer.viewer.login;
      } catch {
        return 'github-actions[bot]';
      }
    },
    async *comments() {
      const pages = octokit.paginate.iterator(octokit.rest.issues.listComments, {
        ...place,
        issue_number: pullRequest,
        per_page: 100,
      });
      for await (const { data } of pages) yield data.map(commentOf);
    },
    async create(body) {
      return commentOf(
        (await octokit.rest.issues.createComment({ ...place, issue_number: pullRequest, body })).data,
      );
    },
    async update(id, body) {
      return commentOf((await octokit.rest.issues.updateComment({ ...place, comment_id: id, body })).data);
    },
  };
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
