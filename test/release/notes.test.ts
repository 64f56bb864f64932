import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import type { Measurement } from '../../src/measurement.ts';
import { renderNotes } from '../../src/release/notes.ts';
import { context, measurement } from '../report/sample.ts';
import { deployment, measurements } from './sample.ts';

const render = (of: readonly Measurement[]) =>
  renderNotes(judge(of, noBaseline(''), [], context), of.map(deployment));

describe('the notes of a release', () => {
  it('hold the sizes, and where each raw image starts', () => {
    const text = render(measurements());
    assert.match(text, /^<!-- tinyml-deploy -->\n\n## ✅ Pass/);
    assert.match(text, /\| Model, target \| Flash \| RAM \|/);
    assert.match(text, /^\| `kws-cortex-m0plus` \| \d+ B \| \d+ B \| \d+ B \| \d+ B \| `0x00000000` \|$/m);
    assert.match(text, /^\| `kws-nrf52840` \| /m);
    assert.ok(!text.includes('2026-11-23'), 'when it was measured is nobody’s concern here');
  });
  it('fit on a page of GitHub, however many files there are', () => {
    const many = Array.from({ length: 400 }, (_, index) =>
      measurement({
        model: { ...measurement().model, name: `model_${index}_${'x'.repeat(40)}` },
        target: 'cortex-m0plus',
      }),
    );
    const text = render(many);
    assert.ok(text.length < 125_000, `${text.length} characters`);
    assert.match(text, /^200 more left out to fit\.$/m);
  });
});
