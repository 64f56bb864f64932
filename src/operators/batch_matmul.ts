import { elementCount, type Tensor, type TypedArray } from '../graph/graph.ts';
import { broadcastShape, stridedIndices, stridesOf } from './broadcast.ts';
import {
  type FixedPointMultiplier,
  multiplierOnce,
  quantizeMultiplier,
  scaleAccumulator,
  toInt8,
} from './fixed_point.ts';
import { defineOperator, inputOf, type KernelCall, type Node, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import {
  invalid,
  requireCounts,
  requireInt8,
  requireRank,
  requireShape,
  requireWork,
} from './requirements.ts';
import { floatBits, productScale } from './single_rounding.ts';

export interface BatchMatMulOptions {
  /** The left matrices are stored transposed. */
  readonly transposeLeft: boolean;
  readonly transposeRight: boolean;
}

interface Matrices {
  /** Dimensions before the last two. */
  readonly batch: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** Elements between neighbouring rows and columns. */
  readonly rowStep: number;
  readonly columnStep: number;
}

function matricesOf(tensor: Tensor, transposed: boolean): Matrices {
  const [first = 1, last = 1] = tensor.shape.slice(-2);
  const batch = tensor.shape.slice(0, -2);
  return transposed
    ? { batch, rows: last, columns: first, rowStep: 1, columnStep: last }
    : { batch, rows: first, columns: last, rowStep: last, columnStep: 1 };
}

/** Rank 5 less the two dimensions of the matrices. */
const mostBatchDimensions = 3;

/** Elements between neighbouring matrices along each dimension of the broadcast batch `shape`. */
function batchStrides({ batch, rows, columns }: Matrices, shape: readonly number[]): readonly number[] {
  const own = stridesOf(batch);
  const missing = shape.length - batch.length;
  return shape.map((_, axis) =>
    axis < missing || batch[axis - missing] === 1 ? 0 : (own[axis - missing] as number) * rows * columns,
  );
}

/** Index of the first element of each matrix, in the order of the broadcast batch. */
export function matrixStarts(matrices: Matrices, shape: readonly number[]): Int32Array {
  return stridedIndices(shape, batchStrides(matrices, shape), 0);
}

/** As in FULLY_CONNECTED the product of the scales is rounded to float32. */
export function productMultiplier(node: Node): FixedPointMultiplier {
  const output = scaleOf(node, outputOf(node));
  if (node.rounding === 'single')
    return multiplierOnce(
      productScale(scaleOf(node, inputOf(node, 0)), scaleOf(node, inputOf(node, 1)), output),
    );
  const product = Math.fround(scaleOf(node, inputOf(node, 0)) * scaleOf(node, inputOf(node, 1)));
  return quantizeMultiplier(product / output);
}

export function matricesToMultiply(node: Node<BatchMatMulOptions>) {
  const left = matricesOf(inputOf(node, 0), node.options.transposeLeft);
  const right = matricesOf(inputOf(node, 1), node.options.transposeRight);
  const batch = broadcastShape(left.batch, right.batch);
  if (batch === null || left.columns !== right.rows)
    throw invalid(
      node,
      `[${inputOf(node, 0).shape.join(', ')}] and [${inputOf(node, 1).shape.join(', ')}] cannot be multiplied`,
      inputOf(node, 1),
    );
  return { left, right, batch };
}

/** Ranks and shapes that fit each other. */
export function checkMatrices(node: Node<BatchMatMulOptions>): void {
  for (const tensor of [inputOf(node, 0), inputOf(node, 1)]) requireRank(node, tensor, 2, 5);
  const { left, right, batch } = matricesToMultiply(node);
  requireShape(node, outputOf(node), [...batch, left.rows, right.columns]);
  requireWork(node, left.columns);
}

export const batchMatMul = defineOperator<BatchMatMulOptions>({
  kind: 'BATCH_MATMUL',
  code: 126,
  supports: 'int8 inputs and output, rank 2 to 5, broadcasting',
  readOptions: (options) => ({ transposeLeft: options.bool(0), transposeRight: options.bool(1) }),

  check(node) {
    requireCounts(node, [2, 2], 1);
    for (const tensor of [inputOf(node, 0), inputOf(node, 1), outputOf(node)]) requireInt8(node, tensor);
    checkMatrices(node);
  },

  reference(node, inputs): TypedArray[] {
    const { left, right, batch } = matricesToMultiply(node);
    const [a, b] = [inputs[0] as Int8Array, inputs[1] as Int8Array];
    const multiplier = productMultiplier(node);
    const leftZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const rightZeroPoint = zeroPointOf(node, inputOf(node, 1));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    const leftStarts = matrixStarts(left, batch);
    const rightStarts = matrixStarts(right, batch);
    const result = new Int8Array(leftStarts.length * left.rows * right.columns);
    let at = 0;
    for (const [matrix, leftStart] of leftStarts.entries()) {
      const rightStart = rightStarts[matrix] as number;
      for (let row = 0; row < left.rows; row++) {
        for (let column = 0; column < right.columns; column++) {
          let sum = 0;
          for (let k = 0; k < left.columns; k++) {
            const ofLeft = a[leftStart + row * left.rowStep + k * left.columnStep] as number;
            const ofRight = b[rightStart + k * right.rowStep + column * right.columnStep] as number;
            sum = (sum + (ofLeft - leftZeroPoint) * (ofRight - rightZeroPoint)) | 0;
          }
          result[at++] = toInt8(scaleAccumulator(sum, multiplier) + outputZeroPoint);
        }
      }
    }
    return [result];
  },

  lower(node) {
    const { multiplier, shift, once } = productMultiplier(node);
    return lowerMatrices(node, 'batch_matmul', {
      left_offset: -zeroPointOf(node, inputOf(node, 0)),
      right_offset: -zeroPointOf(node, inputOf(node, 1)),
      multiplier: once === undefined ? multiplier : floatBits(once),
      shift: -shift,
      ...(once === undefined ? {} : { once: 1 }),
      output_zero_point: zeroPointOf(node, outputOf(node)),
    });
  },
});

/** The kernel call: the matrices' geometry, and `parameters` of its own. */
export function lowerMatrices(
  node: Node<BatchMatMulOptions>,
  kernel: string,
  parameters: Readonly<Record<string, number>>,
): KernelCall {
  const { left, right, batch } = matricesToMultiply(node);
  const padded = (strides: readonly number[], filling: number) => [
    ...Array.from({ length: mostBatchDimensions - strides.length }, () => filling),
    ...strides,
  ];
  return {
    kernel,
    parametersType: 'batch_matmul_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'input', index: 1 },
      { is: 'output', index: 0 },
    ],
    constants: [],
    parameters: {
      batches: padded(batch, 1),
      left_strides: padded(batchStrides(left, batch), 0),
      right_strides: padded(batchStrides(right, batch), 0),
      rows: left.rows,
      depth: left.columns,
      columns: right.columns,
      left_row: left.rowStep,
      left_column: left.columnStep,
      right_row: right.rowStep,
      right_column: right.columnStep,
      ...parameters,
    },
    scratchBytes: 0,
    inPlace: [],
    macs: elementCount(outputOf(node).shape) * left.columns,
  };
}
