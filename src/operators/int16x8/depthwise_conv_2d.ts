import type { TypedArray } from '../../graph/graph.ts';
import { activationRange } from '../activation.ts';
import { defineForm } from '../arithmetic.ts';
import { convolutionParameters, convolutionWalk, needsPatch, walkOf } from '../convolution.ts';
import {
  type DepthwiseConv2dGeometry,
  type DepthwiseConv2dOptions,
  depthwiseConv2dGeometry,
} from '../depthwise_conv_2d.ts';
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
import { biasOf, requantization16, requantized, requireWideBias, roundingNumber } from './accumulator.ts';
import { filledUp } from './convolution.ts';
import { requireInt16 } from './tensors.ts';

export const depthwiseConv2dInt16x8 = defineForm<DepthwiseConv2dOptions>({
  supports: 'int16 activations, constant int8 weights (per tensor or per channel), int64 bias',

  check(node) {
    requireCounts(node, [2, 3], 1);
    const weights = inputOf(node, 1);
    for (const tensor of [inputOf(node, 0), outputOf(node)]) {
      requireInt16(node, tensor);
      requireRank(node, tensor, 4);
    }
    requireRank(node, weights, 4);
    requireWeights(node, weights, 3);
    const { strideWidth, strideHeight, dilationWidth, dilationHeight } = node.options;
    if (Math.min(strideWidth, strideHeight, dilationWidth, dilationHeight) < 1)
      throw invalid(node, 'strides and dilations must be at least 1');
    const geometry = depthwiseConv2dGeometry(node);
    if (!Number.isInteger(geometry.depthMultiplier) || weights.shape[0] !== 1)
      throw invalid(
        node,
        `weights [${weights.shape.join(', ')}] do not fit ${geometry.inputChannels} input channels`,
        weights,
      );
    requireWideBias(node, 2, geometry.outputChannels, ['int64']);
    requireWork(node, geometry.filterHeight * geometry.filterWidth);
    requireShape(node, outputOf(node), [
      geometry.batches,
      geometry.outputHeight,
      geometry.outputWidth,
      geometry.outputChannels,
    ]);
    activationRange(node, node.options.activation, outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const geometry = depthwiseConv2dGeometry(node);
    const { batches, outputHeight, outputWidth, outputChannels } = geometry;
    const output = outputOf(node);
    const bias = biasOf(node.inputs[2] ?? null, outputChannels);
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
        false,
      );
      result[at] = clamp(scaled, range.min, range.max);
    }
    return [result];
  },

  lower(node, { features }) {
    const geometry = depthwiseConv2dGeometry(node);
    const { batches, filterHeight, filterWidth, inputChannels, outputChannels } = geometry;
    const taps = filterHeight * filterWidth;
    const given = weightsOf(inputOf(node, 1));
    const weights = byChannel(given, taps, 1);
    const multipliers = channelMultipliers(
      node,
      inputOf(node, 0),
      inputOf(node, 1),
      outputOf(node),
      outputChannels,
    );
    const { rounding, constants } = requantization16(multipliers, node.inputs[2] ?? null, weights);
    const range = activationRange(node, node.options.activation, outputOf(node));
    const isSimple = rounding === 'high' && geometry.depthMultiplier === 1;
    const isHelium = isSimple && features.mve;
    const isPaired = isSimple && features.dsp && !isHelium;
    const inBytes = {
      ...geometry,
      inputChannels: 2 * inputChannels,
      outputChannels: 2 * outputChannels,
    };
    return {
      kernel: `depthwise_conv_2d_int16x8${isHelium ? '_mve' : isPaired ? '_dsp' : ''}`,
      parametersType: 'convolution_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
        { is: 'constant', name: 'weights' },
        { is: 'constant', name: 'bias' },
        { is: 'constant', name: 'multiplier' },
        { is: 'scratch' },
      ],
      constants: [
        {
          name: 'weights',
          role: 'weights',
          type: 'int8',
          values: isHelium ? given : isPaired ? byChannel(given, taps, 2) : weights,
        },
        ...(isHelium ? constants.map((constant) => filledUp(constant, 4)) : constants),
      ],
      parameters: {
        ...convolutionParameters(geometry),
        depth_multiplier: geometry.depthMultiplier,
        output_min: range.min,
        output_max: range.max,
        wide: roundingNumber[rounding],
      },
      scratchBytes: needsPatch(geometry) ? 2 * taps * inputChannels : 0,
      inPlace: [],
      ...walkOf(convolutionWalk(inBytes, 1, 'any')),
      macs: batches * geometry.outputHeight * geometry.outputWidth * outputChannels * taps,
    };
  },
});

/** Weights [taps][channels] → for each `group` channels [taps][group], the channels left over one by one. */
function byChannel(weights: Int8Array, taps: number, group: 1 | 2): Int8Array {
  const channels = weights.length / taps;
  const result = new Int8Array(weights.length);
  let at = 0;
  for (let first = 0; first < channels; first += group)
    for (let tap = 0; tap < taps; tap += 1)
      for (let channel = first; channel < Math.min(first + group, channels); channel += 1)
        result[at++] = weights[tap * channels + channel] as number;
  return result;
}

/** Σ input × weight of one output channel at one output pixel; padding is zero. */
function sumAt(
  geometry: DepthwiseConv2dGeometry,
  x: Int16Array,
  weights: Int8Array,
  pixel: number,
  channel: number,
): number {
  const { inputHeight, inputWidth, inputChannels, filterHeight, filterWidth } = geometry;
  const { outputHeight, outputWidth, outputChannels, depthMultiplier } = geometry;
  const outX = pixel % outputWidth;
  const outY = Math.floor(pixel / outputWidth) % outputHeight;
  const batch = Math.floor(pixel / outputWidth / outputHeight);
  const inputChannel = Math.floor(channel / depthMultiplier);
  let sum = 0;
  for (let filterY = 0; filterY < filterHeight; filterY++) {
    const y = outY * geometry.strideHeight - geometry.paddingTop + filterY * geometry.dilationHeight;
    if (y < 0 || y >= inputHeight) continue;
    for (let filterX = 0; filterX < filterWidth; filterX++) {
      const column = outX * geometry.strideWidth - geometry.paddingLeft + filterX * geometry.dilationWidth;
      if (column < 0 || column >= inputWidth) continue;
      const value = x[((batch * inputHeight + y) * inputWidth + column) * inputChannels + inputChannel];
      const weight = weights[(filterY * filterWidth + filterX) * outputChannels + channel];
      sum += (value as number) * (weight as number);
    }
  }
  return sum;
}
