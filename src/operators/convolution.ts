import type { Walk, WalkStep } from './operator.ts';

/** What the convolutions share on their way to the kernel frame `convolution.h`. */

export interface SlidingWindow {
  readonly batches: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly outputChannels: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly paddingTop: number;
  readonly paddingLeft: number;
}

/** The geometry fields of `struct convolution_parameters`. */
export function convolutionParameters(window: SlidingWindow): Record<string, number> {
  return {
    batches: window.batches,
    input_height: window.inputHeight,
    input_width: window.inputWidth,
    input_channels: window.inputChannels,
    output_height: window.outputHeight,
    output_width: window.outputWidth,
    output_channels: window.outputChannels,
    filter_height: window.filterHeight,
    filter_width: window.filterWidth,
    stride_height: window.strideHeight,
    stride_width: window.strideWidth,
    dilation_height: window.dilationHeight,
    dilation_width: window.dilationWidth,
    padding_top: window.paddingTop,
    padding_left: window.paddingLeft,
  };
}

/** Whether some receptive field is not in place: it reaches over an edge, or its rows have gaps (dilation). */
export function needsPatch(window: SlidingWindow): boolean {
  return (window.dilationWidth > 1 && window.filterWidth > 1) || reachesOverEdge(window);
}

/** Whether some receptive field has taps outside the input. */
export function reachesOverEdge(window: SlidingWindow): boolean {
  const reach = (output: number, stride: number, filter: number, dilation: number): number =>
    (output - 1) * stride + (filter - 1) * dilation;
  return (
    window.paddingTop > 0 ||
    window.paddingLeft > 0 ||
    reach(window.outputHeight, window.strideHeight, window.filterHeight, window.dilationHeight) >=
      window.inputHeight ||
    reach(window.outputWidth, window.strideWidth, window.filterWidth, window.dilationWidth) >=
      window.inputWidth
  );
}

/**
 * The walk of the kernel frame: `pixels` output pixels a step, in row-major order, each reading its receptive field
 * once. undefined for several batches, which share no order.
 */
export function convolutionWalk(
  window: SlidingWindow,
  pixels: number,
  withinStep: Walk['withinStep'] = 'any',
): Walk | undefined {
  if (window.batches !== 1) return undefined;
  const { inputHeight, inputWidth, inputChannels, outputHeight, outputWidth, outputChannels } = window;
  const count = outputHeight * outputWidth;
  const reach = (
    at: number,
    stride: number,
    filter: number,
    dilation: number,
    before: number,
    input: number,
  ) => {
    const taps = Array.from({ length: filter }, (_, tap) => at * stride - before + tap * dilation);
    const inside = taps.filter((position) => position >= 0 && position < input);
    return inside.length === 0 ? null : { first: inside[0] as number, last: inside.at(-1) as number };
  };
  const fieldOf = (pixel: number): readonly [from: number, to: number] | null => {
    const { strideHeight, filterHeight, dilationHeight, paddingTop } = window;
    const { strideWidth, filterWidth, dilationWidth, paddingLeft } = window;
    const y = Math.floor(pixel / outputWidth);
    const rows = reach(y, strideHeight, filterHeight, dilationHeight, paddingTop, inputHeight);
    const columns = reach(
      pixel % outputWidth,
      strideWidth,
      filterWidth,
      dilationWidth,
      paddingLeft,
      inputWidth,
    );
    if (rows === null || columns === null) return null;
    const address = (row: number, column: number): number => (row * inputWidth + column) * inputChannels;
    return [address(rows.first, columns.first), address(rows.last, columns.last + 1)];
  };
  const steps: WalkStep[] = [];
  for (let first = 0; first < count; first += pixels) {
    const last = Math.min(first + pixels, count);
    const fields = Array.from({ length: last - first }, (_, at) => fieldOf(first + at)).filter(
      (field) => field !== null,
    );
    steps.push({
      readFrom: Math.min(...fields.map(([from]) => from)),
      readTo: Math.max(...fields.map(([, to]) => to)),
      writeFrom: first * outputChannels,
      writeTo: last * outputChannels,
    });
  }
  return { input: 0, steps, withinStep, reversible: true };
}

/** As a field of a kernel call: absent, not undefined. */
export function walkOf(walk: Walk | undefined): { readonly walk?: Walk } {
  return walk === undefined ? {} : { walk };
}
