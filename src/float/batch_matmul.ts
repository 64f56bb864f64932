import { type BatchMatMulOptions, matricesToMultiply, matrixStarts } from '../operators/batch_matmul.ts';
import { defineFloat } from './operator.ts';

export const batchMatMul = defineFloat<BatchMatMulOptions>({
  kind: 'BATCH_MATMUL',
  prepare(node) {
    const { left, right, batch } = matricesToMultiply(node);
    const leftStarts = matrixStarts(left, batch);
    const rightStarts = matrixStarts(right, batch);
    return ([a, b]) => {
      const result = new Float32Array(leftStarts.length * left.rows * right.columns);
      let at = 0;
      for (const [matrix, leftStart] of leftStarts.entries()) {
        const rightStart = rightStarts[matrix] as number;
        for (let row = 0; row < left.rows; row++)
          for (let column = 0; column < right.columns; column++) {
            let sum = 0;
            for (let k = 0; k < left.columns; k++)
              sum +=
                (a?.[leftStart + row * left.rowStep + k * left.columnStep] as number) *
                (b?.[rightStart + k * right.rowStep + column * right.columnStep] as number);
            result[at++] = sum;
          }
      }
      return [result];
    };
  },
});
