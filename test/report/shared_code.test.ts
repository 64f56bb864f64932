import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import type { Measurement } from '../../src/measurement.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import type { Report } from '../../src/report/report.ts';
import { renderText } from '../../src/report/text.ts';
import { context, measurement } from './sample.ts';

function reportOf(measurements: readonly Measurement[]): Report {
  return judge(measurements, noBaseline(''), [], context);
}

const small = measurement({
  optimize: 'size',
  shared: [{ kernel: 'conv_2d_dsp', layers: [0, 2], code: 1_234 }],
});

describe('code that several layers share', () => {
  it('has a line of its own below the layers, with their numbers', () => {
    const lines = renderText(reportOf([small]), { colour: false, layers: true, columns: 200 }).split('\n');
    const line = lines.find((each) => each.includes('conv_2d_dsp, shared by 00, 02'));
    assert.match(line ?? '', /1,234/);
  });
  it('has an area of its own on the map of flash', () => {
    assert.match(renderHtml(reportOf([small])), /conv_2d_dsp, shared by 00, 02: 1,234 B/);
  });
});

describe('the setting', () => {
  it('is said wherever it is not the default', () => {
    // A colon is escaped in Markdown.
    for (const text of [
      renderMarkdown(reportOf([small])),
      renderHtml(reportOf([small])),
      renderText(reportOf([small]), { colour: false, layers: false, columns: 200 }),
    ])
      assert.match(text, /Optimized for size(:|&#58;) kws on cortex-m4\./);
    assert.doesNotMatch(renderMarkdown(reportOf([measurement()])), /Optimized for/);
  });
});
