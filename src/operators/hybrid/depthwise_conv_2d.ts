import { depthwiseConv2d } from '../depthwise_conv_2d.ts';
import { denseCall } from '../float32/conv_2d.ts';
import { depthwiseConvolution } from '../float32/depthwise_conv_2d.ts';
import type { KernelCall, LoweringContext, Node } from '../operator.ts';
import { hybridArguments, hybridConstants, hybridForm, integerWeights } from './weights.ts';

function lower(node: Node, context: LoweringContext): KernelCall {
  const { geometry, parameters, macs, walk } = depthwiseConvolution(node, context);
  return {
    ...denseCall,
    kernel: 'depthwise_conv_2d_hybrid',
    arguments: hybridArguments,
    constants: hybridConstants(node, integerWeights(node), geometry.outputChannels),
    parameters,
    macs,
    ...walk,
  };
}

export const depthwiseConv2dHybrid = hybridForm(depthwiseConv2d, lower);
