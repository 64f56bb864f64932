import { bytesOf, type Graph, type Operator, type Tensor, tensorAt, typedArray } from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { nodeOf } from '../operators/operator.ts';
import { realFunctions } from '../operators/real_functions.ts';

/**
 * Functions of one number that a converter left in float32 between DEQUANTIZE and QUANTIZE, as it has no int8 kernel for them:
 * an int8 number has 256 values, so they are one table.
 */
const functions: ReadonlySet<string> = new Set([
  ...realFunctions.map(({ kind }) => kind),
  ...['ABS', 'HARD_SWISH', 'LEAKY_RELU', 'LOGISTIC', 'NEG', 'RELU', 'RELU6', 'RSQRT', 'TANH'],
]);

/** From the DEQUANTIZE to the QUANTIZE. */
type Island = readonly Operator[];

/** The graph with a TABLE for each island; exact, as the reference computes each answer. */
export function foldIslands(graph: Graph): Graph {
  const makers = new Map(
    graph.operators.flatMap((operator) => operator.outputs.map((out) => [out, operator])),
  );
  const islands = graph.operators.flatMap((operator) => {
    const island = islandBefore(graph, makers, operator);
    return island === null ? [] : [island];
  });
  if (islands.length === 0) return graph;
  const tensors = [...graph.tensors];
  const tables = new Map(
    islands.map((island) => {
      const quantize = island.at(-1) as Operator;
      const answers = answersOf(graph, island);
      const data: Tensor = {
        index: tensors.length,
        name: `${tensorAt(graph, quantize.outputs[0] ?? -1).name}/answers`,
        type: 'int8',
        shape: [256],
        quantization: null,
        data: answers,
      };
      tensors.push(data);
      const table: Operator = {
        ...quantize,
        kind: 'TABLE',
        inputs: [island[0]?.inputs[0] ?? -1, data.index],
        options: null,
      };
      return [quantize, table];
    }),
  );
  const replaced = graph.operators.map((operator) => tables.get(operator) ?? operator);
  return { ...graph, tensors, operators: withoutUnread(graph.outputs, replaced, new Set(islands.flat())) };
}

function islandBefore(
  graph: Graph,
  makers: ReadonlyMap<number, Operator>,
  quantize: Operator,
): Island | null {
  const typeOf = (index: number | undefined) => graph.tensors[index ?? -1]?.type;
  if (quantize.kind !== 'QUANTIZE' || typeOf(quantize.outputs[0]) !== 'int8') return null;
  const island = [quantize];
  for (;;) {
    const operator = makers.get(island[0]?.inputs[0] ?? -1);
    if (operator === undefined || operator.inputs.length !== 1 || operator.outputs.length !== 1) return null;
    const [input, output] = [operator.inputs[0], operator.outputs[0]];
    if (typeOf(output) !== 'float32' || island.includes(operator)) return null;
    island.unshift(operator);
    if (operator.kind === 'DEQUANTIZE') {
      const isFromInt8 = typeOf(input) === 'int8' && tensorAt(graph, input ?? -1).data === null;
      return isFromInt8 && island.length > 2 ? island : null;
    }
    if (!functions.has(operator.kind)) return null;
  }
}

/** What the island makes of −128 to 127. */
function answersOf(graph: Graph, island: Island): Uint8Array {
  const inside = new Set(island.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  const line: Graph = {
    ...graph,
    tensors: graph.tensors.map((tensor) => (inside.has(tensor.index) ? { ...tensor, shape: [256] } : tensor)),
  };
  let values = typedArray(
    'int8',
    Uint8Array.from({ length: 256 }, (_, at) => at - 128),
  );
  for (const operator of island) {
    const [result] = operatorOf(operator.kind).reference(nodeOf(line, operator), [values]);
    if (result !== undefined) values = result;
  }
  return bytesOf(values);
}

/** Without those of the islands' operators that nothing reads any more. */
function withoutUnread(
  outputs: readonly number[],
  operators: readonly Operator[],
  islands: ReadonlySet<Operator>,
): readonly Operator[] {
  const read = new Set([...outputs, ...operators.flatMap(({ inputs }) => inputs)]);
  const kept = operators.filter(
    (operator) => !islands.has(operator) || operator.outputs.some((index) => read.has(index)),
  );
  return kept.length === operators.length ? kept : withoutUnread(outputs, kept, islands);
}
