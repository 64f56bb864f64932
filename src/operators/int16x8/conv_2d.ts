import type { TypedArray } from '../../graph/graph.ts';
import { activationRange } from '../activation.ts';
import { defineForm } from '../arithmetic.ts';
import { type Conv2dGeometry, type Conv2dOptions, conv2dGeometry } from '../conv_2d.ts';
import { weightsOf } from '../dot_product.ts';
import { clamp, type FixedPointMultiplier } from '../fixed_point.ts';
import { inputOf, outputOf } from '../operator.ts';
import { channelMultipliers } from '../quantization.ts';
import {
  invalid,
  requireCounts,
  requireRank,
  requireShape,
  requireWeights,
  requireWork,
} from '../requirements.ts';
import { biasOf, isNarrow, requantized, requireWideBias } from './accumulator.ts';
import { lowerConvolution16, lowerGrouped16 } from './convolution.ts';
import { requireInt16 } from './tensors.ts';

export const conv2dInt16x8 = defineForm<Conv2dOptions>({
  supports: 'int16 activations, constant int8 weights (per tensor or per channel), int64 or int32 bias',

  check(node) {
    requireCounts(node, [2, 3], 1);
    const weights = inputOf(node, 1);
    for (const tensor of [inputOf(node, 0), outputOf(node)]) {
      requireInt16(node, tensor);
      requireRank(node, tensor, 4);
    }
    requireRank(node, weights, 4);
    requireWeights(node, weights, 0);
    const { strideWidth, strideHeight, dilationWidth, dilationHeight } = node.options;
    if (Math.min(strideWidth, strideHeight, dilationWidth, dilationHeight) < 1)
      throw invalid(node, 'strides and dilations must be at least 1');
    const geometry = conv2dGeometry(node);
    if (!Number.isInteger(geometry.groups) || geometry.outputChannels % geometry.groups !== 0)
      throw invalid(
        node,
        `${geometry.inputChannels} input channels do not divide into filters of ${geometry.filterChannels}`,
        weights,
      );
    requireWideBias(node, 2, geometry.outputChannels, ['int64', 'int32']);
    requireWork(node, geometry.filterHeight * geometry.filterWidth * geometry.filterChannels);
    requireShape(node, outputOf(node), [
      geometry.batches,
      geometry.outputHeight,
      geometry.outputWidth,
      geometry.outputChannels,
    ]);
    activationRange(node, node.options.activation, outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const geometry = conv2dGeometry(node);
    const { batches, outputHeight, outputWidth, outputChannels } = geometry;
    const output = outputOf(node);
    const bias = biasOf(node.inputs[2] ?? null, outputChannels);
    const narrow = isNarrow(node.inputs[2] ?? null);
    const multipliers = channelMultipliers(node, inputOf(node, 0), inputOf(node, 1), output, outputChannels);
    const range = activationRange(node, node.options.activation, output);
    const result = new Int16Array(batches * outputHeight * outputWidth * outputChannels);
    for (let at = 0; at < result.length; at++) {
      const channel = at % outputChannels;
      const pixel = (at - channel) / outputChannels;
      const sum = sumAt(geometry, inputs[0] as Int16Array, inputs[1] as Int8Array, pixel, channel);
      const scaled = requantized(
        sum + (bias[channel] as number),
        multipliers[channel] as FixedPointMultiplier,
        narrow,
      );
      result[at] = clamp(scaled, range.min, range.max);
    }
    return [result];
  },

  lower(node, { features }) {
    const geometry = conv2dGeometry(node);
    const { filterHeight, filterWidth, filterChannels, outputChannels, groups } = geometry;
    const filters = {
      weights: weightsOf(inputOf(node, 1)),
      rows: filterHeight,
      length: filterWidth * filterChannels,
      bias: node.inputs[2] ?? null,
      multipliers: channelMultipliers(
        node,
        inputOf(node, 0),
        inputOf(node, 1),
        outputOf(node),
        outputChannels,
      ),
      range: activationRange(node, node.options.activation, outputOf(node)),
    };
    return groups === 1
      ? lowerConvolution16(features, geometry, filters)
      : lowerGrouped16(features, geometry, filters);
  },
});

/** Σ input × weight of one output channel at one output pixel; padding is zero. */
function sumAt(
  geometry: Conv2dGeometry,
  x: Int16Array,
  weights: Int8Array,
  pixel: number,
  channel: number,
): number {
  const { inputHeight, inputWidth, inputChannels, filterHeight, filterWidth, filterChannels } = geometry;
  const { outputHeight, outputWidth, outputChannels, groups } = geometry;
  const firstChannel = Math.floor(channel / (outputChannels / groups)) * filterChannels;
  const outX = pixel % outputWidth;
  const outY = Math.floor(pixel / outputWidth) % outputHeight;
  const batch = Math.floor(pixel / outputWidth / outputHeight);
  let sum = 0;
  for (let filterY = 0; filterY < filterHeight; filterY++) {
    const y = outY * geometry.strideHeight - geometry.paddingTop + filterY * geometry.dilationHeight;
    if (y < 0 || y >= inputHeight) continue;
    for (let filterX = 0; filterX < filterWidth; filterX++) {
      const column = outX * geometry.strideWidth - geometry.paddingLeft + filterX * geometry.dilationWidth;
      if (column < 0 || column >= inputWidth) continue;
      const from = ((batch * inputHeight + y) * inputWidth + column) * inputChannels + firstChannel;
      const weightsFrom = ((channel * filterHeight + filterY) * filterWidth + filterX) * filterChannels;
      for (let c = 0; c < filterChannels; c++)
        sum += (x[from + c] as number) * (weights[weightsFrom + c] as number);
    }
  }
  return sum;
}
