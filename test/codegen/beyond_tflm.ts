import { list, matrix, type OneOperator, type TensorOf } from './one_operator.ts';

/** What TensorFlow Lite Micro does not run, or leaves undefined, so that no golden vector can hold it. */

const like = (...shape: readonly number[]): TensorOf => ({ shape });

export const operatorsBeyondTflm: readonly OneOperator[] = [
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
