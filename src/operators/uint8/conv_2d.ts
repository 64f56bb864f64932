import { activationRange } from '../activation.ts';
import { defineForm } from '../arithmetic.ts';
import { type Conv2dOptions, conv2d, conv2dGeometry } from '../conv_2d.ts';
import { inputOf, outputOf, unsupported } from '../operator.ts';
import { channelMultipliers } from '../quantization.ts';
import { asSymmetric, byGroup, lowerUnsigned, withCentredWeights, zeroPointsOf } from './weights.ts';

export const conv2dUint8 = defineForm<Conv2dOptions>({
  supports: 'int8 activations, constant uint8 weights with zero points, int32 bias',

  check(node) {
    conv2d.check(asSymmetric(node));
    if (conv2dGeometry(node).groups !== 1)
      throw unsupported(
        node,
        'grouped convolutions have no kernel',
        inputOf(node, 1),
        'Use a plain or a depthwise convolution.',
      );
  },

  reference(node, inputs) {
    const { outputChannels, filterHeight, filterWidth, filterChannels } = conv2dGeometry(node);
    const size = filterHeight * filterWidth * filterChannels;
    const zeroPoints = zeroPointsOf(node, outputChannels);
    const centred = withCentredWeights(inputs, zeroPoints, (at) => Math.floor(at / size));
    return conv2d.reference(asSymmetric(node), centred);
  },

  lower(node, { features }) {
    const geometry = conv2dGeometry(node);
    const { outputChannels, filterHeight, filterWidth, filterChannels } = geometry;
    const [input, filter, output] = [inputOf(node, 0), inputOf(node, 1), outputOf(node)];
    const weights = filter.data ?? new Uint8Array();
    const shape = { channels: outputChannels, rows: filterHeight, length: filterWidth * filterChannels };
    const { tile, ...order } = byGroup(weights, shape, features);
    return lowerUnsigned(node, geometry, {
      ...order,
      weights,
      multipliers: channelMultipliers(node, input, filter, output, outputChannels),
      range: activationRange(node, node.options.activation, output),
      parameters: { tile_channels: tile },
      macs: geometry.batches * geometry.outputHeight * geometry.outputWidth * weights.length,
    });
  },
});
