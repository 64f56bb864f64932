import { byteLength, type Graph, type Tensor, tensorAt, typedArray } from '../graph/graph.ts';
import { isReconstruction, outputElements } from './labels.ts';
import type { AccuracyMetric } from './settings.ts';

/** What a model made of one sample, as little as a score and a comparison need. */
export interface Prediction {
  /** The class, or the value. */
  readonly answer: number;
  /** Whether it is the right one; null for values, and without labels. */
  readonly isRight: boolean | null;
  /** Mean absolute or squared difference from the labels; 0 for other metrics. */
  readonly error: number;
}

export interface Predictor {
  readonly kind: 'class' | 'value';
  /** Whether the inputs are looked at too. */
  readonly readsInputs?: boolean;
  /** `inputs` and `outputs`: the graph's, packed one after the other. `truth`: the labels of the sample; null without. */
  predict(inputs: Uint8Array, outputs: Uint8Array, truth: Float64Array | null): Prediction;
}

/** How samples are answered for under this metric; null: there are no labels. Only the first output is looked at. */
export function predictor(graph: Graph, metric: AccuracyMetric | null): Predictor {
  const [first = -1] = graph.outputs;
  const output = tensorAt(graph, first);
  const bytes = byteLength(output);
  const real = (outputs: Uint8Array) => realValues(output, outputs.subarray(0, bytes));
  switch (metric?.kind) {
    case 'auc':
      return { kind: 'value', readsInputs: isReconstruction(graph), predict: aucPredict(graph, real) };
    case 'mae':
    case 'mse': {
      const power = metric.kind === 'mae' ? 1 : 2;
      return {
        kind: 'value',
        predict: (_, outputs, truth) => {
          const values = real(outputs);
          const error = truth === null ? 0 : meanDifference(values, truth, power);
          // Many values have no single answer: their error stands for them.
          return { answer: values.length === 1 ? (values[0] as number) : error, isRight: null, error };
        },
      };
    }
    case 'top':
    case 'f1':
      return classPredictor(real, metric.kind === 'top' ? metric.k : 1);
    default:
      // Without labels one output may be anything, and a class cannot be read from it.
      return outputElements(graph) > 1
        ? classPredictor(real, 1)
        : {
            kind: 'value',
            predict: (_, outputs) => ({ answer: real(outputs)[0] as number, isRight: null, error: 0 }),
          };
  }
}

/** real = scale × (quantized − zero point); floats as they are. */
export function realValues(tensor: Tensor, bytes: Uint8Array): Float64Array {
  const values = typedArray(tensor.type, bytes);
  const scale = tensor.quantization?.scales[0];
  const zeroPoint = tensor.quantization?.zeroPoints[0] ?? 0;
  return Float64Array.from({ length: values.length }, (_, index) => {
    const value = Number(values[index]);
    return scale === undefined || tensor.type === 'float32' ? value : scale * (value - zeroPoint);
  });
}

function classPredictor(real: (outputs: Uint8Array) => Float64Array, k: number): Predictor {
  return {
    kind: 'class',
    predict: (_, outputs, truth) => {
      const values = real(outputs);
      const answer = topClass(values);
      if (truth === null) return { answer, isRight: null, error: 0 };
      const label = truth[0] as number;
      return { answer, isRight: k === 1 ? answer === label : rankOf(values, label) < k, error: 0 };
    },
  };
}

/** The first of the highest values, as in TensorFlow; of a single one, class 1 from one half on. */
function topClass(values: Float64Array): number {
  if (values.length === 1) return (values[0] as number) >= 0.5 ? 1 : 0;
  let best = 0;
  for (let index = 1; index < values.length; index += 1)
    if ((values[index] as number) > (values[best] as number)) best = index;
  return best;
}

/** How many classes come before this one; of equals the first. */
function rankOf(values: Float64Array, label: number): number {
  const own = values[label] as number;
  return values.reduce(
    (rank, value, index) => rank + (value > own || (value === own && index < label) ? 1 : 0),
    0,
  );
}

/** The higher, the more the sample is of class 1. */
function aucPredict(graph: Graph, real: (outputs: Uint8Array) => Float64Array): Predictor['predict'] {
  const value = (answer: number): Prediction => ({ answer, isRight: null, error: 0 });
  if (!isReconstruction(graph))
    return (_, outputs) => {
      const values = real(outputs);
      return value(values[values.length - 1] as number);
    };
  const [first = -1] = graph.inputs;
  const input = tensorAt(graph, first);
  return (inputs, outputs) => value(meanDifference(real(outputs), realValues(input, inputs), 2));
}

function meanDifference(values: Float64Array, wanted: Float64Array, power: 1 | 2): number {
  const sum = values.reduce((total, each, index) => {
    const difference = Math.abs(each - (wanted[index] as number));
    return total + (power === 1 ? difference : difference * difference);
  }, 0);
  return sum / values.length;
}
