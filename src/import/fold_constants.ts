import { elementCount } from '../graph/graph.ts';
import { broadcastShape, broadcastTo, type Constant, constantLike, mostElements } from './constant.ts';

/** Arithmetic on constants, as exporters leave it in a file: shapes computed from shapes, weights transposed. */

type Arithmetic = (a: number, b: number) => number;

/** Names come from a file: `constructor` is none of these. */
const arithmetic: ReadonlyMap<string, Arithmetic> = new Map(
  Object.entries<Arithmetic>({
    Add: (a, b) => a + b,
    Sub: (a, b) => a - b,
    Mul: (a, b) => a * b,
    Div: (a, b) => a / b,
    Pow: (a, b) => a ** b,
    Mod: (a, b) => a - b * Math.floor(a / b),
    Min: Math.min,
    Max: Math.max,
    Equal: (a, b) => Number(a === b),
    Less: (a, b) => Number(a < b),
    LessOrEqual: (a, b) => Number(a <= b),
    GreaterOrEqual: (a, b) => Number(a >= b),
    And: (a, b) => Number(a !== 0 && b !== 0),
    Or: (a, b) => Number(a !== 0 || b !== 0),
    Xor: (a, b) => Number((a !== 0) !== (b !== 0)),
    Greater: (a, b) => Number(a > b),
  }),
);

const functions: ReadonlyMap<string, (x: number) => number> = new Map(
  Object.entries<(x: number) => number>({
    Neg: (x) => -x,
    Abs: Math.abs,
    Sqrt: Math.sqrt,
    Reciprocal: (x) => 1 / x,
    Exp: Math.exp,
    Log: Math.log,
    Floor: Math.floor,
    Ceil: Math.ceil,
    Not: (x) => Number(x === 0),
  }),
);

/** The result where all inputs are constants and the operator works element by element; null otherwise. */
export function foldElementwise(kind: string, inputs: readonly Constant[]): Constant | null {
  const [a, b] = inputs;
  const unary = functions.get(kind);
  if (unary !== undefined && a !== undefined && b === undefined)
    return constantLike(a, a.shape, new Float64Array(a.values).map(unary));
  const binary = arithmetic.get(kind);
  if (binary === undefined || a === undefined || b === undefined || inputs.length !== 2) return null;
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === null || elementCount(shape) > mostElements) return null;
  const right = broadcastTo(b, shape);
  const left = broadcastTo(a, shape);
  const values = new Float64Array(left.values).map((value, at) => binary(value, right.values[at] as number));
  const isInteger = a.is === 'integer' && b.is === 'integer';
  return constantLike(a, shape, isInteger ? values.map(Math.trunc) : values);
}
