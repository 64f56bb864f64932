import { activationRange } from '../activation.ts';
import { defineForm } from '../arithmetic.ts';
import {
  type FullyConnectedOptions,
  fullyConnected,
  fullyConnectedGeometry,
  fullyConnectedMultipliers,
} from '../fully_connected.ts';
import { inputOf, outputOf } from '../operator.ts';
import { asSymmetric, byGroup, lowerUnsigned, withCentredWeights, zeroPointsOf } from './weights.ts';

export const fullyConnectedUint8 = defineForm<FullyConnectedOptions>({
  supports: 'int8 activations, constant uint8 weights with zero points, int32 bias',
  check: (node) => fullyConnected.check(asSymmetric(node)),

  reference(node, inputs) {
    const { outputs, depth } = fullyConnectedGeometry(node);
    const zeroPoints = zeroPointsOf(node, outputs);
    const centred = withCentredWeights(inputs, zeroPoints, (at) => Math.floor(at / depth));
    return fullyConnected.reference(asSymmetric(node), centred);
  },

  /** A convolution of 1 × 1 whose pixels are the vectors. */
  lower(node, { features }) {
    const { batches, depth, outputs } = fullyConnectedGeometry(node);
    const weights = inputOf(node, 1).data ?? new Uint8Array();
    const { tile, ...order } = byGroup(weights, { channels: outputs, rows: 1, length: depth }, features);
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
    return lowerUnsigned(node, window, {
      ...order,
      weights,
      multipliers: fullyConnectedMultipliers(node),
      range: activationRange(node, node.options.activation, outputOf(node)),
      parameters: { tile_channels: tile },
      macs: batches * weights.length,
    });
  },
});
