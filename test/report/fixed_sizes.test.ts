import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import type { Measurement } from '../../src/measurement.ts';
import { renderHtml } from '../../src/report/html.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { renderText } from '../../src/report/text.ts';
import { context, measurement } from './sample.ts';

const reportOf = (measurements: readonly Measurement[]) => judge(measurements, noBaseline(''), [], context);

type Fixed = NonNullable<Measurement['model']['fixed']>;

function texts(fixed: Fixed): readonly string[] {
  const sample = measurement();
  const report = reportOf([{ ...sample, model: { ...sample.model, fixed } }]);
  return [
    renderMarkdown(report),
    renderHtml(report),
    renderText(report, { colour: false, layers: false, columns: 200 }),
  ];
}
const batch = { input: 'x', dimension: 0, name: 'N', size: 1, by: 'batch' } as const;

describe('sizes that a model leaves open', () => {
  it('are said wherever the batch became 1', () => {
    for (const text of texts([batch]))
      assert.match(text, /Batch fixed to 1, which the file leaves open(:|&#58;) kws\./);
    assert.doesNotMatch(renderMarkdown(reportOf([measurement()])), /Batch fixed/);
  });
  it('are said as tinyml.yml gives them, by name or by place', () => {
    const given = [
      { input: 'x', dimension: 1, name: 'time', size: 49, by: 'config' },
      { input: 'x', dimension: 2, name: '', size: 10, by: 'config' },
    ] as const;
    for (const text of texts([...given]))
      assert.match(
        text,
        /Open sizes as tinyml\.yml gives them(:|&#58;) kws (\(|&#40;)time 49, dimension 2 of x 10(\)|&#41;)\./,
      );
  });
  it('come from a stranger, whose names stay text', () => {
    const named = { ...batch, name: '<img src=x>\n## @someone', by: 'config' as const };
    const [markdown = '', html = ''] = texts([named]);
    assert.doesNotMatch(markdown, /<img src=x>|\n## @someone|[^\\]@someone/);
    assert.doesNotMatch(html, /<img src=x>/);
  });
});
