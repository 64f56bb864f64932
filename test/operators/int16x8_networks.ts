import type { BuiltModel, BuiltOperator, BuiltTensor } from '../import/build_model.ts';

/** Networks of int16 activations with shapes by chance: odd channels, strides, dilations, padding; by a seed. */

type Draw = (least: number, most: number) => number;

function drawsOf(seed: number): Draw {
  let state = seed;
  return (least, most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return least + Math.floor((state / 2 ** 32) * (most - least + 1));
  };
}

interface Growing {
  readonly tensors: BuiltTensor[];
  readonly operators: BuiltOperator[];
  /** [1, height, width, channels] of the last tensor. */
  shape: readonly [height: number, width: number, channels: number];
  last: number;
}

const int16 = 7;
const int64 = 4;

function activation(shape: readonly number[], scale = 1 / 4096): BuiltTensor {
  return { shape, type: int16, scales: [scale] };
}

/** Weights of a tenth to a whole, and biases that matter; one scale for each channel. */
function parameters(draw: Draw, shape: readonly number[], axis: number): readonly [BuiltTensor, BuiltTensor] {
  const channels = shape[axis] ?? 1;
  const count = shape.reduce((a, b) => a * b, 1);
  const scales = Array.from({ length: channels }, () =>
    Math.fround(draw(10, 100) / 127 / Math.sqrt(count / channels) / 60),
  );
  const values = BigInt64Array.from({ length: channels }, () => BigInt(draw(-(2 ** 20), 2 ** 20)));
  return [
    { shape, scales, axis, data: Uint8Array.from({ length: count }, () => draw(0, 255)) },
    { shape: [channels], type: int64, data: new Uint8Array(values.buffer) },
  ];
}

function push(net: Growing, tensor: BuiltTensor): number {
  return net.tensors.push(tensor) - 1;
}

function sliding(draw: Draw, net: Growing): void {
  const [height, width, channels] = net.shape;
  const isDepthwise = draw(0, 2) === 0;
  const multiple = isDepthwise && draw(0, 3) === 0 ? 2 : 1;
  const outputs = isDepthwise ? channels * multiple : draw(1, 13);
  const same = draw(0, 2) > 0;
  const filter = [draw(1, Math.min(4, height)), draw(1, Math.min(4, width))] as const;
  const dilation = [draw(1, 2), draw(1, 2)] as const;
  const stride = dilation[0] * dilation[1] > 1 ? ([1, 1] as const) : ([draw(1, 2), draw(1, 2)] as const);
  const size = (input: number, at: 0 | 1): number =>
    Math.ceil((input - (same ? 0 : (filter[at] - 1) * dilation[at])) / stride[at]);
  const [outHeight, outWidth] = [size(height, 0), size(width, 1)];
  if (outHeight < 1 || outWidth < 1) return;
  const shape = isDepthwise ? [1, ...filter, outputs] : [outputs, ...filter, channels];
  const [weights, bias] = parameters(draw, shape, isDepthwise ? 3 : 0);
  const inputs = [net.last, push(net, weights), push(net, bias)];
  const output = push(net, activation([1, outHeight, outWidth, outputs]));
  const fields = [
    { field: 0, int8: same ? 0 : 1 },
    { field: 1, int32: stride[1] },
    { field: 2, int32: stride[0] },
  ];
  const dilations = (first: number) => [
    { field: first, int32: dilation[1] },
    { field: first + 1, int32: dilation[0] },
  ];
  const relu = draw(0, 1);
  net.operators.push({
    code: isDepthwise ? 4 : 3,
    inputs,
    outputs: [output],
    options: isDepthwise
      ? {
          type: 2,
          fields: [...fields, { field: 3, int32: multiple }, { field: 4, int8: relu }, ...dilations(5)],
        }
      : { type: 1, fields: [...fields, { field: 3, int8: relu }, ...dilations(4)] },
  });
  net.last = output;
  net.shape = [outHeight, outWidth, outputs];
}

function dense(draw: Draw, net: Growing): void {
  const depth = net.shape.reduce((a, b) => a * b);
  const outputs = draw(1, 11);
  const [weights, bias] = parameters(draw, [outputs, depth], 0);
  const inputs = [net.last, push(net, weights), push(net, bias)];
  const output = push(net, activation([1, outputs]));
  net.operators.push({ code: 9, inputs, outputs: [output], options: { type: 8, fields: [] } });
  net.last = output;
}

export function networkOf(seed: number): BuiltModel {
  const draw = drawsOf(seed);
  const shape = [draw(3, 9), draw(3, 9), draw(1, 9)] as const;
  const net: Growing = { tensors: [activation([1, ...shape])], operators: [], shape, last: 0 };
  for (let layer = draw(1, 4); layer > 0; layer -= 1) sliding(draw, net);
  dense(draw, net);
  return {
    tensors: net.tensors.map((tensor, index) => ({ name: `t${index}`, ...tensor })),
    operators: net.operators,
    inputs: [0],
    outputs: [net.last],
  };
}
