import type { TypedArray } from '../graph/graph.ts';
import { clamp, roundAwayFromZero } from './fixed_point.ts';
import { lowerToLookUp } from './look_up.ts';
import {
  defineOperator,
  inputOf,
  type OperatorDefinition,
  type OptionsReader,
  outputOf,
} from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { requireUnaryInt8 } from './requirements.ts';

/** An operator that is a function of one real number. */
export interface RealFunction<Options = unknown> {
  readonly kind: string;
  /** BuiltinOperator code of the TFLite schema. */
  readonly code: number;
  readOptions?(options: OptionsReader): Options;
  /** In double precision. */
  of(options: Options): (x: number) => number;
}

export interface FunctionOperator extends OperatorDefinition {
  of(options: unknown): (x: number) => number;
}

/**
 * int8 is the table of the function's 256 answers. As in LiteRT's look-up tables (LUTPopulate), a number is taken to float32,
 * the function's value is rounded to float32, divided by the scale through its float32 reciprocal, and rounded half away from zero.
 */
export function realFunction<Options>(given: RealFunction<Options>): FunctionOperator {
  const definition: OperatorDefinition = defineOperator<Options>({
    kind: given.kind,
    code: given.code,
    supports: 'int8 input and output',
    readOptions: (options) => given.readOptions?.(options) ?? (null as Options),
    check: requireUnaryInt8,

    reference(node, inputs): TypedArray[] {
      const [scale, zeroPoint] = [scaleOf(node, inputOf(node, 0)), zeroPointOf(node, inputOf(node, 0))];
      const inverse = Math.fround(1 / scaleOf(node, outputOf(node)));
      const outputZeroPoint = zeroPointOf(node, outputOf(node));
      const of = given.of(node.options);
      return [
        (inputs[0] as Int8Array).map((value) => {
          const real = Math.fround(of(Math.fround(scale * (value - zeroPoint))));
          // What has no value (the logarithm of less than nothing) becomes the least number.
          if (Number.isNaN(real)) return -128;
          return clamp(roundAwayFromZero(Math.fround(real * inverse)) + outputZeroPoint, -128, 127);
        }),
      ];
    },

    lower: (node) => lowerToLookUp(definition, node),
  });
  return { ...definition, of: given.of as FunctionOperator['of'] };
}
