import { elementCount } from '../../graph/graph.ts';
import { defineForm, type OperatorForm } from '../arithmetic.ts';
import { inputOf, type Node, outputOf, unsupported } from '../operator.ts';
import { scaleOf } from '../quantization.ts';
import { requireUnaryInt16 } from './tensors.ts';

/** LOGISTIC and TANH between the points of one table, as TFLite Micro's int16 kernels: tanh(x) = 2 × logistic(2x) − 1. */

/** Points that the reference's table has one higher than the rounded function. */
const raised: ReadonlySet<number> = new Set([
  4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45,
  46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
]);

/** The logistic function of i / 24, Q16 (TFLite's sigmoid_table_uint16). */
export const sigmoidTable: readonly number[] = Array.from(
  { length: 256 },
  (_, at) => Math.round(65536 / (1 + Math.exp(-at / 24))) + (raised.has(at) ? 1 : 0),
);

interface InputScale {
  readonly multiplier: number;
  /** Right shift, rounded. */
  readonly shift: number;
}

/**
 * From the input's scale to 1/(3 × 4096). A power of two that needs no shift (`exactShifts`) is multiplied by 3 exactly;
 * any other becomes a multiplier of 15 bits.
 */
function inputScale(node: Node, exactShifts: readonly number[]): InputScale {
  const scale = scaleOf(node, inputOf(node, 0));
  const log2 = Math.log2(scale);
  const left = 12 + Math.round(log2);
  if (Math.abs(log2 - Math.round(log2)) < 1e-3 && exactShifts.includes(left))
    return { multiplier: 3 * 2 ** left, shift: 0 };
  let multiplier = scale * 4096 * 3;
  let shift = 0;
  while (multiplier <= 32767 / 2 && shift <= 30) {
    shift += 1;
    multiplier *= 2;
  }
  return { multiplier: Math.trunc(multiplier), shift };
}

/** Saturated beyond the table's end. */
const tableEnd = 255;

function between(magnitude: number, bits: number, beyond: number): number {
  const index = magnitude >>> bits;
  if (index >= tableEnd) return beyond;
  const [from, to] = [sigmoidTable[index] as number, sigmoidTable[index + 1] as number];
  return from * 2 ** bits + (magnitude % 2 ** bits) * (to - from);
}

function logisticOf(x: number): number {
  const result = between(Math.abs(x), 9, 0x7fff * 2 ** 10);
  return ((x >= 0 ? result + 2 ** 9 : 2 ** 25 - result + 2 ** 9 - 1) >>> 10) | 0;
}

function tanhOf(x: number): number {
  const half = between(Math.abs(x), 8, 0xffff * 2 ** 8) - 2 ** 23;
  return (x >= 0 ? half + 2 ** 7 : -half + 2 ** 7 - 1) >> 8;
}

function sigmoidForm(
  of: (x: number) => number,
  hyperbolic: 0 | 1,
  exactShifts: readonly number[],
): OperatorForm {
  return defineForm<null>({
    supports: 'int16 input and output (output scale 1/32768)',

    check(node) {
      requireUnaryInt16(node);
      // The reference takes a scale within a thousandth in log2.
      if (Math.abs(Math.log2(scaleOf(node, outputOf(node))) + 15) >= 1e-3)
        throw unsupported(
          node,
          'the output scale is not 1/32768',
          outputOf(node),
          'Quantize again with a current TFLite converter.',
        );
      if (inputScale(node, exactShifts).multiplier > 32767)
        throw unsupported(
          node,
          'the input scale is too large',
          inputOf(node, 0),
          'The function is flat there: quantize again with a smaller range.',
        );
    },

    reference(node, inputs) {
      const { multiplier, shift } = inputScale(node, exactShifts);
      const round = shift > 0 ? 2 ** (shift - 1) : 0;
      return [(inputs[0] as Int16Array).map((x) => of((x * multiplier + round) >> shift))];
    },

    lower(node) {
      const { multiplier, shift } = inputScale(node, exactShifts);
      return {
        kernel: 'sigmoid_int16',
        parametersType: 'sigmoid_parameters',
        arguments: [
          { is: 'input', index: 0 },
          { is: 'output', index: 0 },
          { is: 'constant', name: 'table' },
        ],
        constants: [
          { name: 'table', role: 'table', type: 'int16', values: sigmoidTable.map((value) => value - 32768) },
        ],
        parameters: { count: elementCount(inputOf(node, 0).shape), multiplier, shift, hyperbolic },
        scratchBytes: 0,
        inPlace: [0],
        macs: 0,
      };
    },
  });
}

export const logisticInt16 = sigmoidForm(logisticOf, 0, [0]);
export const tanhInt16 = sigmoidForm(tanhOf, 1, [0, 1]);
