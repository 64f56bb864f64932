import {
  bytesOf,
  type Graph,
  type Operator,
  type Quantization,
  type Tensor,
  tensorAt,
  typedArray,
} from '../graph/graph.ts';
import { clamp, roundAwayFromZero } from '../operators/fixed_point.ts';
import { asymmetric, symmetricScale, toInt8Bytes } from './encoding.ts';
import type { FieldStatistics } from './fields.ts';
import type { Range } from './histogram.ts';
import { roundRows } from './least_squares_rounding.ts';
import { fixedQuantization, type Group, groupsOf, sharedWeightsOf, tiedInputsOf } from './ties.ts';
import { channelsOf, type Weighted, weightedOf } from './weighted.ts';

/** What the user's code gives and gets: int8 as the network computes, or float32 converted at the edges. */
export type EdgeType = 'int8' | 'float32';

export interface Int8Choices {
  /** What the values of each source (see Group) span, by tensor index. */
  readonly ranges: ReadonlyMap<number, Range>;
  readonly edges: EdgeType;
  /** Mean of each input channel of each operator with weights, by tensor index: bias correction. null: none. */
  readonly means: ReadonlyMap<number, Float64Array> | null;
  /** By operator index: layers whose weights are rounded by least squares; those of the others go to the nearest integer. */
  readonly fields?: ReadonlyMap<number, FieldStatistics>;
}

/**
 * The int8 graph of a float graph, after the TFLite int8 quantization specification: symmetric weights, int32 biases of
 * input × weight scale, asymmetric activations. Computed tensors keep their indices; constants are written anew for each
 * operator that reads them.
 */
export function int8Graph(graph: Graph, choices: Int8Choices): Graph {
  const groups = groupsOf(graph);
  const shared = sharedWeightsOf(graph);
  const tensors: Tensor[] = graph.tensors.map((tensor) => unused(tensor));
  const append = (tensor: Omit<Tensor, 'index'>): number =>
    tensors.push({ ...tensor, index: tensors.length }) - 1;
  const quantizations = new Map<Group, Quantization>();
  for (const [index, group] of groups) {
    const quantization = quantizations.get(group) ?? quantizationOf(group, choices.ranges);
    quantizations.set(group, quantization);
    tensors[index] = {
      ...quantizedState(tensorAt(graph, index), quantization),
      type: 'int8',
      quantization,
      data: null,
    };
  }
  // Computed integers (shapes, indices) and constants that are none of ours stay.
  for (const tensor of graph.tensors) if (tensor.type !== 'float32') tensors[tensor.index] = tensor;

  const quantizationAt = (index: number): Quantization => {
    const found = groups.get(index);
    return (
      (found === undefined ? undefined : quantizations.get(found)) ?? {
        scales: [1],
        zeroPoints: [0],
        axis: 0,
      }
    );
  };
  const operators: Omit<Operator, 'index'>[] = [];
  for (const operator of graph.operators) {
    const inputs = [...operator.inputs];
    const tied = tiedInputsOf(operator);
    const weights = weightedOf(operator.kind);
    if (weights !== null)
      quantizeWeights(graph, operator, weights, quantizationAt, { ...choices, shared }, inputs, append);
    for (const [position, index] of operator.inputs.entries()) {
      if (index < 0 || inputs[position] !== index) continue;
      const tensor = tensorAt(graph, index);
      if (tensor.type !== 'float32' || tensor.data === null) continue;
      const values = typedArray(tensor.type, tensor.data) as Float32Array;
      const quantization = tied.includes(index) ? quantizationAt(index) : asymmetric(spanOf(values));
      const [scale = 1, zeroPoint = 0] = [quantization.scales[0], quantization.zeroPoints[0]];
      inputs[position] = append({
        ...tensor,
        type: 'int8',
        quantization,
        data: toInt8Bytes(values, scale, zeroPoint),
      });
    }
    const fixed = fixedQuantization(operator.kind);
    const [output = -1] = operator.outputs;
    if (fixed === null || output < 0 || same(fixed, quantizationAt(output))) {
      operators.push({ ...operator, inputs });
      continue;
    }
    // What the operator must write is not what its readers share with others.
    const written = append({
      ...(tensors[output] as Tensor),
      name: `${tensorAt(graph, output).name}_as_computed`,
      quantization: fixed,
    });
    operators.push({ ...operator, inputs, outputs: [written] });
    operators.push({ kind: 'QUANTIZE', inputs: [written], outputs: [output], options: null });
  }
  const atEdge = (index: number): number =>
    append({ ...tensorAt(graph, index), quantization: null, data: null });
  const isFloatEdge = choices.edges === 'float32';
  const graphInputs = graph.inputs.map((index) => (isFloatEdge ? atEdge(index) : index));
  const graphOutputs = graph.outputs.map((index) => (isFloatEdge ? atEdge(index) : index));
  const convert = (kind: string, from: number, to: number) => ({
    kind,
    inputs: [from],
    outputs: [to],
    options: null,
  });
  const all = isFloatEdge
    ? [
        ...graph.inputs.map((index, at) => convert('QUANTIZE', graphInputs[at] as number, index)),
        ...operators,
        ...graph.outputs.map((index, at) => convert('DEQUANTIZE', index, graphOutputs[at] as number)),
      ]
    : operators;
  return {
    ...graph,
    tensors,
    operators: all.map((operator, index) => ({ ...operator, index })),
    inputs: graphInputs,
    outputs: graphOutputs,
  };
}

/** A tensor that keeps its value between inferences starts from the integers of its first numbers. */
function quantizedState(tensor: Tensor, { scales, zeroPoints }: Quantization): Tensor {
  if (tensor.initialState === undefined) return tensor;
  const values = typedArray('float32', tensor.initialState) as Float32Array;
  return { ...tensor, initialState: toInt8Bytes(values, scales[0] ?? 1, zeroPoints[0] ?? 0) };
}

/** A float constant that has been written anew: kept as a scalar so that indices stay. */
function unused({ index, name }: Tensor): Tensor {
  return { index, name, type: 'int8', shape: [], quantization: null, data: null };
}

function same(a: Quantization, b: Quantization): boolean {
  return a.scales[0] === b.scales[0] && a.zeroPoints[0] === b.zeroPoints[0];
}

/** That of an operator whose output is fixed, where it alone writes the group; else what all sources span together. */
function quantizationOf({ sources, writers }: Group, ranges: Int8Choices['ranges']): Quantization {
  const fixed = writers.map((writer) => (writer === null ? null : fixedQuantization(writer.kind)));
  const [first] = fixed;
  if (first !== undefined && first !== null && fixed.every((each) => each !== null && same(each, first)))
    return first;
  const spans = sources.map((index) => ranges.get(index) ?? { low: 0, high: 0 });
  return asymmetric({
    low: Math.min(0, ...spans.map(({ low }) => low)),
    high: Math.max(0, ...spans.map(({ high }) => high)),
  });
}

export function spanOf(values: Float32Array): Range {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

/** Replaces weights and bias among `inputs` by their int8 and int32 twins; leaves computed weights to the operator's check. */
function quantizeWeights(
  graph: Graph,
  operator: Operator,
  { input, weights: at, bias: biasAt, axis, perChannel }: Weighted,
  quantizationAt: (index: number) => Quantization,
  { means, fields, shared }: Int8Choices & { readonly shared: ReadonlySet<number> },
  inputs: number[],
  append: (tensor: Omit<Tensor, 'index'>) => number,
): void {
  const { kind, index, inputs: original } = operator;
  // An input that is not there is for the operator's check to say.
  if ((original[at] ?? -1) < 0 || (original[input] ?? -1) < 0) return;
  const weights = tensorAt(graph, original[at] ?? -1);
  const biasIndex = original[biasAt] ?? -1;
  const bias = biasIndex < 0 ? null : tensorAt(graph, biasIndex);
  if (weights.type !== 'float32' || weights.data === null) return;
  if (bias !== null && (bias.type !== 'float32' || bias.data === null)) return;
  const values = typedArray('float32', weights.data) as Float32Array;
  const channels = channelsOf(weights.shape, axis);
  const biases =
    bias === null || bias.data === null
      ? new Float32Array(channels.count)
      : (typedArray('float32', bias.data) as Float32Array);
  const inputScale = quantizationAt(original[input] ?? -1).scales[0] ?? 1;

  const largest = new Float64Array(channels.count);
  for (let element = 0; element < values.length; element++) {
    const channel = channels.of(element);
    largest[channel] = Math.max(largest[channel] as number, Math.abs(values[element] as number));
  }
  const byChannel = Array.from(largest, (most, channel) =>
    symmetricScale(most, biases[channel] ?? 0, inputScale),
  );
  const scales = perChannel ? byChannel : [Math.max(...byChannel)];
  const scaleOf = (channel: number): number => scales[perChannel ? channel : 0] ?? 1;

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
  const mean = isCorrected ? (statistics?.mean ?? means.get(original[input] ?? -1)) : undefined;
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
  inputs[at] = append({
    ...weights,
    type: 'int8',
    quantization: { scales, zeroPoints: scales.map(() => 0), axis: scales.length > 1 ? axis : 0 },
    data: bytesOf(integers),
  });
  const biasScales = scales.map((scale) => Math.fround(inputScale * scale));
  const biasScaleOf = (channel: number): number => biasScales[perChannel ? channel : 0] || 1;
  while (inputs.length < biasAt) inputs.push(-1);
  inputs[biasAt] = append({
    name: bias?.name ?? `${weights.name}_bias`,
    shape: [biases.length],
    type: 'int32',
    quantization: { scales: biasScales.map((scale) => scale || 1), zeroPoints: scales.map(() => 0), axis: 0 },
    data: bytesOf(Int32Array.from(corrected, (value, channel) => Math.round(value / biasScaleOf(channel)))),
  });
}
