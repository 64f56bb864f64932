import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptRegressions } from '../../src/judge/accept.ts';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import { renderHtml } from '../../src/report/html.ts';
import { answersTo, baselineOf, classesOf, context, layer, measurement, sampleReport } from './sample.ts';

const set = { id: 7, by: 'ada<b>', at: '2026-11-24T08:00:00Z', label: 'accept-regression' };

describe('the HTML report of an accepted regression', () => {
  it('says who accepted what, marks the budget, and passes', () => {
    const { report } = acceptRegressions(sampleReport(), { set, record: null, isKept: true });
    const html = renderHtml(report);
    assert.match(
      html,
      /<li class="accepted"><strong>kws<\/strong> on <strong>cortex-m4<\/strong>: Flash of 61,080 B, 1,688 B over its budget: accepted by @ada&#60;b&#62; on 2026-11-24 \(label accept-regression\)\.<\/li>/,
    );
    assert.match(html, /<small>102\.8% of budget 58 KiB, accepted<\/small>/);
    assert.match(html, /<title>Fail: 1 of 5 deployments/);
  });
  it('says what a renamed model was, and what was kept from an earlier run', () => {
    const sample = sampleReport();
    const [first, ...others] = sample.rows;
    assert.ok(first !== undefined);
    const rows = [{ ...first, renamedFrom: 'kws<v1>' }, ...others];
    const html = renderHtml({ ...sample, rows, run: { ...sample.run, reused: 2 } });
    assert.match(html, /<strong>kws<\/strong><small>was kws&#60;v1&#62;<\/small>/);
    assert.match(html, /<p>2 of 5 results are kept from an earlier run on the same inputs and tools\.<\/p>/);
  });
});

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
  it('draws code, weights and tables of each layer to one scale, and what was before where it differs', () => {
    const layers = page.split('<ol class="layers"').slice(1);
    assert.equal(layers.length, 5, 'five rows are there, one is gone');
    for (const list of layers) {
      const bars = [...list.matchAll(/<div class="bar" title="code [^"]*">(.*?)<\/div>/g)].map(
        ([, segments]) =>
          [...(segments ?? '').matchAll(/width:([\d.]+)%/g)].reduce(
            (sum, [, width]) => sum + Number(width),
            0,
          ),
      );
      assert.equal(bars.length, 6);
      assert.ok(Math.abs(Math.max(...bars) - 100) < 0.01, String(bars));
    }
    assert.equal(layers[0]?.match(/class="bar before"/g)?.length, 2, 'flash and instructions of layer 02');
    assert.equal(layers[2]?.match(/class="bar before"/g), null);
  });
  it('draws flash as areas in proportion', () => {
    const map = /<div class="map".*?<\/figure>/.exec(page.replace(/\n/g, ''))?.[0] ?? '';
    const areas = [
      ...map.matchAll(/<div style="[^"]*?width:([\d.]+)%;height:([\d.]+)%" title="([^:]+): ([\d,]+) B/g),
    ].map(([, width, height, name, size]) => ({
      name,
      bytes: Number(size?.replaceAll(',', '')),
      area: (Number(width) * Number(height)) / 10_000,
    }));
    assert.deepEqual(areas.map(({ name }) => name).sort(), [
      '00_conv_2d',
      '01_depthwise_conv_2d',
      '02_conv_2d',
      '03_average_pool_2d',
      '04_fully_connected',
      '05_softmax',
      'outside of layers',
      'run-time library',
    ]);
    assert.equal(
      areas.reduce((sum, { bytes }) => sum + bytes, 0),
      61_080,
    );
    for (const { bytes, area } of areas) assert.ok(Math.abs(area - bytes / 61_080) < 1e-4);
  });
  it('draws every buffer of the arena, and marks the peak', () => {
    const arena = page.split('<figure class="arena">')[1] ?? '';
    assert.equal(arena.match(/<div class="(tensor|edge|scratch)" style=/g)?.length, 6);
    assert.match(
      arena,
      /<strong>Peak<\/strong>: <data value="15872">15,872 B<\/data> in use, first at 01_depthwise/,
    );
    assert.match(arena, /<div class="peak" style="left:25\.000%;width:12\.500%">/);
  });
  it('opens what changed and leaves the rest folded', () => {
    assert.match(
      page,
      /<details class="deployment" open>\n<summary><strong>kws<\/strong> on <strong>cortex-m4/,
    );
    assert.match(
      page,
      /<details class="deployment">\n<summary><strong>kws<\/strong> on <strong>cortex-m0plus/,
    );
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
            arena: [{ label: hostile, offset: 0, bytes: 9, firstStep: 0, lastStep: 1 }],
            sections: [{ name: hostile, bytes: 1, memory: 'flash' }],
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
  it('shows which answers changed, with pictures', () => {
    const picture = 'data:image/bmp;base64,Qk0=';
    const html = renderHtml(sampleReport(), (model, index) => ({
      picture: index === 191 ? picture : 'javascript:alert(1)',
      name: `${model}/<i>${index}`,
    }));
    assert.match(
      html,
      /<h2>Answers<\/h2>\n<section class="answers">\n<p><strong>kws<\/strong> on cortex-m4, nrf52840: 2 of 200 answers changed/,
    );
    assert.ok(
      html.includes(
        `<tr class="lost"><td><img src="${picture}" alt="sample 191"></td><td>191<small>kws/&#60;i&#62;191</small></td><td>11</td><td>down<small>right before, wrong now</small></td><td>11</td></tr>`,
      ),
    );
    assert.ok(html.includes('<tr class="lost"><td></td><td>192<small>'));
    assert.ok(!html.includes('javascript'));
    assert.doesNotMatch(renderHtml(sampleReport()), /<img/);
  });
  it('shows so many changed answers and counts the rest', () => {
    const old = measurement({ answers: answersTo(classesOf(0, 200)) });
    const html = renderHtml(judge([measurement()], baselineOf([old]), [], context));
    assert.equal(html.match(/<tr class="gained">/g)?.length, 50);
    assert.match(html, /<p>and 143 more samples<\/p>/);
  });
  it('counts one commit of the trend as one', () => {
    const sample = sampleReport();
    const html = renderHtml({ ...sample, trend: sample.trend.slice(-1) });
    assert.match(html, /<h3>The last commit of the default branch, and this one<\/h3>/);
    assert.doesNotMatch(html, /last 1 commits/);
  });
});
