import { printable } from '../errors.ts';

/** GitHub refuses a longer comment. */
export const commentLimit = 65_536;

export interface Comment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
  readonly url: string;
}

/** What this needs of GitHub; see octokit.ts. Every call may throw an error with a numeric `status`. */
export interface CommentApi {
  /** Login of the token's user, e.g. `github-actions[bot]`. */
  viewer(): Promise<string>;
  /** All comments of the pull request, page by page, oldest first. */
  comments(): AsyncIterable<readonly Comment[]>;
  create(body: string): Promise<Comment>;
  update(id: number, body: string): Promise<Comment>;
}

export type Delivery =
  | { readonly kind: 'created' | 'updated' | 'unchanged'; readonly url: string }
  | { readonly kind: 'refused'; readonly warning: string };

/** Invisible first line by which the action knows its comment: one for each configuration in a repository. */
export function marker(configuration: string): string {
  // encodeURIComponent leaves `-` alone, but `--` ends an HTML comment.
  return `<!-- tinyml-deploy: ${encodeURIComponent(configuration).replaceAll('-', '%2D')} -->`;
}

/**
 * Makes the one comment of a configuration, or updates it in place, or leaves it alone when it says the same
 * already. A comment counts as ours by its author and its marker: anyone can copy a marker. Never throws: a
 * comment that can't be written is a warning, and the report stays in the step summary.
 */
export async function deliverComment(
  api: CommentApi,
  configuration: string,
  markdown: string,
): Promise<Delivery> {
  const body = `${marker(configuration)}\n${markdown}`;
  if (body.length > commentLimit) {
    return refused(`the report has ${body.length} characters, and a comment takes ${commentLimit}`, '');
  }
  try {
    const own = await findOwn(api, marker(configuration));
    if (own === null) return { kind: 'created', url: (await api.create(body)).url };
    if (normalized(own.body) === normalized(body)) return { kind: 'unchanged', url: own.url };
    return { kind: 'updated', url: (await api.update(own.id, body)).url };
  } catch (error) {
    return explain(error);
  }
}

async function findOwn(api: CommentApi, line: string): Promise<Comment | null> {
  const viewer = await api.viewer();
  for await (const page of api.comments()) {
    const own = page.find((comment) => comment.author === viewer && comment.body.startsWith(line));
    if (own !== undefined) return own;
  }
  return null;
}

/** GitHub gives line ends and trailing space back as it likes. */
function normalized(body: string): string {
  return body.replaceAll('\r\n', '\n').trimEnd();
}

function explain(error: unknown): Delivery {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 401 || status === 403 || status === 404) {
    return refused(
      `the token may not write it (GitHub answered ${status})`,
      'Add to the job: `permissions:` with the lines `contents: read` and `pull-requests: write`. A pull request from a fork has a token that can only read.',
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return refused(typeof status === 'number' ? `GitHub answered ${status}` : printable(message), '');
}

function refused(why: string, hint: string): Delivery {
  const warning = `The comment was not written: ${why}. The report is in the step summary.`;
  return { kind: 'refused', warning: hint === '' ? warning : `${warning} ${hint}` };
}
