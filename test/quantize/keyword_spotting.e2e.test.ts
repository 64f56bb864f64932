import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { quantize } from '../../src/quantize/quantize.ts';
import { shared, sharedModel, withShared } from '../shared.ts';
import { alone, rows, score } from './score.ts';

/** Some minutes: 872 samples through the exact reference, twice. */

for (const count of [128, 16]) {
  test(`keyword spotting, ${count} calibration samples: at least 0.909 of 872 right, 98.5 % as float`, (t) => {
    if (!withShared(t)) return;
    // As the network was given them before they were quantized.
    const inputs = rows(join(shared, 'data'), 'kws_x.npy').map((row) =>
      row.map((value) => (value - 83) * Math.fround(0.5847029089927673)),
    );
    const labels = rows(join(shared, 'data'), 'kws_y.npy').map(([label = -1]) => label);
    const quantized = quantize(sharedModel('kws_float'), alone(inputs.slice(0, count)));
    const { accuracy, agreement } = score(quantized, inputs.slice(128), labels.slice(128));
    assert.ok(accuracy >= 0.909, `${accuracy} right`);
    assert.ok(agreement >= 0.985, `${agreement} the same class`);
  });
}
