import type { OperatorForm } from '../arithmetic.ts';
import { argumentFloat32 } from './argument.ts';
import { batchMatMulFloat32 } from './batch_matmul.ts';
import { binaryFloat32 } from './binary.ts';
import { conv2dFloat32 } from './conv_2d.ts';
import { depthwiseConv2dFloat32 } from './depthwise_conv_2d.ts';
import { fullyConnectedFloat32 } from './fully_connected.ts';
import { poolingFloat32 } from './pooling.ts';
import { reductionsFloat32 } from './reductions.ts';
import { resizeBilinearFloat32 } from './resize_bilinear.ts';
import { rowwiseFloat32 } from './rowwise.ts';
import { transposeConvFloat32 } from './transpose_conv.ts';
import { unaryFloat32 } from './unary.ts';

/** Operators with float32 activations and weights, by TFLite name. */
export const float32Forms: ReadonlyMap<string, OperatorForm> = new Map([
  conv2dFloat32,
  depthwiseConv2dFloat32,
  fullyConnectedFloat32,
  transposeConvFloat32,
  batchMatMulFloat32,
  resizeBilinearFloat32,
  ...argumentFloat32,
  ...poolingFloat32,
  ...reductionsFloat32,
  ...rowwiseFloat32,
  ...unaryFloat32,
  ...binaryFloat32,
]);
