import type { Tensor } from '../graph/graph.ts';
import { type Activation, activationRange, readActivation } from './activation.ts';
import {
  inputOf,
  type KernelCall,
  type Node,
  type OptionsReader,
  outputOf,
  unsupported,
} from './operator.ts';
import { outputPositions, type Padding, paddingBefore, readPadding, type Window } from './padding.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import {
  invalid,
  requireCounts,
  requireInt8,
  requireRank,
  requireShape,
  requireWork,
} from './requirements.ts';

/** What AVERAGE_POOL_2D and MAX_POOL_2D share: options, geometry and checks. */

export interface PoolOptions {
  readonly padding: Padding;
  readonly strideWidth: number;
  readonly strideHeight: number;
  readonly filterWidth: number;
  readonly filterHeight: number;
  readonly activation: Activation;
  /** Halves of an average round up, not away from zero: in models that were uint8. Absent in files. */
  readonly halvesUp?: boolean;
}

export function readPoolOptions(options: OptionsReader): PoolOptions {
  return {
    padding: readPadding(options, 0),
    strideWidth: options.int32(1),
    strideHeight: options.int32(2),
    filterWidth: options.int32(3),
    filterHeight: options.int32(4),
    activation: readActivation(options, 5),
  };
}

export interface PoolGeometry {
  readonly batches: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly channels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly paddingTop: number;
  readonly paddingLeft: number;
}

/** Input [N, H, W, C], output [N, H', W', C]. */
export function poolGeometry(node: Node<PoolOptions>): PoolGeometry {
  const { options } = node;
  const [batches = 1, inputHeight = 1, inputWidth = 1, channels = 1] = inputOf(node, 0).shape;
  const vertical: Window = {
    input: inputHeight,
    filter: options.filterHeight,
    stride: options.strideHeight,
    dilation: 1,
  };
  const horizontal: Window = {
    input: inputWidth,
    filter: options.filterWidth,
    stride: options.strideWidth,
    dilation: 1,
  };
  const outputHeight = outputPositions(options.padding, vertical);
  const outputWidth = outputPositions(options.padding, horizontal);
  return {
    batches,
    inputHeight,
    inputWidth,
    channels,
    filterHeight: options.filterHeight,
    filterWidth: options.filterWidth,
    outputHeight,
    outputWidth,
    strideHeight: options.strideHeight,
    strideWidth: options.strideWidth,
    paddingTop: paddingBefore(vertical, outputHeight),
    paddingLeft: paddingBefore(horizontal, outputWidth),
  };
}

export function checkPool(node: Node<PoolOptions>): void {
  checkPoolOf(node, requireInt8);
}

/** `requireElements`: what each tensor must be. */
export function checkPoolOf(
  node: Node<PoolOptions>,
  requireElements: (node: Node, tensor: Tensor) => void,
): void {
  requireCounts(node, [1, 1], 1);
  const input = inputOf(node, 0);
  const output = outputOf(node);
  for (const tensor of [input, output]) {
    requireElements(node, tensor);
    requireRank(node, tensor, 4);
  }
  const { strideWidth, strideHeight, filterWidth, filterHeight } = node.options;
  if (Math.min(strideWidth, strideHeight, filterWidth, filterHeight) < 1)
    throw invalid(node, 'strides and window sizes must be at least 1');
  // Pooling keeps the scale; TFLite Micro lets it differ by 10⁻⁶ and ignores that.
  const difference = Math.abs(Math.fround(scaleOf(node, input) - scaleOf(node, output)));
  const rescales = node.rounding === 'single' && node.operator.kind === 'AVERAGE_POOL_2D';
  if (!rescales && (difference > 1e-6 || zeroPointOf(node, input) !== zeroPointOf(node, output)))
    throw unsupported(
      node,
      'input and output are quantized differently',
      output,
      'Quantize again with a current TFLite converter, which gives both the same scale.',
    );
  const geometry = poolGeometry(node);
  requireShape(node, output, [
    geometry.batches,
    geometry.outputHeight,
    geometry.outputWidth,
    geometry.channels,
  ]);
  activationRange(node, node.options.activation, output);
  const { filterHeight: rows, filterWidth: columns } = geometry;
  requireWork(node, Math.min(rows, geometry.inputHeight) * Math.min(columns, geometry.inputWidth));
}

/**
 * One number for each window and channel: `reduce` gets the indices of the window's elements inside the image
 * as first index, counts and steps.
 */
export function poolWindows(
  geometry: PoolGeometry,
  reduce: (first: number, rows: number, columns: number, rowStep: number, columnStep: number) => number,
): Int8Array {
  return poolWindowsInto((count) => new Int8Array(count), geometry, reduce);
}

/** The same with elements of any type. */
export function poolWindowsInto<Elements extends Int8Array | Int16Array>(
  create: (count: number) => Elements,
  geometry: PoolGeometry,
  reduce: (first: number, rows: number, columns: number, rowStep: number, columnStep: number) => number,
): Elements {
  const { batches, inputHeight, inputWidth, channels, outputHeight, outputWidth } = geometry;
  const { filterHeight, filterWidth, strideHeight, strideWidth, paddingTop, paddingLeft } = geometry;
  const result = create(batches * outputHeight * outputWidth * channels);
  let at = 0;
  for (let batch = 0; batch < batches; batch++) {
    for (let outY = 0; outY < outputHeight; outY++) {
      const top = Math.max(0, outY * strideHeight - paddingTop);
      const bottom = Math.min(inputHeight, outY * strideHeight - paddingTop + filterHeight);
      for (let outX = 0; outX < outputWidth; outX++) {
        const left = Math.max(0, outX * strideWidth - paddingLeft);
        const right = Math.min(inputWidth, outX * strideWidth - paddingLeft + filterWidth);
        for (let channel = 0; channel < channels; channel++) {
          const first = ((batch * inputHeight + top) * inputWidth + left) * channels + channel;
          result[at++] = reduce(first, bottom - top, right - left, inputWidth * channels, channels);
        }
      }
    }
  }
  return result;
}

/** The kernel call of a pooling operator. */
export function lowerPool(node: Node<PoolOptions>, kernel: string): KernelCall {
  const geometry = poolGeometry(node);
  const range = activationRange(node, node.options.activation, outputOf(node));
  return {
    kernel,
    parametersType: 'pool_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: {
      batches: geometry.batches,
      input_height: geometry.inputHeight,
      input_width: geometry.inputWidth,
      channels: geometry.channels,
      output_height: geometry.outputHeight,
      output_width: geometry.outputWidth,
      filter_height: geometry.filterHeight,
      filter_width: geometry.filterWidth,
      stride_height: geometry.strideHeight,
      stride_width: geometry.strideWidth,
      padding_top: geometry.paddingTop,
      padding_left: geometry.paddingLeft,
      output_min: range.min,
      output_max: range.max,
    },
    scratchBytes: 0,
    inPlace: [],
    macs: 0,
  };
}
