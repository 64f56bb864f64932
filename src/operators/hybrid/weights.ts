import { typedArray } from '../../graph/graph.ts';
import { realTensor } from '../../graph/real_tensor.ts';
import type { OperatorForm } from '../arithmetic.ts';
import { floatConstant, floatsOf } from '../float32/constants.ts';
import { floatReference } from '../float32/form.ts';
import { checkAsInt8 } from '../float32/stand_in.ts';
import {
  type Constant,
  inputOf,
  type Lowering,
  type LoweringContext,
  type Node,
  type OperatorDefinition,
} from '../operator.ts';
import { quantizationOf } from '../quantization.ts';

/**
 * float32 activations and int8 weights (TFLite's dynamic range quantization). Weights stay int8 in flash; each is multiplied
 * as the integer that it is, and each sum by its channel's scale. Activations are never rounded to integers, as LiteRT
 * rounds them anew in each inference: the outputs are nearer to the float network's than LiteRT's own.
 */
export function hybridForm(
  definition: OperatorDefinition,
  lower: (node: Node, context: LoweringContext) => Lowering,
): readonly [kind: string, form: OperatorForm] {
  return [
    definition.kind,
    {
      supports: 'float32 activations, int8 weights (per tensor or per channel)',
      check: (node) => checkAsInt8(definition, node, { bias: 2 }),
      reference: (node, inputs) =>
        floatReference(
          {
            ...node,
            inputs: node.inputs.map((tensor) => (tensor === null ? null : realTensor(tensor))),
          },
          inputs,
        ),
      lower,
    },
  ];
}

/** The weights as the file has them. */
export function integerWeights(node: Node): Int8Array {
  const { data } = inputOf(node, 1);
  return data === null ? new Int8Array() : (typedArray('int8', data) as Int8Array);
}

/** Weights in the kernel's order, the scale of each of `channels`, and the bias. */
export function hybridConstants(node: Node, weights: Int8Array, channels: number): readonly Constant[] {
  const { scales } = quantizationOf(node, inputOf(node, 1));
  const each = Float32Array.from({ length: channels }, (_, c) => scales[scales.length === 1 ? 0 : c] ?? 1);
  return [
    { name: 'weights', role: 'weights', type: 'int8', values: weights },
    floatConstant('scales', each),
    floatConstant('bias', floatsOf(node.inputs[2], channels)),
  ];
}

export const hybridArguments = [
  { is: 'input', index: 0 },
  { is: 'output', index: 0 },
  { is: 'constant', name: 'weights' },
  { is: 'constant', name: 'scales' },
  { is: 'constant', name: 'bias' },
] as const;
