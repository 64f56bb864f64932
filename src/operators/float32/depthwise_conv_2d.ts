import { elementCount } from '../../graph/graph.ts';
import { convolutionParameters, walkOf } from '../convolution.ts';
import {
  type DepthwiseConv2dOptions,
  depthwiseConv2d,
  depthwiseConv2dGeometry,
} from '../depthwise_conv_2d.ts';
import type { KernelCall, LoweringContext, Node } from '../operator.ts';
import { outputOf } from '../operator.ts';
import { activationCode, floatConstant, floatsOf, type Tile, tileFor } from './constants.ts';
import { denseCall } from './conv_2d.ts';
import { floatForm } from './form.ts';
import { floatWalk } from './walk.ts';

/** Pixels of a row from which on tiles are most of it. */
const leastWidth = 12;

/** Fields of `struct convolution_float32_parameters`; the depth multiplier takes the place of the filter's channels. */
export function depthwiseConvolution(node: Node, context: LoweringContext) {
  const given = node as Node<DepthwiseConv2dOptions>;
  const geometry = depthwiseConv2dGeometry(given);
  // Tiles of pixels cost code, which short rows do not pay back; and pixel by pixel the output may lie over the input.
  const { channels, pixels } = tileFor(context);
  const tile: Tile = { channels, pixels: geometry.outputWidth < leastWidth ? 1 : pixels };
  const isChannelwise = tile.pixels === 1 && geometry.depthMultiplier === 1;
  return {
    geometry,
    parameters: {
      ...convolutionParameters(geometry),
      filter_channels: geometry.depthMultiplier,
      activation: activationCode(given.options.activation),
      tile_channels: tile.channels,
      tile_pixels: tile.pixels,
    },
    macs: elementCount(outputOf(node).shape) * geometry.filterHeight * geometry.filterWidth,
    walk: walkOf(floatWalk(geometry, tile, isChannelwise ? 'channelwise' : 'any')),
  };
}

function lower(node: Node, context: LoweringContext): KernelCall {
  const { geometry, parameters, macs, walk } = depthwiseConvolution(node, context);
  return {
    ...denseCall,
    kernel: 'depthwise_conv_2d_float32',
    constants: [
      floatConstant('weights', floatsOf(node.inputs[1], 0)),
      floatConstant('bias', floatsOf(node.inputs[2], geometry.outputChannels)),
    ],
    parameters,
    macs,
    ...walk,
  };
}

export const depthwiseConv2dFloat32 = floatForm(depthwiseConv2d, lower, { bias: 2 });
