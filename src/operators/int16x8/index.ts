import type { OperatorForm } from '../arithmetic.ts';
import { batchMatMulInt16 } from './batch_matmul.ts';
import { conv2dInt16x8 } from './conv_2d.ts';
import { depthwiseConv2dInt16x8 } from './depthwise_conv_2d.ts';
import {
  compared,
  onCommonScale,
  product,
  squaredDifferenceMultipliers16,
  sumMultipliers16,
} from './elementwise.ts';
import { fullyConnectedInt16x8 } from './fully_connected.ts';
import { averagePool2dInt16, maxPool2dInt16 } from './pooling.ts';
import { preluInt16x8 } from './prelu.ts';
import { meanInt16, sumInt16 } from './reduction.ts';
import { rsqrtInt16 } from './rsqrt.ts';
import { logisticInt16, tanhInt16 } from './sigmoid.ts';
import { absInt16, leakyReluInt16, relu6Int16, reluInt16 } from './slopes.ts';
import { softmaxInt16 } from './softmax.ts';
import { transposeConvInt16x8 } from './transpose_conv.ts';

/** Operators with int16 activations and int8 weights, by TFLite name. */
export const int16x8Forms: ReadonlyMap<string, OperatorForm> = new Map([
  ['ABS', absInt16],
  [
    'ADD',
    onCommonScale({ multipliers: sumMultipliers16, combine: (a, b) => (a + b) | 0, kernel: 'add_int16' }),
  ],
  ['AVERAGE_POOL_2D', averagePool2dInt16],
  ['BATCH_MATMUL', batchMatMulInt16],
  ['CONV_2D', conv2dInt16x8],
  ['DEPTHWISE_CONV_2D', depthwiseConv2dInt16x8],
  ['FULLY_CONNECTED', fullyConnectedInt16x8],
  ['LEAKY_RELU', leakyReluInt16],
  ['LOGISTIC', logisticInt16],
  ['MAXIMUM', compared('maximum_int16', Math.max)],
  ['MAX_POOL_2D', maxPool2dInt16],
  ['MEAN', meanInt16],
  ['MINIMUM', compared('minimum_int16', Math.min)],
  ['MUL', product()],
  ['PRELU', preluInt16x8],
  ['RELU', reluInt16],
  ['RELU6', relu6Int16],
  ['RSQRT', rsqrtInt16],
  ['SOFTMAX', softmaxInt16],
  [
    'SQUARED_DIFFERENCE',
    onCommonScale({
      multipliers: squaredDifferenceMultipliers16,
      combine: (a, b) => Math.imul(a - b, a - b),
      kernel: 'squared_difference_int16',
    }),
  ],
  [
    'SUB',
    onCommonScale({ multipliers: sumMultipliers16, combine: (a, b) => (a - b) | 0, kernel: 'sub_int16' }),
  ],
  ['SUM', sumInt16],
  ['TANH', tanhInt16],
  ['TRANSPOSE_CONV', transposeConvInt16x8],
]);

/** Operators that take int16 in their own files: they only move values, or change their type. */
const ofAnyType = [
  'BATCH_TO_SPACE_ND',
  'BROADCAST_TO',
  'CONCATENATION',
  'DEPTH_TO_SPACE',
  'DEQUANTIZE',
  'EQUAL',
  'EXPAND_DIMS',
  'GATHER',
  'GATHER_ND',
  'GREATER',
  'GREATER_EQUAL',
  'LESS',
  'LESS_EQUAL',
  'MIRROR_PAD',
  'NOT_EQUAL',
  'PACK',
  'PAD',
  'PADV2',
  'QUANTIZE',
  'RESHAPE',
  'RESIZE_NEAREST_NEIGHBOR',
  'REVERSE_V2',
  'SELECT',
  'SELECT_V2',
  'SLICE',
  'SPACE_TO_BATCH_ND',
  'SPACE_TO_DEPTH',
  'SPLIT',
  'SPLIT_V',
  'SQUEEZE',
  'STRIDED_SLICE',
  'TILE',
  'TRANSPOSE',
  'UNPACK',
] as const;

/** Every operator that computes with int16 activations: what a quantizer may give them to. */
export const int16Kinds: ReadonlySet<string> = new Set([...int16x8Forms.keys(), ...ofAnyType]);
