import { type ResizeOptions, resizeGeometry } from '../operators/resize.ts';
import { defineFloat } from './operator.ts';

/** Where an output position lies between two input positions: float32, as TFLite's ComputeInterpolationValues. */
export interface RealInterpolation {
  readonly lower: number;
  readonly upper: number;
  /** Distance from `lower`; negative before the first pixel's centre, where both are the same pixel. */
  readonly fraction: number;
}

export function realInterpolations(
  input: number,
  output: number,
  { alignCorners, halfPixelCenters }: ResizeOptions,
): readonly RealInterpolation[] {
  const scale = Math.fround(alignCorners && output > 1 ? (input - 1) / (output - 1) : input / output);
  return Array.from({ length: output }, (_, position) => {
    const scaled = halfPixelCenters
      ? Math.fround(Math.fround((position + 0.5) * scale) - 0.5)
      : Math.fround(position * scale);
    const lower = Math.min(Math.max(Math.floor(scaled), 0), input - 1);
    return { lower, upper: Math.min(Math.ceil(scaled), input - 1), fraction: Math.fround(scaled - lower) };
  }).map(({ lower, upper, fraction }) => ({ lower, upper: Math.max(upper, lower), fraction }));
}

export const resizeBilinear = defineFloat<ResizeOptions>({
  kind: 'RESIZE_BILINEAR',
  prepare(node) {
    const { batches, inputHeight, inputWidth, outputHeight, outputWidth, channels } = resizeGeometry(node);
    const rows = realInterpolations(inputHeight, outputHeight, node.options);
    const columns = realInterpolations(inputWidth, outputWidth, node.options);
    return ([input]) => {
      const x = input as Float32Array;
      const result = new Float32Array(batches * outputHeight * outputWidth * channels);
      let at = 0;
      for (let batch = 0; batch < batches; batch++)
        for (const row of rows)
          for (const column of columns)
            for (let channel = 0; channel < channels; channel++) {
              const pixel = (line: number, across: number) =>
                x[((batch * inputHeight + line) * inputWidth + across) * channels + channel] as number;
              const above =
                pixel(row.lower, column.lower) * (1 - column.fraction) +
                pixel(row.lower, column.upper) * column.fraction;
              const below =
                pixel(row.upper, column.lower) * (1 - column.fraction) +
                pixel(row.upper, column.upper) * column.fraction;
              result[at++] = above * (1 - row.fraction) + below * row.fraction;
            }
      return [result];
    };
  },
});
