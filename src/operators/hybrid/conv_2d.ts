import { conv2d } from '../conv_2d.ts';
import { packTiles } from '../float32/constants.ts';
import { convolution, denseCall } from '../float32/conv_2d.ts';
import type { KernelCall, LoweringContext, Node } from '../operator.ts';
import { hybridArguments, hybridConstants, hybridForm, integerWeights } from './weights.ts';

function lower(node: Node, context: LoweringContext): KernelCall {
  const { geometry, tile, parameters, macs, walk } = convolution(node, context);
  const { outputChannels, groups } = geometry;
  const weights = packTiles(integerWeights(node), outputChannels, groups, tile);
  return {
    ...denseCall,
    kernel: 'conv_2d_hybrid',
    arguments: hybridArguments,
    constants: hybridConstants(node, weights, outputChannels),
    parameters,
    macs,
    ...walk,
  };
}

export const conv2dHybrid = hybridForm(conv2d, lower);
