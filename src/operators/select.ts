import { bytesPerElement, elementCount, type Tensor, type TypedArray } from '../graph/graph.ts';
import { broadcastIndices, broadcastShape } from './broadcast.ts';
import { broadcastWalk } from './elementwise.ts';
import { emptyLike, requireMovable } from './movement.ts';
import {
  defineOperator,
  inputOf,
  type KernelCall,
  type Node,
  type OperatorDefinition,
  outputOf,
} from './operator.ts';
import { invalid, requireCounts, requireShape, requireType } from './requirements.ts';

/**
 * SELECT of old files: a condition with one element for each index of the first dimension chooses whole rows. Else
 * condition and values broadcast. `node` with the condition's shape as it broadcasts.
 */
export function withBroadcastCondition(node: Node, byRows: boolean): Node {
  const condition = inputOf(node, 0);
  const rank = inputOf(node, 1).shape.length;
  if (!byRows || condition.shape.length !== 1 || rank < 2) return node;
  const shape = [...condition.shape, ...Array.from({ length: rank - 1 }, () => 1)];
  return { ...node, inputs: [{ ...condition, shape }, ...node.inputs.slice(1)] };
}

function checkSelect(node: Node): void {
  requireCounts(node, [3, 3], 1);
  const [condition, ...values] = [inputOf(node, 0), inputOf(node, 1), inputOf(node, 2)] as const;
  requireType(node, condition, ['bool']);
  for (const tensor of values) requireMovable(node, tensor, outputOf(node), [0, 8]);
  const shape = [condition, ...values].reduce<readonly number[] | null>(
    (so, tensor) => (so === null ? null : broadcastShape(so, tensor.shape)),
    [],
  );
  if (shape === null)
    throw invalid(node, 'the shapes of condition and values do not fit each other', condition);
  requireShape(node, outputOf(node), shape);
}

/** For each output element the element of `values` that is there: of the first where the condition holds, else of the second. */
function selected(node: Node, inputs: readonly (TypedArray | null)[]): TypedArray {
  const indices = [0, 1, 2].map((position) => broadcastIndices(inputOf(node, position), outputOf(node)));
  const [condition, first, second] = inputs as readonly [Uint8Array, Int8Array, Int8Array];
  const result = emptyLike(first, elementCount(outputOf(node).shape));
  for (let at = 0; at < result.length; at++) {
    const [ofCondition = 0, ofFirst = 0, ofSecond = 0] = indices.map((each) => each[at]);
    result[at] = (condition[ofCondition] !== 0 ? first[ofFirst] : second[ofSecond]) as number;
  }
  return result;
}

function lowerSelect(node: Node): KernelCall {
  const output = outputOf(node);
  const size = bytesPerElement[output.type];
  const { shape, strides } = broadcastWalk(node, [0, 1, 2]);
  const [ofCondition = [], ofFirst = [], ofSecond = []] = strides;
  const isWhole = (tensor: Tensor) => elementCount(tensor.shape) === elementCount(output.shape);
  return {
    kernel: 'selection',
    parametersType: 'selection_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'input', index: 1 },
      { is: 'input', index: 2 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: {
      shape,
      strides_condition: ofCondition,
      strides_1: ofFirst,
      strides_2: ofSecond,
      element_bytes: size,
    },
    scratchBytes: 0,
    inPlace: [1, 2].filter((position) => isWhole(inputOf(node, position))),
    macs: 0,
  };
}

function selection(kind: 'SELECT' | 'SELECT_V2', code: number): OperatorDefinition {
  const byRows = kind === 'SELECT';
  return defineOperator<null>({
    kind,
    code,
    supports: 'bool condition, values and output of any one type and scale, broadcasting',
    readOptions: () => null,
    check: (node) => checkSelect(withBroadcastCondition(node, byRows)),
    reference: (node, inputs): TypedArray[] => [selected(withBroadcastCondition(node, byRows), inputs)],
    lower: (node) => lowerSelect(withBroadcastCondition(node, byRows)),
  });
}

export const select = selection('SELECT', 64);
export const selectV2 = selection('SELECT_V2', 123);
