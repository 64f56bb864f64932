import { prepareFloat } from '../float/interpreter.ts';
import { type Graph, type Quantization, type TypedArray, tensorAt, typedArray } from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { nodeOf } from '../operators/operator.ts';
import { type IntegerType, toIntegerBytes } from './encoding.ts';
import type { ChosenRange } from './options.ts';
import type { Quantized } from './quantize.ts';
import { type Sample, spread } from './samples.ts';
import { addNoise, decibels } from './signal_to_noise.ts';
import type { MixedOutcome, WideActivation } from './widen.ts';

/** What quantizing one layer alone costs. */
export interface LayerError {
  /** Position in the quantized graph's operators. */
  readonly operator: number;
  readonly kind: string;
  /** Name of its first output. */
  readonly tensor: string;
  /** What it computes in. */
  readonly type: IntegerType;
  /** Signal to quantization noise of its output when everything before it is exact, in dB. */
  readonly decibels: number;
}

/** What quantizing a model costs, for people: how it was done, and its layers, the worst first. */
export interface QuantizationCost {
  readonly range: ChosenRange;
  readonly biasCorrection: boolean;
  /** Calibration samples. */
  readonly samples: number;
  /** Signal to quantization noise of the outputs, in dB. */
  readonly decibels: number;
  readonly layers: readonly LayerError[];
  /** Activations in sixteen bits. */
  readonly wide: readonly WideActivation[];
  /** Where mixed precision was asked for. */
  readonly mixed: MixedOutcome | null;
}

const measuredSamples = 8;

/**
 * Each layer by itself: its exact integer reference on the rounded inputs that the float network gives it, against what the
 * float network computes there. The layer that brings the most error comes first.
 */
export function layerErrors({ graph, float }: Quantized, samples: readonly Sample[]): LayerError[] {
  const network = prepareFloat(float);
  const original = originals(graph, float.tensors.length);
  const layers = graph.operators
    .filter(({ kind, outputs }) => kind !== 'QUANTIZE' && kind !== 'DEQUANTIZE' && outputs.length > 0)
    .map((operator) => ({ operator, node: nodeOf(graph, operator), sum: { signal: 0, noise: 0 } }));
  for (const at of spread(samples.length, measuredSamples)) {
    const exact = new Map<number, Float32Array>();
    network.run(samples[at] ?? [], (index, values) => exact.set(index, values));
    const exactAt = (index: number): ArrayLike<number> => exact.get(original(index)) ?? [];
    const integers = (index: number): TypedArray | null => {
      if (index < 0) return null;
      const { type, data, quantization } = tensorAt(graph, index);
      if (data !== null) return typedArray(type, data);
      if (quantization === null) return Int32Array.from(exactAt(index));
      const stored = type === 'int16' ? 'int16' : 'int8';
      return typedArray(stored, toIntegerBytes(exactAt(index), stored, quantization));
    };
    for (const { operator, node, sum } of layers) {
      const results = operatorOf(operator.kind).reference(node, operator.inputs.map(integers));
      for (const [position, index] of operator.outputs.entries()) {
        const { scale, zeroPoint } = stepsOf(tensorAt(graph, index).quantization);
        const real = Float64Array.from(
          results[position] as Int8Array | Int16Array,
          (value) => (value - zeroPoint) * scale,
        );
        addNoise(sum, exactAt(index), real);
      }
    }
  }
  return layers
    .map(({ operator, node, sum }) => ({
      operator: operator.index,
      kind: operator.kind,
      tensor: tensorAt(graph, original(operator.outputs[0] ?? -1)).name,
      type: node.outputs[0]?.type === 'int16' ? ('int16' as const) : ('int8' as const),
      decibels: decibels(sum),
    }))
    .toSorted((a, b) => a.decibels - b.decibels);
}

/** The float graph's tensor that one of the integer graph's stands for: QUANTIZE writes the same numbers otherwise. */
function originals({ operators }: Graph, count: number): (index: number) => number {
  const other = new Map<number, number>();
  for (const { kind, inputs, outputs } of operators) {
    const [from = -1, to = -1] = [inputs[0], outputs[0]];
    if (kind !== 'QUANTIZE') continue;
    if (from >= count) other.set(from, to);
    else if (to >= count) other.set(to, from);
  }
  return (index) => (index < count ? index : (other.get(index) ?? index));
}

function stepsOf(quantization: Quantization | null): { readonly scale: number; readonly zeroPoint: number } {
  return { scale: quantization?.scales[0] ?? 1, zeroPoint: quantization?.zeroPoints[0] ?? 0 };
}
