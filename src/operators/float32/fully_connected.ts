import { elementCount } from '../../graph/graph.ts';
import { type FullyConnectedOptions, fullyConnected, fullyConnectedGeometry } from '../fully_connected.ts';
import type { KernelCall, LoweringContext, Node } from '../operator.ts';
import { inputOf } from '../operator.ts';
import { activationCode, floatConstant, floatsOf, packTiles, tileFor } from './constants.ts';
import { denseCall } from './conv_2d.ts';
import { floatForm } from './form.ts';

/** A layer of vectors is a convolution of 1 × 1 over a row of them. */
export function denseConvolution(node: Node, context: LoweringContext) {
  const given = node as Node<FullyConnectedOptions>;
  const { batches, depth, outputs } = fullyConnectedGeometry(given);
  const tile = tileFor(context);
  return {
    outputs,
    tile,
    parameters: {
      batches: 1,
      input_height: 1,
      input_width: batches,
      input_channels: depth,
      output_height: 1,
      output_width: batches,
      output_channels: outputs,
      filter_height: 1,
      filter_width: 1,
      stride_height: 1,
      stride_width: 1,
      dilation_height: 1,
      dilation_width: 1,
      padding_top: 0,
      padding_left: 0,
      filter_channels: depth,
      activation: activationCode(given.options.activation),
      tile_channels: tile.channels,
      tile_pixels: tile.pixels,
    },
    macs: batches * elementCount(inputOf(node, 1).shape),
  };
}

function lower(node: Node, context: LoweringContext): KernelCall {
  const { outputs, tile, parameters, macs } = denseConvolution(node, context);
  return {
    ...denseCall,
    constants: [
      floatConstant('weights', packTiles(floatsOf(node.inputs[1], 0), outputs, 1, tile)),
      floatConstant('bias', floatsOf(node.inputs[2], outputs)),
    ],
    parameters,
    macs,
  };
}

export const fullyConnectedFloat32 = floatForm(fullyConnected, lower, { bias: 2 });
