import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparisons, siliconError } from '../../src/targets/silicon.ts';

/** docs/cycles.md has these numbers too. */
test('the error of estimates is that of the networks that were published on silicon', () => {
  const m4 = comparisons('cortex-m4');
  assert.equal(m4.length, 10);
  const resnet = m4.find(({ network, engine }) => network === 'resnet' && /mbed/.test(engine));
  assert.ok(resnet !== undefined && Math.abs(resnet.estimate - 36.2) < 0.01, String(resnet?.estimate));
  const { lowest, highest } = siliconError('cortex-m4') ?? {};
  assert.deepEqual([lowest, highest], [-35, 2]);
  assert.deepEqual([siliconError('cortex-m33')?.lowest, siliconError('cortex-m33')?.highest], [-20, 4]);
});

test('where nobody published the same code there is no error to tell', () => {
  for (const name of ['cortex-m0', 'cortex-m0plus', 'cortex-m3', 'cortex-m7'] as const)
    assert.equal(siliconError(name), null, name);
});
