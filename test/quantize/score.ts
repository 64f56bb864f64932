import { openNpy } from '../../src/data/npy.ts';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { bytesOf, bytesPerElement, tensorAt, typedArray } from '../../src/graph/graph.ts';
import { quantizeFloat } from '../../src/operators/quantize.ts';
import type { Quantized } from '../../src/quantize/quantize.ts';
import type { Sample } from '../../src/quantize/samples.ts';
import { interpret } from '../../src/verify/interpreter.ts';

/** What the bars of quantization are measured by: the exact integer reference against the float network. */

export function rows(folder: string, file: string): Float32Array[] {
  const data = openNpy(folder, file);
  try {
    return Array.from({ length: data.shape[0] ?? 0 }, (_, index) => Float32Array.from(data.row(index)));
  } finally {
    data.close();
  }
}

export const alone = (samples: readonly Float32Array[]): Sample[] => samples.map((values) => [values]);

export function topOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((best, value, at, all) => (value > (all[best] as number) ? at : best), 0);
}

interface Score {
  /** Right answers of the integers. */
  readonly accuracy: number;
  /** The same class as float. */
  readonly agreement: number;
  /** Of the outputs, signal to noise. */
  readonly decibels: number;
}

export function score(
  { graph, float }: Quantized,
  inputs: readonly Float32Array[],
  labels: readonly number[],
): Score {
  const network = prepareFloat(float);
  const steps = (index = -1) => {
    const { type, quantization } = tensorAt(graph, index);
    return { type, scale: quantization?.scales[0] ?? 1, zeroPoint: quantization?.zeroPoints[0] ?? 0 };
  };
  const [input, output] = [steps(graph.inputs[0]), steps(graph.outputs[0])];
  let [right, same, signal, noise] = [0, 0, 0, 0];
  for (const [at, values] of inputs.entries()) {
    const [exact = new Float32Array()] = network.run([values]);
    const integers = typedArray(input.type, new Uint8Array(values.length * bytesPerElement[input.type]));
    for (const [k, value] of values.entries())
      integers[k] = quantizeFloat(value, input.scale, input.zeroPoint, input.type);
    const [answer = new Uint8Array()] = interpret(graph, [bytesOf(integers)]).outputs;
    const reals = Float64Array.from(
      typedArray(output.type, answer) as Int8Array | Int16Array,
      (value) => (value - output.zeroPoint) * output.scale,
    );
    if (topOf(reals) === labels[at]) right += 1;
    if (topOf(reals) === topOf(exact)) same += 1;
    for (const [k, value] of exact.entries()) {
      signal += value ** 2;
      noise += (value - (reals[k] as number)) ** 2;
    }
  }
  const { length } = inputs;
  return { accuracy: right / length, agreement: same / length, decibels: 10 * Math.log10(signal / noise) };
}
