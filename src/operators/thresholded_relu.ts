import { realFunction } from './real_function.ts';

export interface ThresholdedReluOptions {
  readonly threshold: number;
}

/** x above the threshold, else 0. No operator of TFLite; ONNX's ThresholdedRelu. */
export const thresholdedRelu = realFunction<ThresholdedReluOptions>({
  kind: 'THRESHOLDED_RELU',
  code: -1,
  of: ({ threshold }) => {
    const bound = Math.fround(threshold);
    return (x) => (x > bound ? x : 0);
  },
});
