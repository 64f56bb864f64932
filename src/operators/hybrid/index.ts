import type { OperatorForm } from '../arithmetic.ts';
import { conv2dHybrid } from './conv_2d.ts';
import { depthwiseConv2dHybrid } from './depthwise_conv_2d.ts';
import { fullyConnectedHybrid } from './fully_connected.ts';

/** Operators with float32 activations and int8 weights, by TFLite name. */
export const hybridForms: ReadonlyMap<string, OperatorForm> = new Map([
  conv2dHybrid,
  depthwiseConv2dHybrid,
  fullyConnectedHybrid,
]);
