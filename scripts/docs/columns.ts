import { type Graph, type Operator, tensorAt } from '../../src/graph/graph.ts';
import { arithmeticOf } from '../../src/operators/arithmetic.ts';
import { nodeOf } from '../../src/operators/operator.ts';

/** Columns of the table of operators. `once`: int8 in a graph that rounds once. `other`: int32, int64 and bool. */
export const columns = ['int8', 'once', 'int16x8', 'uint8', 'float32', 'hybrid', 'other'] as const;
export type Column = (typeof columns)[number];

/** At the edges of a type: what they turn into float32, or from it, is what counts. */
export const converting: ReadonlySet<string> = new Set(['QUANTIZE', 'DEQUANTIZE']);

/** The columns that an operator of a graph is a case of. */
export function columnsOf(graph: Graph, operator: Operator): readonly Column[] {
  const node = nodeOf(graph, operator);
  const isConverting = converting.has(operator.kind);
  const types = new Set(
    [...operator.inputs, ...operator.outputs]
      .filter((index) => index >= 0)
      .map((index) => tensorAt(graph, index))
      .filter(({ data }) => data === null)
      .map(({ type }) => type),
  );
  const ofInt8: Column = graph.rounding === 'single' ? 'once' : isFromUint8(graph) ? 'uint8' : 'int8';
  if (isConverting)
    return [
      ...(types.has('int8') ? [ofInt8] : []),
      ...(types.has('int16') ? (['int16x8'] as const) : []),
      ...(types.has('uint8') ? (['uint8'] as const) : []),
    ];
  const arithmetic: string = arithmeticOf(node);
  if (arithmetic === 'int8') return [types.has('int8') ? ofInt8 : 'other'];
  return [columns.find((column) => column === arithmetic) ?? 'other'];
}

/** Its activations were uint8 in the file. */
function isFromUint8({ tensors }: Graph): boolean {
  return tensors.some(({ name }) => name.endsWith('/shifted'));
}
