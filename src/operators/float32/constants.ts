import { type Tensor, typedArray } from '../../graph/graph.ts';
import type { Activation } from '../activation.ts';
import type { Constant, LoweringContext } from '../operator.ts';

/** The elements of a constant float32 tensor; zeros where it is absent. */
export function floatsOf(tensor: Tensor | null | undefined, length: number): Float32Array {
  if (tensor === null || tensor === undefined || tensor.data === null) return new Float32Array(length);
  return typedArray(tensor.type, tensor.data) as Float32Array;
}

export function floatConstant(name: string, values: ArrayLike<number>): Constant {
  const role = name === 'weights' || name === 'bias' ? 'weights' : 'table';
  return { name, role, type: 'float32', values };
}

/** The field `activation` of the kernels (float32.h). */
export function activationCode(activation: Activation): number {
  const codes = { none: 0, relu: 1, relu6: 2, relu_n1_to_1: 3, other: 0 };
  return codes[activation];
}

/** Output channels and neighbouring pixels whose sums the kernels keep in registers; without a floating-point unit one of each. Tiles of pixels are code of their own. */
export interface Tile {
  readonly channels: 1 | 4;
  readonly pixels: 1 | 4;
}

export function tileFor({ features, optimize }: LoweringContext): Tile {
  if (!features.fpu) return { channels: 1, pixels: 1 };
  return { channels: 4, pixels: optimize === 'size' ? 1 : 4 };
}

/**
 * Filters [outputs, taps] as the kernels read them: group by group, in whole tiles of channels, tap by tap with the tile's
 * channels side by side, then the channels that are left, one by one.
 */
export function packTiles<Elements extends Float32Array | Int8Array>(
  filters: Elements,
  outputs: number,
  groups: number,
  { channels }: Tile,
): Elements {
  const packed = filters.slice() as Elements;
  const taps = filters.length / outputs;
  const perGroup = outputs / groups;
  let at = 0;
  for (let group = 0; group < groups; group++) {
    const end = (group + 1) * perGroup;
    for (let first = group * perGroup; first < end; ) {
      const width = end - first >= channels ? channels : 1;
      for (let tap = 0; tap < taps; tap++)
        for (let c = 0; c < width; c++) packed[at++] = filters[(first + c) * taps + tap] as number;
      first += width;
    }
  }
  return packed;
}
