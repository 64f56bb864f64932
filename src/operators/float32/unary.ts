import { elementCount } from '../../graph/graph.ts';
import { abs } from '../abs.ts';
import { type ExponentialUnitOptions, exponentialUnit } from '../exponential_unit.ts';
import { type GeluOptions, gelu } from '../gelu.ts';
import { hardSwish } from '../hard_swish.ts';
import { type LeakyReluOptions, leakyRelu } from '../leaky_relu.ts';
import { logistic } from '../logistic.ts';
import type { KernelCall, Node, OperatorDefinition } from '../operator.ts';
import { outputOf } from '../operator.ts';
import { realFunctions } from '../real_functions.ts';
import { relu } from '../relu.ts';
import { relu6 } from '../relu6.ts';
import { rsqrt } from '../rsqrt.ts';
import { tanh } from '../tanh.ts';
import { type ThresholdedReluOptions, thresholdedRelu } from '../thresholded_relu.ts';
import { floatConstant } from './constants.ts';
import { floatForm } from './form.ts';
import type { Encoding } from './stand_in.ts';

function unaryCall(node: Node, kernel: string): KernelCall {
  return {
    kernel,
    parametersType: 'unary_float32_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: { count: elementCount(outputOf(node).shape) },
    scratchBytes: 0,
    inPlace: [0],
    macs: 0,
  };
}

function unary(definition: OperatorDefinition, output?: Encoding) {
  const kernel = `${definition.kind.toLowerCase()}_float32`;
  return floatForm(definition, (node) => unaryCall(node, kernel), output === undefined ? {} : { output });
}

/** With numbers that the options give, as a constant beside the values. */
function parametric<Options>(
  definition: OperatorDefinition,
  constant: string,
  numbersOf: (options: Options) => readonly number[],
) {
  return floatForm(definition, (node): KernelCall => {
    const call = unaryCall(node, `${definition.kind.toLowerCase()}_float32`);
    return {
      ...call,
      arguments: [...call.arguments, { is: 'constant', name: constant }],
      constants: [floatConstant(constant, numbersOf((node as Node<Options>).options))],
    };
  });
}

const parametricFloat32 = [
  parametric<LeakyReluOptions>(leakyRelu, 'slope', ({ alpha }) => [alpha]),
  parametric<ThresholdedReluOptions>(thresholdedRelu, 'threshold', ({ threshold }) => [threshold]),
  parametric<ExponentialUnitOptions>(exponentialUnit, 'factors', ({ above, below, rate }) => [
    above,
    below,
    rate,
  ]),
];

const geluFloat32 = floatForm(gelu, (node) => {
  const { approximate } = (node as Node<GeluOptions>).options;
  return unaryCall(node, approximate ? 'gelu_tangent_float32' : 'gelu_float32');
});

export const unaryFloat32 = [
  unary(relu),
  unary(relu6),
  unary(abs),
  unary(hardSwish),
  unary(logistic, { scale: 1 / 256, zeroPoint: -128 }),
  unary(tanh, { scale: 1 / 128, zeroPoint: 0 }),
  unary(rsqrt),
  ...parametricFloat32,
  geluFloat32,
  ...realFunctions
    .filter(({ kind }) => kind !== 'GELU' && parametricFloat32.every(([own]) => own !== kind))
    .map((definition) => unary(definition)),
];
