import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import { renderText } from '../../src/report/text.ts';
import { context, measurement, sampleReport } from './sample.ts';

describe('renderText', () => {
  it('says the verdict, the reasons and one row per model and target', () => {
    const text = renderText(sampleReport(), { colour: false });
    assert.match(text, /^✖ Fail: 3 of 5 deployments/);
    assert.match(text, /✖ kws on cortex-m4: Flash of 61,080 B .* tinyml\.yml:4/);
    assert.match(
      text,
      /│ ✖ kws +│ +61,080 B │ +16,464 B │ +21,720,044 │ bit-exact +│ +95\.50% │\n│ +cortex-m4 +│ \+1,536 B \(\+2\.58%\) │/,
    );
    assert.match(text, /\+1,536 B \(\+2\.58%\)/);
    assert.match(text, /Compared with 0123456789ab, rebuilt with the same tools\./);
  });
  it('says which answers changed', () => {
    const text = renderText(sampleReport(), { colour: false });
    assert.match(text, /│ +191 of 200 │\n.*│ +−1\.00 points │\n.*│ +2 changed │\n.*│ +float 97\.00% │\n/);
    assert.match(
      text,
      /\nkws: 2 of 200 answers changed: 2 right before and wrong now\. Samples 191 \(11 → down\), 192 \(down → go\)\.\n/,
    );
    assert.equal(text.match(/answers changed/g)?.length, 1, 'once for both targets');
  });
  it('has no escape sequence without colour, and some with it', () => {
    assert.ok(!renderText(sampleReport(), { colour: false }).includes('\u001b'));
    assert.ok(renderText(sampleReport(), { colour: true }).includes('\u001b[31m'));
  });
  it('lists rows where the table is too wide for the terminal', () => {
    const text = renderText(sampleReport(), { colour: false, columns: 80 });
    assert.ok(!text.includes('│'));
    assert.match(text, /flash +61,080 B {2}\+1,536 B/);
    assert.ok(renderText(sampleReport(), { colour: true, columns: 200 }).includes('│'));
  });
  it('shows layers when asked', () => {
    const text = renderText(sampleReport(), { colour: false, layers: true });
    assert.match(text, /kws on nrf52840: 6 layers\n┌/);
    assert.match(text, /02_conv_2d +│ 1×25×5×64 +│ +320,002 │/);
  });
  it('lets no name move the cursor', () => {
    const model = { ...measurement().model, name: 'a\u001b[2Jb\r\nc' };
    const text = renderText(judge([measurement({ model })], noBaseline('\u001b]0;x\u0007'), [], context), {
      colour: false,
      layers: true,
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.ok(!/[\u0000-\u0009\u000b-\u001f]/.test(text));
    assert.match(text, /a\\u\{1b\}\[2Jb\\u\{d\}\\u\{a\}c/);
  });
});
