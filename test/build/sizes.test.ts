import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readElf } from '../../src/build/elf.ts';
import type { Section } from '../../src/build/firmware.ts';
import { flashUse, layerSizes, memoryNeeds, ramUse, tooBig } from '../../src/build/sizes.ts';
import { findTarget } from '../../src/targets/index.ts';
import { writeElf } from './elf_file.ts';

const sections: readonly Section[] = [
  { name: '.harness.vectors', address: 0, bytes: 64, memory: 'flash' },
  { name: '.model.text', address: 64, bytes: 1000, memory: 'flash' },
  { name: '.model.weights', address: 1064, bytes: 5000, memory: 'flash' },
  { name: '.model.tables', address: 6064, bytes: 300, memory: 'flash' },
  { name: '.runtime.text', address: 6364, bytes: 144, memory: 'flash' },
  { name: '.harness.stack', address: 0x2000_0000, bytes: 8704, memory: 'ram' },
  { name: '.model.data', address: 0x2000_2200, bytes: 8, memory: 'both' },
  { name: '.model.arena', address: 0x2000_2210, bytes: 300_000, memory: 'ram' },
  { name: '.runtime.bss', address: 0x2004_b600, bytes: 16, memory: 'ram' },
];

test('flash and RAM by purpose; initial values of variables count in both', () => {
  assert.deepEqual(flashUse(sections), { code: 1000, weights: 5000, tables: 308, runtime: 144, harness: 64 });
  assert.deepEqual(ramUse(sections), { arena: 300_000, data: 24, harness: 0 });
});

test('what does not fit is a clause with numbers, stack and gaps included', () => {
  const needs = memoryNeeds({ sections, map: findTarget('nrf52840').renode.map });
  assert.deepEqual(needs, [
    { memory: 'flash', needed: 6516, available: 1_048_576 },
    { memory: 'RAM', needed: 0x4b610, available: 262_144 },
  ]);
  assert.deepEqual(tooBig(needs), ['needs 308,752 of 262,144 bytes of RAM']);
  assert.deepEqual(tooBig(memoryNeeds({ sections, map: findTarget('stm32l4r5').renode.map })), []);
});

test('a layer owns what is named after it, and another layer or model with a longer name does not', () => {
  const text = { name: '.model.text', flags: 6, address: 0x100, content: new Uint8Array(64) };
  const weights = { name: '.model.weights', flags: 2, address: 0x200, content: new Uint8Array(64) };
  const tables = { name: '.model.tables', flags: 2, address: 0x300, content: new Uint8Array(64) };
  const object = (name: string, bytes: number, section: number) => ({
    name,
    address: 0,
    bytes,
    type: 1,
    section,
  });
  const elf = readElf(
    writeElf(
      [text, weights, tables],
      [
        { name: 'a_layer_01_conv_2d.constprop.0', address: 0x101, bytes: 20, type: 2, section: 0 },
        { name: 'a_layer_10_add', address: 0x121, bytes: 12, type: 2, section: 0 },
        object('a_layer_01_weights', 30, 1),
        object('a_layer_01_bias', 8, 1),
        object('a_layer_01_multiplier', 4, 2),
        object('a_layer_10_table', 16, 2),
      ],
    ),
  );
  assert.deepEqual(layerSizes(elf, 'a', ['a_layer_01_conv_2d', 'a_layer_10_add']), [
    { symbol: 'a_layer_01_conv_2d', address: 0x100, code: 20, weights: 38, tables: 4 },
    { symbol: 'a_layer_10_add', address: 0x120, code: 12, weights: 0, tables: 16 },
  ]);
});
