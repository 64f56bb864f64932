import { bytesOf, type Graph, type Operator, type Tensor, tensorAt, typedArray } from '../graph/graph.ts';
import { clamp, roundAwayFromZero } from '../operators/fixed_point.ts';
import { type IntegerType, symmetricScale } from './encoding.ts';
import type { FieldStatistics } from './fields.ts';
import { roundRows } from './least_squares_rounding.ts';
import { channelsOf, type Weighted } from './weighted.ts';

/** How the weights of all layers are rounded. */
export interface WeightChoices {
  /** Mean of each input channel of each operator with weights, by tensor index: bias correction. null: none. */
  readonly means: ReadonlyMap<number, Float64Array> | null;
  /** By operator index: layers whose weights are rounded by least squares; those of the others go to the nearest integer. */
  readonly fields?: ReadonlyMap<number, FieldStatistics>;
  /** Constants that are the weights of several layers. */
  readonly shared: ReadonlySet<number>;
}

/** One operator's input, as the integers have it. */
export interface IntegerInput {
  readonly type: IntegerType;
  readonly scale: number;
}

/** int8 weights and their bias, int32 behind int8 activations, int64 behind int16 ones. */
export interface IntegerWeights {
  readonly weights: Omit<Tensor, 'index'>;
  readonly bias: Omit<Tensor, 'index'>;
}

/** The int8 twins of an operator's constant weights and bias; null where they are computed, which is the operator's check to say. */
export function integerWeights(
  graph: Graph,
  { kind, index, inputs }: Operator,
  { input, weights: at, bias: biasAt, axis, perChannel }: Weighted,
  { type, scale: inputScale }: IntegerInput,
  { means, fields, shared }: WeightChoices,
): IntegerWeights | null {
  // An input that is not there is for the operator's check to say.
  if ((inputs[at] ?? -1) < 0 || (inputs[input] ?? -1) < 0) return null;
  const weights = tensorAt(graph, inputs[at] ?? -1);
  const biasIndex = inputs[biasAt] ?? -1;
  const bias = biasIndex < 0 ? null : tensorAt(graph, biasIndex);
  if (weights.type !== 'float32' || weights.data === null) return null;
  if (bias !== null && (bias.type !== 'float32' || bias.data === null)) return null;
  const values = typedArray('float32', weights.data) as Float32Array;
  const channels = channelsOf(weights.shape, axis);
  const biases =
    bias === null || bias.data === null
      ? new Float32Array(channels.count)
      : (typedArray('float32', bias.data) as Float32Array);

  const largest = new Float64Array(channels.count);
  for (let element = 0; element < values.length; element++) {
    const channel = channels.of(element);
    largest[channel] = Math.max(largest[channel] as number, Math.abs(values[element] as number));
  }
  const byChannel = Array.from(largest, (most, channel) =>
    symmetricScale(most, biases[channel] ?? 0, inputScale, type),
  );
  // Sixteen bits are asked for where accuracy counts: dense layers get a scale for each output too.
  const hasChannels = perChannel || type === 'int16';
  const scales = hasChannels ? byChannel : [Math.max(...byChannel)];
  const scaleOf = (channel: number): number => scales[hasChannels ? channel : 0] ?? 1;

  const steps = Float64Array.from(values, (value, element) => value / scaleOf(channels.of(element)));
  const statistics = fields?.get(index);
  const integers =
    statistics === undefined
      ? Int8Array.from(steps, (step) => clamp(roundAwayFromZero(step), -127, 127))
      : roundRows(steps, statistics, means !== null);
  const corrected = Float64Array.from(biases);
  const isDepthwise = kind === 'DEPTHWISE_CONV_2D';
  // Of each weight of a row where that is known, with the zeros around the image; else of each channel.
  const isCorrected = means !== null && !shared.has(weights.index);
  const mean = isCorrected ? (statistics?.mean ?? means.get(inputs[input] ?? -1)) : undefined;
  const isGrouped = kind === 'CONV_2D' && statistics === undefined && weights.shape[3] !== mean?.length;
  if (mean !== undefined && !isGrouped) {
    // Σ (weight − its integer × scale) × mean input is what rounding the weights takes from the channel's mean.
    const multiplier = isDepthwise ? channels.count / mean.length : 1;
    for (let element = 0; element < values.length; element++) {
      const channel = channels.of(element);
      const error = (values[element] as number) - (integers[element] as number) * scaleOf(channel);
      const from = isDepthwise ? Math.floor(channel / multiplier) : element % mean.length;
      corrected[channel] = (corrected[channel] as number) + error * (mean[from] as number);
    }
  }
  const biasScales = scales.map((scale) => Math.fround(inputScale * scale));
  const integerBias = Float64Array.from(corrected, (value, channel) =>
    Math.round(value / (biasScales[hasChannels ? channel : 0] || 1)),
  );
  return {
    weights: {
      ...weights,
      type: 'int8',
      quantization: { scales, zeroPoints: scales.map(() => 0), axis: scales.length > 1 ? axis : 0 },
      data: bytesOf(integers),
    },
    bias: {
      name: bias?.name ?? `${weights.name}_bias`,
      shape: [biases.length],
      type: type === 'int16' ? 'int64' : 'int32',
      quantization: {
        scales: biasScales.map((scale) => scale || 1),
        zeroPoints: scales.map(() => 0),
        axis: 0,
      },
      data: bytesOf(
        type === 'int16' ? BigInt64Array.from(integerBias, BigInt) : Int32Array.from(integerBias),
      ),
    },
  };
}
