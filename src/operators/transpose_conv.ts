import { elementCount, type TypedArray, typedArray } from '../graph/graph.ts';
import { type Activation, activationRange, readActivation } from './activation.ts';
import { weightsOf } from './dot_product.ts';
import { clamp, type FixedPointMultiplier, scaleAccumulator } from './fixed_point.ts';
import { defineOperator, inputOf, type Node, outputOf } from './operator.ts';
import { outputPositions, type Padding, paddingBefore, readPadding, type Window } from './padding.ts';
import { channelMultipliers, zeroPointOf } from './quantization.ts';
import {
  constantIntegers,
  invalid,
  requireBias,
  requireCounts,
  requireInt8,
  requireRank,
  requireShape,
  requireWeights,
  requireWork,
  sameShape,
} from './requirements.ts';
import { floatBits } from './single_rounding.ts';

export interface TransposeConvOptions {
  readonly padding: Padding;
  readonly strideWidth: number;
  readonly strideHeight: number;
  readonly activation: Activation;
}

export interface TransposeConvGeometry {
  readonly batches: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly outputChannels: number;
  readonly paddingTop: number;
  readonly paddingLeft: number;
}

/** Output shape (input 0), weights [O, h, w, C] (1), input [N, H, W, C] (2), bias (3): the gradient of a convolution. */
export function transposeConvGeometry(node: Node<TransposeConvOptions>): TransposeConvGeometry {
  const { padding, strideHeight, strideWidth } = node.options;
  const [outputChannels = 1, filterHeight = 1, filterWidth = 1] = inputOf(node, 1).shape;
  const [batches = 1, inputHeight = 1, inputWidth = 1, inputChannels = 1] = inputOf(node, 2).shape;
  const [, outputHeight = 1, outputWidth = 1] = outputOf(node).shape;
  // The padding is that of the convolution that would lead from the output to the input.
  const vertical: Window = { input: outputHeight, filter: filterHeight, stride: strideHeight, dilation: 1 };
  const horizontal: Window = { input: outputWidth, filter: filterWidth, stride: strideWidth, dilation: 1 };
  return {
    batches,
    inputHeight,
    inputWidth,
    inputChannels,
    filterHeight,
    filterWidth,
    outputHeight,
    outputWidth,
    outputChannels,
    paddingTop: paddingBefore(vertical, outputPositions(padding, vertical)),
    paddingLeft: paddingBefore(horizontal, outputPositions(padding, horizontal)),
  };
}

/** Strides, and shapes that fit each other. */
export function checkTransposeConvShapes(node: Node<TransposeConvOptions>): void {
  requireCounts(node, [3, 4], 1);
  const weights = inputOf(node, 1);
  const input = inputOf(node, 2);
  const output = outputOf(node);
  if (Math.min(node.options.strideWidth, node.options.strideHeight) < 1)
    throw invalid(node, 'strides must be at least 1');
  if (!sameShape(constantIntegers(node, 0), output.shape))
    throw invalid(node, `the shape input does not give [${output.shape.join(', ')}]`, inputOf(node, 0));
  const geometry = transposeConvGeometry(node);
  const { padding, strideHeight, strideWidth } = node.options;
  const rows: Window = {
    input: geometry.outputHeight,
    filter: geometry.filterHeight,
    stride: strideHeight,
    dilation: 1,
  };
  const columns: Window = {
    input: geometry.outputWidth,
    filter: geometry.filterWidth,
    stride: strideWidth,
    dilation: 1,
  };
  requireShape(node, input, [
    output.shape[0] as number,
    outputPositions(padding, rows),
    outputPositions(padding, columns),
    weights.shape[3] as number,
  ]);
  requireShape(node, output, [
    geometry.batches,
    geometry.outputHeight,
    geometry.outputWidth,
    geometry.outputChannels,
  ]);
}

/** The geometry fields of `struct transpose_conv_parameters`. */
export function transposeConvParameters(node: Node<TransposeConvOptions>): Record<string, number> {
  const geometry = transposeConvGeometry(node);
  return {
    batches: geometry.batches,
    input_height: geometry.inputHeight,
    input_width: geometry.inputWidth,
    input_channels: geometry.inputChannels,
    output_height: geometry.outputHeight,
    output_width: geometry.outputWidth,
    output_channels: geometry.outputChannels,
    filter_height: geometry.filterHeight,
    filter_width: geometry.filterWidth,
    stride_height: node.options.strideHeight,
    stride_width: node.options.strideWidth,
    padding_top: geometry.paddingTop,
    padding_left: geometry.paddingLeft,
  };
}

export const transposeConv = defineOperator<TransposeConvOptions>({
  kind: 'TRANSPOSE_CONV',
  code: 67,
  supports: 'int8 activations and constant int8 weights (per tensor or per channel), int32 bias',

  readOptions: (options) => ({
    padding: readPadding(options, 0),
    strideWidth: options.int32(1),
    strideHeight: options.int32(2),
    activation: readActivation(options, 3),
  }),

  check(node) {
    requireCounts(node, [3, 4], 1);
    const weights = inputOf(node, 1);
    const input = inputOf(node, 2);
    const output = outputOf(node);
    for (const tensor of [input, output]) {
      requireInt8(node, tensor);
      requireRank(node, tensor, 4);
    }
    requireRank(node, weights, 4);
    requireWeights(node, weights, 0);
    checkTransposeConvShapes(node);
    const { outputChannels } = transposeConvGeometry(node);
    requireBias(node, 3, outputChannels);
    requireWork(node, elementCount(weights.shape) / outputChannels);
    activationRange(node, node.options.activation, output);
  },

  reference(node, inputs): TypedArray[] {
    const geometry = transposeConvGeometry(node);
    const { batches, inputHeight, inputWidth, inputChannels, filterHeight, filterWidth } = geometry;
    const { outputHeight, outputWidth, outputChannels, paddingTop, paddingLeft } = geometry;
    const { strideHeight, strideWidth } = node.options;
    const weights = inputs[1] as Int8Array;
    const x = inputs[2] as Int8Array;
    const bias = (inputs[3] ?? null) as Int32Array | null;
    const output = outputOf(node);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 2));
    const outputZeroPoint = zeroPointOf(node, output);
    const multipliers = channelMultipliers(node, inputOf(node, 2), inputOf(node, 1), output, outputChannels);
    const range = activationRange(node, node.options.activation, output);
    const sums = new Int32Array(batches * outputHeight * outputWidth * outputChannels);

    for (let batch = 0; batch < batches; batch++) {
      for (let inY = 0; inY < inputHeight; inY++) {
        for (let inX = 0; inX < inputWidth; inX++) {
          const from = ((batch * inputHeight + inY) * inputWidth + inX) * inputChannels;
          for (let filterY = 0; filterY < filterHeight; filterY++) {
            const outY = inY * strideHeight - paddingTop + filterY;
            if (outY < 0 || outY >= outputHeight) continue;
            for (let filterX = 0; filterX < filterWidth; filterX++) {
              const outX = inX * strideWidth - paddingLeft + filterX;
              if (outX < 0 || outX >= outputWidth) continue;
              const to = ((batch * outputHeight + outY) * outputWidth + outX) * outputChannels;
              for (let channel = 0; channel < outputChannels; channel++) {
                const weightsFrom =
                  ((channel * filterHeight + filterY) * filterWidth + filterX) * inputChannels;
                let sum = sums[to + channel] as number;
                for (let c = 0; c < inputChannels; c++) {
                  const value = (x[from + c] as number) - inputZeroPoint;
                  sum = (sum + (weights[weightsFrom + c] as number) * value) | 0;
                }
                sums[to + channel] = sum;
              }
            }
          }
        }
      }
    }
    const result = new Int8Array(sums.length);
    for (let at = 0; at < sums.length; at++) {
      const channel = at % outputChannels;
      const sum = ((sums[at] as number) + (bias === null ? 0 : (bias[channel] as number))) | 0;
      const scaled = scaleAccumulator(sum, multipliers[channel] as FixedPointMultiplier) + outputZeroPoint;
      result[at] = clamp(scaled, range.min, range.max);
    }
    return [result];
  },

  lower(node) {
    const geometry = transposeConvGeometry(node);
    const { batches, inputHeight, inputWidth, outputChannels } = geometry;
    const [weights, input, output] = [inputOf(node, 1), inputOf(node, 2), outputOf(node)];
    const multipliers = channelMultipliers(node, input, weights, output, outputChannels);
    const bias = node.inputs[3]?.data ?? new Uint8Array(4 * outputChannels);
    const range = activationRange(node, node.options.activation, output);
    return {
      kernel: 'transpose_conv',
      parametersType: 'transpose_conv_parameters',
      arguments: [
        { is: 'input', index: 2 },
        { is: 'output', index: 0 },
        { is: 'constant', name: 'weights' },
        { is: 'constant', name: 'bias' },
        { is: 'constant', name: 'multiplier' },
        { is: 'constant', name: 'shift' },
      ],
      constants: [
        { name: 'weights', role: 'weights', type: 'int8', values: weightsOf(weights) },
        { name: 'bias', role: 'weights', type: 'int32', values: typedArray('int32', bias) as Int32Array },
        {
          name: 'multiplier',
          role: 'table',
          type: 'int32',
          values: multipliers.map(({ multiplier, once }) =>
            once === undefined ? multiplier : floatBits(once),
          ),
        },
        { name: 'shift', role: 'table', type: 'int8', values: multipliers.map(({ shift }) => -shift) },
      ],
      parameters: {
        ...transposeConvParameters(node),
        input_offset: -zeroPointOf(node, input),
        output_zero_point: zeroPointOf(node, output),
        output_min: range.min,
        output_max: range.max,
        ...(node.rounding === 'single' ? { once: 1 } : {}),
      },
      scratchBytes: 0,
      inPlace: [],
      macs: batches * inputHeight * inputWidth * elementCount(weights.shape),
    };
  },
});
