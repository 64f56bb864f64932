import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readElf } from '../../src/build/elf.ts';
import { writeElf } from './elf_file.ts';

const file = writeElf(
  [
    { name: '.model.text', flags: 6, address: 0x100, content: Uint8Array.of(1, 2, 3, 4) },
    { name: '.model.weights', flags: 2, address: 0x104, content: Uint8Array.of(5, 6) },
  ],
  [
    { name: 'toy_invoke', address: 0x101, bytes: 4, type: 2, section: 0 },
    { name: 'toy_layer_00_x_weights', address: 0x104, bytes: 2, type: 1, section: 1 },
  ],
);

test('sections and symbols are read; a function loses its Thumb bit', () => {
  const elf = readElf(file);
  const text = elf.sections.find((section) => section.name === '.model.text');
  assert.ok(text);
  assert.deepEqual([text.address, text.bytes, text.flags], [0x100, 4, 6]);
  assert.deepEqual([...elf.content(text)], [1, 2, 3, 4]);
  const [, invoke, weights] = elf.symbols;
  assert.deepEqual(
    [invoke?.name, invoke?.address, invoke?.bytes, invoke?.kind],
    ['toy_invoke', 0x100, 4, 'function'],
  );
  assert.deepEqual([weights?.kind, elf.sections[weights?.section ?? 0]?.name], ['object', '.model.weights']);
});

test('what is no ELF32 for Arm is refused', () => {
  assert.throws(
    () => readElf(Buffer.from('TFL3 and more text that is longer than one header is in all')),
    /not an ELF/,
  );
  const other = Uint8Array.from(file);
  other[18] = 62;
  assert.throws(() => readElf(other), /not an ELF file for Arm/);
});

test('a file that is cut short or damaged gives a RangeError, never another', () => {
  const isQuiet = (bytes: Uint8Array): void => {
    try {
      readElf(bytes);
    } catch (error) {
      assert.ok(error instanceof RangeError, String(error));
    }
  };
  for (let length = 0; length < file.length; length++) isQuiet(file.subarray(0, length));
  for (let at = 0; at < file.length; at++) {
    const damaged = Uint8Array.from(file);
    damaged[at] = 0xff;
    isQuiet(damaged);
  }
});
