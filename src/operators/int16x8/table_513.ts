import { clamp, roundAwayFromZero } from '../fixed_point.ts';
import { int16Max, int16Min } from './tensors.ts';

/** Functions of int16 by 513 points, 128 apart, and straight lines between them (TFLite's LUTPopulate and LUTLookup). */

const steps = 512;

/** Real input = inputScale × (x − inputZeroPoint); output in units of outputScale. All in float32, as the reference. */
export function tableOf(
  transform: (x: number) => number,
  input: { readonly scale: number; readonly zeroPoint: number },
  outputScale: number,
): Int16Array {
  const f = Math.fround;
  const round = (x: number) => f(roundAwayFromZero(x));
  const inputMin = f(input.scale * (int16Min - input.zeroPoint));
  const inputMax = f(input.scale * (int16Max - input.zeroPoint));
  const outputMin = f(outputScale * int16Min);
  const outputMax = f(outputScale * int16Max);
  const step = f(f(inputMax - inputMin) / steps);
  const half = f(step / 2);
  const inverse = f(65536 / f(outputMax - outputMin));
  const at = (index: number) => f(inputMin + f(index * step));
  const scaled = (x: number) => f(f(transform(x)) * inverse);
  const table = new Int16Array(steps + 1);
  for (let index = 0; index < steps; index++) {
    const value = round(scaled(at(index)));
    const between = round(f(f(scaled(at(index + 1)) + value) / 2));
    const middle = round(scaled(f(at(index) + half)));
    // Half of the error in the middle goes to the ends.
    const bias = round(f(f(between - middle) / 2));
    table[index] = clamp(f(value - bias), int16Min, int16Max);
  }
  table[steps] = clamp(round(scaled(inputMax)), int16Min, int16Max);
  return table;
}

export function lookUpBetween(value: number, table: Int16Array): number {
  const index = 256 + (value >> 7);
  const base = table[index] as number;
  const slope = (table[index + 1] as number) - base;
  return base + ((slope * (value & 0x7f) + 64) >> 7);
}
