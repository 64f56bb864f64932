import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { context, measurement } from './sample.ts';

const verification = { bitExact: false, float32: { ulp: 2.25, bound: 210.9 }, inputs: 11, mismatch: null };

function rendered(...fields: readonly object[]): string {
  const measurements = fields.map((each, at) =>
    measurement({ model: { ...measurement().model, name: `model_${at}` }, ...each }),
  );
  return renderMarkdown(judge(measurements, noBaseline(''), [], context))
    .replaceAll('\u00a0', ' ')
    .replaceAll('\u2011', '-');
}

test('float32 outputs are within so many units in the last place, never bit-exact', () => {
  const text = rendered({ verification });
  assert.match(text, /^## ✅ Pass: 1 model on 1 target, every output within its float32 bound\n/);
  assert.match(text, /✅ within 3 ulp \(bound 210\)<br>11 inputs/);
  assert.doesNotMatch(text, /bit-exact|soft float/);
});

test('of models of both kinds the first line says both', () => {
  const text = rendered({ verification }, {});
  assert.match(
    text,
    /^## ✅ Pass: 2 models on 1 target, every output bit-exact or within its float32 bound\n/,
  );
});

test('a core without a floating-point unit pays library code', () => {
  const compiler = { ...measurement().compiler, flags: ['-mcpu=cortex-m3', '-mfloat-abi=soft'] };
  assert.match(rendered({ verification, compiler }), /11 inputs, soft float \(144 B\)/);
});

test('float32 outputs that were not proven are a mismatch', () => {
  const { float32: _, ...unproven } = verification;
  assert.match(rendered({ verification: unproven }), /❌ mismatch/);
});
