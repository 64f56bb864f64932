import type { OneOperator, TensorOf } from './one_operator.ts';

/** Convolutions and fully connected layers of any shape, with made-up weights. */

export const like = (...shape: readonly number[]): TensorOf => ({ shape });
const values = (count: number, factor: number): Int8Array =>
  Int8Array.from({ length: count }, (_, at) => ((at * factor) % 255) - 127);
export const stepped = (count: number, first: number): number[] =>
  Array.from({ length: count }, (_, channel) => first * (1 + (channel % 5)));

export interface Window {
  readonly filter: readonly [height: number, width: number];
  readonly strides?: readonly [height: number, width: number];
  readonly dilations?: readonly [height: number, width: number];
  readonly padding?: 'same' | 'valid';
}

const sizeOf = (input: number, axis: 0 | 1, window: Window): number => {
  const { filter, strides = [1, 1], dilations = [1, 1], padding = 'same' } = window;
  const lost = padding === 'same' ? 0 : (filter[axis] - 1) * dilations[axis];
  return Math.ceil((input - lost) / strides[axis]);
};

function optionsOf({ strides = [1, 1], dilations = [1, 1], padding = 'same' }: Window, activation: string) {
  return {
    padding,
    activation,
    strideHeight: strides[0],
    strideWidth: strides[1],
    dilationHeight: dilations[0],
    dilationWidth: dilations[1],
  };
}

type Pictures = readonly [batches: number, height: number, width: number, channels: number];

export function conv(
  name: string,
  [batches, height, width, inputs]: Pictures,
  outputs: number,
  window: Window,
  { scale = 0.002, activation = 'none' } = {},
): OneOperator {
  const shape = [outputs, ...window.filter, inputs];
  return {
    name: `conv_${name}`,
    kind: 'CONV_2D',
    options: optionsOf(window, activation),
    inputs: [
      like(batches, height, width, inputs),
      {
        shape,
        scales: stepped(outputs, scale),
        zeroPoint: 0,
        data: values(
          shape.reduce((a, b) => a * b),
          89,
        ),
      },
      {
        shape: [outputs],
        type: 'int32',
        data: Int32Array.from(stepped(outputs, 977), (bias) => 2000 - bias),
      },
    ],
    outputs: [
      {
        shape: [batches, sizeOf(height, 0, window), sizeOf(width, 1, window), outputs],
        scale: 0.07,
        zeroPoint: -5,
      },
    ],
  };
}

export function depthwise(
  name: string,
  [batches, height, width, inputs]: Pictures,
  window: Window,
  { scale = 0.02, activation = 'none', multiplier = 1 } = {},
): OneOperator {
  const channels = inputs * multiplier;
  const shape = [1, ...window.filter, channels];
  return {
    name: `depthwise_${name}`,
    kind: 'DEPTHWISE_CONV_2D',
    options: optionsOf(window, activation),
    inputs: [
      like(batches, height, width, inputs),
      {
        shape,
        scales: stepped(channels, scale),
        axis: 3,
        zeroPoint: 0,
        data: values(
          shape.reduce((a, b) => a * b),
          101,
        ),
      },
      {
        shape: [channels],
        type: 'int32',
        data: Int32Array.from(stepped(channels, 311), (bias) => 700 - bias),
      },
    ],
    outputs: [
      {
        shape: [batches, sizeOf(height, 0, window), sizeOf(width, 1, window), channels],
        scale: 0.09,
        zeroPoint: 7,
      },
    ],
  };
}

export function dense(
  batches: number,
  depth: number,
  outputs: number,
  scales: readonly number[],
): OneOperator {
  return {
    name: `dense_${batches}_${depth}_${outputs}_${scales.length}`,
    kind: 'FULLY_CONNECTED',
    options: { activation: 'none', weightsFormat: 0 },
    inputs: [
      like(batches, depth),
      { shape: [outputs, depth], scales, zeroPoint: 0, data: values(outputs * depth, 53) },
      null,
    ],
    outputs: [{ shape: [batches, outputs], scale: 0.11, zeroPoint: 2 }],
  };
}
