import type { TypedArray } from '../graph/graph.ts';
import { clamp, quantizeMultiplier, roundingShiftRight, toInt8 } from './fixed_point.ts';
import { lowerToLookUp } from './look_up.ts';
import { defineOperator, inputOf, type Node, type OperatorDefinition, outputOf } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import { invalid, requireUnaryInt8 } from './requirements.ts';

/** A multiplier with 15 bits: multiplier × 2^(shift − 15). */
interface ShortMultiplier {
  readonly multiplier: number;
  readonly shift: number;
}

function shortMultiplier(real: number): ShortMultiplier {
  const { multiplier, shift } = quantizeMultiplier(real);
  return { multiplier: Math.min((multiplier + (1 << 15)) / 65536, 32767) | 0, shift };
}

/** The two scales of the reference, in float32: input × 2⁻⁷ to the output's, and to 3/32768 for the relu6 part. */
function multipliers(node: Node): { readonly output: ShortMultiplier; readonly reluish: ShortMultiplier } {
  const fineScale = Math.fround(scaleOf(node, inputOf(node, 0)) / 128);
  return {
    output: shortMultiplier(Math.fround(fineScale / scaleOf(node, outputOf(node)))),
    reluish: shortMultiplier(Math.fround(fineScale / Math.fround(3 / 32768))),
  };
}

const toInt16 = (x: number) => clamp(x, -32768, 32767);

/** round(a × b / 2¹⁵) of two int16, ties upwards. */
const highMultiply16 = (a: number, b: number) => toInt16((a * b + (1 << 14)) >> 15);

export const hardSwish: OperatorDefinition = defineOperator<null>({
  kind: 'HARD_SWISH',
  code: 117,
  supports: 'int8 input and output',
  readOptions: () => null,

  check(node) {
    requireUnaryInt8(node);
    if (multipliers(node).output.shift > 0)
      throw invalid(node, 'the output scale is too small for the input scale', outputOf(node));
  },

  /** x × relu6(x + 3) / 6, all in int16. */
  reference(node, inputs): TypedArray[] {
    const { output, reluish } = multipliers(node);
    const inputZeroPoint = zeroPointOf(node, inputOf(node, 0));
    const outputZeroPoint = zeroPointOf(node, outputOf(node));
    return [
      (inputs[0] as Int8Array).map((value) => {
        const fine = (value - inputZeroPoint) * 128;
        const onOutputScale = highMultiply16(fine, output.multiplier);
        let gate = fine;
        if (reluish.shift > 0) gate = toInt16(gate * 2 ** (reluish.shift - 1));
        gate = highMultiply16(gate, reluish.multiplier);
        if (reluish.shift > 0) gate = toInt16(gate * 2);
        if (reluish.shift < 0) gate = roundingShiftRight(gate, -reluish.shift);
        // From [−1, 1] to [0, 1], both with 15 bits.
        gate = (gate + (1 << 15)) >> 1;
        const product = Math.trunc((gate * onOutputScale) / (1 << 15));
        return toInt8(roundingShiftRight(product, -output.shift) + outputZeroPoint);
      }),
    ];
  },

  lower: (node) => lowerToLookUp(hardSwish, node),
});
