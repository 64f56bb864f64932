import { inputOf, type Node, outputOf } from './operator.ts';
import { constantIntegers, invalid, requireShape } from './requirements.ts';

/** Elements added before and after each dimension, from the constant [rank, 2] input 1 of PAD and MIRROR_PAD. */
export interface Edges {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export function edgesOf(node: Node): Edges {
  const values = constantIntegers(node, 1);
  const { shape } = inputOf(node, 0);
  if (values.length !== 2 * shape.length || values.some((value) => value < 0))
    throw invalid(
      node,
      `the paddings [${values.join(', ')}] do not fit rank ${shape.length}`,
      inputOf(node, 1),
    );
  return {
    before: values.filter((_, index) => index % 2 === 0),
    after: values.filter((_, index) => index % 2 === 1),
  };
}

export function requirePaddedShape(node: Node): void {
  const { before, after } = edgesOf(node);
  requireShape(
    node,
    outputOf(node),
    inputOf(node, 0).shape.map((extent, axis) => extent + (before[axis] as number) + (after[axis] as number)),
  );
}
