import { elementCount } from '../graph/graph.ts';
import { inputOf, type KernelCall, type Node, type OperatorDefinition } from './operator.ts';

/** An operator of one int8 input and one int8 output becomes a table of its 256 answers, which the reference computes. */
export function lowerToLookUp<Options>(
  definition: Pick<OperatorDefinition<Options>, 'reference'>,
  node: Node<Options>,
): KernelCall {
  const input = inputOf(node, 0);
  const all = Int8Array.from({ length: 256 }, (_, index) => index - 128);
  const line = { ...input, shape: [all.length] };
  const asLine: Node<Options> = {
    ...node,
    inputs: [line, ...node.inputs.slice(1)],
    outputs: node.outputs.map((tensor) => ({ ...tensor, shape: [all.length] })),
  };
  const [table = new Int8Array(256)] = definition.reference(asLine, [all]);
  return {
    kernel: 'look_up',
    parametersType: 'look_up_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
      { is: 'constant', name: 'table' },
    ],
    constants: [{ name: 'table', role: 'table', type: 'int8', values: Array.from(table, Number) }],
    parameters: { count: elementCount(input.shape) },
    scratchBytes: 0,
    inPlace: [0],
    macs: 0,
  };
}
