import { test } from 'node:test';
import { requireExactOnCore } from './emulated_graphs.ts';
import { graphOf } from './one_operator.ts';

/** Dense layers of few inputs: their assembly blocks, spread out between the loops around them, once left gcc no registers. */

const shapes = [
  [3, 4, 25],
  [3, 1, 12],
  [3, 6, 10],
  [3, 7, 19],
  [2, 3, 5],
  [2, 2, 18],
  [1, 7, 10],
  [1, 6, 8],
] as const;

const graphs = shapes.map(([batches, inputs, outputs]) =>
  graphOf({
    name: `dense_${batches}_${inputs}_${outputs}`,
    kind: 'FULLY_CONNECTED',
    options: { activation: 'none', weightsFormat: 0 },
    inputs: [
      { shape: [batches, inputs], scale: 0.5 },
      {
        shape: [outputs, inputs],
        scale: 0.25,
        zeroPoint: 0,
        data: Int8Array.from({ length: outputs * inputs }, (_, at) => ((at * 89) % 255) - 127),
      },
      {
        shape: [outputs],
        type: 'int32',
        data: Int32Array.from({ length: outputs }, (_, at) => 37 * at - 150),
      },
    ],
    outputs: [{ shape: [batches, outputs], scale: 30, zeroPoint: -11 }],
  }),
);

for (const core of ['cortex-m4f', 'cortex-m7', 'cortex-m33'])
  for (const optimize of ['balanced', 'speed'] as const)
    test(`dense layers of few inputs are bit-exact on an emulated ${core}, ${optimize}`, (t) =>
      requireExactOnCore(t, graphs, core, optimize));
