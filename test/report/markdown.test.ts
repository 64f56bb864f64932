import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, type Limits, noBaseline } from '../../src/judge/judge.ts';
import { renderMarkdown, withoutRun } from '../../src/report/markdown.ts';
import { code, plain } from '../../src/report/markdown_text.ts';
import type { Report } from '../../src/report/report.ts';
import {
  answersTo,
  baselineOf,
  classesOf,
  context,
  layer,
  measurement,
  sampleReport,
  topOne,
} from './sample.ts';

const single = (fields = {}): Report => judge([measurement(fields)], noBaseline(''), [], context);

describe('renderMarkdown', () => {
  it('says the verdict first, then why', () => {
    const lines = renderMarkdown(sampleReport()).split('\n');
    assert.equal(lines[0], '## ❌ Fail: 3 of 5 deployments (3 models on 3 targets)');
    assert.match(
      lines[2] ?? '',
      /^- \*\*kws\*\* on `cortex-m4`: Flash of 61,080 B is 1,688 B .* \(`tinyml\.yml:4`\)$/,
    );
    assert.match(renderMarkdown(single()), /^## ✅ Pass: 1 model on 1 target, every output bit-exact\n/);
  });
  it('has a row per model and target with value, change and share', () => {
    const text = renderMarkdown(sampleReport());
    // Spaces and hyphens within a line of a cell do not break.
    const lines = text.replaceAll('\u00a0', ' ').replaceAll('\u2011', '-').split('\n');
    const row = (model: string, target: string) =>
      lines.find((line) => line.startsWith(`| **${model}**<br>\`${target}\` |`));
    assert.equal(
      row('kws', 'nrf52840'),
      '| **kws**<br>`nrf52840` | 61,080 B<br>🔺 **+1,536 B**<br>(+2.58%)<br>5.8% of 1 MiB<br>❌ 102.8% of budget | ' +
        '16,464 B<br>unchanged<br>6.3% of 256 KiB<br>stack 344 B | 21,720,044<br>🔺 **+720,004**<br>(+3.43%)<br>72.4% of budget | ' +
        '✅ bit-exact<br>211 inputs | 95.50%<br>191 of 200<br>**−1.00 points**<br>2 answers changed<br>float 97.00% |',
    );
    assert.match(row('anomaly', 'cortex-m4') ?? '', /59,544 B<br>new \|/);
    assert.match(row('gesture', 'cortex-m4') ?? '', /59,544 B<br>removed \|/);
    assert.match(row('person', 'cortex-m4') ?? '', /\| —<br>was 21,000,040 \| ❌ hang \|/);
    assert.match(text, /^Nordic nRF52840: 1 MiB of flash, 256 KiB of RAM\.<br>$/m);
    assert.match(text, /^Budgets: flash 58 KiB ✖ 102\.8%, instructions 30M ✔ 72\.4%\.$/m);
  });
  it('puts layers that changed first', () => {
    const details = renderMarkdown(sampleReport()).split('<details>')[1] ?? '';
    const order = [...details.matchAll(/^\| `(\d\d)_/gm)].map((match) => match[1]);
    assert.deepEqual(order, ['02', '00', '01', '03', '04', '05']);
    assert.match(
      details,
      /^\n<summary><code>kws<\/code> on <code>cortex-m4<\/code>: 1 of 6 layers changed<\/summary>\n/,
    );
  });
  it('names the baseline and the tools', () => {
    const text = renderMarkdown(sampleReport(), { reportUrl: 'https://example.com/run (1)' });
    assert.match(
      text,
      /^Compared with 0123456789abcdef0123456789abcdef01234567<!-- run -->, rebuilt with the same tools\.<!-- \/run -->/m,
    );
    assert.match(
      text,
      /^Measured on QEMU 7\.2\.22 and Renode 1\.16\.1, compiled by arm-none-eabi-gcc 12\.2\.1; tinyml-deploy 0\.1\.0\. Renode cannot see bus faults/m,
    );
    assert.match(text, /^\[Full report\]\(https:\/\/example\.com\/run%20%?\(?/m);
    assert.match(renderMarkdown(single()), /^No baseline to compare with\./m);
  });
  it('says once for all targets which answers changed', () => {
    const lines = renderMarkdown(sampleReport()).split('\n');
    assert.deepEqual(
      lines.filter((line) => line.includes('answers changed&#58;')),
      [
        '- **kws**: 2 of 200 answers changed&#58; 2 right before and wrong now. Samples 191 (11 → down), 192 (down → go).',
      ],
    );
    assert.ok(
      lines.includes(
        'Accuracy: top-1 95.50% (191 of 200); on the emulated part 96.00% over 50 samples; float 97.00%, quantized −1.50 points; 198 of 200 answers the same; signal to noise 39.3 dB.<br>',
      ),
    );
  });
  it('lists a few of many changed answers, and no name gets out of its line', () => {
    const hostile = {
      ...answersTo(classesOf(200, 200)),
      classes: ['| `a` <b>\n# c', '@team [x](http://y.example)'],
    };
    const old = measurement({ answers: answersTo(classesOf(0, 200)) });
    const text = renderMarkdown(judge([measurement({ answers: hostile })], baselineOf([old]), [], context));
    const line = text.split('\n').find((each) => each.startsWith('- **kws**')) ?? '';
    assert.match(line, /200 of 200 answers changed&#58; 200 wrong before and right now\. Samples 0 \(/);
    assert.match(line, / and 190 more\.$/);
    for (const sign of ['<b>', '`a`', '[x](', '@team']) assert.ok(!line.includes(sign), sign);
  });
  it('says why answers cannot be compared', () => {
    const now = measurement();
    const answers = now.answers === null ? null : { ...now.answers, data: 'other' };
    const text = renderMarkdown(judge([now], baselineOf([measurement({ answers })]), [], context));
    assert.match(
      text,
      /^- \*\*kws\*\* on `cortex-m4`: Which answers changed cannot be told&#58; the baseline was measured on other test data\.$/m,
    );
  });
  it('names the metric, and its own units', () => {
    const error = {
      ...topOne(1, 200),
      name: 'mean | error',
      unit: 'number',
      better: 'less',
      correct: null,
    } as const;
    const at = (value: number) => measurement({ accuracy: { ...error, value } });
    const text = renderMarkdown(judge([at(0.0712)], baselineOf([at(0.07)]), [], context));
    assert.match(text, /\| 0\.0712<br>mean &#124; error, 200 samples<br>\*\*\+0\.0012\*\* \|/);
    const other = renderMarkdown(judge([at(0.0712)], baselineOf([measurement()]), [], context));
    assert.match(other, /200 samples<br>\*\*was top-1\*\* \|/);
  });
  it('leaves out accuracy where no model has labels', () => {
    assert.ok(!renderMarkdown(single({ accuracy: null, answers: null })).includes('Accuracy'));
  });
  it('shows a change of one instruction in a hundred million', () => {
    const at = (total: number) => measurement({ instructions: { total, min: total, max: total } });
    const report = judge([at(100_000_001)], baselineOf([at(100_000_000)]), [], context);
    assert.match(renderMarkdown(report), /100,000,001<br>🔺\u00a0\*\*\+1\*\*<br>\(\+<0\.01%\)/);
    const better = judge([at(99_999_999)], baselineOf([at(100_000_000)]), [], context);
    assert.match(renderMarkdown(better), /99,999,999<br>🔻\u00a0\*\*−1\*\*<br>\(−<0\.01%\)/);
  });
  it('is one line when nothing changed and nothing failed, with the figures folded', () => {
    const quiet = judge([measurement()], baselineOf([measurement()]), [], context);
    const lines = renderMarkdown(quiet).split('\n');
    assert.deepEqual(lines.slice(0, 4), [
      '✅ **Pass: 1 model on 1 target, every output bit-exact.** Sizes and instruction counts are unchanged.',
      '',
      '<details>',
      '<summary>Figures</summary>',
    ]);
    assert.match(lines.join('\n'), /\n\n\| Model, target \|[\s\S]*\nCompared with [\s\S]*\n\n<\/details>\n$/);
  });
  it('is unfolded by any metric, by accuracy and stack too, and by what is new, gone, failed or loosened', () => {
    const { ram } = measurement();
    const tight: Limits = {
      model: { name: 'kws' },
      target: 'cortex-m4',
      budgets: [{ metric: 'ram', bound: 'limit', amount: 20_000, written: '20000', line: 3 }],
    };
    const old = baselineOf([measurement()]);
    for (const loud of [
      judge([measurement({ ram: { ...ram, stack: 352 } })], old, [], context),
      judge([measurement({ accuracy: topOne(192, 200) })], old, [], context),
      judge([measurement(), measurement({ target: 'cortex-m7' })], old, [], context),
      judge([measurement()], baselineOf([measurement(), measurement({ target: 'x' })]), [], context),
      judge([measurement({ failures: [{ kind: 'hang', message: 'h' }] })], old, [], context),
      judge([measurement()], { ...old, limits: [tight] }, [], context),
      judge([measurement()], noBaseline(''), [], context),
    ])
      assert.match(renderMarkdown(loud), /^## /);
  });
  it('reads the same whenever and wherever the same was measured', () => {
    const at = (run: Report['run']) =>
      renderMarkdown(judge([measurement()], baselineOf([measurement()]), [], { ...context, run }));
    assert.equal(
      at({ at: '2026-01-01', host: 'linux x64', reused: 0 }),
      at({ at: '2027-02-02', host: 'darwin arm64', reused: 0 }),
    );
  });
  it('says in few words where baseline and results come from, and what a model was called', () => {
    const told = (source: 'cache' | 'artifact' | 'rebuilt' | 'file', reused: number) => {
      const was = (name: string) =>
        measurement({ model: { ...measurement().model, name, file: `${name}.tflite` } });
      const renames = [{ target: 'cortex-m4', from: 'old|name', to: 'kws' }];
      const baseline = { ...baselineOf([was('old|name')]), source, renames };
      return renderMarkdown(judge([measurement()], baseline, [], { ...context, reused }));
    };
    assert.match(told('cache', 1), /<!-- run -->, from the cache\.<!-- \/run -->/);
    assert.match(told('artifact', 1), /, from the artifact of its run\./);
    assert.match(told('file', 1), /, from its report\./);
    assert.match(
      told('cache', 1),
      /<!-- run --> The result is kept from an earlier run on the same inputs and tools\.<!-- \/run -->/,
    );
    assert.doesNotMatch(told('cache', 0), /kept/);
    assert.match(told('cache', 0), /\| \*\*kws\*\*<br>was old&#124;name<br>`cortex-m4` \|/);
    assert.match(told('cache', 0), /^✅ \*\*Pass: .*unchanged\.$/m, 'another name changes no figure');
    assert.equal(withoutRun(told('cache', 1)), withoutRun(told('artifact', 0)));
  });
  it('never starts a line with a mark, which would make it HTML', () => {
    assert.doesNotMatch(
      renderMarkdown({ ...sampleReport(), run: { at: '', host: '', reused: 5 } }),
      /^<!--/m,
    );
  });
  it('says which budgets were loosened or not checked, once for all rows', () => {
    const limits = (amount: number): Limits[] =>
      ['cortex-m4', 'cortex-m7'].map((target) => ({
        model: { name: 'kws' },
        target,
        budgets: [
          { metric: 'flash', bound: 'limit', amount, written: `${amount / 1024} KiB`, line: 4 },
          { metric: 'ram', bound: 'share', amount: 80, written: '80%', line: 5 },
        ],
      }));
    const both = [measurement(), measurement({ target: 'cortex-m7' })];
    const report = judge(both, { ...baselineOf(both), limits: limits(65_536) }, limits(81_920), context);
    const text = renderMarkdown(report);
    assert.match(
      text,
      /^- ⚠️ \*\*kws\*\* on `cortex-m4` and 1 more row: The budget on flash was loosened from 64 KiB to 80 KiB\. \(`tinyml\.yml:4`\)$/m,
    );
    assert.match(
      text,
      /^- \*\*kws\*\* on `cortex-m4` and 1 more row: Not checked, since a generic core has no memory of its own&#58; RAM 80% of the part\. /m,
    );
  });

  it('stays below the limit of a comment, whatever comes, and keeps what failed', () => {
    const layers = Array.from({ length: 60 }, (_, index) => layer(index));
    const many = Array.from({ length: 400 }, (_, index) =>
      measurement({
        layers,
        target: `cortex-${index}`,
        part: { title: 'P'.repeat(5000), flashBytes: 1, ramBytes: 1 },
        failures: index === 399 ? [{ kind: 'fault', message: `LAST ${'@x '.repeat(5000)}` }] : [],
      }),
    );
    const limits = many.map(({ target }) => ({
      model: { name: 'kws' },
      target,
      budgets: [
        { metric: 'flash' as const, bound: 'limit' as const, amount: 1, written: 'w'.repeat(40), line: 1 },
      ],
    }));
    for (const report of [
      judge(many, noBaseline('n'.repeat(100_000)), [], context),
      judge(many, baselineOf([]), limits, context),
    ]) {
      const text = renderMarkdown(report, { reportUrl: 'https://example.com/' });
      assert.ok(text.length <= 65_000, `${text.length} characters`);
      assert.match(text, /Shortened to fit\.<br>\n\[Full report\]\(https:\/\/example\.com\/\)/);
      assert.match(text, /\d+ more rows left out/);
    }
    assert.match(renderMarkdown(judge(many, noBaseline(''), [], context)), /`cortex-399`/);
  });
  it('drops layers of quiet rows before anything else', () => {
    const layers = Array.from({ length: 150 }, (_, index) => layer(index));
    const changed = layers.map((each, index) => (index === 7 ? { ...each, instructions: 1 } : each));
    const targets = Array.from({ length: 6 }, (_, index) => `t${index}`);
    const report = judge(
      targets.map((target, index) => measurement({ target, layers: index === 3 ? changed : layers })),
      baselineOf(targets.map((target) => measurement({ target, layers }))),
      [],
      context,
    );
    const text = renderMarkdown(report, { limit: 30_000 });
    assert.equal(text.split('<details>').length - 1, 1);
    assert.match(text, /<code>t3<\/code>: 1 of 150 layers changed/);
    assert.equal(text.match(/^\| \*\*kws\*\*/gm)?.length, 6);
  });
});

describe('hostile names', () => {
  const hostile =
    '</code></summary><img src=x onerror=alert(1)> @admin #1 [a](javascript:x) `|\n## b | ~~c~~ https://evil.example www.evil.example';

  it('have no effect in a code span', () => {
    assert.equal(code('a`b|c\nd'), '`a\\u{60}b\\u{7c}c\\u{a}d`');
    assert.equal(code('  '), '`(no name)`');
    assert.match(code('x'.repeat(10_000)), /^`x{80}…`$/);
  });
  it('have no effect in running text', () => {
    const text = plain(hostile, 1000);
    assert.ok(!/[<>`|*[\]~:\n]|@a|#\d+(?!;)|www\./.test(text.replace(/&#\d+;/g, '')), text);
  });
  it('keep the comment to one table row per row, with no markup of their own', () => {
    const report = judge(
      [
        measurement({
          model: { name: hostile, file: hostile, sha256: '', bytes: 1 },
          target: hostile,
          part: { title: hostile, flashBytes: 1, ramBytes: 1 },
          layers: [layer(0, { symbol: hostile })],
          failures: [{ kind: 'mismatch', message: hostile }],
          compiler: { version: hostile, flags: [hostile] },
        }),
      ],
      { commit: hostile, source: 'rebuilt', note: hostile, measurements: [] },
      [],
      context,
    );
    const text = renderMarkdown(report);
    // Outside of code spans, none of it is left that Markdown or GitHub acts on.
    const live = text.replaceAll(/`[^`\n]*`/g, '').replaceAll(/<code>[^<]*<\/code>/g, '');
    assert.ok(
      !/<img|onerror=alert\(1\)>|@admin|javascript:|https:\/\/evil|www\.evil|^## b/m.test(live),
      live,
    );
    const header = text.split('\n').find((line) => line.startsWith('| Model')) ?? '';
    const cells = text.split('\n').find((line) => line.startsWith('| **&#60;')) ?? '';
    assert.equal(cells.split('|').length, header.split('|').length);
    assert.equal(text.match(/<details>/g)?.length, 1);
    assert.equal(live.match(/<\/summary>/g)?.length, 1);
  });
});
