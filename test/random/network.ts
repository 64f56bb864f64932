import {
  type BuiltModel,
  type BuiltOperator,
  type BuiltTensor,
  buildModel,
  int8Bytes,
  int32Bytes,
} from '../import/build_model.ts';

/** Networks that nobody designed: odd shapes, strides, dilations, channel counts that are no multiple of anything. */

export type Random = (below: number) => number;

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export type Shape = readonly [height: number, width: number, channels: number];

export interface Draft {
  readonly tensors: BuiltTensor[];
  readonly operators: BuiltOperator[];
  /** Multiply-accumulates so far, those on padding included. */
  macs: number;
}

/** A chain of four to eight layers with side branches, ending in a fully connected layer and SOFTMAX. A .tflite file. */
export function randomNetwork(seed: number): Uint8Array {
  const random = randomOf(seed);
  const draft: Draft = { tensors: [], operators: [], macs: 0 };
  let shape: Shape = [3 + random(12), 3 + random(12), 1 + random(9)];
  let at = value(draft, random, shape);
  const input = at;
  const layers = 4 + random(5);
  for (let layer = 0; layer < layers; layer += 1) {
    const [next, nextShape] = step(draft, random, at, shape);
    at = next;
    shape = nextShape;
  }
  const flat = shape[0] * shape[1] * shape[2];
  const reshaped = push(draft.tensors, { ...(draft.tensors[at] as BuiltTensor), shape: [1, flat] });
  draft.operators.push({ code: 22, inputs: [at], outputs: [reshaped] });
  const classes = 2 + random(11);
  const dense = connected(draft, random, reshaped, flat, classes);
  const answer = push(draft.tensors, { shape: [1, classes], scales: [1 / 256], zeroPoints: [-128] });
  draft.operators.push({
    code: 25,
    inputs: [dense],
    outputs: [answer],
    options: { type: 9, fields: [{ field: 0, float32: 1 }] },
  });
  const { tensors, operators } = draft;
  const model: BuiltModel = { tensors, operators, inputs: [input], outputs: [answer] };
  return buildModel(model);
}

export function push<Item>(list: Item[], item: Item): number {
  list.push(item);
  return list.length - 1;
}

export function value(
  draft: Draft,
  random: Random,
  [height, width, channels]: Shape,
  zeroPoint = random(256) - 128,
): number {
  const scales = [0.02 + random(100) / 1000];
  return push(draft.tensors, { shape: [1, height, width, channels], scales, zeroPoints: [zeroPoint] });
}

function step(draft: Draft, random: Random, at: number, shape: Shape): [number, Shape] {
  switch (random(8)) {
    case 0:
      return residual(draft, random, at, shape);
    case 1:
      return pooled(draft, random, at, shape);
    case 2:
    case 3:
    case 4:
      return convolved(draft, random, at, shape, true);
    default:
      return convolved(draft, random, at, shape, false);
  }
}

/** x + convolution(x): the input is read twice. */
export function residual(draft: Draft, random: Random, at: number, shape: Shape): [number, Shape] {
  const branch = layer(draft, random, at, shape, {
    filter: [1 + random(3), 1 + random(3)],
    same: true,
    outputs: shape[2],
  });
  const sum = value(draft, random, shape);
  const inputs = random(2) === 0 ? [at, branch] : [branch, at];
  draft.operators.push({
    code: 0,
    inputs,
    outputs: [sum],
    options: { type: 11, fields: [{ field: 0, int8: random(2) }] },
  });
  return [sum, shape];
}

function pooled(draft: Draft, random: Random, at: number, [height, width, channels]: Shape): [number, Shape] {
  const size = Math.min(height, width, 2 + random(2));
  const stride = 1 + random(2);
  const output: Shape = [
    Math.floor((height - size) / stride) + 1,
    Math.floor((width - size) / stride) + 1,
    channels,
  ];
  const from = draft.tensors[at] as BuiltTensor;
  const pool = push(draft.tensors, { ...from, shape: [1, ...output] });
  draft.operators.push({
    code: random(2) === 0 ? 1 : 17,
    inputs: [at],
    outputs: [pool],
    options: {
      type: 5,
      fields: [
        { field: 0, int8: 1 },
        { field: 1, int32: stride },
        { field: 2, int32: stride },
        { field: 3, int32: size },
        { field: 4, int32: size },
        { field: 5, int8: 0 },
      ],
    },
  });
  return [pool, output];
}

function convolved(
  draft: Draft,
  random: Random,
  at: number,
  shape: Shape,
  isDepthwise: boolean,
): [number, Shape] {
  const [height, width, channels] = shape;
  const same = random(2) === 0;
  const filter: [number, number] =
    random(3) === 0 ? [1, 1] : [Math.min(height, 1 + random(4)), Math.min(width, 1 + random(4))];
  const stride: [number, number] = [1 + random(2), 1 + random(2)];
  const multiplier = isDepthwise && random(4) === 0 ? 1 + random(3) : 1;
  const outputs = isDepthwise ? channels * multiplier : 1 + random(20);
  const output = layer(draft, random, at, shape, {
    filter,
    same,
    outputs,
    stride,
    isDepthwise,
    dilation: 1 + (random(5) === 0 ? 1 : 0),
  });
  const [, h = 1, w = 1] = (draft.tensors[output] as BuiltTensor).shape ?? [];
  return [output, [h, w, outputs]];
}

interface LayerShape {
  readonly filter: readonly [number, number];
  readonly same: boolean;
  readonly outputs: number;
  readonly stride?: readonly [number, number];
  readonly dilation?: number;
  readonly isDepthwise?: boolean;
  /** No channel is constant, and the activation is ReLU. */
  readonly isAlive?: boolean;
}

export function layer(draft: Draft, random: Random, at: number, shape: Shape, of: LayerShape): number {
  const [height, width, channels] = shape;
  const { filter, outputs, isDepthwise = false, stride = [1, 1] } = of;
  // A dilated filter must still fit where nothing is padded.
  const reach = (extent: number, dilation: number): number => (extent - 1) * dilation + 1;
  const wanted = of.dilation ?? 1;
  const dilation =
    of.same || (reach(filter[0], wanted) <= height && reach(filter[1], wanted) <= width) ? wanted : 1;
  const positions = (input: number, extent: number, step: number): number =>
    of.same ? Math.ceil(input / step) : Math.floor((input - reach(extent, dilation)) / step) + 1;
  const output = value(
    draft,
    random,
    [positions(height, filter[0], stride[0]), positions(width, filter[1], stride[1]), outputs],
    random(2) === 0 ? -128 : random(256) - 128,
  );
  const taps = filter[0] * filter[1] * (isDepthwise ? 1 : channels);
  const [, rows = 1, columns = 1] = (draft.tensors[output] as BuiltTensor).shape ?? [];
  draft.macs += rows * columns * outputs * taps;
  const scales = Array.from({ length: outputs }, () => (0.2 + random(100) / 100) / (20 * Math.sqrt(taps)));
  const weights = push(draft.tensors, {
    shape: isDepthwise ? [1, ...filter, outputs] : [outputs, ...filter, channels],
    scales,
    axis: isDepthwise ? 3 : 0,
    data: int8Bytes(Array.from({ length: taps * outputs }, () => (random(5) === 0 ? 0 : random(255) - 127))),
  });
  // Some channels far below zero: with ReLU they are constant.
  const bias = push(draft.tensors, {
    shape: [outputs],
    type: 2,
    scales,
    data: int32Bytes(
      Array.from({ length: outputs }, () =>
        random(6) === 0 && of.isAlive !== true ? -8_000_000 : random(20_001) - 10_000,
      ),
    ),
  });
  const activation = of.isAlive === true ? 1 : ([0, 1, 3][random(3)] as number);
  const strides = [
    { field: 0, int8: of.same ? 0 : 1 },
    { field: 1, int32: stride[1] },
    { field: 2, int32: stride[0] },
  ];
  const dilations = (first: number) => [
    { field: first, int32: dilation },
    { field: first + 1, int32: dilation },
  ];
  draft.operators.push({
    code: isDepthwise ? 4 : 3,
    inputs: [at, weights, bias],
    outputs: [output],
    options: isDepthwise
      ? {
          type: 2,
          fields: [
            ...strides,
            { field: 3, int32: outputs / channels },
            { field: 4, int8: activation },
            ...dilations(5),
          ],
        }
      : { type: 1, fields: [...strides, { field: 3, int8: activation }, ...dilations(4)] },
  });
  return output;
}

export function connected(draft: Draft, random: Random, at: number, inputs: number, outputs: number): number {
  const perChannel = random(2) === 0;
  const scales = Array.from(
    { length: perChannel ? outputs : 1 },
    () => (0.2 + random(100) / 100) / (20 * Math.sqrt(inputs)),
  );
  const weights = push(draft.tensors, {
    shape: [outputs, inputs],
    scales,
    data: int8Bytes(Array.from({ length: inputs * outputs }, () => random(255) - 127)),
  });
  const bias = push(draft.tensors, {
    shape: [outputs],
    type: 2,
    scales,
    data: int32Bytes(Array.from({ length: outputs }, () => random(20_001) - 10_000)),
  });
  draft.macs += inputs * outputs;
  const output = push(draft.tensors, { shape: [1, outputs], scales: [0.1], zeroPoints: [random(256) - 128] });
  draft.operators.push({
    code: 9,
    inputs: [at, weights, bias],
    outputs: [output],
    options: { type: 8, fields: [{ field: 0, int8: 0 }] },
  });
  return output;
}
