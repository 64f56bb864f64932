import { elementCount } from '../../graph/graph.ts';
import type { Activation } from '../activation.ts';
import { add } from '../add.ts';
import { div } from '../div.ts';
import { broadcastWalk } from '../elementwise.ts';
import { maximum } from '../maximum.ts';
import { minimum } from '../minimum.ts';
import { mul } from '../mul.ts';
import { inputOf, type KernelCall, type Node, type OperatorDefinition, outputOf } from '../operator.ts';
import { prelu } from '../prelu.ts';
import { squaredDifference } from '../squared_difference.ts';
import { sub } from '../sub.ts';
import { activationCode } from './constants.ts';
import { floatForm } from './form.ts';

function binary(definition: OperatorDefinition) {
  const kernel = `${definition.kind.toLowerCase()}_float32`;
  return floatForm(definition, (node): KernelCall => {
    const { options } = node as Node<{ readonly activation?: Activation } | null>;
    const { shape, strides } = broadcastWalk(node);
    const whole = elementCount(outputOf(node).shape);
    return {
      kernel,
      parametersType: 'elementwise_float32_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'input', index: 1 },
        { is: 'output', index: 0 },
      ],
      constants: [],
      parameters: {
        shape,
        strides_1: strides[0] ?? [],
        strides_2: strides[1] ?? [],
        activation: activationCode(options?.activation ?? 'none'),
      },
      scratchBytes: 0,
      inPlace: [0, 1].filter((position) => elementCount(inputOf(node, position).shape) === whole),
      macs: 0,
    };
  });
}

export const binaryFloat32 = [add, sub, mul, div, maximum, minimum, squaredDifference, prelu].map(binary);
