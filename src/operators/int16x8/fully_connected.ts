import { elementCount, type TypedArray } from '../../graph/graph.ts';
import { activationRange } from '../activation.ts';
import { defineForm } from '../arithmetic.ts';
import { weightsOf } from '../dot_product.ts';
import { clamp, type FixedPointMultiplier } from '../fixed_point.ts';
import {
  type FullyConnectedOptions,
  fullyConnectedGeometry,
  fullyConnectedMultipliers,
} from '../fully_connected.ts';
import { inputOf, outputOf } from '../operator.ts';
import { invalid, requireCounts, requireRank, requireWeights, requireWork } from '../requirements.ts';
import { biasOf, isNarrow, requantized, requireWideBias } from './accumulator.ts';
import { lowerConvolution16 } from './convolution.ts';
import { requireInt16 } from './tensors.ts';

export const fullyConnectedInt16x8 = defineForm<FullyConnectedOptions>({
  supports: 'int16 activations, constant int8 weights (per tensor or per channel), int64 or int32 bias',

  check(node) {
    requireCounts(node, [2, 3], 1);
    const weights = inputOf(node, 1);
    const output = outputOf(node);
    requireInt16(node, inputOf(node, 0));
    requireInt16(node, output);
    requireRank(node, weights, 2);
    requireWeights(node, weights, 0);
    if (node.options.weightsFormat !== 0) throw invalid(node, 'the weights are shuffled', weights);
    const { batches, depth, outputs } = fullyConnectedGeometry(node);
    if (!Number.isInteger(batches))
      throw invalid(node, `the input does not divide into vectors of ${depth}`, inputOf(node, 0));
    requireWideBias(node, 2, outputs, ['int64', 'int32']);
    requireWork(node, depth);
    if (output.shape.at(-1) !== outputs || elementCount(output.shape) !== batches * outputs)
      throw invalid(node, `the output is not ${batches} × ${outputs} elements`, output);
    activationRange(node, node.options.activation, output);
  },

  reference(node, inputs): TypedArray[] {
    const { batches, depth, outputs } = fullyConnectedGeometry(node);
    const x = inputs[0] as Int16Array;
    const weights = inputs[1] as Int8Array;
    const bias = biasOf(node.inputs[2] ?? null, outputs);
    const narrow = isNarrow(node.inputs[2] ?? null);
    const multipliers = fullyConnectedMultipliers(node);
    const range = activationRange(node, node.options.activation, outputOf(node));
    const result = new Int16Array(batches * outputs);
    for (let batch = 0; batch < batches; batch++)
      for (let out = 0; out < outputs; out++) {
        let sum = bias[out] as number;
        for (let d = 0; d < depth; d++)
          sum += (x[batch * depth + d] as number) * (weights[out * depth + d] as number);
        const scaled = requantized(sum, multipliers[out] as FixedPointMultiplier, narrow);
        result[batch * outputs + out] = clamp(scaled, range.min, range.max);
      }
    return [result];
  },

  /** A convolution of 1 × 1 whose pixels are the vectors. */
  lower(node, { features }) {
    const { batches, depth, outputs } = fullyConnectedGeometry(node);
    const window = {
      batches: 1,
      inputHeight: 1,
      inputWidth: batches,
      inputChannels: depth,
      filterHeight: 1,
      filterWidth: 1,
      outputHeight: 1,
      outputWidth: batches,
      outputChannels: outputs,
      strideHeight: 1,
      strideWidth: 1,
      dilationHeight: 1,
      dilationWidth: 1,
      paddingTop: 0,
      paddingLeft: 0,
    };
    return lowerConvolution16(features, window, {
      weights: weightsOf(inputOf(node, 1)),
      rows: 1,
      length: depth,
      bias: node.inputs[2] ?? null,
      multipliers: fullyConnectedMultipliers(node),
      range: activationRange(node, node.options.activation, outputOf(node)),
    });
  },
});
