import {
  clamp,
  highMultiply,
  int32Max,
  int32Min,
  roundingShiftRight,
  saturatingShiftLeft,
} from './fixed_point.ts';

/**
 * exp, 1/(1+x), logistic, tanh and 1/√x on int32 fixed point, bit-exact with gemmlowp's algorithms as the
 * TFLite reference kernels use them. "Qm" here: a raw int32 with m integer bits, that is raw / 2^(31−m).
 */

/** exp(a) for −1/4 ≤ a < 0, Q0 in and out: a Taylor expansion of degree 4 around −1/8. */
function expBetweenMinusQuarterAndZero(a: number): number {
  const expOfMinusEighth = 1895147668;
  const oneThird = 715827883;
  const x = a + (1 << 28);
  const x2 = highMultiply(x, x);
  const x3 = highMultiply(x2, x);
  const x4 = highMultiply(x2, x2);
  const x4Over4 = roundingShiftRight(x4, 2);
  const tail = roundingShiftRight((highMultiply(x4Over4 + x3, oneThird) + x2) | 0, 1);
  return (expOfMinusEighth + highMultiply(expOfMinusEighth, (x + tail) | 0)) | 0;
}

/** exp(−2^k) in Q0 for k = −2 … 4. */
const expOfMinusPowers = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242] as const;

/** exp(a) for a ≤ 0 with `integerBits` integer bits; the result is Q0 (1.0 is 2³¹ − 1). */
export function expOnNegativeValues(a: number, integerBits: number): number {
  if (a === 0) return int32Max;
  const fractionalBits = 31 - integerBits;
  const oneQuarter = 1 << (fractionalBits - 2);
  const remainderOfQuarter = (a & (oneQuarter - 1)) - oneQuarter;
  let result = expBetweenMinusQuarterAndZero(saturatingShiftLeft(remainderOfQuarter, integerBits));
  const rest = (remainderOfQuarter - a) | 0;
  for (const [position, factor] of expOfMinusPowers.entries()) {
    const exponent = position - 2;
    if (integerBits > exponent && (rest & (1 << (fractionalBits + exponent))) !== 0) {
      result = highMultiply(result, factor);
    }
  }
  return result;
}

/** 2 / (1 + a) in Q2 for a in [0, 1], Q0: three Newton-Raphson steps from 48/17 − 32/17 d. */
function reciprocalOfHalfDenominator(a: number): number {
  const halfDenominator = halfSum(a, int32Max);
  const one = 1 << 29;
  let x = (1515870810 + highMultiply(halfDenominator, -1010580540)) | 0;
  for (let step = 0; step < 3; step++) {
    const oneMinus = (one - highMultiply(halfDenominator, x)) | 0;
    x = (x + saturatingShiftLeft(highMultiply(x, oneMinus), 2)) | 0;
  }
  return x;
}

/** 1 / (1 + a) for a in [0, 1], Q0 in and out. */
export function oneOverOnePlus(a: number): number {
  return saturatingShiftLeft(reciprocalOfHalfDenominator(a), 1);
}

/** (1 − a) / (1 + a) for a in [0, 1], Q0 in and out. */
function oneMinusOverOnePlus(a: number): number {
  return saturatingShiftLeft((reciprocalOfHalfDenominator(a) - (1 << 29)) | 0, 2);
}

/** 1 / (1 + exp(−a)); a with `integerBits` integer bits, the result Q0. */
export function logistic(a: number, integerBits: number): number {
  if (a === 0) return 1 << 30;
  const ofMagnitude = oneOverOnePlus(expOnNegativeValues(-Math.abs(a), integerBits));
  return a > 0 ? ofMagnitude : int32Max - ofMagnitude;
}

/** tanh(a); a with `integerBits` integer bits, the result Q0. */
export function hyperbolicTangent(a: number, integerBits: number): number {
  if (a === 0) return 0;
  const ofMagnitude = oneMinusOverOnePlus(expOnNegativeValues(-Math.abs(a), integerBits + 1));
  return a > 0 ? ofMagnitude : -ofMagnitude;
}

/** 1 / x for x > 0 with `integerBits` integer bits, as reciprocal × 2^−bitsOverUnit, the reciprocal in Q0. */
export function reciprocal(
  x: number,
  integerBits: number,
): { readonly reciprocal: number; readonly bitsOverUnit: number } {
  const headroomPlusOne = Math.clz32(x);
  const shifted = (x << headroomPlusOne) >>> 0;
  return {
    reciprocal: oneOverOnePlus(shifted - 2 ** 31),
    bitsOverUnit: integerBits - headroomPlusOne,
  };
}

/** 1/√x for an int32 x as multiplier × 2^(shift−31), shift ≤ 0 to the right (TFLite's GetInvSqrtQuantizedMultiplierExp, reverse shift −1). */
export function inverseSquareRoot(x: number): { readonly multiplier: number; readonly shift: number } {
  if (x <= 1) return { multiplier: int32Max, shift: 0 };
  let input = x;
  let rightShift = 11;
  while (input >= 1 << 29) {
    input = Math.trunc(input / 4);
    rightShift += 1;
  }
  const leftShiftPairs = Math.floor((Math.clz32(input) - 1) / 2) - 1;
  rightShift -= leftShiftPairs;
  input <<= 2 * leftShiftPairs;
  // Newton-Raphson on y = 1/√x, x and y in Q3: y ← (3/2) y − (x/2) y³.
  const halfInput = roundingShiftRight(input >> 1, 1);
  const threeHalves = (1 << 28) + (1 << 27);
  let y = 1 << 28;
  for (let step = 0; step < 5; step++) {
    const cube = saturatingShiftLeft(highMultiply(highMultiply(y, y), y), 6);
    y = saturatingShiftLeft((highMultiply(threeHalves, y) - highMultiply(halfInput, cube)) | 0, 3);
  }
  const halfOfSquareRootOfTwo = 1518500250;
  let multiplier = highMultiply(y, halfOfSquareRootOfTwo);
  if (rightShift < 0) {
    multiplier <<= -rightShift;
    rightShift = 0;
  }
  return { multiplier, shift: rightShift === 0 ? 0 : -rightShift };
}

/** The largest |x| that still fits `integerBits` integer bits after a left shift (TFLite's CalculateInputRadius). */
export function inputRadius(integerBits: number, leftShift: number, signedBits = 31): number {
  return Math.floor(((2 ** integerBits - 1) * 2 ** (signedBits - integerBits)) / 2 ** leftShift);
}

/**
 * ln(x) for x ≥ 1 with `inputBits` integer bits; the result has `outputBits` integer bits. The fraction is split
 * off twice, at 2^n and 2^(n ± 1/2), the nearer one expanded as a rational function around √√½
 * (TFLite's log_x_for_x_greater_than_or_equal_to_1).
 */
export function logarithm(x: number, inputBits: number, outputBits: number): number {
  const logOfTwo = 1488522236;
  const fourthRootOfHalf = 1805811301;
  const rootOfHalf = 1518500250;
  const alphaN = 117049297;
  const alphaD = 127690142;
  const alphaI = 1057819769;
  const alphaF = 638450708;
  const accumulatorBits = outputBits + 1;
  const quarter = roundingShiftRight(536870912, accumulatorBits);

  const headroomPlusOne = Math.clz32(x);
  const normalized = saturatingShiftLeft(x, headroomPlusOne - 1);
  const remainderA = saturatingShiftLeft(highMultiply(normalized, rootOfHalf), 1);
  const powerA = saturate(saturatingShiftLeft(inputBits - headroomPlusOne, 31 - accumulatorBits) + quarter);
  const shrunk = highMultiply(x, rootOfHalf);
  const headroomB = Math.clz32(shrunk) - 1;
  const remainderB = saturatingShiftLeft(x, headroomB);
  const powerB = saturate(saturatingShiftLeft(inputBits - headroomB, 31 - accumulatorBits) - quarter);

  const r = Math.min(remainderA, remainderB);
  const power = Math.max(powerA, powerB);
  const p = halfSum(r, fourthRootOfHalf);
  const q = ((r - fourthRootOfHalf) * 2) | 0;
  const square = highMultiply(q, q);
  const numerator = (highMultiply(q, r) + highMultiply(highMultiply(q, square), alphaN)) | 0;
  const denominator =
    (highMultiply(p, (alphaI + q + highMultiply(alphaD, square)) | 0) + highMultiply(alphaF, q)) | 0;
  const fraction = highMultiply(roundingShiftRight(numerator, accumulatorBits), oneOverOnePlus(denominator));
  return saturatingShiftLeft((highMultiply(power, logOfTwo) + fraction) | 0, accumulatorBits - outputBits);
}

/** round((a + b) / 2), halves away from zero (gemmlowp's RoundingHalfSum). */
function halfSum(a: number, b: number): number {
  const sum = a + b;
  return Math.trunc((sum + (sum >= 0 ? 1 : -1)) / 2);
}

function saturate(x: number): number {
  return clamp(x, int32Min, int32Max);
}
