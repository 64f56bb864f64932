import { elementCount } from '../graph/graph.ts';
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
  const whole = elementCount(inputOf(node, input).shape) === map.length;
  if (whole && map.every((from, to) => from === to)) return { alias: { input, output } };
  const nest = loopsOf(map);
  const gaps = map.includes(-1);
  if (nest !== null && loopsAroundRun(nest).loops.length <= mostLoops)
    return rearrange([
      rearrangement(move, nest, gaps ? { fill_count: map.length, fill_value: filling } : {}),
    ]);
  if (gaps) throw invalid(node, 'what moves is not a block of the output', outputOf(node));
  return lowerToTables(move);
}

/** Moves side by side, each of them a block of loops: one call of `rearrange` for each. */
export function lowerMoves(node: Node, moves: readonly Move[]): Lowering {
  const [only] = moves;
  if (only !== undefined && moves.length === 1) return lowerMove(node, only);
  return rearrange(
    moves.map((move) => {
      const nest = loopsOf(move.map);
      if (nest === null || loopsAroundRun(nest).loops.length > mostLoops)
        throw invalid(node, 'what moves is not a block of the output', outputOf(node));
      return rearrangement(move, nest, {});
    }),
  );
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

function rearrangement(move: Move, nest: Loops, fill: Readonly<Record<string, number>>): Invocation {
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
      input_start: nest.inputStart,
      output_start: nest.outputStart,
      extents: all.map(({ extent }) => extent),
      input_strides: all.map(({ inputStride }) => inputStride),
      output_strides: all.map(({ outputStride }) => outputStride),
      length,
    },
  };
}

function lowerToTables({ input, output, map }: Move): KernelCall {
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
      { name: 'rows', role: 'table', type: 'int32', values: rows },
      { name: 'columns', role: 'table', type: 'int32', values: columns },
    ],
    parameters: { rows: rows.length, columns: columns.length, length },
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
