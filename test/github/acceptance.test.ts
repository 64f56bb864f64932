import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { acceptOnPullRequest, findLabel, type LabelApi, labelApi } from '../../src/github/acceptance.ts';
import {
  type CommentApi,
  commentLimit,
  deliverComment,
  marker,
  textLimit,
} from '../../src/github/comment.ts';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import type { Report } from '../../src/report/report.ts';
import { context, measurement } from '../report/sample.ts';
import { botLogin, type FakeEvent, hurried, startFakeGitHub } from './fake_github.ts';

// The library reads its address when it is loaded, so one server serves the whole file.
const github = await startFakeGitHub();
process.env.GITHUB_API_URL = github.url;
const { commentApi } = await import('../../src/github/octokit.ts');
after(() => github.close());

const place = { owner: 'o', repository: 'r' };
const options = { ...hurried, apiUrl: github.url };
const api: CommentApi & LabelApi = {
  ...(await commentApi('a-token', place, 7, options)),
  ...(await labelApi('a-token', place, 7, options)),
};

beforeEach(() => {
  for (const list of [github.comments, github.events, github.requests, github.faults]) list.length = 0;
  github.refuseWritesWith = null;
  github.viewer = botLogin;
});

const { flash } = measurement();
const withFlash = (total: number): Report =>
  judge(
    [measurement({ flash: { ...flash, total } })],
    noBaseline(''),
    [
      {
        model: { name: 'kws' },
        target: 'cortex-m4',
        budgets: [{ metric: 'flash', bound: 'limit', amount: 100, written: '100', line: 7 }],
      },
    ],
    context,
  );

/** A run of the action on the pull request: its verdict, and what became of the comment. */
async function run(total: number, { label = 'accept-regression', isKept = true } = {}) {
  const request = { configuration: 'tinyml.yml', label, isKept };
  const { report, record, warning } = await acceptOnPullRequest(withFlash(total), api, request);
  const limit = textLimit('tinyml.yml', { record });
  const text = renderMarkdown(report, { acceptLabel: label, limit });
  const comment = isKept ? (await deliverComment(api, 'tinyml.yml', text, { record })).kind : 'none';
  return { verdict: report.verdict.status, report, comment, warning, text };
}

let events = 0;
function label(event: FakeEvent['event'], name = 'accept-regression', actor: string | null = 'ada'): void {
  events += 1;
  const created_at = `2026-11-24T08:00:${String(events % 60).padStart(2, '0')}Z`;
  github.events.push({ id: 100 + events, issue: 7, event, actor, label: name, created_at });
}

describe('the label that accepts a regression', () => {
  it('accepts what the comment showed, until more is over the budget', async () => {
    assert.deepEqual(await run(150).then(({ verdict, comment }) => [verdict, comment]), ['fail', 'created']);
    label('labeled');
    const accepted = await run(150);
    assert.deepEqual([accepted.verdict, accepted.comment], ['pass', 'updated']);
    assert.match(
      accepted.text,
      /^- ☑️ \*\*kws\*\* on `cortex-m4`: Flash of 150 B, 50 B over its budget&#58; accepted by @\u200bada on 2026-11-24 \(label accept-regression\)\.$/m,
    );
    assert.equal((await run(150)).comment, 'unchanged');
    assert.equal((await run(140)).verdict, 'pass');
    const larger = await run(160);
    assert.equal(larger.verdict, 'fail');
    assert.match(larger.text, /Accepted was 150 B, by @\u200bada .* take the label off and set it again\./);
    label('unlabeled');
    assert.equal((await run(150)).verdict, 'fail');
    assert.equal((await run(160)).verdict, 'fail');
    label('labeled', 'accept-regression', 'bob');
    const again = await run(160);
    assert.equal(again.verdict, 'pass');
    assert.equal(again.report.accepted[0]?.by, 'bob');
  });

  it('accepts nothing that was pushed after the comment it answers', async () => {
    await run(150);
    label('labeled');
    assert.equal((await run(170)).verdict, 'fail');
  });

  it('set before there is a comment accepts the first run’s values', async () => {
    label('labeled');
    assert.equal((await run(150)).verdict, 'pass');
    assert.equal((await run(151)).verdict, 'fail');
  });

  it('set before anything was over its budget accepts nothing later', async () => {
    label('labeled');
    assert.equal((await run(90)).verdict, 'pass');
    assert.ok(!github.requests.some((line) => line.endsWith('/events')), 'nothing to ask for');
    assert.equal((await run(150)).verdict, 'fail');
  });

  it('is what the comment tells to set', async () => {
    assert.match(
      (await run(150)).text,
      /^If what is over its budget is meant to be, set the label `accept-regression` on this pull request\.$/m,
    );
    assert.doesNotMatch((await run(150, { label: '' })).text, /set the label/);
  });

  it('accepts nothing where no run keeps what was accepted, e.g. on a fork’s first one', async () => {
    label('labeled');
    assert.equal((await run(150, { isKept: false })).verdict, 'fail');
    await run(150);
    assert.equal((await run(150, { isKept: false })).verdict, 'pass', 'by what the comment remembers');
  });

  it('is found on the third page, by its name in any case, and not among others', async () => {
    for (let index = 0; index < 230; index += 1) label('labeled', `other-${index}`);
    label('labeled', 'Accept-Regression', null);
    label('unlabeled', 'other-1');
    assert.deepEqual(await findLabel(api, 'accept-regression').then((found) => [found?.label, found?.by]), [
      'Accept-Regression',
      'ghost',
    ]);
    label('unlabeled', 'ACCEPT-regression');
    assert.equal(await findLabel(api, 'accept-regression'), null);
  });

  it('is not believed from a comment of somebody else, or from a line that is not ours', async () => {
    await run(150);
    const forged = github.comments[0]?.body ?? '';
    github.comments.length = 0;
    github.comments.push({ id: 1, body: forged, login: 'mallory' });
    await run(100);
    label('labeled');
    assert.equal((await run(150)).verdict, 'fail', 'our own comment showed nothing over its budget');
    const own = github.comments.find(({ login }) => login === botLogin);
    assert.ok(own !== undefined);
    const [, state = ''] = forged.split('\n');
    own.body = `${marker('tinyml.yml')}\ntext\n${state}`;
    assert.equal((await run(150)).verdict, 'fail', 'a state further down is text');
    own.body = `${marker('tinyml.yml')}\n${state.replace(/[0-9a-f]{8} -->/, '00000000 -->')}\ntext`;
    assert.equal((await run(150)).verdict, 'fail', 'a damaged state says nothing');
  });

  it('that can’t be read accepts nothing, with one warning, and no later run takes more for accepted', async () => {
    await run(150);
    const offline: CommentApi & LabelApi = {
      ...api,
      async *labelEvents() {
        yield await Promise.reject(Object.assign(new Error('no'), { status: 403 }));
      },
    };
    label('labeled');
    const request = { configuration: 'tinyml.yml', label: 'accept-regression', isKept: true };
    const { report, record, warning } = await acceptOnPullRequest(withFlash(190), offline, request);
    assert.equal(report.verdict.status, 'fail');
    assert.equal(
      warning,
      'Whether the label accept-regression accepts what is over its budget could not be read: GitHub answered 403.',
    );
    await deliverComment(api, 'tinyml.yml', renderMarkdown(report), { record });
    assert.equal((await run(190)).verdict, 'fail');
    assert.equal((await run(150)).verdict, 'pass');
  });

  it('leaves the comment below the limit with a thousand broken budgets', async () => {
    const many = Array.from({ length: 1000 }, (_, index) =>
      measurement({ target: `core-${index}-${'x'.repeat(100)}` }),
    );
    const limits = many.map(({ target }, index) => ({
      model: { name: 'kws' },
      target,
      budgets: [
        { metric: 'flash' as const, bound: 'limit' as const, amount: 100 + index, written: '1', line: 1 },
      ],
    }));
    const request = { configuration: 'tinyml.yml', label: 'accept-regression', isKept: true };
    label('labeled');
    const big = judge(many, noBaseline(''), limits, context);
    const { report, record } = await acceptOnPullRequest(big, api, request);
    const text = renderMarkdown(report, { limit: textLimit('tinyml.yml', { record }) });
    assert.equal((await deliverComment(api, 'tinyml.yml', text, { record })).kind, 'created');
    assert.ok((github.comments[0]?.body.length ?? 0) <= commentLimit);
  });
});
