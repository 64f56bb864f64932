import {
  type BuiltModel,
  type BuiltTensor,
  buildModel,
  int32Bytes,
  someInt8,
} from '../import/build_model.ts';

/** Hand-made models that keep state between inferences. `write_models.ts` puts them into test/fixtures/state. */

const activation = (shape: readonly number[], scale: number, zeroPoint = 0): BuiltTensor => ({
  shape,
  scales: [Math.fround(scale)],
  zeroPoints: [zeroPoint],
});

/** int16 constants from repeatable bytes. */
function someInt16(count: number, seed: number): Uint8Array {
  return new Uint8Array(someInt8(2 * count, seed));
}

interface Svdf {
  readonly batches?: number;
  readonly inputs: number;
  readonly units: number;
  readonly rank: number;
  readonly memory: number;
  /** Element type of the state and of the time weights. */
  readonly state: 'int8' | 'int16';
  readonly stateZeroPoint?: number;
}

const types = { int32: 2, int16: 7, int8: 9 } as const;

function svdf({ batches = 1, inputs, units, rank, memory, state, stateZeroPoint = 0 }: Svdf): BuiltModel {
  const filters = units * rank;
  const wide = state === 'int16';
  const [stateScale, timeScale] = wide ? [1 / 512, 1 / 32768] : [1 / 16, 1 / 128];
  const time = wide ? someInt16(filters * memory, 5) : someInt8(filters * memory, 5);
  const tensors: BuiltTensor[] = [
    { name: 'input', ...activation([batches, inputs], 1 / 32, -3) },
    { name: 'feature', ...activation([filters, inputs], 1 / 200), data: someInt8(filters * inputs, 3) },
    {
      name: 'time',
      ...activation([filters, memory], timeScale),
      type: types[state],
      data: time,
    },
    {
      name: 'bias',
      shape: [units],
      type: types.int32,
      scales: [Math.fround(stateScale * timeScale)],
      data: int32Bytes(Array.from({ length: units }, (_, unit) => (unit - 2) * (wide ? 40_000 : 90))),
    },
    {
      name: 'state',
      ...activation([batches, filters * memory], stateScale, stateZeroPoint),
      type: types[state],
      isVariable: true,
    },
    { name: 'output', ...activation([batches, units], 1 / 16, -20) },
  ];
  return {
    tensors,
    operators: [
      {
        code: 27,
        inputs: [0, 1, 2, 3, 4],
        outputs: [5],
        options: {
          type: 6,
          fields: [
            { field: 0, int32: rank },
            { field: 1, int8: 1 },
          ],
        },
      },
    ],
    inputs: [0],
    outputs: [5],
  };
}

const models: Readonly<Record<string, BuiltModel>> = {
  svdf_int16: svdf({ inputs: 13, units: 6, rank: 1, memory: 8, state: 'int16' }),
  svdf_int16_rank2: svdf({ inputs: 8, units: 5, rank: 2, memory: 5, state: 'int16' }),
  svdf_int8: svdf({ inputs: 10, units: 7, rank: 1, memory: 6, state: 'int8' }),
  svdf_int8_rank2_zero_point: svdf({
    inputs: 9,
    units: 4,
    rank: 2,
    memory: 4,
    state: 'int8',
    stateZeroPoint: 5,
  }),
  svdf_batches: svdf({ batches: 3, inputs: 4, units: 2, rank: 1, memory: 3, state: 'int16' }),
  svdf_memory_of_two: svdf({ inputs: 4, units: 3, rank: 1, memory: 2, state: 'int8' }),
};

/** Files by name, without ending. */
export const stateModels: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries(models).map(([name, model]) => [name, buildModel(model)]),
);
