import { elementCount, type TypedArray } from '../graph/graph.ts';
import { type Activation, activationRange, isRectified, readActivation } from './activation.ts';
import { convolutionParameters } from './convolution.ts';
import {
  accumulatorBounds,
  convolutionConstants,
  dotProduct,
  foldedBias,
  heliumTable,
  packFilled,
  packWeights,
  requantization,
  roundingParameters,
  weightsOf,
} from './dot_product.ts';
import { clamp, type FixedPointMultiplier, quantizeMultiplier, scaleAccumulator } from './fixed_point.ts';
import type { Argument } from './operator.ts';
import {
  defineOperator,
  inputOf,
  type LoweringContext,
  type Node,
  outputOf,
  unsupported,
} from './operator.ts';
import { channelMultipliers, quantizationOf, scaleOf, zeroPointOf } from './quantization.ts';
import {
  invalid,
  requireBias,
  requireCounts,
  requireInt8,
  requireRank,
  requireWeights,
  requireWork,
} from './requirements.ts';
import { packByGroup, scalarCore, scalarDenseConstants } from './scalar_layers.ts';
import { canStack, stackedWeights } from './stacked_weights.ts';
import { doubledOnce, scalesOf } from './wide_convolution.ts';

export interface FullyConnectedOptions {
  readonly activation: Activation;
  /** 0: rows of weights in order; anything else is a shuffled format. */
  readonly weightsFormat: number;
}

export interface FullyConnectedGeometry {
  /** Input vectors: all input elements / depth. */
  readonly batches: number;
  readonly depth: number;
  readonly outputs: number;
}

/** Input of batches × depth elements in any shape, weights [outputs, depth], output batches × outputs. */
export function fullyConnectedGeometry(node: Node<FullyConnectedOptions>): FullyConnectedGeometry {
  const [outputs = 1, depth = 1] = inputOf(node, 1).shape;
  return { batches: elementCount(inputOf(node, 0).shape) / depth, depth, outputs };
}

/**
 * One multiplier per output. With one weight scale the product of the scales is rounded to float32 before the
 * division (TFLite's GetQuantizedConvolutionMultipler); with several it is computed in double as for CONV_2D.
 */
export function fullyConnectedMultipliers(
  node: Node<FullyConnectedOptions>,
): readonly FixedPointMultiplier[] {
  const input = inputOf(node, 0);
  const weights = inputOf(node, 1);
  const output = outputOf(node);
  const { outputs } = fullyConnectedGeometry(node);
  if (quantizationOf(node, weights).scales.length > 1 || node.rounding === 'single')
    return channelMultipliers(node, input, weights, output, outputs);
  const product = Math.fround(scaleOf(node, input) * scaleOf(node, weights));
  const multiplier = quantizeMultiplier(product / scaleOf(node, output));
  return Array.from({ length: outputs }, () => multiplier);
}

/** Inputs that are widened on the stack: what the kernel holds there, 256 bytes. */
const mostOnStack = 128;

/** Fewer outputs share the widening of their inputs for next to nothing. */
const fewestOutputs = 16;

/**
 * `stacked`: the weights of two outputs in one half-word; `stacked-wide`: and inputs widened once. `direct`: neither.
 * Widening saves a tenth of the instructions: more inputs than the stack may hold are not worth that arena.
 */
function fullyConnectedVariants(
  node: Node<FullyConnectedOptions>,
  { features, optimize }: Pick<LoweringContext, 'features' | 'optimize'>,
): readonly string[] {
  if (!features.dsp || features.mve || quantizationOf(node, inputOf(node, 1)).scales.length > 1)
    return ['direct'];
  const weights = weightsOf(inputOf(node, 1));
  const { outputs, depth } = fullyConnectedGeometry(node);
  const bias = foldedBias(weights, node.inputs[2] ?? null, outputs, zeroPointOf(node, inputOf(node, 0)));
  const bounds = accumulatorBounds(weights, bias);
  const table = requantization(fullyConnectedMultipliers(node), weights, bias);
  if (!canStack(weights, bounds) || scalesOf(table, bounds, 0) === null) return ['direct'];
  if (optimize === 'size') return ['direct', 'stacked', 'stacked-wide'];
  return optimize === 'speed' && depth <= mostOnStack && outputs >= fewestOutputs
    ? ['stacked-wide', 'stacked', 'direct']
    : ['stacked', 'stacked-wide', 'direct'];
}

export const fullyConnected = defineOperator<FullyConnectedOptions>({
  kind: 'FULLY_CONNECTED',
  code: 9,
  supports: 'int8 activations and constant int8 weights (per tensor or per channel), int32 bias',

  readOptions: (options) => ({ activation: readActivation(options, 0), weightsFormat: options.int8(1) }),

  check(node) {
    requireCounts(node, [2, 3], 1);
    const weights = inputOf(node, 1);
    const output = outputOf(node);
    requireInt8(node, inputOf(node, 0));
    requireInt8(node, output);
    requireRank(node, weights, 2);
    requireWeights(node, weights, 0);
    if (node.options.weightsFormat !== 0)
      throw unsupported(
        node,
        'shuffled weights are not supported',
        weights,
        'Convert the model again with the default weights format.',
      );
    const { batches, depth, outputs } = fullyConnectedGeometry(node);
    if (!Number.isInteger(batches))
      throw invalid(node, `the input does not divide into vectors of ${depth}`, inputOf(node, 0));
    requireBias(node, 2, outputs);
    requireWork(node, depth);
    if (output.shape.at(-1) !== outputs || elementCount(output.shape) !== batches * outputs)
      throw invalid(node, `the output is not ${batches} × ${outputs} elements`, output);
    activationRange(node, node.options.activation, output);
  },

  reference(node, inputs): TypedArray[] {
    const { batches, depth, outputs } = fullyConnectedGeometry(node);
    const x = inputs[0] as Int8Array;
    const weights = inputs[1] as Int8Array;
    const bias = (inputs[2] ?? null) as Int32Array | null;
    const output = outputOf(node);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const outputZeroPoint = zeroPointOf(node, output);
    const multipliers = fullyConnectedMultipliers(node);
    const range = activationRange(node, node.options.activation, output);
    const result = new Int8Array(batches * outputs);
    for (let batch = 0; batch < batches; batch++) {
      for (let out = 0; out < outputs; out++) {
        let sum = 0;
        for (let d = 0; d < depth; d++) {
          const value = (x[batch * depth + d] as number) - inputZeroPoint;
          sum = (sum + (weights[out * depth + d] as number) * value) | 0;
        }
        if (bias !== null) sum = (sum + (bias[out] as number)) | 0;
        const scaled = scaleAccumulator(sum, multipliers[out] as FixedPointMultiplier) + outputZeroPoint;
        result[batch * outputs + out] = clamp(scaled, range.min, range.max);
      }
    }
    return [result];
  },

  variants: fullyConnectedVariants,

  lower(node, context) {
    const { features } = context;
    const variant = context.variant ?? fullyConnectedVariants(node, context)[0] ?? 'direct';
    const { batches, depth, outputs } = fullyConnectedGeometry(node);
    const weights = weightsOf(inputOf(node, 1));
    const bias = foldedBias(weights, node.inputs[2] ?? null, outputs, zeroPointOf(node, inputOf(node, 0)));
    const table = requantization(fullyConnectedMultipliers(node), weights, bias);
    const dot = dotProduct(features, 1, outputs);
    const mve = dot.suffix === '_mve';
    const packed = dot.fills
      ? packFilled(weights, { channels: outputs, size: depth }, dot)
      : packWeights(weights, { channels: outputs, rows: 1, length: depth }, dot);
    const byOutput = mve ? heliumTable(bias, table, dot.channels) : { bias, table };
    const oneScale = quantizationOf(node, inputOf(node, 1)).scales.length === 1;
    const range = activationRange(node, node.options.activation, outputOf(node));
    const packedConstants = convolutionConstants(
      packed,
      byOutput.bias,
      byOutput.table,
      mve && !oneScale ? dot.channels : undefined,
    );
    // One multiplier for all is a parameter, not a table.
    const [ofWeights, ofBias] = packedConstants.constants;
    const common = {
      output_zero_point: zeroPointOf(node, outputOf(node)),
      output_min: range.min,
      output_max: range.max,
      rectified: isRectified(node, range) ? 1 : 0,
      tile_channels: dot.channels,
      ...roundingParameters(table),
    };
    const ports: readonly Argument[] = [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ];
    const cost = { scratchBytes: 0, inPlace: [], macs: batches * depth * outputs };
    const core = scalarCore(features);
    if (oneScale && core !== null) {
      const group = core === '_v7m' ? 8 : 4;
      const layer = scalarDenseConstants(
        node,
        core,
        { weights, bias, multipliers: fullyConnectedMultipliers(node) },
        packByGroup(weights, outputs, group, core === '_v6m'),
      );
      return {
        kernel: `fully_connected${core}`,
        parametersType: 'dense_parameters',
        arguments: [...ports, ...packedConstants.arguments.slice(0, 2)],
        constants: layer.constants,
        parameters: { batches, inputs: depth, outputs, ...common, ...layer.parameters, tile_channels: group },
        ...cost,
      };
    }
    if (variant !== 'direct') {
      const widened = variant === 'stacked-wide';
      const bounds = accumulatorBounds(weights, bias);
      const scales = scalesOf(table, bounds, common.output_zero_point) ?? [];
      // One for all: that of the largest accumulators.
      const scale = scales[bounds.indexOf(Math.max(...bounds))];
      return {
        kernel: 'fully_connected_stacked_dsp',
        parametersType: 'dense_parameters',
        arguments: [...ports, ...packedConstants.arguments.slice(0, 2), { is: 'scratch' }],
        constants: [
          { name: 'weights', role: 'weights', type: 'int8', values: stackedWeights(weights, outputs) },
          { name: 'bias', role: 'weights', type: 'int32', values: bias },
        ],
        parameters: {
          batches,
          inputs: depth,
          outputs,
          ...common,
          multiplier: scale?.multiplier ?? 0,
          shift: (scale?.shift ?? 1) - 1,
          ...(table.once ? doubledOnce(table) : {}),
          widened: widened ? 1 : 0,
        },
        ...cost,
        scratchBytes: widened && depth > mostOnStack ? 8 * Math.ceil(depth / 4) : 0,
      };
    }
    if (oneScale)
      return {
        kernel: `fully_connected${dot.suffix === '_pixel_dsp' ? '_dsp' : dot.suffix}`,
        parametersType: 'dense_parameters',
        arguments: [...ports, ...packedConstants.arguments.slice(0, 2)],
        constants: [ofWeights, ofBias].filter((constant) => constant !== undefined),
        parameters: {
          batches,
          inputs: depth,
          outputs,
          multiplier: byOutput.table.multiplier[0] ?? 0,
          shift: byOutput.table.shift[0] ?? 0,
          ...common,
        },
        ...cost,
      };
    // One scale per output: a convolution of one pixel.
    return {
      kernel: `conv_2d${dot.suffix}`,
      parametersType: 'convolution_parameters',
      arguments: [...ports, ...packedConstants.arguments, { is: 'scratch' }],
      constants: packedConstants.constants,
      parameters: {
        ...convolutionParameters({
          batches,
          inputHeight: 1,
          inputWidth: 1,
          inputChannels: depth,
          filterHeight: 1,
          filterWidth: 1,
          outputHeight: 1,
          outputWidth: 1,
          outputChannels: outputs,
          strideHeight: 1,
          strideWidth: 1,
          dilationHeight: 1,
          dilationWidth: 1,
          paddingTop: 0,
          paddingLeft: 0,
        }),
        tile_pixels: dot.pixels,
        ...common,
      },
      ...cost,
    };
  },
});
