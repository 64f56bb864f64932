import type { Quantization, Tensor } from '../../graph/graph.ts';
import { type Node, type OperatorDefinition, unsupported } from '../operator.ts';

/** How the int8 operator wants its output encoded, where it leaves no choice (SOFTMAX: 1/256, −128). */
export interface Encoding {
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface StandIn {
  readonly output?: Encoding;
  /** Position of the bias, an int32 tensor where activations are int8. */
  readonly bias?: number;
}

const anyEncoding: Encoding = { scale: 1, zeroPoint: 0 };

/**
 * The int8 operator's own check of ranks, shapes, options and constants, on the node with int8 in the place of float32. All
 * computed tensors must be float32, or int32 where the operator gives positions. Throws the DeployError that names operator and tensor.
 */
export function checkAsInt8(definition: OperatorDefinition, node: Node, standIn: StandIn = {}): void {
  for (const tensor of [...node.inputs, ...node.outputs])
    if (tensor !== null && tensor.data === null && tensor.type !== 'float32' && tensor.type !== 'int32')
      throw unsupported(
        node,
        `type ${tensor.type} beside float32 is not supported here`,
        tensor,
        'Quantize the whole model, or none of it.',
      );
  definition.check({
    ...node,
    inputs: node.inputs.map((tensor, at) =>
      tensor === null ? null : integer(tensor, at === standIn.bias ? null : anyEncoding),
    ),
    outputs: node.outputs.map((tensor) => integer(tensor, standIn.output ?? anyEncoding)),
  });
}

function integer(tensor: Tensor, encoding: Encoding | null): Tensor {
  if (tensor.type !== 'float32') return tensor;
  if (encoding === null) return { ...tensor, type: 'int32' };
  const quantization: Quantization = {
    scales: [encoding.scale],
    zeroPoints: [encoding.zeroPoint],
    axis: 0,
  };
  return { ...tensor, type: 'int8', quantization };
}
