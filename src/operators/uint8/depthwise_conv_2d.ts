import { activationRange } from '../activation.ts';
import { defineForm } from '../arithmetic.ts';
import {
  type DepthwiseConv2dOptions,
  depthwiseConv2d,
  depthwiseConv2dGeometry,
} from '../depthwise_conv_2d.ts';
import { inputOf, outputOf } from '../operator.ts';
import { channelMultipliers } from '../quantization.ts';
import { asSymmetric, lowerUnsigned, withCentredWeights, zeroPointsOf } from './weights.ts';

export const depthwiseConv2dUint8 = defineForm<DepthwiseConv2dOptions>({
  supports: 'int8 activations, constant uint8 weights with zero points, int32 bias',
  check: (node) => depthwiseConv2d.check(asSymmetric(node)),

  reference(node, inputs) {
    const { outputChannels } = depthwiseConv2dGeometry(node);
    const zeroPoints = zeroPointsOf(node, outputChannels);
    const centred = withCentredWeights(inputs, zeroPoints, (at) => at % outputChannels);
    return depthwiseConv2d.reference(asSymmetric(node), centred);
  },

  lower(node) {
    const geometry = depthwiseConv2dGeometry(node);
    const { outputChannels, filterHeight, filterWidth } = geometry;
    const [input, filter, output] = [inputOf(node, 0), inputOf(node, 1), outputOf(node)];
    const taps = filterHeight * filterWidth;
    const given = filter.data ?? new Uint8Array();
    // [taps][channels] in the file, [channels][taps] for the kernel.
    const weights = Uint8Array.from(
      given,
      (_, at) => given[(at % taps) * outputChannels + Math.floor(at / taps)] as number,
    );
    return lowerUnsigned(node, geometry, {
      kernel: 'depthwise_conv_2d_uint8',
      weights,
      packed: weights,
      lowered: 0,
      multipliers: channelMultipliers(node, input, filter, output, outputChannels),
      range: activationRange(node, node.options.activation, output),
      parameters: { depth_multiplier: geometry.depthMultiplier },
      macs: geometry.batches * geometry.outputHeight * geometry.outputWidth * weights.length,
    });
  },
});
