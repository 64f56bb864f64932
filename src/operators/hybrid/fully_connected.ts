import { packTiles } from '../float32/constants.ts';
import { denseCall } from '../float32/conv_2d.ts';
import { denseConvolution } from '../float32/fully_connected.ts';
import { fullyConnected } from '../fully_connected.ts';
import type { KernelCall, LoweringContext, Node } from '../operator.ts';
import { hybridArguments, hybridConstants, hybridForm, integerWeights } from './weights.ts';

function lower(node: Node, context: LoweringContext): KernelCall {
  const { outputs, tile, parameters, macs } = denseConvolution(node, context);
  return {
    ...denseCall,
    kernel: 'conv_2d_hybrid',
    arguments: hybridArguments,
    constants: hybridConstants(node, packTiles(integerWeights(node), outputs, 1, tile), outputs),
    parameters,
    macs,
  };
}

export const fullyConnectedHybrid = hybridForm(fullyConnected, lower);
