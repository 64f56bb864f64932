import type { Graph } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { buildModel, int32Bytes, someInt8 } from '../import/build_model.ts';

const same = { scales: [0.5], zeroPoints: [3] };

export interface Dilated {
  readonly block?: readonly [number, number];
  /** Top, bottom, left, right. */
  readonly pads: readonly number[];
  readonly crops: readonly number[];
  readonly padding?: 'same' | 'valid';
  readonly depthwise?: boolean;
  readonly float?: boolean;
  /** Tensors that the caller reads; the last one is what the operators together give. */
  readonly outputs?: readonly number[];
  readonly lastBlock?: readonly [number, number];
  readonly stride?: number;
}

/** A 3 × 2 convolution of an image [2, 9, 11, 4] in batches. */
export function batchedConvolution(given: Dilated): Graph {
  const { block = [2, 3], pads, crops, padding = 'valid', depthwise = false, float = false } = given;
  const { outputs = [8], lastBlock = block, stride = 1 } = given;
  const [top = 0, bottom = 0, left = 0, right = 0] = pads;
  const [cropTop = 0, cropBottom = 0, cropLeft = 0, cropRight = 0] = crops;
  const batches = 2 * block[0] * block[1];
  const height = (9 + top + bottom) / block[0];
  const width = (11 + left + right) / block[1];
  const inside = (size: number, taps: number): number =>
    padding === 'same' ? Math.ceil(size / stride) : Math.ceil((size - taps + 1) / stride);
  const [rows, columns] = [inside(height, 3), inside(width, 2)];
  const number = float ? { type: 0 } : same;
  const weights = someInt8(3 * 2 * 4 * (depthwise ? 1 : 4), 5);
  const integers = (values: readonly number[], shape = [values.length]) => ({
    shape,
    type: 2,
    data: int32Bytes(values),
  });
  const bytes = buildModel({
    tensors: [
      { shape: [2, 9, 11, 4], ...number },
      integers(block),
      integers(pads, [2, 2]),
      { shape: [batches, height, width, 4], ...number },
      {
        shape: depthwise ? [1, 3, 2, 4] : [4, 3, 2, 4],
        ...(float
          ? { type: 0, data: new Uint8Array(Float32Array.from(weights, (each) => each / 64).buffer) }
          : { scales: [0.01], zeroPoints: [0], data: weights }),
      },
      { shape: [batches, rows, columns, 4], ...number },
      integers(lastBlock),
      integers(crops, [2, 2]),
      {
        shape: [
          batches / (lastBlock[0] * lastBlock[1]),
          rows * lastBlock[0] - cropTop - cropBottom,
          columns * lastBlock[1] - cropLeft - cropRight,
          4,
        ],
        ...number,
      },
    ],
    operators: [
      { code: 38, inputs: [0, 1, 2], outputs: [3] },
      {
        code: depthwise ? 4 : 3,
        inputs: [3, 4],
        outputs: [5],
        options: {
          type: depthwise ? 2 : 1,
          fields: [
            { field: 0, int8: padding === 'same' ? 0 : 1 },
            { field: 1, int32: stride },
            { field: 2, int32: stride },
            ...(depthwise ? [{ field: 3, int32: 1 }] : []),
          ],
        },
      },
      { code: 37, inputs: [5, 6, 7], outputs: [8] },
    ],
    inputs: [0],
    outputs,
  });
  return importTflite(bytes, { file: 'batched.tflite', name: 'batched' });
}

/** What becomes a dilated convolution. */
export const dilatedOnes: Readonly<Record<string, Dilated>> = {
  // As a converter writes a dilated convolution with the padding SAME: 2 rows and 1 or 2 columns around.
  'as SAME': { pads: [2, 3, 1, 3], crops: [0, 1, 0, 1] },
  'as VALID': { pads: [0, 1, 0, 1], crops: [0, 1, 0, 1] },
  'padding inside': { pads: [1, 2, 0, 1], crops: [1, 2, 0, 1], padding: 'same' },
  'crops of the padding': { pads: [4, 3, 3, 4], crops: [2, 3, 3, 1] },
  depthwise: { pads: [2, 3, 1, 3], crops: [0, 1, 0, 1], depthwise: true },
  'one row': { block: [1, 3], pads: [1, 1, 3, 1], crops: [0, 0, 0, 0] },
  float: { pads: [2, 3, 1, 3], crops: [0, 1, 0, 1], float: true },
};
