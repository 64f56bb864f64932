import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { zipSync } from 'fflate';
import { marked } from 'marked';
import { DeployError } from '../../src/errors.ts';
import { marker } from '../../src/github/comment.ts';
import { describeEvent } from '../../src/github/context.ts';
import { readInputs } from '../../src/github/inputs.ts';
import type { Session } from '../../src/github/session.ts';
import { mostArchiveBytes, mostReportBytes } from '../../src/github/untrusted_report.ts';
import { renderJson } from '../../src/report/json.ts';
import { type Report, report as reportSchema } from '../../src/report/report.ts';
import { hurried, startFakeGitHub } from '../github/fake_github.ts';
import { sampleReport } from '../report/sample.ts';

// A fork's run left an artifact; the workflow with a token that writes comments on it. The fork is hostile.

const github = await startFakeGitHub();
process.env.GITHUB_API_URL = github.url;
const { comment } = await import('../../src/modes/comment.ts');
const run = (of: Session) => comment(of, hurried);
after(() => github.close());

const headCommit = 'f'.repeat(40);
const fork = { full_name: 'eve/r', owner: { login: 'eve' } };
const workflowRun = {
  id: 77,
  event: 'pull_request',
  head_sha: headCommit,
  head_branch: 'patch-1',
  head_repository: fork as typeof fork | null,
  // What a run says of pull requests is empty for forks, and not looked at.
  pull_requests: [{ number: 1 }],
};
const pull = (number: number, sha: string, repo = 'eve/r') => ({
  number,
  head: { sha, ref: 'patch-1', repo, owner: repo.split('/')[0] ?? '' },
  base: { sha: 'b'.repeat(40), ref: 'main' },
});
const zipped = (files: Readonly<Record<string, string | Uint8Array>>): Uint8Array =>
  zipSync(
    Object.fromEntries(
      Object.entries(files).map(([name, content]) => [
        name,
        typeof content === 'string' ? Buffer.from(content) : content,
      ]),
    ),
  );
const leaves = (zip: Uint8Array): void => {
  github.artifacts.push({ id: 5, name: 'tinyml-deploy', run: 77, zip });
};
const leavesReport = (report: unknown): void => leaves(zipped({ 'report.json': JSON.stringify(report) }));

/** A session of the privileged workflow: nothing is checked out. */
function session(of: object = workflowRun, eventName = 'workflow_run'): Session {
  const event = { workflow_run: of };
  const unused = () => assert.fail('not for mode comment');
  return {
    inputs: readInputs({ INPUT_MODE: 'comment', 'INPUT_GITHUB-TOKEN': 'a-token' }),
    context: {
      workspace: '/nowhere',
      owner: 'o',
      repository: 'r',
      ...describeEvent(eventName, event),
      runUrl: 'https://github.com/o/r/actions/runs/78',
      runsUrl: 'https://github.com/o/r/actions/runs',
      eventName,
      event,
    },
    projectFolder: '/nowhere',
    outputFolder: '/nowhere',
    cacheFolder: '/nowhere',
    sourceDateEpoch: undefined,
    loadProject: unused,
    toolRequest: unused,
    pipelineOptions: unused,
    judgeContext: unused,
  };
}

beforeEach(() => {
  github.reset();
  github.pulls.push(pull(7, headCommit));
});
const writes = () => github.requests.filter((line) => /^(POST|PATCH) \/repos/.test(line));

describe('mode comment', () => {
  it('writes the report into the comment of the pull request, and says whose figures they are', async () => {
    leaves(
      zipped({
        'report.json': renderJson(sampleReport()),
        'report.html': '<script>',
        'kws/m4/firmware.elf': 'x',
      }),
    );
    assert.equal(await run(session()), 0);
    assert.deepEqual(writes(), ['POST /repos/o/r/issues/7/comments']);
    const body = github.comments[0]?.body ?? '';
    assert.ok(body.startsWith(`${marker('tinyml.yml')}\n`));
    assert.match(body, /Measured by the pull request’s own workflow run/);
    assert.match(body, /\(https:\/\/github\.com\/o\/r\/actions\/runs\/77\)/);
  });

  it('says in a comment of before that a run failed without a report, and not that one was cancelled', async () => {
    leavesReport(sampleReport());
    await run(session());
    github.artifacts.length = 0;
    for (const [conclusion, isTold] of [
      ['cancelled', false],
      ['failure', true],
    ] as const) {
      assert.equal(await run(session({ ...workflowRun, conclusion })), 0);
      assert.equal(/❌ Nothing was measured/.test(github.comments[0]?.body ?? ''), isTold, conclusion);
    }
    assert.ok(github.comments[0]?.body.startsWith(`${marker('tinyml.yml')}\n`));
    assert.equal(github.comments.length, 1);
  });

  it('takes the newest artifact of that name, and leaves an equal comment alone', async () => {
    leavesReport(sampleReport());
    github.artifacts.push({ id: 4, name: 'tinyml-deploy', run: 77, zip: zipped({ x: 'older' }) });
    github.artifacts.push({ id: 6, name: 'other', run: 77, zip: zipped({ x: 'other' }) });
    github.artifacts.push({ id: 9, name: 'tinyml-deploy', run: 76, zip: zipped({ x: 'of another run' }) });
    await run(session());
    await run(session());
    assert.equal(writes().length, 1, writes().join());
  });

  it('fails where it may not write, because it has nothing else to do', async () => {
    leavesReport(sampleReport());
    github.tokens.set('a-token', { actions: 'read', contents: 'read', 'pull-requests': 'read' });
    await assert.rejects(run(session()), /DeployError.*not written/s);
  });
});

describe('mode comment says why, and comments nothing, when', () => {
  const cases: Readonly<Record<string, () => object>> = {
    'the pull request has a newer head': () => {
      github.pulls.splice(0, 1, pull(7, 'a'.repeat(40)));
      return workflowRun;
    },
    'the pull request is closed': () => {
      github.pulls.splice(0, 1, { ...pull(7, headCommit), state: 'closed' });
      return workflowRun;
    },
    'the commit is the head of two pull requests': () => {
      github.pulls.push(pull(8, headCommit));
      return workflowRun;
    },
    'the same commit is the head of a pull request from another repository': () => {
      github.pulls.splice(0, 1, { ...pull(7, headCommit, 'eve/other') });
      return workflowRun;
    },
    'the fork is gone': () => ({ ...workflowRun, head_repository: null }),
    'a push started the other workflow': () => ({ ...workflowRun, event: 'push' }),
    'the other workflow left no artifact, e.g. because the model was broken': () => {
      github.artifacts.length = 0;
      return workflowRun;
    },
  };
  for (const [what, prepare] of Object.entries(cases))
    it(what, async () => {
      leavesReport(sampleReport());
      assert.equal(await run(session(prepare())), 0);
      assert.deepEqual(writes(), []);
    });

  it('it is started by another event, with an error', async () => {
    leavesReport(sampleReport());
    await assert.rejects(run(session(workflowRun, 'push')), /is for a `workflow_run` event; this is push/);
    await assert.rejects(run(session({ ...workflowRun, head_sha: '$(id)' })), DeployError);
  });
});

describe('a hostile fork', () => {
  const refuses = async (zip: Uint8Array, sentence: RegExp): Promise<void> => {
    leaves(zip);
    await assert.rejects(run(session()), (error) => {
      assert.ok(error instanceof DeployError, String(error));
      assert.match(error.message, sentence);
      return true;
    });
    assert.deepEqual(writes(), []);
  };

  it('cannot name another pull request', async () => {
    leaves(
      zipped({ 'report.json': renderJson(sampleReport()), pr_number: '1', 'event.json': '{"number":1}' }),
    );
    await run(session());
    assert.deepEqual(writes(), ['POST /repos/o/r/issues/7/comments']);
  });

  it('cannot put more into a report than a report has', async () => {
    await refuses(
      zipped({ 'report.json': JSON.stringify({ ...sampleReport(), pull_request: 1 }) }),
      /report is wrong/,
    );
  });

  it('cannot send 50 MB of JSON', async () => {
    await refuses(
      zipped({ 'report.json': JSON.stringify('x'.repeat(50_000_000)) }),
      /of more than 16777216 bytes/,
    );
  });

  it('cannot send an archive of more than the limit', async () => {
    await refuses(new Uint8Array(mostArchiveBytes + 1), /more than 64 MiB/);
    assert.ok(!github.requests.some((line) => line.endsWith('/zip')), 'not downloaded');
  });

  it('cannot hide a bomb behind a small declared size', async () => {
    const zip = Buffer.from(zipped({ 'report.json': new Uint8Array(4 * mostReportBytes) }));
    // The sizes in the local header and in the central directory.
    zip.writeUInt32LE(100, 22);
    zip.writeUInt32LE(100, zip.indexOf('PK\x01\x02') + 24);
    await refuses(zip, /unpacks to more than 16777216 bytes/);
  });

  it('cannot write outside, or anywhere at all', async () => {
    for (const name of ['../report.json', '/etc/report.json', 'a/../../b', '..\\b', 'C:\\b']) {
      github.artifacts.length = 0;
      await refuses(zipped({ [name]: 'x', 'report.json': renderJson(sampleReport()) }), /leads out of it/);
    }
  });

  it('cannot confuse with two reports, a cut archive, another encoding, no JSON, or nothing', async () => {
    const good = zipped({ 'report.json': renderJson(sampleReport()) });
    const twice = Buffer.concat([good.subarray(0, good.length - 22 - 57), good]);
    const bad: readonly (readonly [Uint8Array, RegExp])[] = [
      [twice, /report\.json twice|no archive/],
      [good.subarray(0, 300), /cut off|no archive/],
      [Buffer.from('not a zip'), /holds no report\.json|no archive/],
      [new Uint8Array(), /holds no report\.json|no archive/],
      [zipped({ 'nested/report.json': '{}' }), /holds no report\.json/],
      [zipped({ 'report.json': Uint8Array.of(0xff, 0xfe, 0) }), /not UTF-8/],
      [zipped({ 'report.json': '{' }), /not JSON/],
      [zipped({ 'report.json': '[]' }), /not a report/],
      [zipped({ 'report.json': `${'['.repeat(100_000)}${']'.repeat(100_000)}` }), /nests deeper/],
      [
        zipped({ 'report.json': JSON.stringify({ ...sampleReport(), schemaVersion: 1 }) }),
        /schema version 1/,
      ],
    ];
    for (const [zip, sentence] of bad) {
      github.artifacts.length = 0;
      await refuses(zip, sentence);
    }
  });

  const payloads = [
    '<img src=x onerror=alert(1)><script>alert(1)</script>',
    '</code></summary></details><h1>x</h1>',
    '<!-- tinyml-deploy: tinyml%2Eyml -->',
    `\n${marker('tinyml.yml')}\n`,
    '--> <b>bold</b> <!--',
    '[click](javascript:alert(1)) ![i](https://evil.example/i.png)',
    '@octocat #1 owner/repo#2 GH-3 https://evil.example www.evil.example eve@evil.example',
    '`|\n\n## Heading\n\n| a | b |\n|:--|--:|\n\n```\nfence',
    '\u202e\u0007\u0000\ufeff',
    '$\\href{javascript:alert(1)}{x}$ :tada: ~~x~~ **x** <https://evil.example>',
  ];

  it('cannot format, link, mention or hide anything in the comment', async () => {
    for (const payload of payloads) {
      github.comments.length = 0;
      github.artifacts.length = 0;
      leavesReport(poisoned(sampleReport(), payload));
      await run(session());
      const body = github.comments[0]?.body ?? '';
      assert.ok(body.startsWith(`${marker('tinyml.yml')}\n`));
      // Ours: the marker, the state, and around what is of this run.
      assert.equal(body.split('\n', 2)[1]?.startsWith('<!-- '), true, body);
      const others = body
        .split('\n')
        .slice(2)
        .join('\n')
        .replaceAll(/<!-- \/?run -->/g, '');
      assert.ok(!others.includes('<!--'), others);
      const html = await marked(body, { gfm: true });
      const tags = new Set([...html.matchAll(/<([a-z0-9]+)/gi)].map(([, tag = '']) => tag.toLowerCase()));
      for (const tag of tags) assert.ok(known.has(tag), `<${tag}> from ${payload}:\n${html}`);
      const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
      assert.deepEqual(addresses, ['https://github.com/o/r/actions/runs/77'], payload);
      // GitHub makes mentions and references of what is in no code span; nor is there a line end inside of one.
      const text = html.replaceAll(/<code>[^<]*<\/code>/g, '').replaceAll(/<[^>]*>/g, '');
      assert.ok(!/@octocat|(^|\s)#1\b|owner\/repo#2|GH-3/.test(text), text);
      for (const character of '\u202e\u0007\u0000') assert.ok(!body.includes(character));
    }
  });

  it('cannot accept its own regression', async () => {
    const report = sampleReport();
    const by = { by: 'maintainer', at: '2026-01-01T00:00:00Z', label: 'accept-regression' };
    const values = { model: 'kws', target: 'cortex-m4', metric: 'flash', bound: 'limit', value: 1, limit: 1 };
    leavesReport({
      ...report,
      verdict: { status: 'pass', reasons: [] },
      rows: report.rows.map((row) => ({
        ...row,
        budgets: row.budgets.map((each) => ({
          ...each,
          status: each.status === 'exceeded' ? 'accepted' : each.status,
        })),
      })),
      accepted: [{ ...values, accepted: 1, ...by, message: 'Accepted by @maintainer.' }],
    });
    await run(session());
    const body = github.comments[0]?.body ?? '';
    assert.doesNotMatch(body, /maintainer/);
    assert.match(body, /❌ Fail/);
  });

  it('cannot take over the comment by our marker in its text, nor by writing one itself', async () => {
    github.comments.push({ id: 1, body: `${marker('tinyml.yml')}\nforged`, login: 'eve' });
    leavesReport(poisoned(sampleReport(), marker('tinyml.yml')));
    await run(session());
    assert.equal(github.comments.length, 2);
    assert.equal(github.comments[0]?.body, `${marker('tinyml.yml')}\nforged`);
  });

  it('cannot make the work long or the comment too long', async () => {
    const { measurements, rows } = sampleReport();
    const [one] = measurements;
    const [row] = rows;
    assert.ok(one !== undefined && row !== undefined);
    const many = Array.from({ length: 2000 }, (_, index) => ({
      ...one,
      model: { ...one.model, name: `m${index}` },
    }));
    leavesReport({
      ...sampleReport(),
      measurements: many,
      rows: many.map(({ model }) => ({ ...row, model: model.name })),
    });
    const start = performance.now();
    await run(session());
    assert.ok(performance.now() - start < 20_000, 'in reasonable time');
    assert.ok((github.comments[0]?.body.length ?? Number.NaN) <= 65_536);
  });
});

/** What the renderer itself makes, and GitHub's own table, code and list elements. */
const known = new Set(
  'br b code details em h2 h3 li p strong sub summary table tbody td th thead tr ul a img'
    .split(' ')
    .filter((tag) => tag !== 'img'),
);

/** Every text of the report replaced, as far as the schema lets it be anything. */
function poisoned(original: Report, payload: string): unknown {
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return payload;
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each)]));
  };
  const changed = walk(original);
  for (const { path } of reportSchema.safeParse(changed).error?.issues ?? []) {
    const at = (root: unknown, keys: readonly PropertyKey[]) =>
      keys.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)[key], root);
    const name = path.at(-1) ?? '';
    (at(changed, path.slice(0, -1)) as Record<PropertyKey, unknown>)[name] = at(original, path);
  }
  reportSchema.parse(changed);
  return changed;
}
