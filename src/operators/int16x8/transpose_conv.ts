import { elementCount, type TypedArray } from '../../graph/graph.ts';
import { activationRange } from '../activation.ts';
import { defineForm } from '../arithmetic.ts';
import { weightsOf } from '../dot_product.ts';
import { clamp, type FixedPointMultiplier } from '../fixed_point.ts';
import { inputOf, outputOf } from '../operator.ts';
import { channelMultipliers } from '../quantization.ts';
import { requireRank, requireWeights, requireWork } from '../requirements.ts';
import {
  checkTransposeConvShapes,
  type TransposeConvOptions,
  transposeConvGeometry,
  transposeConvParameters,
} from '../transpose_conv.ts';
import { biasOf, requantization16, requantized, requireWideBias } from './accumulator.ts';
import { requireInt16 } from './tensors.ts';

export const transposeConvInt16x8 = defineForm<TransposeConvOptions>({
  supports: 'int16 activations, constant int8 weights (per tensor or per channel), int64 or int16 bias',

  check(node) {
    const weights = inputOf(node, 1);
    for (const tensor of [inputOf(node, 2), outputOf(node)]) {
      requireInt16(node, tensor);
      requireRank(node, tensor, 4);
    }
    requireRank(node, weights, 4);
    requireWeights(node, weights, 0);
    checkTransposeConvShapes(node);
    const { outputChannels } = transposeConvGeometry(node);
    requireWideBias(node, 3, outputChannels, ['int64', 'int16']);
    requireWork(node, elementCount(weights.shape) / outputChannels);
    activationRange(node, node.options.activation, outputOf(node));
  },

  reference(node, inputs): TypedArray[] {
    const geometry = transposeConvGeometry(node);
    const { batches, inputHeight, inputWidth, inputChannels, filterHeight, filterWidth } = geometry;
    const { outputHeight, outputWidth, outputChannels, paddingTop, paddingLeft } = geometry;
    const { strideHeight, strideWidth } = node.options;
    const weights = inputs[1] as Int8Array;
    const x = inputs[2] as Int16Array;
    const output = outputOf(node);
    const bias = biasOf(node.inputs[3] ?? null, outputChannels);
    const multipliers = channelMultipliers(node, inputOf(node, 2), inputOf(node, 1), output, outputChannels);
    const range = activationRange(node, node.options.activation, output);
    const sums = new Float64Array(batches * outputHeight * outputWidth * outputChannels);
    for (let batch = 0; batch < batches; batch++)
      for (let inY = 0; inY < inputHeight; inY++)
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
                const with_ = ((channel * filterHeight + filterY) * filterWidth + filterX) * inputChannels;
                let sum = sums[to + channel] as number;
                for (let c = 0; c < inputChannels; c++)
                  sum += (weights[with_ + c] as number) * (x[from + c] as number);
                sums[to + channel] = sum;
              }
            }
          }
        }
    return [
      Int16Array.from(sums, (sum, at) => {
        const channel = at % outputChannels;
        const multiplier = multipliers[channel] as FixedPointMultiplier;
        return clamp(requantized(sum + (bias[channel] as number), multiplier, false), range.min, range.max);
      }),
    ];
  },

  lower(node) {
    const { batches, inputHeight, inputWidth, outputChannels } = transposeConvGeometry(node);
    const [weights, input, output] = [inputOf(node, 1), inputOf(node, 2), outputOf(node)];
    const multipliers = channelMultipliers(node, input, weights, output, outputChannels);
    const range = activationRange(node, node.options.activation, output);
    const { constants } = requantization16(multipliers, node.inputs[3] ?? null, weightsOf(weights), ['wide']);
    return {
      kernel: 'transpose_conv_int16x8',
      parametersType: 'transpose_conv_parameters',
      arguments: [
        { is: 'input', index: 2 },
        { is: 'output', index: 0 },
        { is: 'constant', name: 'weights' },
        { is: 'constant', name: 'bias' },
        { is: 'constant', name: 'multiplier' },
      ],
      constants: [
        { name: 'weights', role: 'weights', type: 'int8', values: weightsOf(weights) },
        ...constants,
      ],
      parameters: {
        ...transposeConvParameters(node),
        output_min: range.min,
        output_max: range.max,
      },
      scratchBytes: 0,
      inPlace: [],
      macs: batches * inputHeight * inputWidth * elementCount(weights.shape),
    };
  },
});
