import { bytesOf, bytesPerElement, type ElementType, elementCount, typedArray } from '../graph/graph.ts';
import { type Loop, type Loops, loopsOf, runTablesOf } from './loops.ts';
import type { ElementMap } from './movement.ts';
import { type Invocation, inputOf, type KernelCall, type Lowering, type Node, outputOf } from './operator.ts';
import { invalid } from './requirements.ts';

/** Operators that only move values on their way to the kernels `rearrange` and `gather`. */

/** Values of one input on their way to one output, by their positions in the node. */
export interface Move {
  readonly input: number;
  readonly output: number;
  /** For each element of the output the element of the input, −1 for one that this move leaves alone. */
  readonly map: ElementMap;
}

/** Loops around the run that `rearrange` copies. */
const mostLoops = 5;

/** What one move becomes: nothing where the bytes stay as they are, loops where loops do it, else tables. `filling` is for its gaps. */
export function lowerMove(node: Node, move: Move, filling = 0): Lowering {
  const { input, output, map } = move;
  const from = inputOf(node, input);
  // A constant is no part of the arena: whoever reads the output looks there.
  const whole = elementCount(from.shape) === map.length && from.data === null;
  if (whole && map.every((place, to) => place === to)) return { alias: { input, output } };
  const nest = loopsOf(map);
  const gaps = map.includes(-1);
  const size = bytesPerElement[outputOf(node, output).type];
  if (nest !== null && loopsAroundRun(nest).loops.length <= mostLoops) {
    return lowerNests(node, [{ input, output, nest }], gaps ? filling : null);
  }
  if (gaps) throw invalid(node, 'what moves is not a block of the output', outputOf(node));
  return lowerToTables(move, size);
}

/** The first input's elements in another shape. */
export function lowerReshape(node: Node): Lowering {
  const count = elementCount(inputOf(node, 0).shape);
  return lowerMove(node, { input: 0, output: 0, map: Int32Array.from({ length: count }, (_, at) => at) });
}

/** Moves side by side, each of them a block of loops: one call of `rearrange` for each. */
export function lowerMoves(node: Node, moves: readonly Move[]): Lowering {
  const [only] = moves;
  if (only !== undefined && moves.length === 1) return lowerMove(node, only);
  return lowerNests(
    node,
    moves.map(({ input, output, map }) => {
      const nest = loopsOf(map);
      if (nest === null || loopsAroundRun(nest).loops.length > mostLoops)
        throw invalid(node, 'what moves is not a block of the output', outputOf(node));
      return { input, output, nest };
    }),
  );
}

/** A block of an input on its way to a block of an output. */
export interface NestMove {
  readonly input: number;
  readonly output: number;
  readonly nest: Loops;
}

/** One call for each block. Where `filling` is given, it is what the first output holds besides them. */
export function lowerNests(
  node: Node,
  moves: readonly NestMove[],
  filling: number | null = null,
): KernelCall {
  const { type, shape } = outputOf(node);
  const fill = filling === null ? {} : fillOf(type, filling, elementCount(shape));
  const call = rearrange(
    moves.map((move, at) => {
      const size = bytesPerElement[outputOf(node, move.output).type];
      return rearrangement(move, move.nest, size, at === 0 ? fill : {});
    }),
  );
  return 'fill_low' in fill
    ? { ...call, kernel: 'rearrange_filled', parametersType: 'rearrange_filled_parameters' }
    : call;
}

function rearrange([first, ...further]: readonly Invocation[]): KernelCall {
  if (first === undefined) throw new RangeError('nothing moves');
  return {
    kernel: 'rearrange',
    parametersType: 'rearrange_parameters',
    ...first,
    furtherCalls: further,
    constants: [],
    ...free,
  };
}

const free: Pick<KernelCall, 'scratchBytes' | 'inPlace' | 'macs'> = { scratchBytes: 0, inPlace: [], macs: 0 };

/** The innermost loop apart, where it goes from neighbour to neighbour on both sides. */
function loopsAroundRun({ loops }: Loops): { readonly loops: readonly Loop[]; readonly length: number } {
  const innermost = loops.at(-1);
  return innermost?.inputStride === 1 && innermost.outputStride === 1
    ? { loops: loops.slice(0, -1), length: innermost.extent }
    : { loops, length: 1 };
}

/** Fields of the kernels for what `count` elements of the output are filled with: a byte, or an element whose bytes differ. */
function fillOf(type: ElementType, filling: number, count: number): Readonly<Record<string, number>> {
  const size = bytesPerElement[type];
  if (size === 1) return { fill_count: count, fill_value: filling };
  const element = typedArray(type, new Uint8Array(size));
  element.fill((element instanceof BigInt64Array ? BigInt(filling) : filling) as never);
  const bytes = bytesOf(element);
  if (bytes.every((byte) => byte === bytes[0]))
    return { fill_count: count * size, fill_value: bytes[0] ?? 0 };
  const words = new DataView(bytes.slice().buffer);
  const low = size === 2 ? words.getInt16(0, true) : words.getInt32(0, true);
  const high = size === 8 ? words.getInt32(4, true) : 0;
  return { fill_elements: count, element_bytes: size, fill_low: low, fill_high: high };
}

/** The move in bytes, as kernels make it: an element of `size` bytes is a run of its own. */
function rearrangement(
  move: Omit<Move, 'map'>,
  nest: Loops,
  size: number,
  fill: Readonly<Record<string, number>>,
): Invocation {
  const { loops, length } = loopsAroundRun(nest);
  const missing = Array.from({ length: mostLoops - loops.length }, () => ({
    extent: 1,
    inputStride: 0,
    outputStride: 0,
  }));
  const all = [...missing, ...loops];
  return {
    arguments: [
      { is: 'input', index: move.input },
      { is: 'output', index: move.output },
    ],
    parameters: {
      ...fill,
      input_start: nest.inputStart * size,
      output_start: nest.outputStart * size,
      extents: all.map(({ extent }) => extent),
      input_strides: all.map(({ inputStride }) => inputStride * size),
      output_strides: all.map(({ outputStride }) => outputStride * size),
      length: length * size,
    },
  };
}

function lowerToTables({ input, output, map }: Move, size: number): KernelCall {
  const { rows, columns, length } = runTablesOf(map);
  return {
    kernel: 'gather',
    parametersType: 'gather_parameters',
    arguments: [
      { is: 'input', index: input },
      { is: 'output', index: output },
      { is: 'constant', name: 'rows' },
      { is: 'constant', name: 'columns' },
    ],
    constants: [
      { name: 'rows', role: 'table', type: 'int32', values: rows.map((start) => start * size) },
      { name: 'columns', role: 'table', type: 'int32', values: columns.map((start) => start * size) },
    ],
    parameters: { rows: rows.length, columns: columns.length, length: length * size },
    ...free,
  };
}

/** All inputs side by side in each of `rows` rows of the output: CONCATENATION and PACK. */
export function joiningMoves(node: Node, rows: number): readonly Move[] {
  const total = elementCount(outputOf(node).shape) / rows;
  let column = 0;
  return node.inputs.map((_, input) => {
    const length = elementCount(inputOf(node, input).shape) / rows;
    const map = new Int32Array(rows * total).fill(-1);
    for (let row = 0; row < rows; row++)
      for (let k = 0; k < length; k++) map[row * total + column + k] = row * length + k;
    column += length;
    return { input, output: 0, map };
  });
}
