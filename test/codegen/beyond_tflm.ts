import { list, matrix, type OneOperator, type TensorOf } from './one_operator.ts';

/** What TensorFlow Lite Micro does not run, or leaves undefined, so that no golden vector can hold it. */

const like = (...shape: readonly number[]): TensorOf => ({ shape });

const truths = (...shape: readonly number[]): TensorOf => ({ shape, type: 'bool' });

const int16 = (scale: number, ...shape: readonly number[]): TensorOf => ({
  shape,
  type: 'int16',
  scale: Math.fround(scale),
  zeroPoint: 0,
});

export const operatorsBeyondTflm: readonly OneOperator[] = [
  ...['EQUAL', 'NOT_EQUAL', 'GREATER', 'GREATER_EQUAL', 'LESS', 'LESS_EQUAL'].flatMap((kind) => [
    {
      name: `${kind.toLowerCase()}_int16`,
      kind,
      inputs: [int16(0.0003, 2, 1, 40), int16(0.00002, 3, 40)],
      outputs: [truths(2, 3, 40)],
    },
    {
      name: `${kind.toLowerCase()}_coarse`,
      kind,
      inputs: [
        { shape: [300], scale: 1.5 },
        { shape: [300], scale: 40 },
      ],
      outputs: [truths(300)],
    },
  ]),
  {
    name: 'div_by_anything',
    kind: 'DIV',
    options: { activation: 'none' },
    inputs: [
      { shape: [600], scale: 0.05, zeroPoint: -7 },
      { shape: [600], scale: 0.02, zeroPoint: 11 },
    ],
    outputs: [{ shape: [600], scale: 0.03, zeroPoint: 20 }],
  },
  ...(['int8', 'uint8', 'int16', 'int32', 'float32', 'bool'] as const).flatMap((from) =>
    (['int8', 'uint8', 'int16', 'int32', 'float32', 'bool'] as const).map((to) => ({
      name: `cast_${from}_to_${to}`,
      kind: 'CAST',
      inputs: [{ shape: [200], type: from }],
      outputs: [{ shape: [200], type: to }],
    })),
  ),
  {
    name: 'reduce_any',
    kind: 'REDUCE_ANY',
    options: { keepDimensions: false },
    inputs: [truths(40, 2, 3), list(1)],
    outputs: [truths(40, 3)],
  },
  {
    name: 'select_rows',
    kind: 'SELECT',
    inputs: [truths(4), like(4, 5, 6), like(4, 5, 6)],
    outputs: [like(4, 5, 6)],
  },
  {
    name: 'select_by_constants',
    kind: 'SELECT_V2',
    inputs: [
      { shape: [3], type: 'bool', data: Uint8Array.of(1, 0, 1) },
      int16(0.001, 2, 5, 1),
      int16(0.001, 2, 5, 3),
    ],
    outputs: [int16(0.001, 2, 5, 3)],
  },
  {
    name: 'tile',
    kind: 'TILE',
    inputs: [like(2, 3, 4), list(3, 1, 2)],
    outputs: [like(6, 3, 8)],
  },
  {
    name: 'space_to_batch_around_zero_point',
    kind: 'SPACE_TO_BATCH_ND',
    inputs: [
      like(2, 5, 7, 3),
      list(2, 3),
      matrix([
        [1, 2],
        [0, 2],
      ]),
    ],
    outputs: [like(12, 4, 3, 3)],
  },
  {
    name: 'space_to_batch_far_away',
    kind: 'SPACE_TO_BATCH_ND',
    inputs: [
      like(1, 2, 3, 1),
      list(4, 3),
      matrix([
        [9, 1],
        [0, 3],
      ]),
    ],
    outputs: [like(12, 3, 2, 1)],
  },
];
