import { elementCount, type TypedArray } from '../../graph/graph.ts';
import type { Activation } from '../activation.ts';
import { defineForm, type OperatorForm } from '../arithmetic.ts';
import { broadcastIndices, requireBroadcast } from '../broadcast.ts';
import { broadcastWalk } from '../elementwise.ts';
import { inputOf, type KernelCall, type Node, outputOf, unsupported } from '../operator.ts';
import { requireCounts, requireType } from '../requirements.ts';

/** Plain integers of 32 bits that wrap around: indices, counters, audio front ends. */
interface Operation {
  readonly kind: string;
  readonly of: (a: number, b: number) => number;
}

/** Their order is that of the field `operation` of the kernel. Division is towards zero; by zero it gives 0, as Arm's does. */
const operations: readonly Operation[] = [
  { kind: 'ADD', of: (a, b) => a + b },
  { kind: 'SUB', of: (a, b) => a - b },
  { kind: 'MUL', of: Math.imul },
  { kind: 'MAXIMUM', of: Math.max },
  { kind: 'MINIMUM', of: Math.min },
  { kind: 'DIV', of: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)) },
];

function checkInt32(node: Node): void {
  requireCounts(node, [2, 2], 1);
  for (const tensor of [inputOf(node, 0), inputOf(node, 1), outputOf(node)]) {
    requireType(node, tensor, ['int32']);
    if (tensor.quantization !== null)
      throw unsupported(
        node,
        'int32 with a scale is not supported here',
        tensor,
        'Quantize the tensor to int8 or int16.',
      );
  }
  const { activation = 'none' } = (node.options ?? {}) as { readonly activation?: Activation };
  if (activation !== 'none')
    throw unsupported(
      node,
      'a fused activation of int32 is not supported',
      null,
      'Use the activation as a layer of its own.',
    );
  requireBroadcast(node);
}

function lowerInt32(node: Node, operation: number): KernelCall {
  const { shape, strides } = broadcastWalk(node);
  const whole = elementCount(outputOf(node).shape);
  return {
    kernel: 'arithmetic_int32',
    parametersType: 'arithmetic_int32_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'input', index: 1 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: { shape, strides_1: strides[0] ?? [], strides_2: strides[1] ?? [], operation },
    scratchBytes: 0,
    inPlace: [0, 1].filter((position) => elementCount(inputOf(node, position).shape) === whole),
    macs: 0,
  };
}

export const arithmeticInt32: readonly (readonly [kind: string, form: OperatorForm])[] = operations.map(
  ({ kind, of }, operation) => [
    kind,
    defineForm<unknown>({
      supports: 'int32 inputs and output, broadcasting',
      check: checkInt32,
      reference(node, inputs): TypedArray[] {
        const [a, b] = inputs as readonly [Int32Array, Int32Array];
        const fromB = broadcastIndices(inputOf(node, 1), outputOf(node));
        return [
          broadcastIndices(inputOf(node, 0), outputOf(node)).map((from, at) =>
            of(a[from] as number, b[fromB[at] as number] as number),
          ),
        ];
      },
      lower: (node) => lowerInt32(node, operation),
    }),
  ],
);
