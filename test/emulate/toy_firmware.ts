import type { Firmware } from '../../src/build/firmware.ts';

/** As much of a linked toy as decoding looks at. */
export const toyFirmware: Pick<Firmware, 'marks' | 'layers' | 'symbols'> = {
  marks: [
    { name: 'toy_invoke', address: 0x100 },
    { name: 'toy_layer_00_multiply', address: 0x200 },
    { name: 'toy_layer_01_count', address: 0x300 },
    { name: 'tinyml_measure_end', address: 0x400 },
  ],
  layers: [
    { symbol: 'toy_layer_00_multiply', address: 0x200, code: 0x40, weights: 0, tables: 0 },
    { symbol: 'toy_layer_01_count', address: 0x300, code: 0x40, weights: 0, tables: 0 },
  ],
  symbols: [
    { name: 'toy_invoke', address: 0x100, bytes: 0x20 },
    { name: 'toy_layer_00_multiply.constprop.0', address: 0x200, bytes: 0x40 },
    { name: 'toy_layer_01_count', address: 0x300, bytes: 0x40 },
    { name: 'tinyml_measure', address: 0x3e0, bytes: 0x40 },
    { name: 'memcpy', address: 0x500, bytes: 0x10 },
  ],
};
