import { prepareFloat } from '../float/interpreter.ts';
import { type Quantization, type TypedArray, tensorAt, typedArray } from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { nodeOf } from '../operators/operator.ts';
import { toInt8Bytes } from './encoding.ts';
import { type ChosenRange, type Quantized, type Sample, spread } from './quantize.ts';
import { addNoise, decibels } from './signal_to_noise.ts';

/** What quantizing one layer alone costs. */
export interface LayerError {
  /** Position in the quantized graph's operators. */
  readonly operator: number;
  readonly kind: string;
  /** Name of its first output. */
  readonly tensor: string;
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
}

const measuredSamples = 8;

/**
 * Each layer by itself: its exact integer reference on the rounded inputs that the float network gives it, against what the
 * float network computes there. The layer that brings the most error comes first.
 */
export function layerErrors({ graph, float }: Quantized, samples: readonly Sample[]): LayerError[] {
  const network = prepareFloat(float);
  const layers = graph.operators
    .filter(({ kind }) => kind !== 'QUANTIZE' && kind !== 'DEQUANTIZE')
    .filter(({ outputs }) => outputs.every((index) => index < float.tensors.length))
    .map((operator) => ({ operator, node: nodeOf(graph, operator), sum: { signal: 0, noise: 0 } }));
  for (const at of spread(samples.length, measuredSamples)) {
    const exact = new Map<number, Float32Array>();
    network.run(samples[at] ?? [], (index, values) => exact.set(index, values));
    const integers = (index: number): TypedArray | null => {
      if (index < 0) return null;
      const { type, data, quantization } = tensorAt(graph, index);
      if (data !== null) return typedArray(type, data);
      const { scale, zeroPoint } = stepsOf(quantization);
      return typedArray('int8', toInt8Bytes(exact.get(index) ?? [], scale, zeroPoint));
    };
    for (const { operator, node, sum } of layers) {
      const results = operatorOf(operator.kind).reference(node, operator.inputs.map(integers));
      for (const [position, index] of operator.outputs.entries()) {
        const { scale, zeroPoint } = stepsOf(tensorAt(graph, index).quantization);
        const real = Float64Array.from(
          results[position] as Int8Array,
          (value) => (value - zeroPoint) * scale,
        );
        addNoise(sum, exact.get(index) ?? [], real);
      }
    }
  }
  return layers
    .map(({ operator, node, sum }) => ({
      operator: operator.index,
      kind: operator.kind,
      tensor: node.outputs[0]?.name ?? '',
      decibels: decibels(sum),
    }))
    .toSorted((a, b) => a.decibels - b.decibels);
}

function stepsOf(quantization: Quantization | null): { readonly scale: number; readonly zeroPoint: number } {
  return { scale: quantization?.scales[0] ?? 1, zeroPoint: quantization?.zeroPoints[0] ?? 0 };
}
