import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Occasion } from '../baseline/base.ts';

/** What the runner says about where the action runs; only what is used. */
export interface Context {
  readonly workspace: string;
  readonly owner: string;
  readonly repository: string;
  /** Number of the pull request to comment on; null on other events. */
  readonly pullRequest: number | null;
  readonly occasion: Occasion;
  /** Where the run can be looked at. */
  readonly runUrl: string;
  /** Where the repository's runs can be looked at: `…/actions/runs`. */
  readonly runsUrl: string;
  /** The event that started the workflow, as GitHub tells it. */
  readonly eventName: string;
  readonly event: unknown;
}

const pullRequestEvent = z.object({
  pull_request: z.object({
    number: z.int().positive(),
    head: z.object({ sha: z.string() }),
    base: z.object({ sha: z.string() }),
  }),
});
const pushEvent = z.object({ before: z.string() });
const mergeGroupEvent = z.object({ merge_group: z.object({ base_sha: z.string() }) });

/** Reads the runner's variables and the event that started the workflow. */
export function readContext(environment: Readonly<Record<string, string | undefined>>): Context {
  const event = readEvent(environment.GITHUB_EVENT_PATH);
  const [owner = '', repository = ''] = (environment.GITHUB_REPOSITORY ?? '').split('/');
  const eventName = environment.GITHUB_EVENT_NAME ?? '';
  const server = environment.GITHUB_SERVER_URL ?? 'https://github.com';
  const runsUrl = `${server}/${owner}/${repository}/actions/runs`;
  return {
    workspace: environment.GITHUB_WORKSPACE ?? process.cwd(),
    owner,
    repository,
    ...describeEvent(eventName, event),
    runUrl: `${runsUrl}/${environment.GITHUB_RUN_ID ?? ''}`,
    runsUrl,
    eventName,
    event,
  };
}

type FromEvent = Pick<Context, 'pullRequest' | 'occasion'>;

/** What an event means for the comparison and the comment. Unknown events, and events of another shape than GitHub's, have no base. */
export function describeEvent(name: string, event: unknown): FromEvent {
  const none: FromEvent = { pullRequest: null, occasion: { kind: 'other', event: name } };
  switch (name) {
    case 'pull_request':
    case 'pull_request_target': {
      const { data } = pullRequestEvent.safeParse(event);
      if (data === undefined) return none;
      const { number, head, base } = data.pull_request;
      return {
        pullRequest: number,
        occasion: { kind: 'pull-request', head: head.sha, base: base.sha },
      };
    }
    case 'push': {
      const { data } = pushEvent.safeParse(event);
      return data === undefined ? none : { ...none, occasion: { kind: 'push', before: data.before } };
    }
    case 'merge_group': {
      const { data } = mergeGroupEvent.safeParse(event);
      if (data === undefined) return none;
      return { ...none, occasion: { kind: 'merge-group', base: data.merge_group.base_sha } };
    }
    default:
      return none;
  }
}

function readEvent(path: string | undefined): unknown {
  if (path === undefined || path === '') return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
