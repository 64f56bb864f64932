import type { TypedArray } from '../graph/graph.ts';
import { clamp } from './fixed_point.ts';
import { type Constant, defineOperator, inputOf } from './operator.ts';
import { requireInt8 } from './requirements.ts';
import { checkResize, type ResizeOptions, readResizeOptions, resizeGeometry } from './resize.ts';

/** Where an output position lies between two input positions. */
export interface Interpolation {
  readonly lower: number;
  readonly upper: number;
  /** Distance from `lower` in 1/1024; negative before the first pixel's centre, where both are the same pixel. */
  readonly fraction: number;
}

const one = 1024;

/** All in integers of 10 fraction bits (TFLite's ResizeBilinearInteger). */
export function interpolations(
  input: number,
  output: number,
  options: ResizeOptions,
): readonly Interpolation[] {
  const { alignCorners, halfPixelCenters } = options;
  const scale =
    alignCorners && output > 1
      ? Math.floor((one * (input - 1) + Math.floor((output - 1) / 2)) / (output - 1))
      : Math.floor((one * input + Math.floor(output / 2)) / output);
  return Array.from({ length: output }, (_, position) => {
    const scaled = position * scale + (halfPixelCenters ? Math.trunc(scale / 2) - one / 2 : 0);
    const lower = Math.max(Math.trunc(scaled / one), 0);
    const upper = Math.min(Math.trunc((scaled + one - 1) / one), input - 1);
    return { lower: clamp(lower, 0, input - 1), upper, fraction: scaled - one * lower };
  });
}

export const resizeBilinear = defineOperator<ResizeOptions>({
  kind: 'RESIZE_BILINEAR',
  code: 23,
  supports: 'int8 input and output of the same scale, constant size',
  readOptions: readResizeOptions(2),
  check(node) {
    checkResize(node);
    requireInt8(node, inputOf(node, 0));
  },

  reference(node, inputs): TypedArray[] {
    const { batches, inputHeight, inputWidth, outputHeight, outputWidth, channels } = resizeGeometry(node);
    const x = inputs[0] as Int8Array;
    const rows = interpolations(inputHeight, outputHeight, node.options);
    const columns = interpolations(inputWidth, outputWidth, node.options);
    const result = new Int8Array(batches * outputHeight * outputWidth * channels);
    let at = 0;
    for (let batch = 0; batch < batches; batch++) {
      for (const row of rows) {
        const top = (batch * inputHeight + row.lower) * inputWidth;
        const bottom = (batch * inputHeight + row.upper) * inputWidth;
        for (const column of columns) {
          for (let channel = 0; channel < channels; channel++) {
            const pixel = (start: number, position: number) =>
              x[(start + position) * channels + channel] as number;
            const sum =
              pixel(top, column.lower) * (one - row.fraction) * (one - column.fraction) +
              pixel(bottom, column.lower) * row.fraction * (one - column.fraction) +
              pixel(top, column.upper) * (one - row.fraction) * column.fraction +
              pixel(bottom, column.upper) * row.fraction * column.fraction;
            // Halves round away from zero; 2²⁰ is 1024².
            const half = 2 ** 19;
            result[at++] = Math.trunc((sum > 0 ? sum + half : sum - half) / 2 ** 20);
          }
        }
      }
    }
    return [result];
  },

  lower(node) {
    const { batches, inputHeight, inputWidth, outputHeight, outputWidth, channels } = resizeGeometry(node);
    const table = (name: string, input: number, output: number, step: number): Constant => ({
      name,
      role: 'table',
      type: 'int32',
      values: interpolations(input, output, node.options).flatMap(({ lower, upper, fraction }) => [
        lower * step,
        upper * step,
        fraction,
      ]),
    });
    return {
      kernel: 'resize_bilinear',
      parametersType: 'resize_bilinear_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
        { is: 'constant', name: 'rows' },
        { is: 'constant', name: 'columns' },
      ],
      constants: [
        table('rows', inputHeight, outputHeight, inputWidth * channels),
        table('columns', inputWidth, outputWidth, channels),
      ],
      parameters: {
        batches,
        input_size: inputHeight * inputWidth * channels,
        output_height: outputHeight,
        output_width: outputWidth,
        channels,
      },
      scratchBytes: 0,
      inPlace: [],
      macs: 0,
    };
  },
});
