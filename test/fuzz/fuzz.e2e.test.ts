import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './fuzz.ts';
import { fuzzTargets } from './targets.ts';

/** Drawn anew on every run; TINYML_SEED repeats one. */
const seed = Number(process.env.TINYML_SEED ?? Date.now() % 1_000_000);
const seconds = Number(process.env.TINYML_FUZZ_SECONDS ?? 8);

for (const target of Object.keys(fuzzTargets)) {
  test(`${seconds} s of fuzzing ${target} from seed ${seed} find no crash, hang or hunger for memory`, async (t) => {
    const { runs, blocks, found, finding } = await fuzz(target, { seed, milliseconds: seconds * 1000 });
    if (finding !== null)
      assert.fail(`${finding.how}; the input, in base64: ${Buffer.from(finding.bytes).toString('base64')}`);
    // A fuzzer that sees no blocks, or finds nothing to change further, would pass for ever.
    assert.ok(runs > 100 && blocks > 50, `${runs} runs, ${blocks} blocks`);
    t.diagnostic(`${runs} runs, ${blocks} blocks, ${found.length} new inputs`);
  });
}

test('a reader that never ends behind eight right turns is found out', async () => {
  const { finding } = await fuzz('maze', { seed, milliseconds: 60_000 });
  assert.match(finding?.how ?? 'nothing found', /^ran for more than 5 s$/);
});
