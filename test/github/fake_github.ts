import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Bottleneck from 'bottleneck';
import type { ClientOptions } from '../../src/github/client.ts';

/** A client that does not wait: neither between two writes nor, to speak of, before another attempt. */
export const hurried: ClientOptions = {
  testOnly: { write: new Bottleneck.Group({}), notifications: new Bottleneck.Group({}), secondMs: 1 },
};

export const botLogin = 'github-actions[bot]';
/** What GitHub takes as the text of a comment, and of a page of a list. */
const limits = { comment: 65_536, page: 100 };

export interface FakeComment {
  readonly id: number;
  body: string;
  readonly login: string;
}

export interface FakePull {
  readonly number: number;
  readonly state?: 'open' | 'closed';
  readonly head: {
    readonly sha: string;
    readonly ref: string;
    readonly repo?: string;
    readonly owner?: string;
  };
  readonly base: { readonly sha: string; readonly ref: string };
  /** Names; those that are set now. */
  readonly labels?: readonly string[];
}

/** Of an issue's history: who set or took away which label, and when. */
export interface FakeEvent {
  readonly id: number;
  readonly issue: number;
  readonly event: 'labeled' | 'unlabeled' | 'closed';
  readonly actor: string | null;
  readonly label?: string;
  readonly created_at: string;
}

export interface FakeRun {
  readonly id: number;
  readonly head_sha: string;
  readonly head_branch?: string;
  readonly event: string;
  readonly status?: string;
  readonly conclusion?: string | null;
  /** `owner/name`; another one is a fork. */
  readonly head_repository?: string;
  readonly path?: string;
  readonly created_at?: string;
  readonly run_attempt?: number;
}

export interface FakeArtifact {
  readonly id: number;
  readonly name: string;
  readonly run: number;
  readonly expired?: boolean;
  readonly zip: Uint8Array;
}

export interface FakeRelease {
  readonly id: number;
  readonly tag_name: string;
  readonly draft?: boolean;
  readonly prerelease?: boolean;
  readonly created_at?: string;
  readonly body?: string;
  readonly target_commitish?: string;
  readonly assets?: Readonly<Record<string, Uint8Array | string>>;
}

/** Something that goes wrong with the requests that it matches. */
export interface Fault {
  /** Matched against `METHOD /path`. */
  readonly on: RegExp;
  /** How often; by default once. */
  times?: number;
  /** 'break': the connection ends without an answer. 'hang': no answer ever. */
  readonly status: number | 'break' | 'hang';
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** What was asked for is done all the same: only the answer goes wrong. */
  readonly isDone?: boolean;
}

export type Permission = 'actions' | 'contents' | 'issues' | 'pull-requests';
export type Permissions = Readonly<Partial<Record<Permission, 'read' | 'write'>>>;

/** The few endpoints of GitHub that the action uses, on the loopback, for one repository `o/r`. */
export interface FakeGitHub {
  /** Base address of the REST API, e.g. `http://127.0.0.1:1234/api/v3`. */
  readonly url: string;
  readonly comments: FakeComment[];
  readonly pulls: FakePull[];
  readonly events: FakeEvent[];
  readonly runs: FakeRun[];
  readonly artifacts: FakeArtifact[];
  readonly releases: FakeRelease[];
  /** Commits of the default branch, newest first. */
  readonly commits: string[];
  /** `METHOD path` below the base address, in order; downloads are below `/_storage`. */
  readonly requests: string[];
  /** What a token may do; a token that is not here may do everything. */
  readonly tokens: Map<string, Permissions>;
  readonly faults: Fault[];
  /** From now on a write is answered with this status; null: as it should be. */
  refuseWritesWith: number | null;
  /** Whose token it is; null: GitHub does not say. */
  viewer: string | null;
  /** Forgets everything that was put in, and everything that was asked. */
  reset(): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Asked {
  readonly url: URL;
  readonly parts: readonly string[];
  /** The JSON body of a write. */
  readonly body: Readonly<Record<string, unknown>>;
}

interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: RegExp;
  readonly needs: readonly Permission[];
  answer(asked: Asked): Answer;
}

const notFound: Answer = { status: 404, body: { message: 'Not Found' } };
const secondaryLimit =
  'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';

/** A 403 or 429 as GitHub answers one that asks too fast. */
export function secondaryLimitFault(on: RegExp, seconds: number, status: 403 | 429 = 403): Fault {
  return { on, status, message: secondaryLimit, headers: { 'retry-after': String(seconds) } };
}

/** `basePath`: `/api/v3` as on a GHES, whose GraphQL is at `/api/graphql`. */
export async function startFakeGitHub({ basePath = '' } = {}): Promise<FakeGitHub> {
  const server = createServer(async (request, response) => {
    try {
      await serve(request, response);
    } catch (error) {
      send(response, { status: 500, body: { message: `The fake failed: ${error}` } });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const origin = `http://127.0.0.1:${address.port}`;
  const graphql = basePath === '' ? '/graphql' : `${basePath.replace(/\/v3$/, '')}/graphql`;
  let nextComment = 1000;
  const fake: FakeGitHub = {
    url: `${origin}${basePath}`,
    comments: [],
    pulls: [],
    events: [],
    runs: [],
    artifacts: [],
    releases: [],
    commits: [],
    requests: [],
    tokens: new Map(),
    faults: [],
    refuseWritesWith: null,
    viewer: botLogin,
    reset() {
      for (const list of [
        ...[fake.comments, fake.pulls, fake.events, fake.runs, fake.artifacts, fake.releases],
        ...[fake.commits, fake.requests, fake.faults],
      ])
        list.length = 0;
      fake.tokens.clear();
      fake.refuseWritesWith = null;
      fake.viewer = botLogin;
      nextComment = 1000;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', origin);
    const method = request.method ?? 'GET';
    const isStorage = url.pathname.startsWith('/_storage/');
    const path = isStorage ? url.pathname : below(url.pathname);
    fake.requests.push(`${method} ${path}`);
    const bytes = await bytesOf(request);
    const fault = takeFault(`${method} ${path}`);
    if (fault !== null && fault.isDone !== true) return fail(response, fault);
    const answer = isStorage
      ? storage(path, request)
      : api(method, path, url, bytes, request.headers.authorization);
    if (fault !== null) return fail(response, fault);
    send(response, answer);
  }

  /** The path below the base address; GraphQL and what is outside stay as they are. */
  function below(path: string): string {
    if (path === graphql) return '/graphql';
    if (basePath === '') return path;
    return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : `/outside${path}`;
  }

  function takeFault(line: string): Fault | null {
    const fault = fake.faults.find(({ on, times = 1 }) => times > 0 && on.test(line));
    if (fault === undefined) return null;
    fault.times = (fault.times ?? 1) - 1;
    return fault;
  }

  function api(method: string, path: string, url: URL, bytes: Buffer, authorization = ''): Answer {
    const token = /^(?:token|bearer) (.+)$/i.exec(authorization)?.[1];
    if (token === undefined) return { status: 401, body: { message: 'Requires authentication' } };
    if (path === '/graphql') {
      if (fake.viewer === null)
        return { status: 403, body: { message: 'Resource not accessible by integration' } };
      return { status: 200, body: { data: { viewer: { login: fake.viewer } } } };
    }
    for (const route of routes) {
      const match = route.path.exec(path);
      if (match === null || route.method !== method) continue;
      const permissions = fake.tokens.get(token);
      const isWrite = method !== 'GET';
      const may =
        permissions === undefined ||
        route.needs.some(
          (need) => permissions[need] === 'write' || (!isWrite && permissions[need] === 'read'),
        );
      if (!may) return { status: 403, body: { message: 'Resource not accessible by integration' } };
      if (isWrite && fake.refuseWritesWith !== null)
        return { status: fake.refuseWritesWith, body: { message: 'Resource not accessible by integration' } };
      return route.answer({ url, parts: match.slice(1), body: bytes.length === 0 ? {} : parsed(bytes) });
    }
    return notFound;
  }

  /** Where downloads lead to: it refuses a token, as a storage with signed addresses does. */
  function storage(path: string, request: IncomingMessage): Answer {
    if (request.headers.authorization !== undefined) return { status: 403, body: 'signed and authorized' };
    const [, , kind, id, name = ''] = path.split('/').map(decodeURIComponent);
    const content =
      kind === 'artifacts'
        ? fake.artifacts.find((each) => each.id === Number(id))?.zip
        : fake.releases.find((each) => each.id === Number(id))?.assets?.[name];
    if (content === undefined) return { status: 404, body: 'no such blob' };
    return { status: 200, body: Buffer.from(content) };
  }

  /** A page of a list, with the addresses of the others in the `Link` header. */
  function page(url: URL, all: readonly unknown[], wrap?: (items: readonly unknown[]) => object): Answer {
    const size = Math.min(Number(url.searchParams.get('per_page') ?? 30), limits.page);
    const current = Number(url.searchParams.get('page') ?? 1);
    const last = Math.max(1, Math.ceil(all.length / size));
    const link = (number: number, relation: string): string => {
      const address = new URL(url.pathname + url.search, origin);
      address.searchParams.set('page', String(number));
      return `<${address.href}>; rel="${relation}"`;
    };
    const links = [
      ...(current > 1 ? [link(current - 1, 'prev')] : []),
      ...(current < last ? [link(current + 1, 'next'), link(last, 'last')] : []),
      ...(current > 1 ? [link(1, 'first')] : []),
    ];
    const items = all.slice((current - 1) * size, current * size);
    return {
      status: 200,
      body: wrap === undefined ? items : wrap(items),
      headers: links.length === 0 ? {} : { link: links.join(', ') },
    };
  }

  const found = (body: object | undefined): Answer => (body === undefined ? notFound : { status: 200, body });

  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: /^\/repos\/o\/r$/,
      needs: ['contents'],
      answer: () => found({ name: 'r', full_name: 'o/r', default_branch: 'main', private: false }),
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/issues\/(\d+)\/comments$/,
      needs: ['issues', 'pull-requests'],
      answer: ({ url }) => page(url, fake.comments.map(restComment)),
    },
    {
      method: 'POST',
      path: /^\/repos\/o\/r\/issues\/(\d+)\/comments$/,
      needs: ['issues', 'pull-requests'],
      answer({ body: { body } }) {
        const refusal = refusedText(body);
        if (refusal !== null) return refusal;
        const comment = { id: nextComment++, body: String(body), login: fake.viewer ?? botLogin };
        fake.comments.push(comment);
        return { status: 201, body: restComment(comment) };
      },
    },
    {
      method: 'PATCH',
      path: /^\/repos\/o\/r\/issues\/comments\/(\d+)$/,
      needs: ['issues', 'pull-requests'],
      answer({ parts: [id], body: { body } }) {
        const comment = fake.comments.find((each) => each.id === Number(id));
        if (comment === undefined) return notFound;
        const refusal = refusedText(body);
        if (refusal !== null) return refusal;
        comment.body = String(body);
        return { status: 200, body: restComment(comment) };
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/issues\/(\d+)\/events$/,
      needs: ['issues', 'pull-requests'],
      answer: ({ url, parts: [issue] }) =>
        page(url, fake.events.filter((event) => event.issue === Number(issue)).map(restEvent)),
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/issues\/(\d+)\/labels$/,
      needs: ['issues', 'pull-requests'],
      answer({ url, parts: [number] }) {
        const pull = fake.pulls.find((each) => each.number === Number(number));
        return pull === undefined ? notFound : page(url, restPull(pull, fake.url).labels);
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/pulls\/(\d+)$/,
      needs: ['pull-requests'],
      answer({ parts: [number] }) {
        const pull = fake.pulls.find((each) => each.number === Number(number));
        return found(pull && restPull(pull, fake.url));
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/pulls$/,
      needs: ['pull-requests'],
      answer({ url }) {
        const state = url.searchParams.get('state') ?? 'open';
        const head = url.searchParams.get('head');
        const pulls = fake.pulls.filter(
          (pull) =>
            (state === 'all' || (pull.state ?? 'open') === state) &&
            // GitHub ignores a head without an owner.
            (head === null || !head.includes(':') || head === `${pull.head.owner ?? 'o'}:${pull.head.ref}`),
        );
        return page(
          url,
          pulls.map((pull) => restPull(pull, fake.url)),
        );
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/commits\/([0-9a-f]{40})\/pulls$/,
      needs: ['pull-requests'],
      answer: ({ url, parts: [sha] }) =>
        page(
          url,
          fake.pulls.filter(({ head }) => head.sha === sha).map((pull) => restPull(pull, fake.url)),
        ),
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/commits$/,
      needs: ['contents'],
      answer({ url }) {
        const from = url.searchParams.get('sha');
        const start = from === null || from === 'main' ? 0 : fake.commits.indexOf(from);
        if (start < 0) return notFound;
        return page(
          url,
          fake.commits.slice(start).map((sha) => ({ sha })),
        );
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/commits\/([^/]+)$/,
      needs: ['contents'],
      answer({ parts: [ref] }) {
        const sha = ref === 'main' ? fake.commits[0] : fake.commits.find((commit) => commit === ref);
        if (sha === undefined) return { status: 422, body: { message: `No commit found for SHA: ${ref}` } };
        return found({ sha });
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/actions\/(?:workflows\/([^/]+)\/)?runs$/,
      needs: ['actions'],
      answer({ url, parts: [workflow] }) {
        const wanted = (key: string): string | null => url.searchParams.get(key);
        const runs = fake.runs
          .map(restRun)
          .filter(
            (run) =>
              [null, run.head_sha].includes(wanted('head_sha')) &&
              [null, run.event].includes(wanted('event')) &&
              [null, run.head_branch].includes(wanted('branch')) &&
              [null, run.status, run.conclusion].includes(wanted('status')) &&
              (workflow === undefined || run.path.endsWith(`/${workflow}`)),
          );
        return page(url, runs, (workflow_runs) => ({ total_count: runs.length, workflow_runs }));
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/actions\/runs\/(\d+)$/,
      needs: ['actions'],
      answer({ parts: [id] }) {
        const run = fake.runs.find((each) => each.id === Number(id));
        return found(run && restRun(run));
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/actions\/(?:runs\/(\d+)\/)?artifacts$/,
      needs: ['actions'],
      answer({ url, parts: [run] }) {
        const name = url.searchParams.get('name');
        const artifacts = fake.artifacts
          .filter((each) => run === undefined || each.run === Number(run))
          .filter((each) => name === null || each.name === name)
          // The newest first, as GitHub lists them.
          .toSorted((a, b) => b.id - a.id)
          .map((each) =>
            restArtifact(
              each,
              fake.runs.find(({ id }) => id === each.run),
            ),
          );
        return page(url, artifacts, (items) => ({ total_count: artifacts.length, artifacts: items }));
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/actions\/artifacts\/(\d+)\/zip$/,
      needs: ['actions'],
      answer({ parts: [id] }) {
        const artifact = fake.artifacts.find((each) => each.id === Number(id));
        if (artifact === undefined) return notFound;
        if (artifact.expired === true) return { status: 410, body: { message: 'Artifact has expired' } };
        return { status: 302, headers: { location: `${origin}/_storage/artifacts/${id}` } };
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/releases$/,
      needs: ['contents'],
      answer: ({ url }) => page(url, fake.releases.map(restRelease)),
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/releases\/tags\/([^/]+)$/,
      needs: ['contents'],
      answer({ parts: [tag] }) {
        const release = fake.releases.find((each) => each.tag_name === tag && each.draft !== true);
        return found(release && restRelease(release));
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/releases\/(\d+)\/assets$/,
      needs: ['contents'],
      answer({ url, parts: [id] }) {
        const release = fake.releases.find((each) => each.id === Number(id));
        return release === undefined ? notFound : page(url, restRelease(release).assets);
      },
    },
    {
      method: 'GET',
      path: /^\/repos\/o\/r\/releases\/assets\/(\d+)$/,
      needs: ['contents'],
      answer({ parts: [id] }) {
        for (const release of fake.releases) {
          const asset = restRelease(release).assets.find((each) => each.id === Number(id));
          const name = encodeURIComponent(asset?.name ?? '');
          if (asset !== undefined)
            return {
              status: 302,
              headers: { location: `${origin}/_storage/releases/${release.id}/${name}` },
            };
        }
        return notFound;
      },
    },
  ];
  return fake;
}

function refusedText(body: unknown): Answer | null {
  if (typeof body !== 'string' || body === '')
    return { status: 422, body: { message: 'Validation Failed: body can’t be blank' } };
  if (body.length > limits.comment)
    return {
      status: 422,
      body: { message: `Validation Failed: body is too long (maximum is ${limits.comment} characters)` },
    };
  return null;
}

const restComment = ({ id, body, login }: FakeComment) => ({
  id,
  body,
  user: { login },
  html_url: `https://github.com/o/r/pull/7#issuecomment-${id}`,
});

const restEvent = ({ issue: _, actor, label, ...event }: FakeEvent) => ({
  ...event,
  actor: actor === null ? null : { login: actor },
  ...(label === undefined ? {} : { label: { name: label, color: 'ededed' } }),
});

function restPull({ number, state = 'open', head, base, labels = [] }: FakePull, url: string) {
  const owner = head.owner ?? 'o';
  const repo = head.repo ?? `${owner}/r`;
  return {
    number,
    state,
    url: `${url}/repos/o/r/pulls/${number}`,
    labels: labels.map((name) => ({ name, color: 'ededed' })),
    head: { sha: head.sha, ref: head.ref, label: `${owner}:${head.ref}`, repo: { full_name: repo } },
    base: { ...base, label: `o:${base.ref}`, repo: { full_name: 'o/r' } },
  };
}

const restRun = (run: FakeRun) => ({
  id: run.id,
  head_sha: run.head_sha,
  head_branch: run.head_branch ?? 'main',
  event: run.event,
  status: run.status ?? 'completed',
  conclusion: run.conclusion === undefined ? 'success' : run.conclusion,
  head_repository: {
    full_name: run.head_repository ?? 'o/r',
    fork: (run.head_repository ?? 'o/r') !== 'o/r',
  },
  repository: { full_name: 'o/r' },
  path: run.path ?? '.github/workflows/ml.yml',
  created_at: run.created_at ?? '2026-01-01T00:00:00Z',
  run_attempt: run.run_attempt ?? 1,
  html_url: `https://github.com/o/r/actions/runs/${run.id}`,
});

const restArtifact = ({ id, name, run, expired = false, zip }: FakeArtifact, from?: FakeRun) => ({
  id,
  name,
  size_in_bytes: zip.length,
  expired,
  workflow_run: {
    id: run,
    ...(from === undefined ? {} : { head_sha: from.head_sha, head_branch: from.head_branch ?? 'main' }),
    repository_id: 1,
    head_repository_id: (from?.head_repository ?? 'o/r') === 'o/r' ? 1 : 2,
  },
});

function restRelease(release: FakeRelease) {
  return {
    id: release.id,
    tag_name: release.tag_name,
    target_commitish: release.target_commitish ?? 'main',
    draft: release.draft ?? false,
    prerelease: release.prerelease ?? false,
    created_at: release.created_at ?? '2026-01-01T00:00:00Z',
    published_at: release.draft === true ? null : (release.created_at ?? '2026-01-01T00:00:00Z'),
    body: release.body ?? '',
    assets: Object.entries(release.assets ?? {}).map(([name, content], index) => ({
      id: release.id * 1000 + index,
      name,
      size: content.length,
      state: 'uploaded',
    })),
  };
}

function fail(response: ServerResponse, fault: Fault): void {
  if (fault.status === 'hang') return;
  if (fault.status === 'break') {
    response.destroy();
    return;
  }
  const body = { message: fault.message ?? `The server answers ${fault.status}` };
  send(response, { status: fault.status, body, ...(fault.headers && { headers: fault.headers }) });
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  const isBytes = Buffer.isBuffer(body);
  const type = isBytes ? 'application/zip' : 'application/json; charset=utf-8';
  response.writeHead(status, body === undefined ? headers : { 'content-type': type, ...headers });
  response.end(isBytes ? body : body === undefined ? undefined : JSON.stringify(body));
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function parsed(bytes: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value));
  return { ...value };
}
