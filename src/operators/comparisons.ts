import { elementCount, type Tensor, type TypedArray } from '../graph/graph.ts';
import { broadcastIndices, requireBroadcast } from './broadcast.ts';
import { broadcastWalk } from './elementwise.ts';
import {
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
} from './fixed_point.ts';
import {
  defineOperator,
  inputOf,
  type KernelCall,
  type Node,
  type OperatorDefinition,
  outputOf,
  unsupported,
} from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireCounts, requireType } from './requirements.ts';

/** A relation between two numbers, or of two truths. `code`: BuiltinOperator. */
export interface Relation {
  readonly kind: string;
  readonly code: number;
  readonly holds: (a: number, b: number) => boolean;
}

/** Their order is that of the field `relation` in relation.h. */
const relations: readonly Relation[] = [
  { kind: 'EQUAL', code: 71, holds: (a, b) => a === b },
  { kind: 'NOT_EQUAL', code: 72, holds: (a, b) => a !== b },
  { kind: 'GREATER', code: 61, holds: (a, b) => a > b },
  { kind: 'GREATER_EQUAL', code: 62, holds: (a, b) => a >= b },
  { kind: 'LESS', code: 58, holds: (a, b) => a < b },
  { kind: 'LESS_EQUAL', code: 63, holds: (a, b) => a <= b },
  { kind: 'LOGICAL_AND', code: 86, holds: (a, b) => a !== 0 && b !== 0 },
  { kind: 'LOGICAL_OR', code: 84, holds: (a, b) => a !== 0 || b !== 0 },
];

const ofTruths: ReadonlySet<string> = new Set(['LOGICAL_AND', 'LOGICAL_OR']);

/** Bits that integers of two scales get before they are compared. */
const leftShift = 8;

/** Beyond it a number with more bits leaves int32. */
const mostScale = 128;

/** What each number of a quantized tensor becomes: with 8 more bits, times its scale. */
function scaling(
  node: Node,
  tensor: Tensor,
): { readonly offset: number; readonly multiplier: FixedPointMultiplier } {
  return { offset: -zeroPointOf(node, tensor), multiplier: quantizeMultiplier(scaleOf(node, tensor)) };
}

function isQuantized({ type }: Tensor): boolean {
  return type === 'int8' || type === 'int16';
}

function comparable(node: Node, position: number): (value: number) => number {
  const tensor = inputOf(node, position);
  if (!isQuantized(tensor)) return (value) => value;
  const { offset, multiplier } = scaling(node, tensor);
  return (value) =>
    multiplyByQuantizedMultiplier((value + offset) << leftShift, multiplier.multiplier, multiplier.shift);
}

/** TensorFlow Lite's kernels with broadcasting; on quantized numbers with the roundings of their common scale. */
function comparison({ kind, code, holds }: Relation, relation: number): OperatorDefinition {
  return defineOperator<null>({
    kind,
    code,
    supports: ofTruths.has(kind)
      ? 'bool, broadcasting'
      : 'int8, int16, int32, float32 or bool inputs, bool output, broadcasting',
    readOptions: () => null,

    check(node) {
      requireCounts(node, [2, 2], 1);
      const [first, second] = [inputOf(node, 0), inputOf(node, 1)];
      requireType(node, first, ofTruths.has(kind) ? ['bool'] : ['int8', 'int16', 'int32', 'float32', 'bool']);
      requireType(node, second, [first.type]);
      requireType(node, outputOf(node), ['bool']);
      requireBroadcast(node);
      for (const tensor of [first, second])
        if (isQuantized(tensor) && scaleOf(node, tensor) >= mostScale)
          throw unsupported(
            node,
            `a scale of ${scaleOf(node, tensor)} is too coarse to compare`,
            tensor,
            'Scale the tensor down in the model.',
          );
    },

    reference(node, inputs): TypedArray[] {
      const [a, b] = inputs as readonly (Int8Array | Float32Array)[];
      const [fromA, fromB] = [0, 1].map((position) =>
        broadcastIndices(inputOf(node, position), outputOf(node)),
      ) as [Int32Array, Int32Array];
      const [toA, toB] = [comparable(node, 0), comparable(node, 1)];
      return [
        Uint8Array.from(fromA, (from, at) =>
          Number(holds(toA(a?.[from] as number), toB(b?.[fromB[at] as number] as number))),
        ),
      ];
    },

    lower(node): KernelCall {
      const input = inputOf(node, 0);
      const { shape, strides } = broadcastWalk(node);
      const whole = elementCount(outputOf(node).shape);
      const bytes = input.type === 'int8' || input.type === 'bool' ? 1 : input.type === 'int16' ? 2 : 4;
      const walk = { shape, strides_1: strides[0] ?? [], strides_2: strides[1] ?? [], relation };
      return {
        ...(input.type === 'float32'
          ? { kernel: 'compare_float32', parametersType: 'compare_float32_parameters', parameters: walk }
          : isQuantized(input)
            ? {
                kernel: 'compare',
                parametersType: 'compare_parameters',
                parameters: { ...walk, element_bytes: bytes, ...scalings(node) },
              }
            : {
                kernel: 'compare_integers',
                parametersType: 'compare_integers_parameters',
                parameters: { ...walk, element_bytes: bytes },
              }),
        arguments: [
          { is: 'input', index: 0 },
          { is: 'input', index: 1 },
          { is: 'output', index: 0 },
        ],
        constants: [],
        scratchBytes: 0,
        inPlace:
          bytes === 1
            ? [0, 1].filter((position) => elementCount(inputOf(node, position).shape) === whole)
            : [],
        macs: 0,
      };
    },
  });
}

function scalings(node: Node): Readonly<Record<string, number>> {
  const [first, second] = [scaling(node, inputOf(node, 0)), scaling(node, inputOf(node, 1))];
  return {
    offset_1: first.offset,
    offset_2: second.offset,
    multiplier_1: first.multiplier.multiplier,
    shift_1: -first.multiplier.shift,
    multiplier_2: second.multiplier.multiplier,
    shift_2: -second.multiplier.shift,
  };
}

export const comparisons: readonly OperatorDefinition[] = relations.map(comparison);

/** By operator kind; what roundings of its inputs may change is looked at by it. */
export const relationOf: ReadonlyMap<string, Relation['holds']> = new Map(
  relations.map(({ kind, holds }) => [kind, holds]),
);
