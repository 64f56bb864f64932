import { z } from 'zod';
import { printable } from '../errors.ts';
import { type AcceptanceRecord, acceptRegressions, brokenValues, type LabelSet } from '../judge/accept.ts';
import type { Report } from '../report/report.ts';
import { type ClientOptions, githubClient } from './client.ts';
import { type CommentApi, findComment, recordIn } from './comment.ts';
import type { Context } from './context.ts';

/** A label was put on a pull request, or taken off. */
export interface LabelEvent {
  readonly id: number;
  readonly kind: 'labeled' | 'unlabeled';
  readonly label: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What acceptance needs of GitHub. Every call may throw an error with a numeric `status`. */
export interface LabelApi {
  /** All label events of the pull request, page by page, oldest first. */
  labelEvents(): AsyncIterable<readonly LabelEvent[]>;
}

export interface AcceptanceRequest {
  readonly configuration: string;
  /** Name of the label; '' accepts nothing. */
  readonly label: string;
  /** Whether this run writes the comment, which remembers what was accepted. */
  readonly isKept: boolean;
}

export interface Accepted {
  readonly report: Report;
  /** For the comment. */
  readonly record: AcceptanceRecord;
  /** One sentence where GitHub could not be asked; else ''. */
  readonly warning: string;
}

/**
 * The report with what the pull request's label accepts. GitHub is asked only where a budget is broken. Never throws:
 * where GitHub does not answer, nothing is accepted.
 */
export async function acceptOnPullRequest(
  report: Report,
  api: CommentApi & LabelApi,
  { configuration, label, isKept }: AcceptanceRequest,
): Promise<Accepted> {
  const nothing = acceptRegressions(report, { set: null, record: null, isKept });
  if (label === '') return { ...nothing, warning: '' };
  let known: AcceptanceRecord | null = null;
  try {
    const comment = await findComment(api, configuration);
    known = comment === null ? null : recordIn(comment);
    // Without a broken budget there is nothing to accept, and the comment will show that there was nothing.
    if (brokenValues(nothing.report).length === 0) {
      return { ...nothing, record: { shown: [], accepted: known?.accepted ?? null }, warning: '' };
    }
    const set = await findLabel(api, label);
    // A comment that remembers nothing, e.g. of an earlier version, showed nothing that a label could mean.
    const record = comment === null ? null : (known ?? { shown: [], accepted: null });
    return { ...acceptRegressions(report, { set, record, isKept }), warning: '' };
  } catch (error) {
    const status = error instanceof Error && 'status' in error ? `GitHub answered ${error.status}` : '';
    const why = status || (error instanceof Error ? error.message : String(error));
    const isBroken = brokenValues(nothing.report).length > 0;
    return {
      report: nothing.report,
      // Not what this run shows: the label may be older than that.
      record: known ?? { shown: [], accepted: null },
      warning: isBroken
        ? `Whether the label ${printable(label, 60)} accepts what is over its budget could not be read: ${printable(why, 200)}.`
        : '',
    };
  }
}

/** The last time that a label was set, if it was not taken off since. Labels are told apart as GitHub does: not by case. */
export async function findLabel({ labelEvents }: LabelApi, label: string): Promise<LabelSet | null> {
  const wanted = label.toLowerCase();
  let last: LabelEvent | null = null;
  for await (const page of labelEvents())
    for (const event of page) {
      // By number too: pages shift when an event comes in between.
      if (event.label.toLowerCase() === wanted && (last === null || event.id >= last.id)) last = event;
    }
  return last?.kind === 'labeled' ? { id: last.id, by: last.by, at: last.at, label: last.label } : null;
}

const labelEvent = z.object({
  id: z.int(),
  event: z.enum(['labeled', 'unlabeled']),
  // A user who deleted their account is null.
  actor: z.object({ login: z.string() }).nullish(),
  created_at: z.string(),
  label: z.object({ name: z.string() }),
});

/** The label events of a pull request by GitHub's REST API. */
export async function labelApi(
  token: string,
  { owner, repository }: Pick<Context, 'owner' | 'repository'>,
  pullRequest: number,
  options: ClientOptions = {},
): Promise<LabelApi> {
  const octokit = await githubClient(token, options);
  return {
    async *labelEvents() {
      const pages = octokit.paginate.iterator(octokit.rest.issues.listEvents, {
        owner,
        repo: repository,
        issue_number: pullRequest,
        per_page: 100,
      });
      for await (const { data } of pages)
        yield data.flatMap((each): LabelEvent[] => {
          const { data: event } = labelEvent.safeParse(each);
          if (event === undefined) return [];
          const { id, event: kind, actor, created_at: at, label } = event;
          return [{ id, kind, label: label.name, by: actor?.login ?? 'ghost', at }];
        });
    },
  };
}
