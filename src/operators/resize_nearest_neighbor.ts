import type { TypedArray } from '../graph/graph.ts';
import { roundAwayFromZero } from './fixed_point.ts';
import { type ElementMap, mapByAxis, pickElements, range } from './movement.ts';
import { lowerMove } from './moves.ts';
import { defineOperator, inputOf, type Node } from './operator.ts';
import { checkResize, type ResizeOptions, readResizeOptions, resizeGeometry } from './resize.ts';

/** The input position shown at an output position; the scale and the product are float32. */
export function nearest(position: number, input: number, output: number, options: ResizeOptions): number {
  const { alignCorners, halfPixelCenters } = options;
  const scale = Math.fround(alignCorners && output > 1 ? (input - 1) / (output - 1) : input / output);
  const real = Math.fround(Math.fround(position + (halfPixelCenters ? 0.5 : 0)) * scale);
  return Math.max(0, Math.min(alignCorners ? roundAwayFromZero(real) : Math.floor(real), input - 1));
}

/** For each output element the input element. */
function nearestMap(node: Node<ResizeOptions>): ElementMap {
  const { batches, inputHeight, inputWidth, outputHeight, outputWidth, channels } = resizeGeometry(node);
  return mapByAxis(inputOf(node, 0).shape, [
    range(batches),
    range(outputHeight).map((y) => nearest(y, inputHeight, outputHeight, node.options)),
    range(outputWidth).map((x) => nearest(x, inputWidth, outputWidth, node.options)),
    range(channels),
  ]);
}

export const resizeNearestNeighbor = defineOperator<ResizeOptions>({
  kind: 'RESIZE_NEAREST_NEIGHBOR',
  code: 97,
  supports: 'any type, input and output of the same scale, constant size',
  readOptions: readResizeOptions(0),

  check: checkResize,

  reference(node, inputs): TypedArray[] {
    return [pickElements(inputs[0] as TypedArray, nearestMap(node))];
  },

  lower: (node) => lowerMove(node, { input: 0, output: 0, map: nearestMap(node) }),
});
