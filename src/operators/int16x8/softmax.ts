import { elementCount, type TypedArray } from '../../graph/graph.ts';
import { defineForm } from '../arithmetic.ts';
import {
  clamp,
  highMultiply,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  roundingShiftRight,
} from '../fixed_point.ts';
import { reciprocal } from '../fixed_point_functions.ts';
import { inputOf, type KernelCall, type Node, outputOf, unsupported } from '../operator.ts';
import { scaleOf, zeroPointOf } from '../quantization.ts';
import { invalid, requireCounts, requireInt8, requireSameElements, requireType } from '../requirements.ts';
import {
  accumulatorBits,
  lowerSoftmax,
  type SoftmaxOptions,
  softmaxExponential,
  softmaxParameters,
} from '../softmax.ts';
import { lookUpBetween, tableOf } from './table_513.ts';
import { int16Max, int16Min, requireInt16, toInt16 } from './tensors.ts';

export const softmaxInt16 = defineForm<SoftmaxOptions>({
  supports:
    'int16 input and output (output scale 1/32768), or int8 input and int16 output (scale 1/65536, zero point -32768)',

  check(node) {
    requireCounts(node, [1, 1], 1);
    const input = inputOf(node, 0);
    const output = outputOf(node);
    requireType(node, output, ['int16']);
    requireSameElements(node, input, output);
    if (input.shape.length === 0) throw invalid(node, 'the input is a scalar', input);
    if (input.type === 'int8') requireInt8(node, input);
    else requireInt16(node, input);
    const [unit, zeroPoint] = input.type === 'int8' ? [1 / 65536, -32768] : [1 / 32768, 0];
    if (Math.abs(scaleOf(node, output) - unit) > unit / 1000 || zeroPointOf(node, output) !== zeroPoint)
      throw unsupported(
        node,
        `the output scale is not 1/${1 / unit} with zero point ${zeroPoint}`,
        output,
        'Quantize again with a current TFLite converter.',
      );
    const { beta } = node.options;
    const scaled = beta * scaleOf(node, input);
    const fits = input.type === 'int8' ? scaled * 2 ** 26 > 1 : scaled > 2 ** -40 && scaled < 2 ** 8;
    if (!fits) throw invalid(node, `beta ${beta} is too small or no number`, input);
  },

  reference(node, inputs): TypedArray[] {
    return [
      inputs[0] instanceof Int8Array ? ofInt8(node, inputs[0]) : ofInt16(node, inputs[0] as Int16Array),
    ];
  },

  lower(node): KernelCall {
    if (inputOf(node, 0).type === 'int8') return lowerSoftmax(node, 'softmax_int8_int16', []);
    const { rows, depth, multiplier, shift } = parametersOf(node);
    return {
      kernel: 'softmax_int16',
      parametersType: 'softmax_int16_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
        { is: 'constant', name: 'exponentials' },
        { is: 'constant', name: 'reciprocals' },
      ],
      constants: [
        { name: 'exponentials', role: 'table', type: 'int16', values: exponentials() },
        { name: 'reciprocals', role: 'table', type: 'int16', values: reciprocals() },
      ],
      parameters: { rows, depth, multiplier, shift: -shift },
      scratchBytes: 0,
      inPlace: [0],
      macs: 0,
    };
  },
});

function parametersOf(node: Node<SoftmaxOptions>) {
  const input = inputOf(node, 0);
  const depth = input.shape.at(-1) ?? 1;
  // A difference of −65535 is −10, where the exponential ends.
  const real = (scaleOf(node, input) * node.options.beta) / (10 / 65535);
  return { rows: elementCount(input.shape) / depth, depth, ...quantizeMultiplier(real) };
}

/** Half-open ranges of 65535 steps. */
const range = int16Max - int16Min;

/** e^x for x in [−10, 0]. */
function exponentials(): Int16Array {
  return tableOf(Math.exp, { scale: Math.fround(10 / range), zeroPoint: int16Max }, Math.fround(2 / range));
}

/** 1 / (1 + x) for x in [0, 1]. */
function reciprocals(): Int16Array {
  const of = (x: number) => 1 / Math.fround(1 + x);
  return tableOf(of, { scale: Math.fround(1 / range), zeroPoint: int16Min }, Math.fround(2 / range));
}

function ofInt16(node: Node<SoftmaxOptions>, x: Int16Array): Int16Array {
  const { rows, depth, multiplier, shift } = parametersOf(node);
  const [exponentialTable, reciprocalTable] = [exponentials(), reciprocals()];
  const result = new Int16Array(x.length);
  for (let row = 0; row < rows; row++) {
    const values = x.subarray(row * depth, (row + 1) * depth);
    const max = values.reduce((a, b) => Math.max(a, b), int16Min);
    const powers = Array.from(values, (value) => {
      const difference = multiplyByQuantizedMultiplier(value - max, multiplier, shift) + int16Max;
      return lookUpBetween(toInt16(difference), exponentialTable);
    });
    const sum = powers.reduce((a, b) => a + b, 0);
    // The sum's leading bit is brought to 2¹⁶: the index of the table is what follows it.
    const headroom = Math.clz32(sum);
    const mantissa = Math.floor((sum * 2 ** (headroom - 1) + 2 ** 13) / 2 ** 14);
    const scale = lookUpBetween(toInt16(mantissa - 2 ** 15 - 2 ** 16), reciprocalTable);
    const right = 31 - headroom;
    for (const [at, power] of powers.entries())
      result[row * depth + at] = clamp(
        Math.floor((power * scale + 2 ** (right - 1)) / 2 ** right),
        0,
        int16Max,
      );
  }
  return result;
}

/** As for int8, with 8 more bits of the result. */
function ofInt8(node: Node<SoftmaxOptions>, x: Int8Array): Int16Array {
  const parameters = softmaxParameters(node);
  const { rows, depth, smallestDifference } = parameters;
  const result = new Int16Array(x.length).fill(int16Min);
  for (let row = 0; row < rows; row++) {
    const values = x.subarray(row * depth, (row + 1) * depth);
    const max = values.reduce((a, b) => Math.max(a, b), -128);
    const counted = Array.from(values.keys()).filter(
      (at) => (values[at] as number) - max >= smallestDifference,
    );
    const powerAt = (at: number) => softmaxExponential(parameters, (values[at] as number) - max);
    const sum = counted.reduce((total, at) => total + roundingShiftRight(powerAt(at), accumulatorBits), 0);
    const scale = reciprocal(sum | 0, accumulatorBits);
    for (const at of counted) {
      const product = highMultiply(scale.reciprocal, powerAt(at));
      const probability = roundingShiftRight(product, scale.bitsOverUnit + 31 - 16);
      result[row * depth + at] = toInt16(probability + int16Min);
    }
  }
  return result;
}
