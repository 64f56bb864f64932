import { elementCount } from '../../graph/graph.ts';
import { type Conv2dGeometry, type Conv2dOptions, conv2d, conv2dGeometry } from '../conv_2d.ts';
import { convolutionParameters, walkOf } from '../convolution.ts';
import type { KernelCall, LoweringContext, Node } from '../operator.ts';
import { outputOf } from '../operator.ts';
import { activationCode, floatConstant, floatsOf, packTiles, tileFor } from './constants.ts';
import { floatForm } from './form.ts';
import { floatWalk } from './walk.ts';

/** Fields of `struct convolution_float32_parameters`, multiply-accumulates and the tile of a convolution. */
export function convolution(node: Node, context: LoweringContext) {
  const given = node as Node<Conv2dOptions>;
  const geometry = inOneRow(conv2dGeometry(given));
  const tile = tileFor(context);
  return {
    geometry,
    tile,
    parameters: {
      ...convolutionParameters(geometry),
      filter_channels: geometry.filterChannels,
      activation: activationCode(given.options.activation),
      tile_channels: tile.channels,
      tile_pixels: tile.pixels,
    },
    macs:
      elementCount(outputOf(node).shape) *
      geometry.filterHeight *
      geometry.filterWidth *
      geometry.filterChannels,
    walk: walkOf(floatWalk(geometry, tile)),
  };
}

/** A filter of one tap sees no neighbours: all pixels are one row, which tiles divide better than short ones. */
function inOneRow(geometry: Conv2dGeometry): Conv2dGeometry {
  const { batches, inputHeight, inputWidth, outputHeight, outputWidth, paddingTop, paddingLeft } = geometry;
  const isOneTap = geometry.filterHeight === 1 && geometry.filterWidth === 1;
  const keepsPixels = geometry.strideHeight === 1 && geometry.strideWidth === 1;
  const isWhole = inputHeight === outputHeight && inputWidth === outputWidth;
  if (!isOneTap || !keepsPixels || !isWhole || paddingTop !== 0 || paddingLeft !== 0) return geometry;
  const width = batches * inputHeight * inputWidth;
  return { ...geometry, batches: 1, inputHeight: 1, inputWidth: width, outputHeight: 1, outputWidth: width };
}

function lower(node: Node, context: LoweringContext): KernelCall {
  const { geometry, tile, parameters, macs, walk } = convolution(node, context);
  const filters = floatsOf(node.inputs[1], 0);
  return {
    ...denseCall,
    constants: [
      floatConstant('weights', packTiles(filters, geometry.outputChannels, geometry.groups, tile)),
      floatConstant('bias', floatsOf(node.inputs[2], geometry.outputChannels)),
    ],
    parameters,
    macs,
    ...walk,
  };
}

/** What calls of the kernel have in common. */
export const denseCall = {
  kernel: 'conv_2d_float32',
  parametersType: 'convolution_float32_parameters',
  arguments: [
    { is: 'input', index: 0 },
    { is: 'output', index: 0 },
    { is: 'constant', name: 'weights' },
    { is: 'constant', name: 'bias' },
  ],
  scratchBytes: 0,
  inPlace: [],
} as const;

export const conv2dFloat32 = floatForm(conv2d, lower, { bias: 2 });
