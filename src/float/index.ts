import { positions } from './arguments.ts';
import { batchMatMul } from './batch_matmul.ts';
import { binaries } from './binary.ts';
import { choices } from './choices.ts';
import { conv2d } from './conv_2d.ts';
import { depthwiseConv2d } from './depthwise_conv_2d.ts';
import { fullyConnected } from './fully_connected.ts';
import { movements } from './movement.ts';
import type { FloatOperator } from './operator.ts';
import { averagePool2d, maxPool2d } from './pooling.ts';
import { reductions } from './reductions.ts';
import { resizeBilinear } from './resize_bilinear.ts';
import { rowwise } from './rows.ts';
import { transposeConv } from './transpose_conv.ts';
import { unaries } from './unary.ts';

/** Every operator that has a meaning in float32 here, by TFLite name. */
export const floatOperators: ReadonlyMap<string, FloatOperator> = new Map(
  [
    conv2d,
    depthwiseConv2d,
    fullyConnected,
    transposeConv,
    batchMatMul,
    resizeBilinear,
    maxPool2d,
    averagePool2d,
    ...reductions,
    ...rowwise,
    ...unaries,
    ...binaries,
    ...movements,
    ...choices,
    ...positions,
  ].map((operator) => [operator.kind, operator]),
);
