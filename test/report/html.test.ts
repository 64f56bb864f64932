import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import { renderHtml } from '../../src/report/html.ts';
import { context, layer, measurement, sampleReport } from './sample.ts';

describe('renderHtml', () => {
  const page = renderHtml(sampleReport());
  it('is one file that asks nobody for anything', () => {
    assert.ok(!/<script|<link|<img|@import|url\(|src=|href=/i.test(page));
    assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
  });
  it('has the same numbers as the comment', () => {
    for (const text of [
      '61,080 B',
      '+1,536 B (+2.58%)',
      '21,720,044',
      '96.50%',
      '193 of 200',
      '5.8% of 1 MiB',
    ])
      assert.ok(page.includes(text), text);
  });
  it('draws a bar per layer, the widest whole', () => {
    const widths = [...page.matchAll(/class="bar flash"><i style="width:([\d.]+)%"/g)].map((match) =>
      Number(match[1]),
    );
    assert.equal(widths.length, 5 * 6, 'five rows are there, one is gone');
    assert.equal(Math.max(...widths), 100);
  });
  it('opens what changed and leaves the rest folded', () => {
    assert.match(page, /<details open>\n<summary><strong>kws<\/strong> on <strong>cortex-m4/);
    assert.match(page, /<details>\n<summary><strong>kws<\/strong> on <strong>cortex-m0plus/);
  });
  it('shows hostile names as text', () => {
    const hostile = `"><script>alert(1)</script>'&`;
    const text = renderHtml(
      judge(
        [
          measurement({
            model: { name: hostile, file: hostile, sha256: '', bytes: 1 },
            target: hostile,
            part: { title: hostile, flashBytes: 1, ramBytes: 1 },
            layers: [layer(0, { symbol: hostile })],
            failures: [{ kind: 'fault', message: hostile }],
            compiler: { version: hostile, flags: [hostile] },
          }),
        ],
        noBaseline(hostile),
        [],
        { ...context, headCommit: hostile, toolVersion: hostile },
      ),
    );
    assert.ok(!text.includes('<script'));
    assert.ok(text.includes('&#60;script&#62;'));
  });
});
