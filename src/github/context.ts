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
const pushEvent = z.object({ before: z.string(), ref: z.string().optional() });
const refEvent = z.object({ ref: z.string() });
const releaseEvent = z.object({ release: z.object({ tag_name: z.string() }) });
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
      if (data === undefined) return none;
      const tag = /^refs\/tags\/(.+)$/.exec(data.ref ?? '')?.[1];
      if (tag !== undefined) return { ...none, occasion: { kind: 'release', tag } };
      return { ...none, occasion: { kind: 'push', before: data.before } };
    }
    case 'workflow_dispatch': {
      // By hand, on a tag: the release again.
      const tag = /^refs\/tags\/(.+)$/.exec(refEvent.safeParse(event).data?.ref ?? '')?.[1];
      return tag === undefined ? none : { ...none, occasion: { kind: 'release', tag } };
    }
    case 'release': {
      const { data } = releaseEvent.safeParse(event);
      return data === undefined
        ? none
        : { ...none, occasion: { kind: 'release', tag: data.release.tag_name } };
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

const branches = z.object({
  ref: z.string().optional(),
  pull_request: z.object({ base: z.object({ ref: z.string() }) }).optional(),
  merge_group: z.object({ base_ref: z.string() }).optional(),
  repository: z.object({ default_branch: z.string() }),
});

export interface Branches {
  /** null where the event does not say. */
  readonly defaultBranch: string | null;
  /** Whether what this run is compared with is a commit of that branch. */
  readonly isBaseOnDefault: boolean;
}

/** Which branch this run is compared with. A release is compared with a release, and a topic branch with itself. */
export function branchesOf(name: string, event: unknown): Branches {
  const { data } = branches.safeParse(event);
  if (data === undefined) return { defaultBranch: null, isBaseOnDefault: false };
  const { default_branch: defaultBranch } = data.repository;
  const full = `refs/heads/${defaultBranch}`;
  const isBaseOnDefault: Readonly<Record<string, boolean>> = {
    pull_request: data.pull_request?.base.ref === defaultBranch,
    pull_request_target: data.pull_request?.base.ref === defaultBranch,
    push: data.ref === full,
    merge_group: data.merge_group?.base_ref === full,
    release: false,
  };
  return { defaultBranch, isBaseOnDefault: isBaseOnDefault[name] ?? true };
}

function readEvent(path: string | undefined): unknown {
  if (path === undefined || path === '') return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

const fork = z.object({
  pull_request: z.object({
    head: z.object({ repo: z.object({ full_name: z.string() }).nullable() }),
    base: z.object({ repo: z.object({ full_name: z.string() }) }),
  }),
});

/** Whether the event is that of a pull request from another repository, whose token can only read. A fork that was deleted is one too. */
export function isFromFork(event: unknown): boolean {
  const { data } = fork.safeParse(event);
  if (data === undefined) return false;
  const { head, base } = data.pull_request;
  return head.repo?.full_name !== base.repo.full_name;
}
