import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerAt, symbolize } from '../../src/emulate/symbolize.ts';
import { toyFirmware } from './toy_firmware.ts';

test('an address is a function and an offset, or nothing', () => {
  assert.equal(symbolize(toyFirmware, 0x300), 'toy_layer_01_count');
  assert.equal(symbolize(toyFirmware, 0x31c), 'toy_layer_01_count+0x1c');
  assert.equal(symbolize(toyFirmware, 0x340), null);
  assert.equal(symbolize(toyFirmware, 0xa000_0000), null);
});

test('a layer is found in its own code and in its specialised copies, not in shared functions', () => {
  assert.equal(layerAt(toyFirmware, 0x302), 'toy_layer_01_count');
  assert.equal(layerAt(toyFirmware, 0x202), 'toy_layer_00_multiply');
  assert.equal(layerAt(toyFirmware, 0x504), null);
});
