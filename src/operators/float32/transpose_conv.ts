import { elementCount } from '../../graph/graph.ts';
import { inputOf, type KernelCall, type Node } from '../operator.ts';
import { type TransposeConvOptions, transposeConv, transposeConvGeometry } from '../transpose_conv.ts';
import { activationCode, floatConstant, floatsOf } from './constants.ts';
import { denseCall } from './conv_2d.ts';
import { floatForm } from './form.ts';

function lower(node: Node): KernelCall {
  const given = node as Node<TransposeConvOptions>;
  const geometry = transposeConvGeometry(given);
  const { activation, strideHeight, strideWidth } = given.options;
  return {
    ...denseCall,
    kernel: 'transpose_conv_float32',
    arguments: [{ is: 'input', index: 2 }, ...denseCall.arguments.slice(1)],
    constants: [
      floatConstant('weights', floatsOf(node.inputs[1], 0)),
      floatConstant('bias', floatsOf(node.inputs[3], geometry.outputChannels)),
    ],
    parameters: {
      batches: geometry.batches,
      input_height: geometry.inputHeight,
      input_width: geometry.inputWidth,
      input_channels: geometry.inputChannels,
      output_height: geometry.outputHeight,
      output_width: geometry.outputWidth,
      output_channels: geometry.outputChannels,
      filter_height: geometry.filterHeight,
      filter_width: geometry.filterWidth,
      stride_height: strideHeight,
      stride_width: strideWidth,
      dilation_height: 1,
      dilation_width: 1,
      padding_top: geometry.paddingTop,
      padding_left: geometry.paddingLeft,
      filter_channels: geometry.inputChannels,
      activation: activationCode(activation),
      tile_channels: 1,
      tile_pixels: 1,
    },
    macs:
      elementCount(inputOf(node, 2).shape) *
      geometry.filterHeight *
      geometry.filterWidth *
      geometry.outputChannels,
  };
}

export const transposeConvFloat32 = floatForm(transposeConv, lower, { bias: 3 });
