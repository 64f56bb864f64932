import type { Conv2dGeometry } from './conv_2d.ts';
import { convolutionParameters, convolutionWalk, reachesOverEdge, walkOf } from './convolution.ts';
import type { KernelCall } from './operator.ts';

/** What the kernels of grouped convolutions share: `convolution_grouped.h`. Their rows are taps, in which a group's channels lie side by side. */

/** The weights of one group: [channels][rows][length], that is [O / groups, h × w, C / groups]. */
export interface GroupShape {
  readonly channels: number;
  readonly rows: number;
  readonly length: number;
}

export function groupShape(geometry: Conv2dGeometry): GroupShape {
  const { groups, outputChannels, filterHeight, filterWidth, filterChannels } = geometry;
  return { channels: outputChannels / groups, rows: filterHeight * filterWidth, length: filterChannels };
}

/** The weights of all groups, each packed for itself, one behind the other. */
export function packGroups(
  weights: Int8Array,
  { channels, rows, length }: GroupShape,
  pack: (ofGroup: Int8Array) => Int8Array,
): Int8Array {
  const size = channels * rows * length;
  const packed = Array.from({ length: weights.length / size }, (_, group) =>
    pack(weights.subarray(group * size, (group + 1) * size)),
  );
  return Int8Array.from(packed.flatMap((ofGroup) => [...ofGroup]));
}

/** A table by channel, each group of `channels` filled up to whole fours. */
export function fillGroups<Values extends Int32Array | Int8Array>(
  values: Values,
  channels: number,
  filling = 0,
): Values {
  const stored = Math.ceil(channels / 4) * 4;
  const filled = new (values.constructor as new (length: number) => Values)(
    (values.length / channels) * stored,
  ).fill(filling) as Values;
  for (let from = 0, to = 0; from < values.length; from += channels, to += stored)
    filled.set(values.subarray(from, from + channels), to);
  return filled;
}

/**
 * The part of the kernel's call that the geometry determines. `bytes` of one element, `pixels` computed at once;
 * `isRun`: the kernel takes a field as one run of bytes.
 */
export function groupedCall(
  geometry: Conv2dGeometry,
  { bytes, pixels, isRun }: { readonly bytes: 1 | 2; readonly pixels: number; readonly isRun: boolean },
): Pick<KernelCall, 'parameters' | 'scratchBytes' | 'walk' | 'macs'> {
  const { batches, outputHeight, outputWidth, inputChannels, outputChannels } = geometry;
  const { channels, rows, length } = groupShape(geometry);
  const inBytes = {
    ...geometry,
    inputChannels: bytes * inputChannels,
    outputChannels: bytes * outputChannels,
  };
  const copies = reachesOverEdge(geometry) || (isRun && rows > 1);
  return {
    parameters: { ...convolutionParameters(geometry), group_inputs: length, group_outputs: channels },
    scratchBytes: copies ? pixels * bytes * rows * length : 0,
    ...walkOf(convolutionWalk(inBytes, pixels)),
    macs: batches * outputHeight * outputWidth * outputChannels * rows * length,
  };
}
