import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readElf } from '../../src/build/elf.ts';
import { checkArmv6M, foreignToArmv6M } from '../../src/build/v6m.ts';
import { DeployError } from '../../src/errors.ts';
import { halfwords, writeElf } from './elf_file.ts';

/** Code at 0x100 in a function `kernel`, with mapping symbols [byte offset, `$t` or `$d`]. */
function code(content: Uint8Array, mapping: readonly (readonly [number, string])[] = [[0, '$t']]) {
  return readElf(
    writeElf(
      [{ name: '.model.text', flags: 6, address: 0x100, content }],
      [
        ...mapping.map(([offset, name]) => ({ name, address: 0x100 + offset, section: 0 })),
        { name: 'kernel', address: 0x101, bytes: content.length, type: 2, section: 0 },
      ],
    ),
  );
}

const inArmv6M: readonly (readonly [string, ...number[]])[] = [
  ['movs r0, #1', 0x2001],
  ['muls r0, r1', 0x4348],
  ['blx r2', 0x4790],
  ['push {r4, lr}', 0xb510],
  ['rev r0, r1', 0xba08],
  ['bkpt 0xab', 0xbeab],
  ['nop', 0xbf00],
  ['cpsid i', 0xb672],
  ['udf #7', 0xde07],
  ['bl', 0xf7ff, 0xffda],
  ['msr control, r0', 0xf380, 0x8814],
  ['mrs r0, psp', 0xf3ef, 0x8009],
  ['dmb', 0xf3bf, 0x8f5f],
  ['isb', 0xf3bf, 0x8f6f],
];

const laterThanArmv6M: readonly (readonly [string, ...number[]])[] = [
  ['cbz r0', 0xb108],
  ['cbnz r0', 0xb9f8],
  ['ite eq', 0xbf0c],
  ['cpsid f', 0xb671],
  ['ldr.w r3, [r2]', 0xf8d2, 0x3000],
  ['b.w', 0xf000, 0xb800],
  ['udiv r0, r0, r1', 0xfbb0, 0xf0f1],
  ['smull r0, r1, r2, r3', 0xfb82, 0x0103],
  ['movw r0, #1', 0xf240, 0x0001],
  ['vadd.f32 s0, s0, s1', 0xee30, 0x0a20],
  ['smlad r0, r1, r2, r3', 0xfb21, 0x3002],
];

for (const [name, ...words] of inArmv6M)
  test(`Armv6-M has ${name}`, () => assert.deepEqual(foreignToArmv6M(code(halfwords(...words))), []));

for (const [name, ...words] of laterThanArmv6M)
  test(`Armv6-M has no ${name}`, () => {
    const found = foreignToArmv6M(code(halfwords(0xbf00, ...words, 0xbf00)));
    assert.deepEqual(
      found.map((one) => one.address),
      [0x102],
    );
  });

test('data among the code is not read as instructions', () => {
  const elf = code(halfwords(0x4770, 0xfbb0, 0xf0f1, 0x4770), [
    [0, '$t'],
    [2, '$d'],
    [6, '$t.1'],
  ]);
  assert.deepEqual(foreignToArmv6M(elf), []);
});

test('code without any mapping symbol is checked too', () => {
  assert.equal(foreignToArmv6M(code(halfwords(0xfbb0, 0xf0f1), [])).length, 1);
});

test('the error names the first instruction and its function', () => {
  assert.throws(
    () => checkArmv6M(code(halfwords(0xbf00, 0xfbb0, 0xf0f1))),
    (error: unknown) =>
      error instanceof DeployError &&
      error.kind === 'tool' &&
      error.message.includes('fbb0 f0f1') &&
      error.message.includes('0x102 in kernel'),
  );
});
