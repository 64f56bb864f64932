import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import {
  commentLimit,
  configurationId,
  deliverComment,
  findComment,
  marker,
  recordIn,
  textLimit,
} from '../../src/github/comment.ts';
import { stateLimit } from '../../src/github/comment_state.ts';
import type { AcceptanceRecord } from '../../src/judge/accept.ts';
import { judge } from '../../src/judge/judge.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { baselineOf, context as judgeContext, measurement } from '../report/sample.ts';
import { botLogin, hurried, startFakeGitHub } from './fake_github.ts';

// The library reads its address when it is loaded, so one server serves the whole file.
const github = await startFakeGitHub();
process.env.GITHUB_API_URL = github.url;
const { commentApi } = await import('../../src/github/octokit.ts');
after(() => github.close());

const context = { owner: 'o', repository: 'r' };
const api = await commentApi('a-token', context, 7, { ...hurried, apiUrl: github.url });

beforeEach(() => {
  github.comments.length = 0;
  github.requests.length = 0;
  github.refuseWritesWith = null;
  github.viewer = botLogin;
});

const writes = (): readonly string[] =>
  github.requests.filter((line) => !line.startsWith('GET') && !line.endsWith('/graphql'));

describe('the comment', () => {
  it('is made once, updated in place, and left alone when it says the same', async () => {
    const created = await deliverComment(api, 'tinyml.yml', 'first');
    assert.deepEqual(created, { kind: 'created', url: 'https://github.com/o/r/pull/7#issuecomment-1000' });
    const updated = await deliverComment(api, 'tinyml.yml', 'second');
    assert.deepEqual(updated, { kind: 'updated', url: 'https://github.com/o/r/pull/7#issuecomment-1000' });
    assert.equal((await deliverComment(api, 'tinyml.yml', 'second')).kind, 'unchanged');
    assert.deepEqual(writes(), [
      'POST /repos/o/r/issues/7/comments',
      'PATCH /repos/o/r/issues/comments/1000',
    ]);
    assert.deepEqual(
      github.comments.map(({ body }) => body),
      [`${marker('tinyml.yml')}\nsecond`],
    );
  });

  it('is not touched by a run that found the same figures, wherever they came from', async () => {
    const rendered = (run: number, source: 'rebuilt' | 'cache' | 'artifact', reused: number, flash = 0) => {
      const now = measurement();
      const report = judge(
        [{ ...now, flash: { ...now.flash, total: now.flash.total + flash } }],
        { ...baselineOf([measurement()]), source, note: `Found in run ${run}.` },
        [],
        { ...judgeContext, run: { at: `2026-11-${run}`, host: 'h' }, reused },
      );
      return renderMarkdown(report, {
        reportUrl: `https://github.com/o/r/actions/runs/${run}/artifacts/${run}`,
      });
    };
    assert.notEqual(rendered(11, 'rebuilt', 0), rendered(12, 'cache', 1), 'the texts do differ');
    assert.equal((await deliverComment(api, 'tinyml.yml', rendered(11, 'rebuilt', 0))).kind, 'created');
    assert.equal((await deliverComment(api, 'tinyml.yml', rendered(12, 'cache', 1))).kind, 'unchanged');
    assert.equal((await deliverComment(api, 'tinyml.yml', rendered(13, 'artifact', 0))).kind, 'unchanged');
    assert.deepEqual(writes(), ['POST /repos/o/r/issues/7/comments']);
    assert.equal((await deliverComment(api, 'tinyml.yml', rendered(14, 'cache', 1, 1))).kind, 'updated');
  });

  it('is made again when it was deleted, also in the moment in which it is updated', async () => {
    await deliverComment(api, 'tinyml.yml', 'first');
    github.comments.length = 0;
    assert.equal((await deliverComment(api, 'tinyml.yml', 'second')).kind, 'created');
    const late = {
      ...api,
      update: (id: number, body: string) => {
        github.comments.length = 0;
        return api.update(id, body);
      },
    };
    assert.equal((await deliverComment(late, 'tinyml.yml', 'third')).kind, 'created');
    assert.deepEqual(
      github.comments.map(({ body }) => body),
      [`${marker('tinyml.yml')}\nthird`],
    );
  });

  it('remembers what it is given, within a size', async () => {
    const value = { model: 'kws', target: '--> <b>', metric: 'flash', bound: 'limit', value: 150 } as const;
    const record: AcceptanceRecord = { shown: [value], accepted: { event: 9, values: [value] } };
    await deliverComment(api, 'tinyml.yml', 'text', { record });
    const own = await findComment(api, 'tinyml.yml');
    assert.ok(own !== null);
    assert.deepEqual(recordIn(own), record);
    assert.match(own.body, /^<!-- [^\n]* -->\n<!-- tinyml-deploy-state: [0-9a-f]+ -->\ntext$/);
    assert.deepEqual(recordIn({ ...own, body: own.body.replaceAll('\n', '\r\n') }), record);
    assert.equal(recordIn({ ...own, body: `${marker('tinyml.yml')}\ntext` }), null);

    const shown = Array.from({ length: 4000 }, (_, index) => ({
      ...value,
      target: `${Math.sin(index)}`,
      value: index,
    }));
    const large = { record: { shown, accepted: { event: 9, values: shown } } };
    assert.ok(commentLimit - textLimit('tinyml.yml', large) <= stateLimit + 200);
    await deliverComment(api, 'large.yml', 'x'.repeat(textLimit('large.yml', large)), large);
    const kept = await findComment(api, 'large.yml');
    assert.equal(kept?.body.length, commentLimit);
    const count = kept === null ? 0 : (recordIn(kept)?.shown.length ?? 0);
    assert.ok(count > 50, `${count} values fit`);
  });

  it('is found on the third page', async () => {
    const others = (count: number): void => {
      for (let index = 0; index < count; index += 1)
        github.comments.push({ id: github.comments.length, body: 'talk', login: 'someone' });
    };
    others(230);
    await deliverComment(api, 'tinyml.yml', 'first');
    others(20);
    assert.equal((await deliverComment(api, 'tinyml.yml', 'second')).kind, 'updated');
    assert.equal(github.comments.length, 251);
    assert.equal(github.comments[230]?.body, `${marker('tinyml.yml')}\nsecond`);
  });

  it('is not someone else’s with the same marker, nor ours with the marker further down', async () => {
    github.comments.push(
      { id: 1, body: `${marker('tinyml.yml')}\nforged`, login: 'someone' },
      { id: 2, body: `> ${marker('tinyml.yml')}\nquoted`, login: botLogin },
    );
    assert.equal((await deliverComment(api, 'tinyml.yml', 'ours')).kind, 'created');
    assert.equal(github.comments.length, 3);
  });

  it('stays apart from another configuration’s', async () => {
    await deliverComment(api, 'a/tinyml.yml', 'a');
    await deliverComment(api, 'b/tinyml.yml', 'b');
    assert.equal((await deliverComment(api, 'a/tinyml.yml', 'a2')).kind, 'updated');
    assert.equal(github.comments.length, 2);
    assert.equal(configurationId('tinyml.yml', ''), 'tinyml.yml');
    await deliverComment(api, configurationId('a/tinyml.yml', 'renode'), 'a by another emulator');
    assert.equal(github.comments.length, 3);
  });

  it('has a marker that no path can break out of', () => {
    assert.match(marker('--><script>\n"a b'), /^<!-- tinyml-deploy: [A-Za-z0-9%._~!*'()]+ -->$/);
    assert.notEqual(marker('a'), marker('a/b'));
  });

  for (const status of [401, 403, 404]) {
    it(`turns ${status} into one warning with the permissions to add`, async () => {
      github.refuseWritesWith = status;
      const delivery = await deliverComment(api, 'tinyml.yml', 'text');
      assert.ok(delivery.kind === 'refused');
      assert.match(delivery.warning, /^The comment was not written: the token may not write it/);
      assert.match(delivery.warning, /`contents: read` and `pull-requests: write`/);
      assert.match(delivery.warning, /step summary/);
    });
  }

  it('of a fork’s pull request is the business of another workflow, and the warning says which', async () => {
    github.refuseWritesWith = 403;
    const delivery = await deliverComment(api, 'tinyml.yml', 'text', { isFromFork: true });
    assert.ok(delivery.kind === 'refused');
    assert.match(
      delivery.warning,
      /from a fork, whose token can only read: the pair of workflows in docs\/ci\.md/,
    );
  });

  it('turns any other fault into a warning too', async () => {
    github.refuseWritesWith = 422;
    const delivery = await deliverComment(api, 'tinyml.yml', 'text');
    assert.deepEqual(delivery, {
      kind: 'refused',
      warning: 'The comment was not written: GitHub answered 422. The report is in the step summary.',
    });
  });

  it('is not tried when it is too long', async () => {
    const delivery = await deliverComment(api, 'tinyml.yml', 'x'.repeat(commentLimit));
    assert.equal(delivery.kind, 'refused');
    assert.deepEqual(github.requests, []);
  });
});

describe('the author of the comment', () => {
  it('is whose token it is, e.g. that of an app', async () => {
    await deliverComment(api, 'tinyml.yml', 'by the workflow');
    github.viewer = 'our-app[bot]';
    const app = await commentApi('a-token', context, 7, { ...hurried, apiUrl: github.url });
    assert.equal((await deliverComment(app, 'tinyml.yml', 'by the app')).kind, 'created');
    assert.equal((await deliverComment(app, 'tinyml.yml', 'by the app again')).kind, 'updated');
    assert.equal(github.comments.length, 2);
  });

  it('is the workflow’s bot when GitHub does not say', async () => {
    await deliverComment(api, 'tinyml.yml', 'first');
    github.viewer = null;
    const silent = await commentApi('a-token', context, 7, { ...hurried, apiUrl: github.url });
    assert.equal((await deliverComment(silent, 'tinyml.yml', 'second')).kind, 'updated');
  });
});
