import type { TypedArray } from '../graph/graph.ts';
import { type ArgumentAxis, argumentAxis, checkArgument, lowerArgument } from './argument.ts';
import { defineOperator } from './operator.ts';

/** Index of the first largest element along an axis. */
export const argMax = defineOperator<null>({
  kind: 'ARG_MAX',
  code: 56,
  supports: 'int8 input, int32 output, constant axis',
  readOptions: () => null,
  check: checkArgument,

  reference(node, inputs): TypedArray[] {
    const x = inputs[0] as Int8Array;
    const { outer, extent, inner }: ArgumentAxis = argumentAxis(node);
    const result = new Int32Array(outer * inner);
    for (let at = 0; at < result.length; at++) {
      const first = Math.floor(at / inner) * extent * inner + (at % inner);
      let best = 0;
      for (let index = 1; index < extent; index++) {
        if ((x[first + index * inner] as number) > (x[first + best * inner] as number)) best = index;
      }
      result[at] = best;
    }
    return [result];
  },

  lower: (node) => lowerArgument(node, 'arg_max'),
});
