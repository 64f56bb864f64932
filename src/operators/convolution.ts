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
  const reach = (output: number, stride: number, filter: number, dilation: number): number =>
    (output - 1) * stride + (filter - 1) * dilation;
  const gaps = window.dilationWidth > 1 && window.filterWidth > 1;
  return (
    gaps ||
    window.paddingTop > 0 ||
    window.paddingLeft > 0 ||
    reach(window.outputHeight, window.strideHeight, window.filterHeight, window.dilationHeight) >=
      window.inputHeight ||
    reach(window.outputWidth, window.strideWidth, window.filterWidth, window.dilationWidth) >=
      window.inputWidth
  );
}
