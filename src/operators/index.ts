import { add } from './add.ts';
import { averagePool2d } from './average_pool_2d.ts';
import { conv2d } from './conv_2d.ts';
import { depthwiseConv2d } from './depthwise_conv_2d.ts';
import { dequantize } from './dequantize.ts';
import { fullyConnected } from './fully_connected.ts';
import { maxPool2d } from './max_pool_2d.ts';
import { mean } from './mean.ts';
import type { OperatorDefinition } from './operator.ts';
import { quantize } from './quantize.ts';
import { reshape } from './reshape.ts';
import { softmax } from './softmax.ts';

const definitions: readonly OperatorDefinition[] = [
  add,
  averagePool2d,
  conv2d,
  depthwiseConv2d,
  dequantize,
  fullyConnected,
  maxPool2d,
  mean,
  quantize,
  reshape,
  softmax,
];

/** Every operator that we compute, by TFLite name. */
export const operators: ReadonlyMap<string, OperatorDefinition> = new Map(
  definitions.map((definition) => [definition.kind, definition]),
);

/** The same by BuiltinOperator code. */
export const operatorsByCode: ReadonlyMap<number, OperatorDefinition> = new Map(
  definitions.map((definition) => [definition.code, definition]),
);

/** The definition of an operator kind that the importer has accepted. */
export function operatorOf(kind: string): OperatorDefinition {
  const definition = operators.get(kind);
  if (definition === undefined) throw new RangeError(`operator ${kind} is not in the table`);
  return definition;
}
