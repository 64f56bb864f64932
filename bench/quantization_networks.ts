import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../src/graph/graph.ts';
import { importTflite } from '../src/import/tflite.ts';
import { rows } from '../test/quantize/score.ts';
import { uneven } from '../test/quantize/uneven.ts';

/** Float networks with what to calibrate and to measure them on. */
export interface QuantizationNetwork {
  readonly name: string;
  readonly about: string;
  readonly graph: Graph;
  readonly calibration: readonly Float32Array[];
  readonly inputs: readonly Float32Array[];
  readonly labels: readonly number[];
  /** What ours must reach at least, with each number of calibration samples. */
  readonly bar: { readonly accuracy: number; readonly decibels?: number; readonly agreement?: number } | null;
}

const fixtures = join(import.meta.dirname, '..', 'test', 'fixtures', 'digits');

/** Digits from the repository; keyword spotting from `shared`, the folder with `models` and `data`. */
export function quantizationNetworks(shared: string): QuantizationNetwork[] {
  const digits = modelOf(fixtures, 'digits_keras_float.tflite');
  const data = {
    calibration: rows(fixtures, 'digits_calib_x.npy'),
    inputs: rows(fixtures, 'digits_x.npy'),
    labels: rows(fixtures, 'digits_y.npy').map(([label = -1]) => label),
  };
  // As the network was given them before they were quantized.
  const spoken = rows(join(shared, 'data'), 'kws_x.npy').map((row) =>
    row.map((value) => (value - 83) * Math.fround(0.5847029089927673)),
  );
  const words = rows(join(shared, 'data'), 'kws_y.npy').map(([label = -1]) => label);
  return [
    {
      name: 'digits',
      about: 'a small CNN with a residual block on 8×8 digits',
      graph: digits,
      ...data,
      bar: { accuracy: 0.965, decibels: 39.5 },
    },
    {
      name: 'digits, uneven',
      about: 'the same function, a third of the channels of the first layer 64 times as large',
      graph: uneven(digits, 64),
      ...data,
      bar: null,
    },
    {
      name: 'keyword spotting',
      about: 'the DS-CNN of MLPerf Tiny in float32, 12 classes',
      graph: modelOf(join(shared, 'models'), 'kws_float.tflite'),
      calibration: spoken.slice(0, 128),
      inputs: spoken.slice(128),
      labels: words.slice(128),
      bar: { accuracy: 0.909, agreement: 0.985 },
    },
  ];
}

function modelOf(folder: string, file: string): Graph {
  return importTflite(readFileSync(join(folder, file)), { file, name: 'network' });
}
