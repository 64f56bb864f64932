import { type BatchMatMulOptions, batchMatMul, lowerMatrices } from '../batch_matmul.ts';
import type { Node } from '../operator.ts';
import { floatForm } from './form.ts';

export const batchMatMulFloat32 = floatForm(batchMatMul, (node) =>
  lowerMatrices(node as Node<BatchMatMulOptions>, 'batch_matmul_float32', {}),
);
