import { elementCount } from '../graph/graph.ts';

/**
 * A value as the model's file sees it (channels first, reshaped, transposed), over a tensor whose elements lie in another
 * order (channels last). Its dimensions are split into factors, so that reshaping and transposing only change how the
 * tensor is looked at; elements are moved where an operator at last demands another order.
 */
export interface Value {
  readonly tensor: number;
  /** Sizes above 1; row-major they are the value's elements. */
  readonly factors: readonly number[];
  /** For each dimension of the value its factors, ascending; none for a dimension of 1. All together are 0, 1, 2, … */
  readonly groups: readonly (readonly number[])[];
  /** The order in which the tensor has the factors, the slowest first. */
  readonly order: readonly number[];
}

/** A tensor whose dimension i is dimension dims[i] of a value of this shape. */
export function arranged(tensor: number, shape: readonly number[], dims: readonly number[]): Value {
  const factors: number[] = [];
  const groups = shape.map((size) => (size === 1 ? [] : [factors.push(size) - 1]));
  return { tensor, factors, groups, order: dims.flatMap((dim) => groups[dim] ?? []) };
}

export function inFileOrder(tensor: number, shape: readonly number[]): Value {
  return arranged(tensor, shape, [...shape.keys()]);
}

export function shapeOf({ factors, groups }: Value): readonly number[] {
  return groups.map((group) => elementCount(group.map((factor) => factors[factor] as number)));
}

/** The same elements of the file in another shape; null where that cuts through factors, so that elements must move first. */
export function reshaped(value: Value, shape: readonly number[]): Value | null {
  if (value.order.every((factor, position) => factor === position)) return inFileOrder(value.tensor, shape);
  const sizes: number[] = [];
  /** For each old factor the new ones that it is split into. */
  const parts: number[][] = [];
  let left = 1;
  let old = -1;
  const groups: number[][] = [];
  for (const size of shape) {
    const group: number[] = [];
    let wanted = size;
    while (wanted > 1) {
      if (left === 1) {
        left = value.factors[++old] ?? 0;
        parts[old] = [];
      }
      const part = left <= wanted ? left : wanted;
      if (part === 0 || wanted % part !== 0 || left % part !== 0) return null;
      const index = sizes.push(part) - 1;
      group.push(index);
      parts[old]?.push(index);
      wanted /= part;
      left /= part;
    }
    groups.push(group);
  }
  if (left !== 1 || old !== value.factors.length - 1) return null;
  return {
    tensor: value.tensor,
    factors: sizes,
    groups,
    order: value.order.flatMap((factor) => parts[factor] ?? []),
  };
}

/** Dimension i of the result is dimension permutation[i] of the value. */
export function transposed(value: Value, permutation: readonly number[]): Value {
  const chosen = permutation.map((dim) => value.groups[dim] ?? []);
  const renamed = new Map(chosen.flat().map((factor, index) => [factor, index]));
  const rename = (factor: number): number => renamed.get(factor) ?? 0;
  return {
    tensor: value.tensor,
    factors: chosen.flat().map((factor) => value.factors[factor] as number),
    groups: chosen.map((group) => group.map(rename)),
    order: value.order.map(rename),
  };
}

export function factorsOf(value: Value, dims: readonly number[]): readonly number[] {
  return dims.flatMap((dim) => value.groups[dim] ?? []);
}

export function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** N, H, W, C from N, C, H, W, for any rank. */
export function channelsLast(rank: number): readonly number[] {
  return rank < 3 ? [0, 1].slice(0, rank) : [0, ...Array.from({ length: rank - 2 }, (_, at) => at + 2), 1];
}

/**
 * The order of dimensions in which the tensor has the value; null where the factors of a dimension are apart. Dimensions of
 * 1 could be anywhere: they are where the tensor's own shape has them.
 */
export function dimensionOrder(value: Value, tensorShape: readonly number[]): readonly number[] | null {
  const shape = shapeOf(value);
  const rank = shape.length;
  const candidates = [[...shape.keys()], channelsLast(rank)].filter((dims) =>
    sameList(factorsOf(value, dims), value.order),
  );
  const fitting = candidates.find((dims) =>
    sameList(
      dims.map((dim) => shape[dim] as number),
      tensorShape,
    ),
  );
  const known = fitting ?? candidates[0];
  if (known !== undefined) return known;
  const dimOf = new Map(value.groups.flatMap((group, dim) => group.map((factor) => [factor, dim] as const)));
  const large = [...new Set(value.order.map((factor) => dimOf.get(factor) ?? 0))];
  const dims = [...[...shape.keys()].filter((dim) => !large.includes(dim)), ...large];
  return sameList(factorsOf(value, dims), value.order) ? dims : null;
}
