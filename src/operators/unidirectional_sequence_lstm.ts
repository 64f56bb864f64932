import { elementCount, type Tensor, type TypedArray } from '../graph/graph.ts';
import { dotProduct, foldedBias, packWeights, weightsOf } from './dot_product.ts';
import {
  clamp,
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  toInt8,
} from './fixed_point.ts';
import { logisticOf, sigmoidTable, tanhOf } from './gates.ts';
import { defineOperator, inputOf, type Node, outputOf, unsupported } from './operator.ts';
import { scaleOf, zeroPointOf } from './quantization.ts';
import {
  invalid,
  requireBias,
  requireCounts,
  requireInt8,
  requireRank,
  requireShape,
  requireType,
  requireWeights,
  requireWork,
} from './requirements.ts';

/**
 * The LSTM of Keras over a whole sequence, int8 with int16 cells, as TensorFlow Lite Micro computes it: no peepholes, no
 * projection, no layer normalization, no coupled gates. Hidden state and cell state are kept between inferences.
 */

export interface LstmOptions {
  /** ActivationFunctionType of the cell gate. */
  readonly activation: number;
  /** Cells are kept between −clip and clip; 0: they are not. float32. */
  readonly cellClip: number;
  /** [time, batch, …] in place of [batch, time, …]. */
  readonly timeMajor: boolean;
}

export const tanhActivation = 4;

/** Positions of the inputs; gates in the order input, forget, cell, output. */
export const lstmPosition = {
  input: 0,
  inputWeights: [1, 2, 3, 4],
  recurrentWeights: [5, 6, 7, 8],
  peephole: [9, 10, 11],
  bias: [12, 13, 14, 15],
  projection: [16, 17],
  hiddenState: 18,
  cellState: 19,
  normalization: [20, 21, 22, 23],
} as const;
export const lstmInputs = 24;
const cellGate = 2;

interface LstmGeometry {
  readonly batches: number;
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
  /** Vectors from one step to the next, and from one batch to the next. */
  readonly stepStride: number;
  readonly batchStride: number;
}

function geometryOf(node: Node<LstmOptions>): LstmGeometry {
  const [first = 1, second = 1, inputs = 1] = inputOf(node, lstmPosition.input).shape;
  const [units = 1] = inputOf(node, lstmPosition.recurrentWeights[0]).shape;
  const { timeMajor } = node.options;
  return timeMajor
    ? { batches: second, steps: first, inputs, units, stepStride: second, batchStride: 1 }
    : { batches: first, steps: second, inputs, units, stepStride: 1, batchStride: second };
}

/** Gates before their functions are Q3.12, after them Q0.15. */
const gateInputScale = 2 ** -12;
const gateOutputScale = 2 ** -15;

interface LstmScaling {
  /**
   * By gate, to Q3.12; in double precision. TFLite Micro's source multiplies float32 scales, but its published builds keep
   * the products exact, and gates of 16 bits show the difference.
   */
  readonly input: readonly FixedPointMultiplier[];
  readonly recurrent: readonly FixedPointMultiplier[];
  readonly forget: FixedPointMultiplier;
  readonly update: FixedPointMultiplier;
  readonly hidden: FixedPointMultiplier;
  /** From a cell to the argument of tanh in 1/(3 × 4096): a multiplier, then a rounding right shift. */
  readonly tanh: { readonly multiplier: number; readonly shift: number };
  /** int16; null: cells are not clipped. */
  readonly cellClip: number | null;
}

function scalingOf(node: Node<LstmOptions>): LstmScaling {
  const scaleAt = (at: number): number => scaleOf(node, inputOf(node, at));
  const toGate = (from: number, weights: readonly number[]): FixedPointMultiplier[] =>
    weights.map((at) => quantizeMultiplier((scaleAt(from) * scaleAt(at)) / gateInputScale));
  const cell = scaleAt(lstmPosition.cellState);
  const power = Math.round(Math.log2(cell));
  const left = 12 + power;
  const { cellClip } = node.options;
  return {
    input: toGate(lstmPosition.input, lstmPosition.inputWeights),
    recurrent: toGate(lstmPosition.hiddenState, lstmPosition.recurrentWeights),
    forget: quantizeMultiplier((gateOutputScale * cell) / cell),
    update: quantizeMultiplier((gateOutputScale * gateOutputScale) / cell),
    hidden: quantizeMultiplier((gateOutputScale * gateOutputScale) / scaleAt(lstmPosition.hiddenState)),
    tanh: left < 0 ? { multiplier: 3, shift: -left } : { multiplier: 3 * 2 ** left, shift: 0 },
    cellClip: cellClip > 0 ? Math.trunc(Math.min(cellClip / cell, 32767)) : null,
  };
}

function toInt16(x: number): number {
  return clamp(x, -32768, 32767);
}

function scaledBy({ multiplier, shift }: FixedPointMultiplier, x: number): number {
  return multiplyByQuantizedMultiplier(x, multiplier, shift);
}

/** Parts that neither the reference nor we compute. */
export function refuseLstmParts(node: Node<LstmOptions>): void {
  const isThere = (at: number): boolean => node.inputs[at] != null;
  const variants: readonly (readonly [readonly number[], string])[] = [
    [lstmPosition.peephole, 'peephole connections'],
    [lstmPosition.projection, 'a projection'],
    [lstmPosition.normalization, 'layer normalization'],
  ];
  for (const [positions, what] of variants)
    if (positions.some(isThere))
      throw unsupported(
        node,
        `an LSTM with ${what} is not supported`,
        null,
        'Use the LSTM of Keras, which has none of these.',
      );
  const own = [lstmPosition.inputWeights[0], lstmPosition.recurrentWeights[0], lstmPosition.bias[0]];
  if (!own.every(isThere))
    throw unsupported(
      node,
      'an LSTM whose input and forget gates are coupled is not supported',
      null,
      'Use the LSTM of Keras, whose gates are not coupled.',
    );
}

export const unidirectionalSequenceLstm = defineOperator<LstmOptions>({
  kind: 'UNIDIRECTIONAL_SEQUENCE_LSTM',
  code: 44,
  supports: 'int8 activations and constant int8 weights (per tensor), int32 bias, int16 cell state',
  stateInputs: [lstmPosition.hiddenState, lstmPosition.cellState],

  readOptions: (options) => ({
    activation: options.int8(0),
    cellClip: options.float32(1),
    timeMajor: options.bool(3),
  }),

  check(node) {
    requireCounts(node, [lstmInputs, lstmInputs], 1);
    refuseLstmParts(node);
    const input = inputOf(node, lstmPosition.input);
    const [hidden, cell] = [inputOf(node, lstmPosition.hiddenState), inputOf(node, lstmPosition.cellState)];
    const output = outputOf(node);
    requireInt8(node, input);
    requireInt8(node, hidden);
    requireInt8(node, output);
    requireType(node, cell, ['int16']);
    requireRank(node, input, 3);
    if (node.options.activation !== tanhActivation)
      throw unsupported(
        node,
        'the activation of the cell gate is not tanh',
        null,
        'Use an LSTM with tanh: the reference computes no other.',
      );
    for (const at of [...lstmPosition.inputWeights, ...lstmPosition.recurrentWeights]) {
      const weights = inputOf(node, at);
      requireRank(node, weights, 2);
      requireWeights(node, weights, 0);
    }
    const { batches, inputs, units } = geometryOf(node);
    for (const at of lstmPosition.inputWeights) requireShape(node, inputOf(node, at), [units, inputs]);
    for (const at of lstmPosition.recurrentWeights) requireShape(node, inputOf(node, at), [units, units]);
    for (const at of lstmPosition.bias) {
      inputOf(node, at);
      requireBias(node, at, units);
    }
    for (const state of [hidden, cell])
      if (elementCount(state.shape) !== batches * units)
        throw invalid(node, `the state does not have ${batches} × ${units} elements`, state);
    requireShape(node, output, [...input.shape.slice(0, 2), units]);
    requireSameQuantization(node, hidden, output);
    requireCellScale(node, cell);
    requireWork(node, 4 * (inputs + units));
    scalingOf(node);
  },

  reference(node, values): TypedArray[] {
    const { batches, steps, inputs, units, stepStride, batchStride } = geometryOf(node);
    const scaling = scalingOf(node);
    const x = values[lstmPosition.input] as Int8Array;
    const hidden = values[lstmPosition.hiddenState] as Int8Array;
    const cells = values[lstmPosition.cellState] as Int16Array;
    const weights = (at: number) => values[at] as Int8Array;
    const zeroPoint = {
      input: zeroPointOf(node, inputOf(node, lstmPosition.input)),
      hidden: zeroPointOf(node, inputOf(node, lstmPosition.hiddenState)),
    };
    /** Weights of one unit times a vector, to int16. */
    const product = (
      matrix: Int8Array,
      unit: number,
      vector: Int8Array,
      offset: number,
      bias: number,
      scale: FixedPointMultiplier,
    ): number => {
      let sum = bias;
      for (let k = 0; k < vector.length; k++)
        sum = (sum + (matrix[unit * vector.length + k] as number) * ((vector[k] as number) - offset)) | 0;
      return toInt16(scaledBy(scale, sum));
    };
    const result = new Int8Array(batches * steps * units);
    for (let batch = 0; batch < batches; batch++) {
      const h = hidden.subarray(batch * units, (batch + 1) * units);
      const c = cells.subarray(batch * units, (batch + 1) * units);
      for (let step = 0; step < steps; step++) {
        const vector = batch * batchStride + step * stepStride;
        const now = x.subarray(vector * inputs, (vector + 1) * inputs);
        const gate = (index: number, unit: number): number => {
          const bias = (values[lstmPosition.bias[index] as number] as Int32Array)[unit] as number;
          const ofInput = product(
            weights(lstmPosition.inputWeights[index] as number),
            unit,
            now,
            zeroPoint.input,
            bias,
            scaling.input[index] as FixedPointMultiplier,
          );
          const ofHidden = product(
            weights(lstmPosition.recurrentWeights[index] as number),
            unit,
            h,
            zeroPoint.hidden,
            0,
            scaling.recurrent[index] as FixedPointMultiplier,
          );
          const sum = 3 * toInt16(ofInput + ofHidden);
          return index === cellGate ? tanhOf(sum) : logisticOf(sum);
        };
        const next = new Int8Array(units);
        for (let unit = 0; unit < units; unit++) {
          const kept = toInt16(scaledBy(scaling.forget, gate(1, unit) * (c[unit] as number)));
          const added = toInt16(scaledBy(scaling.update, gate(0, unit) * gate(cellGate, unit)));
          const limit = scaling.cellClip;
          const sum = toInt16(kept + added);
          const cell = limit === null ? sum : clamp(sum, -limit, limit);
          c[unit] = cell;
          const { multiplier, shift } = scaling.tanh;
          const round = shift > 0 ? 2 ** (shift - 1) : 0;
          const activated = tanhOf((cell * multiplier + round) >> shift);
          next[unit] = toInt8(scaledBy(scaling.hidden, activated * gate(3, unit)) + zeroPoint.hidden);
        }
        h.set(next);
        result.set(next, vector * units);
      }
    }
    return [result];
  },

  lower(node, { features }) {
    const { batches, steps, inputs, units, stepStride, batchStride } = geometryOf(node);
    const scaling = scalingOf(node);
    const dot = {
      ...dotProduct({ ...features, v6m: false, mve: false }, 1, units),
      channels: 4,
      block: features.dsp ? 4 : 1,
    } as const;
    const constantsOf = (
      name: string,
      positions: readonly number[],
      length: number,
      offset: number,
      biases: readonly number[],
    ) => {
      const matrices = positions.map((at) => weightsOf(inputOf(node, at)));
      const folded = matrices.map((matrix, gate) =>
        foldedBias(matrix, biases.length === 0 ? null : inputOf(node, biases[gate] as number), units, offset),
      );
      // The four gates of a unit are four channels side by side.
      const byUnit = Array.from({ length: units }, (_, unit) =>
        matrices.flatMap((matrix) => Array.from(matrix.subarray(unit * length, (unit + 1) * length))),
      );
      return [
        {
          name: `${name}_weights`,
          role: 'weights',
          type: 'int8',
          values: packWeights(byUnit.flat(), { channels: 4 * units, rows: 1, length }, dot),
        },
        {
          name: `${name}_bias`,
          role: 'weights',
          type: 'int32',
          values: Array.from({ length: 4 * units }, (_, at) =>
            Number(folded[at % 4]?.[Math.floor(at / 4)] ?? 0),
          ),
        },
      ] as const;
    };
    const hidden = inputOf(node, lstmPosition.hiddenState);
    const constants = [
      ...constantsOf(
        'input',
        lstmPosition.inputWeights,
        inputs,
        zeroPointOf(node, inputOf(node, lstmPosition.input)),
        lstmPosition.bias,
      ),
      ...constantsOf('recurrent', lstmPosition.recurrentWeights, units, zeroPointOf(node, hidden), []),
      {
        name: 'table',
        role: 'table',
        type: 'int16',
        values: sigmoidTable.map((value) => value - 32768),
      },
    ] as const;
    const multipliers = (of: readonly FixedPointMultiplier[]) => of.map(({ multiplier }) => multiplier);
    const shifts = (of: readonly FixedPointMultiplier[]) => of.map(({ shift }) => -shift);
    return {
      kernel: features.dsp ? 'unidirectional_sequence_lstm_dsp' : 'unidirectional_sequence_lstm',
      parametersType: 'lstm_parameters',
      arguments: [
        { is: 'input', index: lstmPosition.input },
        { is: 'output', index: 0 },
        { is: 'input', index: lstmPosition.hiddenState },
        { is: 'input', index: lstmPosition.cellState },
        ...constants.map(({ name }) => ({ is: 'constant', name }) as const),
      ],
      constants,
      parameters: {
        batches,
        steps,
        inputs,
        units,
        step_stride: stepStride,
        batch_stride: batchStride,
        input_multiplier: multipliers(scaling.input),
        input_shift: shifts(scaling.input),
        recurrent_multiplier: multipliers(scaling.recurrent),
        recurrent_shift: shifts(scaling.recurrent),
        forget_multiplier: scaling.forget.multiplier,
        forget_shift: -scaling.forget.shift,
        update_multiplier: scaling.update.multiplier,
        update_shift: -scaling.update.shift,
        hidden_multiplier: scaling.hidden.multiplier,
        hidden_shift: -scaling.hidden.shift,
        hidden_zero_point: zeroPointOf(node, hidden),
        tanh_multiplier: scaling.tanh.multiplier,
        tanh_shift: scaling.tanh.shift,
        cell_clip: scaling.cellClip ?? 32768,
      },
      scratchBytes: 0,
      inPlace: [],
      macs: batches * steps * 4 * units * (inputs + units),
    };
  },
});

/** The output is the hidden state, byte for byte. */
function requireSameQuantization(node: Node, hidden: Tensor, output: Tensor): void {
  if (
    scaleOf(node, hidden) === scaleOf(node, output) &&
    zeroPointOf(node, hidden) === zeroPointOf(node, output)
  )
    return;
  throw unsupported(
    node,
    'output and hidden state are quantized differently',
    output,
    'Quantize again with a current TFLite converter, which gives both the same scale.',
  );
}

/** Powers of two, for which the reference's shifts are meant. */
function requireCellScale(node: Node, cell: Tensor): void {
  const scale = scaleOf(node, cell);
  const power = Math.round(Math.log2(scale));
  if (zeroPointOf(node, cell) === 0 && scale === 2 ** power && power >= -30 && power <= 0) return;
  throw unsupported(
    node,
    `the cell state's scale ${scale} is not a power of two up to 1, or it has a zero point`,
    cell,
    'Quantize again with a current TFLite converter.',
  );
}
