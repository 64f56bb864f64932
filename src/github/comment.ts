import { printable } from '../errors.ts';
import type { AcceptanceRecord } from '../judge/accept.ts';
import { withoutRun } from '../report/markdown.ts';
import { parseState, renderState } from './comment_state.ts';

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

/** What sets one comment on a pull request apart from another: the configuration's path, and an id where the workflow gives one. */
export function configurationId(file: string, commentId: string): string {
  return commentId === '' ? file : `${file}#${commentId}`;
}

export interface CommentOptions {
  /** What the next run is to know; absent: nothing. */
  readonly record?: AcceptanceRecord;
  /** The pull request comes from a fork, so its token can only read. */
  readonly isFromFork?: boolean;
}

/** What stands before the text, invisible. */
function head(configuration: string, { record }: CommentOptions): string {
  return `${marker(configuration)}\n${record === undefined ? '' : `${renderState(record)}\n`}`;
}

/** How many characters a comment leaves for its text. */
export function textLimit(configuration: string, options: CommentOptions = {}): number {
  return commentLimit - head(configuration, options).length;
}

/**
 * Makes the one comment of a configuration, or updates it in place, or leaves it alone when it says the same
 * already: where it leads, to which run and which artifact, is not what it says. A comment counts as ours by its
 * author and its marker: anyone can copy a marker. Each is one request, so that nothing is ever half-written. Never
 * throws: a comment that can't be written is a warning, and the report stays in the step summary.
 */
export async function deliverComment(
  api: CommentApi,
  configuration: string,
  markdown: string,
  options: CommentOptions = {},
): Promise<Delivery> {
  const body = `${head(configuration, options)}${markdown}`;
  if (body.length > commentLimit) {
    return refused(`the report has ${body.length} characters, and a comment takes ${commentLimit}`, '');
  }
  try {
    const own = await findComment(api, configuration);
    if (own === null) return { kind: 'created', url: (await api.create(body)).url };
    if (normalized(own.body) === normalized(body)) return { kind: 'unchanged', url: own.url };
    return await updated(api, own, body);
  } catch (error) {
    return explain(error, options.isFromFork === true);
  }
}

/** Somebody may delete the comment just now: then it is made again. */
async function updated(api: CommentApi, own: Comment, body: string): Promise<Delivery> {
  try {
    return { kind: 'updated', url: (await api.update(own.id, body)).url };
  } catch (error) {
    if (!(error instanceof Error && 'status' in error && error.status === 404)) throw error;
    return { kind: 'created', url: (await api.create(body)).url };
  }
}

/** Our comment for this configuration; null where there is none. Throws what the API throws. */
export async function findComment(api: CommentApi, configuration: string): Promise<Comment | null> {
  const viewer = await api.viewer();
  const line = marker(configuration);
  for await (const page of api.comments()) {
    const own = page.find((comment) => comment.author === viewer && comment.body.startsWith(line));
    if (own !== undefined) return own;
  }
  return null;
}

/** What a comment of ours remembers: only its second line says so, for the rest is text from the pull request. */
export function recordIn(comment: Comment): AcceptanceRecord | null {
  return parseState(comment.body.replaceAll('\r\n', '\n').split('\n', 2)[1] ?? '');
}

/** GitHub gives line ends and trailing space back as it likes. */
function normalized(body: string): string {
  return withoutRun(body.replaceAll('\r\n', '\n')).trimEnd();
}

const forkHint =
  'This pull request comes from a fork, whose token can only read: the pair of workflows in docs/ci.md of tinyml/deploy-action comments on those.';
const permissionHint =
  'Add to the job: `permissions:` with the lines `contents: read` and `pull-requests: write`.';

function explain(error: unknown, isFromFork: boolean): Delivery {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 401 || status === 403 || status === 404) {
    return refused(
      `the token may not write it (GitHub answered ${status})`,
      isFromFork ? forkHint : permissionHint,
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return refused(typeof status === 'number' ? `GitHub answered ${status}` : printable(message), '');
}

function refused(why: string, hint: string): Delivery {
  const warning = `The comment was not written: ${why}. The report is in the step summary.`;
  return { kind: 'refused', warning: hint === '' ? warning : `${warning} ${hint}` };
}
