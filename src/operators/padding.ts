import type { OptionsReader } from './operator.ts';

/** Padding of the TFLite schema: `same` keeps ceil(input / stride) positions, `valid` only whole windows. */
export type Padding = 'same' | 'valid';

export function readPadding(options: OptionsReader, field: number): Padding {
  return options.int8(field) === 1 ? 'valid' : 'same';
}

/** Rows and columns of zero points around the input, of a PAD that became a part of the operator. */
export interface Surround {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export const noSurround: Surround = { top: 0, bottom: 0, left: 0, right: 0 };

/** One spatial dimension of a sliding window. */
export interface Window {
  readonly input: number;
  readonly filter: number;
  readonly stride: number;
  readonly dilation: number;
}

/** Output positions along one dimension; 0 or less when a valid window does not fit. */
export function outputPositions(padding: Padding, window: Window): number {
  const { input, filter, stride, dilation } = window;
  const extent = (filter - 1) * dilation + 1;
  return padding === 'same' ? Math.ceil(input / stride) : Math.floor((input + stride - extent) / stride);
}

/** Elements of padding before the first one; an odd total puts the extra element behind. */
export function paddingBefore(window: Window, output: number): number {
  const { input, filter, stride, dilation } = window;
  const extent = (filter - 1) * dilation + 1;
  return Math.floor(Math.max(0, (output - 1) * stride + extent - input) / 2);
}
