import { defineForm } from '../arithmetic.ts';
import {
  type BatchMatMulOptions,
  checkMatrices,
  lowerMatrices,
  matricesToMultiply,
  matrixStarts,
  productMultiplier,
} from '../batch_matmul.ts';
import { inputOf } from '../operator.ts';
import { invalid } from '../requirements.ts';
import { multiplyReduced, reducedMultiplier } from './accumulator.ts';
import { requireBinaryInt16, toInt16 } from './tensors.ts';

/** Products of 30 bits whose sum must stay below 2⁴⁷. */
const mostDepth = 2 ** 17;

export const batchMatMulInt16 = defineForm<BatchMatMulOptions>({
  supports: 'int16 inputs and output, rank 2 to 5, broadcasting',

  check(node) {
    requireBinaryInt16(node);
    checkMatrices(node);
    const { columns } = matricesToMultiply(node).left;
    if (columns > mostDepth)
      throw invalid(node, `sums of ${columns} products are too large`, inputOf(node, 0));
  },

  reference(node, inputs) {
    const { left, right, batch } = matricesToMultiply(node);
    const [a, b] = [inputs[0] as Int16Array, inputs[1] as Int16Array];
    const multiplier = reducedMultiplier(productMultiplier(node));
    const leftStarts = matrixStarts(left, batch);
    const rightStarts = matrixStarts(right, batch);
    const result = new Int16Array(leftStarts.length * left.rows * right.columns);
    let at = 0;
    for (const [matrix, leftStart] of leftStarts.entries()) {
      const rightStart = rightStarts[matrix] as number;
      for (let row = 0; row < left.rows; row++)
        for (let column = 0; column < right.columns; column++) {
          let sum = 0;
          for (let k = 0; k < left.columns; k++) {
            const ofLeft = a[leftStart + row * left.rowStep + k * left.columnStep] as number;
            const ofRight = b[rightStart + k * right.rowStep + column * right.columnStep] as number;
            sum += ofLeft * ofRight;
          }
          result[at++] = toInt16(multiplyReduced(sum, multiplier));
        }
    }
    return [result];
  },

  lower(node) {
    const { multiplier, shift } = reducedMultiplier(productMultiplier(node));
    return lowerMatrices(node, 'batch_matmul_int16', { multiplier, shift });
  },
});
