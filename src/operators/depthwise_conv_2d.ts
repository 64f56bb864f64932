import type { TypedArray } from '../graph/graph.ts';
import { type Activation, activationRange, isRectified, readActivation } from './activation.ts';
import { convolutionParameters, convolutionWalk, needsPatch, walkOf } from './convolution.ts';
import { channelScales, planeLayout, planeWeights } from './depthwise_planes.ts';
import {
  accumulatorBounds,
  type ConvolutionConstants,
  convolutionConstants,
  foldedBias,
  heliumTable,
  type Requantization,
  requantization,
  roundingParameters,
  weightsOf,
} from './dot_product.ts';
import { clamp, type FixedPointMultiplier, scaleAccumulator } from './fixed_point.ts';
import { defineOperator, inputOf, type LoweringContext, type Node, outputOf } from './operator.ts';
import {
  noSurround,
  outputPositions,
  type Padding,
  paddingBefore,
  readPadding,
  type Surround,
  type Window,
} from './padding.ts';
import { channelMultipliers, zeroPointOf } from './quantization.ts';
import {
  invalid,
  requireBias,
  requireCounts,
  requireInt8,
  requireRank,
  requireShape,
  requireWeights,
  requireWork,
} from './requirements.ts';
import { biasedWeights, scalarConstants, scalarCore } from './scalar_layers.ts';
import { doubledOnce, scalesOf } from './wide_convolution.ts';

export interface DepthwiseConv2dOptions {
  readonly padding: Padding;
  readonly strideWidth: number;
  readonly strideHeight: number;
  readonly activation: Activation;
  readonly dilationWidth: number;
  readonly dilationHeight: number;
  /** Around the input, before `padding` is applied; absent in files. */
  readonly surround?: Surround;
}

/** Everything that the shapes and options determine; lengths in elements. */
export interface DepthwiseConv2dGeometry {
  readonly batches: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly outputChannels: number;
  /** Output channels per input channel; taken from the shapes, as the option is unreliable. */
  readonly depthMultiplier: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly paddingTop: number;
  readonly paddingLeft: number;
}

/** Input [N, H, W, C], weights [1, h, w, C × multiplier], output [N, H', W', C × multiplier]. */
export function depthwiseConv2dGeometry(node: Node<DepthwiseConv2dOptions>): DepthwiseConv2dGeometry {
  const { options } = node;
  const [batches = 1, inputHeight = 1, inputWidth = 1, inputChannels = 1] = inputOf(node, 0).shape;
  const [, filterHeight = 1, filterWidth = 1, outputChannels = 1] = inputOf(node, 1).shape;
  const { top, bottom, left, right } = options.surround ?? noSurround;
  const vertical: Window = {
    input: inputHeight + top + bottom,
    filter: filterHeight,
    stride: options.strideHeight,
    dilation: options.dilationHeight,
  };
  const horizontal: Window = {
    input: inputWidth + left + right,
    filter: filterWidth,
    stride: options.strideWidth,
    dilation: options.dilationWidth,
  };
  const outputHeight = outputPositions(options.padding, vertical);
  const outputWidth = outputPositions(options.padding, horizontal);
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
    depthMultiplier: outputChannels / inputChannels,
    strideHeight: options.strideHeight,
    strideWidth: options.strideWidth,
    dilationHeight: options.dilationHeight,
    dilationWidth: options.dilationWidth,
    paddingTop: top + paddingBefore(vertical, outputHeight),
    paddingLeft: left + paddingBefore(horizontal, outputWidth),
  };
}

/** Weights [channels][taps] → for each four channels [taps][4]; channels left over as they were. */
function interleavedByFour(weights: Int8Array, taps: number): Int8Array {
  const whole = weights.length - (weights.length % (4 * taps));
  return weights.map((weight, at) => {
    if (at >= whole) return weight;
    const group = Math.floor(at / (4 * taps));
    const tap = Math.floor((at % (4 * taps)) / 4);
    return weights[(4 * group + (at % 4)) * taps + tap] as number;
  });
}

/**
 * Weights [channels][taps] → for each eight channels [taps][8], fewer than eight filled up with zeros; by channel first the
 * even ones of each eight, then the odd ones: so Helium multiplies half-words to words.
 */
function heliumConstants(
  weights: Int8Array,
  taps: number,
  bias: Int32Array,
  table: Requantization,
): ConvolutionConstants {
  const channels = bias.length;
  const count = Math.ceil(channels / 8) * 8;
  // The last eight lie over those before them, where there are eight.
  const channelOf = (at: number): number =>
    channels >= 8 && at >= channels - (channels % 8) ? at - count + channels : at;
  const evenThenOdd = (at: number): number => at - (at % 8) + 2 * (at % 4) + Math.floor((at % 8) / 4);
  const packed = Int8Array.from({ length: count * taps }, (_, at) => {
    const channel = channelOf(Math.floor(at / (8 * taps)) * 8 + (at % 8));
    return weights[channel * taps + (Math.floor(at / 8) % taps)] ?? 0;
  });
  const { bias: biases, table: filled } = heliumTable(bias, table, 8);
  const inOrder = <T extends Int32Array | Int8Array>(values: T): T =>
    values.map((_, at) => values[channelOf(evenThenOdd(at))] as number) as T;
  return convolutionConstants(
    packed,
    inOrder(biases),
    {
      multiplier: inOrder(filled.multiplier),
      shift: inOrder(filled.shift),
      wide: filled.wide,
      once: filled.once,
      fixedPoint: filled.fixedPoint,
    },
    8,
  );
}

/**
 * For lanes that may begin at any channel: weights [channels][taps] → [taps][channels + 7], where the first channels follow
 * the last one again, and the other tables so.
 */
function lanesConstants(
  weights: Int8Array,
  taps: number,
  bias: Int32Array,
  table: Requantization,
): ConvolutionConstants {
  const channels = bias.length;
  const around = <T extends Int32Array | Int8Array>(from: (length: number) => T, values: T): T =>
    from(channels + 7).map((_, at) => values[at % channels] as number) as T;
  const { bias: filled, table: shifted } = heliumTable(bias, table, 1);
  return convolutionConstants(
    Int8Array.from({ length: taps * (channels + 7) }, (_, at) => {
      const lane = at % (channels + 7);
      return weights[(lane % channels) * taps + Math.floor(at / (channels + 7))] as number;
    }),
    around((length) => new Int32Array(length), filled),
    {
      multiplier: around((length) => new Int32Array(length), shifted.multiplier),
      shift: around((length) => new Int8Array(length), shifted.shift),
      wide: shifted.wide,
      once: shifted.once,
      fixedPoint: shifted.fixedPoint,
    },
  );
}

/**
 * Whether Helium takes the outputs of a row as one run of lanes, 13 to 16 instructions each with what is done once for eight, or
 * channels by eight, 93 for eight and 40 for a pixel (3×3, measured); with the stride one that lets pixels be neighbours.
 */
function fillsLanes({ outputChannels, depthMultiplier, strideWidth }: DepthwiseConv2dGeometry): boolean {
  const byEight = 40 + 93 * Math.ceil(outputChannels / 8);
  return (
    depthMultiplier === 1 && strideWidth === 1 && outputChannels % 8 !== 0 && 17 * outputChannels < byEight
  );
}

/** One field, or a line of padding as long as a row of one, and eight bytes from the last tap on. */
function lanesScratch(geometry: DepthwiseConv2dGeometry): number {
  const { inputChannels, filterHeight, filterWidth, dilationWidth } = geometry;
  if (!needsPatch(geometry) && inputChannels >= 8) return 0;
  const last = Math.max(filterHeight * filterWidth - 1, (filterWidth - 1) * dilationWidth) * inputChannels;
  return last + Math.max(inputChannels, 8);
}

/** `direct`: in place, from the input. `planes`: channels are copied to planes of half-words, which takes scratch. */
function depthwiseVariants(
  node: Node<DepthwiseConv2dOptions>,
  { features, optimize }: Pick<LoweringContext, 'features' | 'optimize'>,
): readonly string[] {
  if (!features.dsp || features.mve || planeLayout(depthwiseConv2dGeometry(node)) === null) return ['direct'];
  return optimize === 'speed' ? ['planes', 'direct'] : ['direct', 'planes'];
}

export const depthwiseConv2d = defineOperator<DepthwiseConv2dOptions>({
  kind: 'DEPTHWISE_CONV_2D',
  code: 4,
  supports: 'int8 activations and constant int8 weights (per tensor or per channel), int32 bias',

  readOptions: (options) => ({
    padding: readPadding(options, 0),
    strideWidth: options.int32(1),
    strideHeight: options.int32(2),
    activation: readActivation(options, 4),
    dilationWidth: options.int32(5, 1),
    dilationHeight: options.int32(6, 1),
  }),

  check(node) {
    requireCounts(node, [2, 3], 1);
    const input = inputOf(node, 0);
    const weights = inputOf(node, 1);
    const output = outputOf(node);
    for (const tensor of [input, output]) {
      requireInt8(node, tensor);
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
    requireBias(node, 2, geometry.outputChannels);
    requireWork(node, geometry.filterHeight * geometry.filterWidth);
    requireShape(node, output, [
      geometry.batches,
      geometry.outputHeight,
      geometry.outputWidth,
      geometry.outputChannels,
    ]);
    activationRange(node, node.options.activation, output);
  },

  reference(node, inputs): TypedArray[] {
    const geometry = depthwiseConv2dGeometry(node);
    const { batches, inputHeight, inputWidth, inputChannels, depthMultiplier } = geometry;
    const { filterHeight, filterWidth, outputHeight, outputWidth, outputChannels } = geometry;
    const { strideHeight, strideWidth, dilationHeight, dilationWidth, paddingTop, paddingLeft } = geometry;
    const x = inputs[0] as Int8Array;
    const weights = inputs[1] as Int8Array;
    const bias = (inputs[2] ?? null) as Int32Array | null;
    const output = outputOf(node);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const outputZeroPoint = zeroPointOf(node, output);
    const multipliers = channelMultipliers(node, inputOf(node, 0), inputOf(node, 1), output, outputChannels);
    const range = activationRange(node, node.options.activation, output);
    const result = new Int8Array(batches * outputHeight * outputWidth * outputChannels);

    let at = 0;
    for (let batch = 0; batch < batches; batch++) {
      for (let outY = 0; outY < outputHeight; outY++) {
        const originY = outY * strideHeight - paddingTop;
        for (let outX = 0; outX < outputWidth; outX++) {
          const originX = outX * strideWidth - paddingLeft;
          for (let channel = 0; channel < outputChannels; channel++) {
            const inputChannel = Math.floor(channel / depthMultiplier);
            let sum = 0;
            for (let filterY = 0; filterY < filterHeight; filterY++) {
              const y = originY + filterY * dilationHeight;
              if (y < 0 || y >= inputHeight) continue;
              const inputRow = (batch * inputHeight + y) * inputWidth;
              for (let filterX = 0; filterX < filterWidth; filterX++) {
                const column = originX + filterX * dilationWidth;
                if (column < 0 || column >= inputWidth) continue;
                const value =
                  (x[(inputRow + column) * inputChannels + inputChannel] as number) - inputZeroPoint;
                const weight = weights[
                  (filterY * filterWidth + filterX) * outputChannels + channel
                ] as number;
                sum = (sum + weight * value) | 0;
              }
            }
            if (bias !== null) sum = (sum + (bias[channel] as number)) | 0;
            const scaled =
              scaleAccumulator(sum, multipliers[channel] as FixedPointMultiplier) + outputZeroPoint;
            result[at++] = clamp(scaled, range.min, range.max);
          }
        }
      }
    }
    return [result];
  },

  variants: depthwiseVariants,

  lower(node, context) {
    const { features } = context;
    const variant = context.variant ?? depthwiseVariants(node, context)[0];
    const geometry = depthwiseConv2dGeometry(node);
    // Helium adds two products in a half-word, which two of −128 × −128 would overflow.
    const whole = !weightsOf(inputOf(node, 1)).includes(-128);
    const shared = geometry.depthMultiplier;
    const byEight = features.mve && (shared <= 2 || shared % 8 === 0) && whole;
    const byLanes = byEight && fillsLanes(geometry);
    const byFour = features.dsp && !byEight && geometry.depthMultiplier <= 2;
    const { batches, filterHeight, filterWidth, outputChannels } = geometry;
    const taps = filterHeight * filterWidth;
    const given = weightsOf(inputOf(node, 1));
    // [taps][channels] in the file, [channels][taps] for the kernel.
    const weights = Int8Array.from(
      given,
      (_, at) => given[(at % taps) * outputChannels + Math.floor(at / taps)] as number,
    );
    const bias = foldedBias(
      weights,
      node.inputs[2] ?? null,
      outputChannels,
      zeroPointOf(node, inputOf(node, 0)),
    );
    const multipliers = channelMultipliers(
      node,
      inputOf(node, 0),
      inputOf(node, 1),
      outputOf(node),
      outputChannels,
    );
    const table = requantization(multipliers, weights, bias);
    const range = activationRange(node, node.options.activation, outputOf(node));
    const layout = variant === 'planes' ? planeLayout(geometry) : null;
    const scales = scalesOf(table, accumulatorBounds(weights, bias), zeroPointOf(node, outputOf(node)));
    if (layout !== null && scales !== null) {
      const constants = [planeWeights(weights, layout.transposed), channelScales(bias, scales)];
      return {
        kernel: 'depthwise_conv_2d_planes_dsp',
        parametersType: 'convolution_parameters',
        arguments: [
          { is: 'input', index: 0 },
          { is: 'output', index: 0 },
          ...constants.map(({ name }) => ({ is: 'constant', name }) as const),
          { is: 'scratch' },
        ],
        constants,
        parameters: {
          ...convolutionParameters(geometry),
          depth_multiplier: 1,
          input_zero_point: zeroPointOf(node, inputOf(node, 0)),
          ...(table.once
            ? { output_zero_point: zeroPointOf(node, outputOf(node)), ...doubledOnce(table) }
            : {}),
          output_min: range.min,
          output_max: range.max,
          rectified: isRectified(node, range) ? 1 : 0,
          transposed: layout.transposed ? 1 : 0,
          plane_row_bytes: layout.rowBytes,
          output_step_bytes: layout.outputStepBytes,
        },
        scratchBytes: layout.scratchBytes,
        // A channel is copied whole before it is written.
        inPlace: [0],
        macs: geometry.outputHeight * geometry.outputWidth * outputChannels * taps,
      };
    }
    const core = scalarCore(features);
    const scalar =
      core &&
      scalarConstants(
        node,
        core,
        { weights, bias, multipliers },
        core === '_v6m' ? biasedWeights(weights) : weights,
      );
    const packed: ConvolutionConstants = scalar
      ? scalar
      : byLanes
        ? lanesConstants(weights, taps, bias, table)
        : byEight
          ? heliumConstants(weights, taps, bias, table)
          : byFour
            ? convolutionConstants(interleavedByFour(weights, taps), bias, table, 4)
            : convolutionConstants(weights, bias, table);
    return {
      kernel: `depthwise_conv_2d${scalar ? core : byLanes ? '_lanes_mve' : byEight ? '_mve' : byFour ? '_dsp' : ''}`,
      parametersType: 'convolution_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
        ...packed.arguments,
        { is: 'scratch' },
      ],
      constants: packed.constants,
      parameters: {
        ...convolutionParameters(geometry),
        depth_multiplier: geometry.depthMultiplier,
        input_zero_point: zeroPointOf(node, inputOf(node, 0)),
        output_zero_point: zeroPointOf(node, outputOf(node)),
        output_min: range.min,
        output_max: range.max,
        rectified: isRectified(node, range) ? 1 : 0,
        ...roundingParameters(table),
        ...scalar?.parameters,
      },
      scratchBytes: byLanes
        ? lanesScratch(geometry)
        : needsPatch(geometry)
          ? taps * geometry.inputChannels
          : 0,
      inPlace: [],
      ...walkOf(convolutionWalk(geometry, 1, geometry.depthMultiplier === 1 ? 'channelwise' : 'any')),
      macs: batches * geometry.outputHeight * geometry.outputWidth * outputChannels * taps,
    };
  },
});
