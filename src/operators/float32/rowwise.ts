import { elementCount } from '../../graph/graph.ts';
import { l2Normalization } from '../l2_normalization.ts';
import { logSoftmax } from '../log_softmax.ts';
import { inputOf, type KernelCall, type Node } from '../operator.ts';
import { type SoftmaxOptions, softmax } from '../softmax.ts';
import { floatConstant } from './constants.ts';
import { floatForm } from './form.ts';

/** Vectors along the last dimension. */
function rowsCall(node: Node, kernel: string): KernelCall {
  const { shape } = inputOf(node, 0);
  const depth = shape.at(-1) ?? 1;
  return {
    kernel,
    parametersType: 'rows_float32_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: { rows: elementCount(shape) / depth, depth },
    scratchBytes: 0,
    inPlace: [0],
    macs: 0,
  };
}

function lowerSoftmax(node: Node): KernelCall {
  const { beta } = (node as Node<SoftmaxOptions>).options;
  const call = rowsCall(node, 'softmax_float32');
  return {
    ...call,
    arguments: [...call.arguments, { is: 'constant', name: 'beta' }],
    constants: [floatConstant('beta', [beta])],
  };
}

export const rowwiseFloat32 = [
  floatForm(softmax, lowerSoftmax, { output: { scale: 1 / 256, zeroPoint: -128 } }),
  floatForm(logSoftmax, (node) => rowsCall(node, 'log_softmax_float32'), {
    output: { scale: 1 / 16, zeroPoint: 127 },
  }),
  floatForm(l2Normalization, (node) => rowsCall(node, 'l2_normalization_float32'), {
    output: { scale: 1 / 128, zeroPoint: 0 },
  }),
];
