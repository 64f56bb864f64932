import type { OperatorForm } from '../arithmetic.ts';
import { conv2dUint8 } from './conv_2d.ts';
import { depthwiseConv2dUint8 } from './depthwise_conv_2d.ts';
import { fullyConnectedUint8 } from './fully_connected.ts';

/** Operators whose uint8 weights no int8 weights around zero can replace, by TFLite name. */
export const uint8Forms: ReadonlyMap<string, OperatorForm> = new Map([
  ['CONV_2D', conv2dUint8],
  ['DEPTHWISE_CONV_2D', depthwiseConv2dUint8],
  ['FULLY_CONNECTED', fullyConnectedUint8],
]);
