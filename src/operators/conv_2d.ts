import { elementCount, type TypedArray } from '../graph/graph.ts';
import { type Activation, activationRange, isRectified, readActivation } from './activation.ts';
import { convolutionParameters, convolutionWalk, needsPatch, walkOf } from './convolution.ts';
import {
  accumulatorBounds,
  type ConvolutionConstants,
  convolutionConstants,
  type DotProduct,
  dotProduct,
  foldedBias,
  heliumTable,
  packFilled,
  packWeights,
  type Requantization,
  requantization,
  roundingParameters,
  weightsOf,
  widenedScratch,
} from './dot_product.ts';
import { clamp, type FixedPointMultiplier, scaleAccumulator } from './fixed_point.ts';
import { fillGroups, groupedCall, groupShape, packGroups } from './grouped_convolution.ts';
import {
  type Constant,
  defineOperator,
  inputOf,
  type LoweringContext,
  type Node,
  outputOf,
} from './operator.ts';
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
import { inputBias, packByGroup, scalarConstants, scalarCore } from './scalar_layers.ts';
import { canStack, stackedWeights } from './stacked_weights.ts';
import {
  channelPairs,
  channelPairsInBytes,
  doubledOnce,
  scalesOf,
  widenedWeights,
} from './wide_convolution.ts';
import { canWinograd, winogradScratch, winogradWalk, winogradWeights } from './winograd.ts';

export interface Conv2dOptions {
  readonly padding: Padding;
  readonly strideWidth: number;
  readonly strideHeight: number;
  readonly activation: Activation;
  readonly dilationWidth: number;
  readonly dilationHeight: number;
  /** Around the input, before `padding` is applied; absent in files. */
  readonly surround?: Surround;
}

/** Everything that the shapes and options of a convolution determine; lengths in elements. */
export interface Conv2dGeometry {
  readonly batches: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  /** Input channels that one filter sees: inputChannels / groups. */
  readonly filterChannels: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly outputChannels: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly paddingTop: number;
  readonly paddingLeft: number;
  readonly groups: number;
}

/** Input [N, H, W, C], weights [O, h, w, C / groups], output [N, H', W', O]. */
export function conv2dGeometry(node: Node<Conv2dOptions>): Conv2dGeometry {
  const { options } = node;
  const [batches = 1, inputHeight = 1, inputWidth = 1, inputChannels = 1] = inputOf(node, 0).shape;
  const [outputChannels = 1, filterHeight = 1, filterWidth = 1, filterChannels = 1] = inputOf(node, 1).shape;
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
    filterChannels,
    outputHeight,
    outputWidth,
    outputChannels,
    strideHeight: options.strideHeight,
    strideWidth: options.strideWidth,
    dilationHeight: options.dilationHeight,
    dilationWidth: options.dilationWidth,
    paddingTop: top + paddingBefore(vertical, outputHeight),
    paddingLeft: left + paddingBefore(horizontal, outputWidth),
    groups: inputChannels / filterChannels,
  };
}

function isPointwise({ filterHeight, filterWidth, strideHeight, strideWidth }: Conv2dGeometry): boolean {
  return filterHeight === 1 && filterWidth === 1 && strideHeight === 1 && strideWidth === 1;
}

/**
 * `direct`: weights as they are. `wide`: weights widened to half-words at build time, where an accumulator allows it.
 * `stacked`: the weights of two channels in one half-word, for no byte more. `winograd`: filters transformed at build time, less than half of the products for 3.6 times the bytes.
 */
function conv2dVariants(
  node: Node<Conv2dOptions>,
  { features, optimize }: Pick<LoweringContext, 'features' | 'optimize'>,
): readonly string[] {
  const geometry = conv2dGeometry(node);
  if (
    !features.dsp ||
    features.mve ||
    geometry.groups !== 1 ||
    geometry.outputHeight * geometry.outputWidth === 1
  )
    return ['direct'];
  const faster = canWinograd(geometry) ? ['winograd', 'wide'] : ['wide'];
  if (optimize === 'size') return ['direct', 'stacked', ...faster];
  return optimize === 'speed' ? [...faster, 'stacked', 'direct'] : ['stacked', 'direct', ...faster];
}

/**
 * Armv6-M prepares a pair of pixels at some cost: for few of them, one at a time is smaller and faster
 * (found by `tune` on random networks: docs/optimize.md).
 */
function isFewPixels(node: Node<Conv2dOptions>, { features }: Pick<LoweringContext, 'features'>): boolean {
  const { outputHeight, outputWidth, groups } = conv2dGeometry(node);
  const pixels = outputHeight * outputWidth;
  return groups === 1 && scalarCore(features) === '_v6m' && pixels > 1 && pixels <= 8;
}

/** Other tiles, for `tune` to try: `pixel` takes one pixel at a time, without scratch; `tile-2x2` two by two channels in plain C. */
function tileVariants(
  node: Node<Conv2dOptions>,
  { features }: Pick<LoweringContext, 'features'>,
): readonly string[] {
  const { outputHeight, outputWidth, groups } = conv2dGeometry(node);
  if (features.mve || groups !== 1 || outputHeight * outputWidth === 1) return [];
  return scalarCore(features) === '_v7m' ? ['pixel', 'tile-2x2'] : ['pixel'];
}

/** Weights and tables of a grouped convolution, in the order of the groups. */
function groupedConstants(
  geometry: Conv2dGeometry,
  weights: Int8Array,
  bias: Int32Array,
  table: Requantization,
  dot: DotProduct,
): ConvolutionConstants {
  const shape = groupShape(geometry);
  const { channels, rows, length } = shape;
  if (dot.suffix !== '_mve') {
    const packed = packGroups(weights, shape, (ofGroup) => packWeights(ofGroup, shape, dot));
    return convolutionConstants(packed, bias, table);
  }
  const packed = packGroups(weights, shape, (ofGroup) =>
    packFilled(ofGroup, { channels, size: rows * length }, dot),
  );
  const { table: shifted } = heliumTable(bias, table, 1);
  const filled = {
    ...shifted,
    multiplier: fillGroups(shifted.multiplier, channels),
    shift: fillGroups(shifted.shift, channels, -1),
  };
  return convolutionConstants(packed, fillGroups(bias, channels), filled, dot.channels);
}

export const conv2d = defineOperator<Conv2dOptions>({
  kind: 'CONV_2D',
  code: 3,
  supports: 'int8 activations and constant int8 weights (per tensor or per channel), int32 bias',

  readOptions: (options) => ({
    padding: readPadding(options, 0),
    strideWidth: options.int32(1),
    strideHeight: options.int32(2),
    activation: readActivation(options, 3),
    dilationWidth: options.int32(4, 1),
    dilationHeight: options.int32(5, 1),
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
    requireWeights(node, weights, 0);
    const { strideWidth, strideHeight, dilationWidth, dilationHeight } = node.options;
    if (Math.min(strideWidth, strideHeight, dilationWidth, dilationHeight) < 1)
      throw invalid(node, 'strides and dilations must be at least 1');
    const geometry = conv2dGeometry(node);
    const { groups, outputChannels } = geometry;
    if (!Number.isInteger(groups) || outputChannels % groups !== 0)
      throw invalid(
        node,
        `${geometry.inputChannels} input channels do not divide into filters of ${geometry.filterChannels}`,
        weights,
      );
    requireBias(node, 2, outputChannels);
    requireWork(node, elementCount(weights.shape) / outputChannels);
    requireShape(node, output, [
      geometry.batches,
      geometry.outputHeight,
      geometry.outputWidth,
      outputChannels,
    ]);
    activationRange(node, node.options.activation, output);
  },

  reference(node, inputs): TypedArray[] {
    const geometry = conv2dGeometry(node);
    const { batches, inputHeight, inputWidth, inputChannels } = geometry;
    const { filterHeight, filterWidth, filterChannels, groups } = geometry;
    const { outputHeight, outputWidth, outputChannels } = geometry;
    const { strideHeight, strideWidth, dilationHeight, dilationWidth, paddingTop, paddingLeft } = geometry;
    const x = inputs[0] as Int8Array;
    const weights = inputs[1] as Int8Array;
    const bias = (inputs[2] ?? null) as Int32Array | null;
    const output = outputOf(node);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const outputZeroPoint = zeroPointOf(node, output);
    const multipliers = channelMultipliers(node, inputOf(node, 0), inputOf(node, 1), output, outputChannels);
    const range = activationRange(node, node.options.activation, output);
    const filterRow = filterWidth * filterChannels;
    const filterSize = filterHeight * filterRow;
    const filtersPerGroup = outputChannels / groups;
    const result = new Int8Array(batches * outputHeight * outputWidth * outputChannels);

    let at = 0;
    for (let batch = 0; batch < batches; batch++) {
      for (let outY = 0; outY < outputHeight; outY++) {
        const originY = outY * strideHeight - paddingTop;
        for (let outX = 0; outX < outputWidth; outX++) {
          const originX = outX * strideWidth - paddingLeft;
          for (let channel = 0; channel < outputChannels; channel++) {
            const firstChannel = Math.floor(channel / filtersPerGroup) * filterChannels;
            let sum = 0;
            for (let filterY = 0; filterY < filterHeight; filterY++) {
              const y = originY + filterY * dilationHeight;
              if (y < 0 || y >= inputHeight) continue;
              const inputRow = (batch * inputHeight + y) * inputWidth;
              const weightsRow = channel * filterSize + filterY * filterRow;
              for (let filterX = 0; filterX < filterWidth; filterX++) {
                const column = originX + filterX * dilationWidth;
                if (column < 0 || column >= inputWidth) continue;
                const from = (inputRow + column) * inputChannels + firstChannel;
                const weightsFrom = weightsRow + filterX * filterChannels;
                for (let c = 0; c < filterChannels; c++) {
                  const value = (x[from + c] as number) - inputZeroPoint;
                  sum = (sum + (weights[weightsFrom + c] as number) * value) | 0;
                }
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

  variants(node, context) {
    const names = [...conv2dVariants(node, context), ...tileVariants(node, context)];
    return isFewPixels(node, context) ? ['pixel', ...names.filter((name) => name !== 'pixel')] : names;
  },

  lower(node, context) {
    const { features } = context;
    const variant = context.variant ?? conv2dVariants(node, context)[0];
    const geometry = conv2dGeometry(node);
    const { batches, groups, filterHeight, filterWidth, filterChannels, outputChannels } = geometry;
    const weightsTensor = inputOf(node, 1);
    const weights = weightsOf(weightsTensor);
    const bias = foldedBias(
      weights,
      node.inputs[2] ?? null,
      outputChannels,
      zeroPointOf(node, inputOf(node, 0)),
    );
    const multipliers = channelMultipliers(
      node,
      inputOf(node, 0),
      weightsTensor,
      outputOf(node),
      outputChannels,
    );
    const table = requantization(multipliers, weights, bias);
    const range = activationRange(node, node.options.activation, outputOf(node));
    const pixels = geometry.outputHeight * geometry.outputWidth;
    const quantized = {
      input_zero_point: zeroPointOf(node, inputOf(node, 0)),
      output_zero_point: zeroPointOf(node, outputOf(node)),
      output_min: range.min,
      output_max: range.max,
      rectified: isRectified(node, range) ? 1 : 0,
    };
    if (groups !== 1) {
      // The DSP extension's dot product of one pixel reads the inputs where they are.
      const dot = dotProduct(features, features.dsp ? 1 : pixels, outputChannels / groups);
      const isRun = dot.suffix === '_mve';
      const { parameters, ...call } = groupedCall(geometry, { bytes: 1, pixels: dot.pixels, isRun });
      const packed = groupedConstants(geometry, weights, bias, table, dot);
      return {
        kernel: `conv_2d_grouped${dot.suffix === '_pixel_dsp' ? '_dsp' : dot.suffix}`,
        parametersType: 'convolution_parameters',
        arguments: [
          { is: 'input', index: 0 },
          { is: 'output', index: 0 },
          ...packed.arguments,
          { is: 'scratch' },
        ],
        constants: packed.constants,
        parameters: {
          ...parameters,
          ...quantized,
          tile_pixels: dot.pixels,
          tile_channels: dot.channels,
          ...roundingParameters(table),
        },
        inPlace: [],
        ...call,
      };
    }
    const core = scalarCore(features);
    if (core !== null && pixels > 1 && variant === 'direct') {
      const isV6m = core === '_v6m';
      const tile = isV6m ? 2 : 4;
      const layer = scalarConstants(
        node,
        core,
        { weights, bias, multipliers },
        packByGroup(weights, outputChannels, tile, isV6m),
        isV6m ? inputBias(weights, outputChannels) : null,
      );
      // Fields that lie one behind the other in the input need no copy.
      const isInPlace = isPointwise(geometry) && !needsPatch(geometry);
      const fieldBytes = filterHeight * filterWidth * filterChannels;
      return {
        kernel: isV6m ? 'conv_2d_pair_v6m' : 'conv_2d_v7m',
        parametersType: 'convolution_parameters',
        arguments: [
          { is: 'input', index: 0 },
          { is: 'output', index: 0 },
          ...layer.arguments,
          { is: 'scratch' },
        ],
        constants: layer.constants,
        parameters: {
          ...convolutionParameters(geometry),
          tile_pixels: 2,
          tile_channels: tile,
          ...layer.parameters,
        },
        scratchBytes: isV6m ? 4 * fieldBytes + (isInPlace ? 0 : fieldBytes) : isInPlace ? 0 : 2 * fieldBytes,
        inPlace: [],
        ...walkOf(convolutionWalk(geometry, 2, isInPlace && !isV6m ? 'any' : 'reads-first')),
        macs: batches * pixels * outputChannels * filterHeight * filterWidth * filterChannels,
      };
    }
    const fieldRow = filterWidth * filterChannels;
    const scales = scalesOf(table, accumulatorBounds(weights, bias), zeroPointOf(node, outputOf(node)));
    const isWinograd = variant === 'winograd' && canWinograd(geometry);
    const isStacked = variant === 'stacked' && canStack(weights, accumulatorBounds(weights, bias));
    if ((variant === 'wide' || isWinograd || isStacked) && scales !== null) {
      const constants: readonly Constant[] = isStacked
        ? [
            {
              name: 'weights',
              role: 'weights',
              type: 'int8',
              values: stackedWeights(weights, outputChannels, 2),
            },
            channelPairsInBytes(bias, scales),
          ]
        : [
            isWinograd
              ? winogradWeights(weights, filterChannels, outputChannels)
              : widenedWeights(weights, outputChannels),
            channelPairs(bias, scales),
          ];
      return {
        kernel: `conv_2d_${isWinograd ? 'winograd' : isStacked ? 'stacked' : 'wide'}_dsp`,
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
          tile_pixels: 2,
          tile_channels: 2,
          input_zero_point: zeroPointOf(node, inputOf(node, 0)),
          output_zero_point: isStacked || table.once ? zeroPointOf(node, outputOf(node)) : 0,
          ...(table.once ? doubledOnce(table) : {}),
          output_min: range.min,
          output_max: range.max,
          rectified: isRectified(node, range) ? 1 : 0,
        },
        scratchBytes: isWinograd
          ? winogradScratch(filterChannels)
          : widenedScratch(
              filterHeight * fieldRow,
              needsPatch(geometry) || (fieldRow % 4 !== 0 && filterHeight > 1),
            ),
        inPlace: [],
        ...walkOf(isWinograd ? winogradWalk(geometry) : convolutionWalk(geometry, 2, 'reads-first')),
        macs: batches * pixels * outputChannels * filterHeight * fieldRow,
      };
    }
    const dot = dotProduct(features, variant === 'pixel' ? 1 : pixels, outputChannels);
    const row = filterWidth * filterChannels;
    const fieldBytes = filterHeight * row;
    const mve = dot.suffix === '_mve';
    const packed = dot.fills
      ? packFilled(weights, { channels: outputChannels, size: fieldBytes }, dot)
      : packWeights(weights, { channels: outputChannels, rows: filterHeight, length: row }, dot);
    const byChannel = mve ? heliumTable(bias, table, dot.channels) : { bias, table };
    const packedConstants = convolutionConstants(
      packed,
      byChannel.bias,
      byChannel.table,
      dot.fills ? dot.channels : undefined,
    );
    // Without a copy, each group of channels reads the field again. Helium copies fields of several rows; one row, where it
    // is inside, it reads where it lies.
    const copies = dot.widens || (mve && filterHeight > 1);
    const scratchBytes = dot.widens
      ? widenedScratch(fieldBytes, needsPatch(geometry) || (row % 4 !== 0 && filterHeight > 1))
      : needsPatch(geometry) || copies
        ? dot.pixels * fieldBytes
        : 0;
    return {
      kernel: `conv_2d${dot.suffix}`,
      parametersType: 'convolution_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
        ...packedConstants.arguments,
        { is: 'scratch' },
      ],
      constants: packedConstants.constants,
      parameters: {
        ...convolutionParameters(geometry),
        ...quantized,
        tile_pixels: dot.pixels,
        tile_channels: dot.channels,
        ...roundingParameters(table),
      },
      scratchBytes,
      inPlace: [],
      ...walkOf(convolutionWalk(geometry, dot.pixels, copies ? 'reads-first' : 'any')),
      macs: batches * pixels * outputChannels * filterHeight * filterWidth * filterChannels,
    };
  },
});
