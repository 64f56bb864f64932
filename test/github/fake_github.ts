import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import Bottleneck from 'bottleneck';
import type { ClientOptions } from '../../src/github/client.ts';

/** A client that does not wait: neither between two writes nor, to speak of, before another attempt. */
export const hurried: ClientOptions = {
  testOnly: { write: new Bottleneck.Group({}), notifications: new Bottleneck.Group({}), secondMs: 1 },
};

export interface FakeComment {
  readonly id: number;
  body: string;
  readonly login: string;
}

/** The few REST endpoints of GitHub that the action uses, on the loopback, for one repository `o/r`. */
export interface FakeGitHub {
  readonly url: string;
  readonly comments: FakeComment[];
  /** `METHOD path`, in order. */
  readonly requests: string[];
  /** From now on a write is answered with this status; null: as it should be. */
  refuseWritesWith: number | null;
  /** Whose token it is; null: GitHub does not say. */
  viewer: string | null;
  close(): Promise<void>;
}

export const botLogin = 'github-actions[bot]';

export async function startFakeGitHub(): Promise<FakeGitHub> {
  const comments: FakeComment[] = [];
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    requests.push(`${request.method} ${url.pathname}`);
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    const refusal = { message: 'Resource not accessible by integration' };
    if (url.pathname === '/graphql') {
      if (fake.viewer === null) answer(403, refusal);
      else answer(200, { data: { viewer: { login: fake.viewer } } });
      return;
    }
    const list = /^\/repos\/o\/r\/issues\/(\d+)\/comments$/.exec(url.pathname);
    const one = /^\/repos\/o\/r\/issues\/comments\/(\d+)$/.exec(url.pathname);
    if (request.method === 'GET' && list !== null) {
      listComments(url, answer);
    } else if (request.method !== 'GET' && fake.refuseWritesWith !== null) {
      answer(fake.refuseWritesWith, refusal);
    } else if (request.method === 'POST' && list !== null) {
      const body = await bodyOf(request);
      if (body.length > 65_536) {
        answer(422, { message: 'Body is too long (maximum is 65536 characters)' });
        return;
      }
      const comment = { id: 1000 + comments.length, body, login: fake.viewer ?? botLogin };
      comments.push(comment);
      answer(201, rest(comment));
    } else if (request.method === 'PATCH' && one !== null) {
      const comment = comments.find(({ id }) => id === Number(one[1]));
      if (comment === undefined) {
        answer(404, { message: 'Not Found' });
        return;
      }
      comment.body = await bodyOf(request);
      answer(200, rest(comment));
    } else {
      answer(404, { message: 'Not Found' });
    }
  });

  function listComments(
    url: URL,
    answer: (status: number, body: unknown, headers?: Record<string, string>) => void,
  ): void {
    const perPage = Number(url.searchParams.get('per_page') ?? 30);
    const page = Number(url.searchParams.get('page') ?? 1);
    const next = new URL(url.pathname + url.search, fake.url);
    next.searchParams.set('page', String(page + 1));
    const hasNext = page * perPage < comments.length;
    answer(
      200,
      comments.slice((page - 1) * perPage, page * perPage).map(rest),
      hasNext ? { link: `<${next.href}>; rel="next"` } : {},
    );
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const fake: FakeGitHub = {
    url: `http://127.0.0.1:${address.port}`,
    comments,
    requests,
    refuseWritesWith: null,
    viewer: botLogin,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

function rest(comment: FakeComment): object {
  return {
    id: comment.id,
    body: comment.body,
    user: { login: comment.login },
    html_url: `https://github.com/o/r/pull/7#issuecomment-${comment.id}`,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  assert.ok(
    typeof parsed === 'object' && parsed !== null && 'body' in parsed && typeof parsed.body === 'string',
  );
  return parsed.body;
}
