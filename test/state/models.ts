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

/** The product of scales is a power of two only when it is rounded to float32. */
function svdfAtTie(): BuiltModel {
  const model = svdf({ inputs: 4, units: 4, rank: 1, memory: 3, state: 'int16' });
  const scales: Readonly<Record<string, number>> = {
    input: 1 / 67,
    feature: 67 / 64 / 128,
    state: 2 ** -12,
    output: 2 ** -6,
  };
  return {
    ...model,
    tensors: model.tensors.map((tensor) => {
      const scale = scales[tensor.name ?? ''];
      return scale === undefined ? tensor : { ...tensor, scales: [Math.fround(scale)] };
    }),
  };
}

interface Lstm {
  readonly batches: number;
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
  readonly timeMajor: boolean;
  /** The cell state's scale is two to this power. */
  readonly cellPower: number;
  readonly cellClip: number;
}

function lstm({ batches, steps, inputs, units, timeMajor, cellPower, cellClip }: Lstm): BuiltModel {
  const vectors = timeMajor ? [steps, batches] : [batches, steps];
  const weights = (columns: number, seed: number): BuiltTensor => ({
    ...activation([units, columns], (1 + seed / 8) / 128),
    data: someInt8(units * columns, seed),
  });
  const bias = (seed: number): BuiltTensor => ({
    shape: [units],
    type: types.int32,
    data: int32Bytes(Array.from({ length: units }, (_, unit) => ((unit * seed) % 7) * 300 - 800)),
  });
  const hidden = activation([], 1 / 120, -4);
  const tensors: BuiltTensor[] = [
    { ...activation([...vectors, inputs], 1 / 64, 9) },
    ...[1, 2, 3, 4].map((seed) => weights(inputs, seed)),
    ...[5, 6, 7, 8].map((seed) => weights(units, seed)),
    ...[3, 5, 2, 4].map(bias),
    { ...hidden, shape: [batches, units], isVariable: true },
    { ...activation([batches, units], 2 ** cellPower), type: types.int16, isVariable: true },
    { ...hidden, shape: [...vectors, units] },
  ].map((tensor, index) => ({ name: `t${index}`, ...tensor }));
  const absent = (count: number): number[] => Array.from({ length: count }, () => -1);
  return {
    tensors,
    operators: [
      {
        code: 44,
        inputs: [0, 1, 2, 3, 4, 5, 6, 7, 8, ...absent(3), 9, 10, 11, 12, ...absent(2), 13, 14, ...absent(4)],
        outputs: [15],
        options: {
          type: 71,
          fields: [
            { field: 0, int8: 4 },
            { field: 1, float32: cellClip },
            { field: 3, int8: timeMajor ? 1 : 0 },
          ],
        },
      },
    ],
    inputs: [0],
    outputs: [15],
  };
}

const handle = { name: 'handle', shape: [], type: 13 } as const;
const varHandle = (output: number) =>
  ({
    code: 142,
    inputs: [],
    outputs: [output],
    options: {
      type: 111,
      fields: [
        { field: 0, text: '' },
        { field: 1, text: 'memory' },
      ],
    },
  }) as const;

/** An int8 variable that is read, added to the input, and assigned, with first values from a subgraph that runs once. */
function accumulator(first: Uint8Array | null): BuiltModel {
  const value = activation([1, first?.length ?? 6], 1 / 16, 5);
  return {
    tensors: [
      { name: 'input', ...value },
      handle,
      { name: 'before', ...value },
      { name: 'after', ...value },
      handle,
    ],
    operators: [
      ...(first === null
        ? []
        : [
            {
              code: 129,
              inputs: [],
              outputs: [],
              options: { type: 103, fields: [{ field: 0, int32: 1 }] },
            },
          ]),
      varHandle(1),
      { code: 143, inputs: [1], outputs: [2] },
      { code: 0, inputs: [0, 2], outputs: [3], options: { type: 11, fields: [{ field: 0, int8: 0 }] } },
      // Another handle of the same variable.
      varHandle(4),
      { code: 144, inputs: [4, 3], outputs: [] },
    ],
    inputs: [0],
    outputs: [3],
    others:
      first === null
        ? []
        : [
            {
              tensors: [handle, { name: 'first', ...value, data: first }],
              operators: [varHandle(0), { code: 144, inputs: [0, 1], outputs: [] }],
              inputs: [],
              outputs: [],
            },
          ],
  };
}

export const stateDescriptions: Readonly<Record<string, BuiltModel>> = {
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
  svdf_scales_at_a_tie: svdfAtTie(),
  svdf_memory_of_two: svdf({ inputs: 4, units: 3, rank: 1, memory: 2, state: 'int8' }),
  lstm_time_major: lstm({
    batches: 2,
    steps: 3,
    inputs: 4,
    units: 5,
    timeMajor: true,
    cellPower: -11,
    cellClip: 0,
  }),
  lstm_batches_clipped: lstm({
    batches: 2,
    steps: 4,
    inputs: 3,
    units: 6,
    timeMajor: false,
    cellPower: -14,
    cellClip: 1.5,
  }),
  variable: accumulator(null),
  variable_call_once: accumulator(someInt8(7, 9)),
};

function someFloats(count: number, seed: number): Uint8Array {
  const bytes = new Int8Array(someInt8(count, seed).buffer);
  return new Uint8Array(Float32Array.from(bytes, (value) => value / 100).buffer);
}

function svdfFloat({ inputs, units, rank, memory }: Omit<Svdf, 'state'>): BuiltModel {
  const model = svdf({ inputs, units, rank, memory, state: 'int16' });
  const constants: Readonly<Record<string, number>> = { feature: 3, time: 5, bias: 7 };
  return {
    ...model,
    tensors: model.tensors.map(({ name = '', shape = [], isVariable }) => {
      const seed = constants[name];
      const count = shape.reduce((a, b) => a * b, 1);
      return {
        name,
        shape,
        type: 0,
        ...(isVariable === undefined ? {} : { isVariable }),
        ...(seed === undefined ? {} : { data: someFloats(count, seed) }),
      };
    }),
  };
}

/** In float32, for test/fixtures/recurrent. */
export const floatStateModels: ReadonlyMap<string, Uint8Array> = new Map([
  ['svdf_float', buildModel(svdfFloat({ inputs: 7, units: 5, rank: 1, memory: 6 }))],
  ['svdf_rank2_float', buildModel(svdfFloat({ inputs: 5, units: 4, rank: 2, memory: 3 }))],
]);

/** Files by name, without ending. */
export const stateModels: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries(stateDescriptions).map(([name, model]) => [name, buildModel(model)]),
);
