import { averagePool2d } from '../average_pool_2d.ts';
import { maxPool2d } from '../max_pool_2d.ts';
import type { KernelCall, Node, OperatorDefinition } from '../operator.ts';
import { type PoolOptions, poolGeometry } from '../pooling.ts';
import { activationCode } from './constants.ts';
import { floatForm } from './form.ts';

function pool(definition: OperatorDefinition) {
  const kernel = `${definition.kind.toLowerCase()}_float32`;
  return floatForm(definition, (node): KernelCall => {
    const given = node as Node<PoolOptions>;
    const geometry = poolGeometry(given);
    return {
      kernel,
      parametersType: 'pool_float32_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
      ],
      constants: [],
      parameters: {
        batches: geometry.batches,
        input_height: geometry.inputHeight,
        input_width: geometry.inputWidth,
        channels: geometry.channels,
        output_height: geometry.outputHeight,
        output_width: geometry.outputWidth,
        filter_height: geometry.filterHeight,
        filter_width: geometry.filterWidth,
        stride_height: geometry.strideHeight,
        stride_width: geometry.strideWidth,
        padding_top: geometry.paddingTop,
        padding_left: geometry.paddingLeft,
        activation: activationCode(given.options.activation),
      },
      scratchBytes: 0,
      inPlace: [],
      macs: 0,
    };
  });
}

export const poolingFloat32 = [pool(averagePool2d), pool(maxPool2d)];
