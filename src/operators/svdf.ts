import { type Tensor, type TypedArray, typedArray } from '../graph/graph.ts';
import { type Activation, readActivation } from './activation.ts';
import { dotProduct, foldedBias, packWeights, weightsOf } from './dot_product.ts';
import {
  clamp,
  type FixedPointMultiplier,
  multiplyByQuantizedMultiplier,
  quantizeMultiplier,
  toInt8,
} from './fixed_point.ts';
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
 * Singular value decomposition filter: each inference multiplies the input with the feature weights, keeps the products
 * of the last `memory` inferences as state, and sums them over time. State [batches, filters × memory], newest last.
 */

export interface SvdfOptions {
  /** Filters that are summed to one output. */
  readonly rank: number;
  /** In float32; that of integers is in the output's quantization. */
  readonly activation: Activation;
}

interface SvdfGeometry {
  readonly batches: number;
  readonly inputs: number;
  readonly filters: number;
  readonly rank: number;
  readonly memory: number;
  readonly units: number;
}

/** Input, feature weights, time weights, bias, state. */
const stateInput = 4;

function geometryOf(node: Node<SvdfOptions>): SvdfGeometry {
  const [batches = 1, inputs = 1] = inputOf(node, 0).shape;
  const [filters = 1, memory = 1] = inputOf(node, 2).shape;
  const { rank } = node.options;
  return { batches, inputs, filters, rank, memory, units: filters / rank };
}

interface SvdfScaling {
  /** From a product of the feature weights to a state. */
  readonly feature: FixedPointMultiplier;
  /** From a sum over time to the output. */
  readonly output: FixedPointMultiplier;
}

/**
 * In double precision: TFLite Micro's source multiplies float32 scales, but its published builds keep the products exact,
 * and int16 states show the difference.
 */
function scalingOf(node: Node): SvdfScaling {
  const [input, feature, time, state, output] = [
    inputOf(node, 0),
    inputOf(node, 1),
    inputOf(node, 2),
    inputOf(node, stateInput),
    outputOf(node),
  ].map((tensor) => scaleOf(node, tensor)) as [number, number, number, number, number];
  return {
    feature: quantizeMultiplier((input * feature) / state),
    output: quantizeMultiplier((state * time) / output),
  };
}

function stateRange(state: Tensor): readonly [number, number] {
  return state.type === 'int8' ? [-128, 127] : [-32768, 32767];
}

export const svdf = defineOperator<SvdfOptions>({
  kind: 'SVDF',
  code: 27,
  supports:
    'int8 activations and constant int8 feature weights, int32 bias; state and constant time weights int8 or int16',
  stateInputs: [stateInput],
  readOptions: (options) => ({ rank: options.int32(0), activation: readActivation(options, 1) }),

  check(node) {
    requireCounts(node, [5, 5], 1);
    const [input, feature, time, state] = [
      inputOf(node, 0),
      inputOf(node, 1),
      inputOf(node, 2),
      inputOf(node, stateInput),
    ];
    const output = outputOf(node);
    requireInt8(node, input);
    requireRank(node, input, 2);
    requireRank(node, feature, 2);
    requireRank(node, time, 2);
    requireWeights(node, feature, 0);
    requireType(node, time, ['int8', 'int16']);
    requireType(node, state, [time.type]);
    if (time.data === null)
      throw unsupported(node, 'the weights are not constant', time, 'Freeze the weights before converting.');
    if (zeroPointOf(node, time) !== 0)
      throw unsupported(
        node,
        'the weights have a zero point other than 0',
        time,
        'Quantize them symmetrically.',
      );
    requireInt8(node, output);
    const { rank } = node.options;
    const { batches, inputs, filters, memory } = geometryOf(node);
    if (rank < 1 || filters % rank !== 0)
      throw invalid(node, `${filters} filters do not divide into outputs of rank ${rank}`, feature);
    requireShape(node, feature, [filters, inputs]);
    requireShape(node, state, [batches, filters * memory]);
    requireShape(node, output, [batches, filters / rank]);
    requireBias(node, 3, filters / rank);
    requireWork(node, rank * (inputs + memory));
    scalingOf(node);
  },

  reference(node, values): TypedArray[] {
    const { batches, inputs, filters, rank, memory, units } = geometryOf(node);
    const [input, feature, time] = values as [Int8Array, Int8Array, Int8Array | Int16Array];
    const bias = (values[3] ?? null) as Int32Array | null;
    const state = values[stateInput] as Int8Array | Int16Array;
    const stateTensor = inputOf(node, stateInput);
    const [lowest, highest] = stateRange(stateTensor);
    const scaling = scalingOf(node);
    const zeroPoint = {
      input: zeroPointOf(node, inputOf(node, 0)),
      state: zeroPointOf(node, stateTensor),
      output: zeroPointOf(node, outputOf(node)),
    };
    const result = new Int8Array(batches * units);
    for (let batch = 0; batch < batches; batch++) {
      const sums = new Int32Array(filters);
      for (let filter = 0; filter < filters; filter++) {
        let product = 0;
        for (let k = 0; k < inputs; k++) {
          const value = (input[batch * inputs + k] as number) - zeroPoint.input;
          product = (product + (feature[filter * inputs + k] as number) * value) | 0;
        }
        const { multiplier, shift } = scaling.feature;
        const scaled = multiplyByQuantizedMultiplier(product, multiplier, shift);
        const row = state.subarray((batch * filters + filter) * memory).subarray(0, memory);
        row.copyWithin(0, 1);
        // Clamped first: with a zero point the sum may wrap around, as in the reference.
        row[memory - 1] = zeroPoint.state + clamp(scaled, lowest, highest);
        for (const [at, value] of row.entries()) {
          const weighted = (time[filter * memory + at] as number) * (value - zeroPoint.state);
          sums[filter] = (sums[filter] as number) + weighted;
        }
      }
      for (let unit = 0; unit < units; unit++) {
        let sum = bias === null ? 0 : (bias[unit] as number);
        for (let r = 0; r < rank; r++) sum = (sum + (sums[unit * rank + r] as number)) | 0;
        const { multiplier, shift } = scaling.output;
        const scaled = multiplyByQuantizedMultiplier(sum, multiplier, shift);
        result[batch * units + unit] = toInt8(scaled + zeroPoint.output);
      }
    }
    return [result];
  },

  lower(node, { features }) {
    const { batches, inputs, filters, rank, memory, units } = geometryOf(node);
    const { feature, output } = scalingOf(node);
    const state = inputOf(node, stateInput);
    const time = inputOf(node, 2);
    const [lowest, highest] = stateRange(state);
    const isDsp = features.dsp;
    const dot = { ...dotProduct({ ...features, v6m: false, mve: false }, 1, filters), channels: 4 };
    const weights = weightsOf(inputOf(node, 1));
    const timeWeights = typedArray(time.type, time.data ?? new Uint8Array()) as Int8Array | Int16Array;
    const constants = [
      {
        name: 'feature_weights',
        values: packWeights(weights, { channels: filters, rows: 1, length: inputs }, dot),
        type: 'int8',
      },
      {
        name: 'feature_bias',
        values: foldedBias(weights, null, filters, zeroPointOf(node, inputOf(node, 0))),
        type: 'int32',
      },
      { name: 'time_weights', values: timeWeights, type: time.type === 'int8' ? 'int8' : 'int16' },
      {
        name: 'bias',
        values: foldedBias(timeWeights, node.inputs[3] ?? null, units, zeroPointOf(node, state)),
        type: 'int32',
      },
    ] as const;
    return {
      kernel: isDsp ? 'svdf_dsp' : 'svdf',
      parametersType: 'svdf_parameters',
      arguments: [
        { is: 'input', index: 0 },
        { is: 'output', index: 0 },
        { is: 'input', index: stateInput },
        ...constants.map(({ name }) => ({ is: 'constant', name }) as const),
      ],
      constants: constants.map((constant) => ({ ...constant, role: 'weights' })),
      parameters: {
        batches,
        inputs,
        filters,
        rank,
        memory,
        state_bytes: state.type === 'int8' ? 1 : 2,
        feature_multiplier: feature.multiplier,
        feature_shift: -feature.shift,
        state_zero_point: zeroPointOf(node, state),
        state_min: lowest,
        state_max: highest,
        multiplier: output.multiplier,
        shift: -output.shift,
        output_zero_point: zeroPointOf(node, outputOf(node)),
      },
      scratchBytes: 0,
      inPlace: [],
      macs: batches * filters * (inputs + memory),
    };
  },
});
