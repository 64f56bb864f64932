import { setImmediate } from 'node:timers/promises';
import { DeployError } from '../errors.ts';
import { prepareFloat } from '../float/interpreter.ts';
import { byteLength, bytesOf, type Graph, tensorAt, typedArray } from '../graph/graph.ts';
import type { Accuracy, Answers } from '../measurement.ts';
import { addNoise, decibels } from '../quantize/signal_to_noise.ts';
import { interpret } from '../verify/interpreter.ts';
import { packAnswers, packClasses, packFlags, sampleIndex } from './answers.ts';
import { checkLabels, inferMetric } from './labels.ts';
import { type Prediction, type Predictor, predictor, realValues } from './predict.ts';
import { score } from './score.ts';
import { type AccuracyMetric, type AccuracySettings, isShare, metricName } from './settings.ts';
import { type TestSet, truthOf } from './test_set.ts';

/** Packed inputs → packed outputs of as many inferences, in the same order; null where that fails. */
export type RunMany = (inputs: readonly Uint8Array[]) => Promise<readonly Uint8Array[] | null>;

/** What the user's own program is given: everything in real numbers. */
export interface ScriptSamples {
  /** The values of each input, or output, of the graph, of the sample at a position in `indices`. */
  readonly inputs: (at: number) => readonly Float64Array[];
  readonly outputs: (at: number) => readonly Float64Array[];
  /** Positions in the test data. */
  readonly indices: readonly number[];
}

export interface ScriptScore {
  readonly name: string;
  readonly unit: Accuracy['unit'];
  readonly better: Accuracy['better'];
  readonly value: number;
}

export interface EvaluationRequest {
  readonly graph: Graph;
  readonly set: TestSet;
  readonly settings: AccuracySettings;
  /** Multiply-accumulates of one inference. */
  readonly macs: number;
  /** The network that was quantized, and the test data as it takes them; null: the file holds what runs. */
  readonly float: { readonly graph: Graph; readonly set: TestSet } | null;
  /** The generated C on this machine; null where it has no compiler. */
  readonly host: () => Promise<RunMany | null>;
  readonly script: (
    graph: Graph,
    metric: AccuracyMetric & { readonly kind: 'script' },
    samples: ScriptSamples,
  ) => Promise<ScriptScore>;
  readonly signal?: AbortSignal;
}

/** The answers to the whole test set, and how good they are. */
export interface Evaluation {
  readonly answers: Answers;
  /** Without what only the emulated part tells; null without labels. */
  readonly accuracy: Omit<Accuracy, 'emulated'> | null;
  /** The metric over other outputs for some of the samples, such as the emulated part's. */
  readonly scoreOf: (
    answered: readonly { readonly index: number; readonly input: Uint8Array; readonly output: Uint8Array }[],
  ) => Accuracy['emulated'];
}

/** As many multiply-accumulates as the reference does in about three seconds: no longer than compiling takes. */
const referenceWork = 1e9;
/** Half an hour of it. */
const mostReferenceWork = 6e11;
/** Each run of the generated C is held against the reference on so many samples. */
const provenSamples = 8;
const hostBatchBytes = 64 * 1024 * 1024;

/**
 * Scores a graph on all of its test data by its reference interpreter; where that takes long, by the generated C,
 * compiled for this machine and held against the reference on some of the samples. Throws DeployError (kind `input`) for
 * labels that do not fit.
 */
export async function evaluate(
  request: EvaluationRequest,
  onProgress: (part: number) => void = () => {},
): Promise<Evaluation> {
  const { graph, set, settings } = request;
  const { labels } = set;
  onProgress(0);
  const metric = settings.metric ?? (labels === null ? null : inferMetric(labels, graph));
  if (labels !== null && metric !== null) checkLabels(labels, metric, graph);
  const count = Math.min(settings.samples ?? set.count, set.count);
  const indices = Array.from({ length: count }, (_, at) => sampleIndex(at, count, set.count));
  const read = predictor(graph, labels === null && metric?.kind !== 'script' ? null : metric);

  const halves = request.float === null ? 1 : 0.7;
  const run = await runAll(request, indices, (part) => onProgress(halves * part));
  const predictions = predictAll(read, run.outputs, indices, set);
  const float = await compareFloat(request, metric, indices, run.outputs, predictions, (part) =>
    onProgress(halves + (1 - halves) * part),
  );
  onProgress(1);
  const scored = await scoreAll(request, metric, indices, run.outputs, predictions);
  const truths = indices.map((index) => truthOf(labels, index)?.[0] ?? 0);
  const hasClasses = read.kind === 'class' && labels !== null && labels.areIntegers && labels.elements === 1;
  return {
    answers: {
      data: set.digest,
      of: set.count,
      samples: count,
      kind: read.kind,
      tolerance: settings.tolerance,
      classes: set.classes.slice(0, 1000).map((name) => name.slice(0, 60)),
      answers: packAnswers(
        read.kind,
        predictions.map(({ answer }) => answer),
      ),
      truths: hasClasses ? packClasses(truths) : null,
      right: hasClasses ? packFlags(predictions.map(({ isRight }) => isRight === true)) : null,
    },
    accuracy: scored === null ? null : { ...scored, samples: count, computedBy: run.by, float },
    scoreOf: (answered) => {
      if (metric === null || labels === null || metric.kind === 'script') return null;
      const some = answered.map(({ index, input, output }) =>
        read.predict(input, output, truthOf(labels, index)),
      );
      const value = score(
        metric,
        some,
        answered.map(({ index }) => truthOf(labels, index)?.[0] ?? 0),
      );
      return { value: value?.value ?? null, samples: some.length };
    },
  };
}

async function runAll(
  request: EvaluationRequest,
  indices: readonly number[],
  onProgress: (part: number) => void,
): Promise<{ readonly by: Accuracy['computedBy']; readonly outputs: readonly Uint8Array[] }> {
  const { graph, macs } = request;
  const work = macs * indices.length;
  const isLong = work > referenceWork && indices.length > 2 * provenSamples;
  const host = isLong ? await request.host() : null;
  if (host === null && work > mostReferenceWork)
    throw new DeployError(
      'input',
      `Scoring ${indices.length} samples of ${macs} multiply-accumulates by the reference interpreter would take more than half an hour.`,
      { file: graph.source.file },
      'Install a C compiler (cc) for this machine, or set fewer with `accuracy: samples:`.',
    );
  const proven = host === null ? null : await runOnHost(request, indices, host, onProgress);
  return proven === null
    ? { by: 'reference', outputs: await runReference(request, indices, onProgress) }
    : { by: 'host', outputs: proven };
}

async function runReference(
  request: EvaluationRequest,
  indices: readonly number[],
  onProgress: (part: number) => void,
): Promise<Uint8Array[]> {
  const outputs: Uint8Array[] = [];
  for (const index of indices) {
    outputs.push(reference(request.graph, request.set.inputs(index)));
    onProgress(outputs.length / indices.length);
    await breathe(request);
  }
  return outputs;
}

/** null where the C does not give the reference's bits here, e.g. for floats. */
async function runOnHost(
  request: EvaluationRequest,
  indices: readonly number[],
  host: RunMany,
  onProgress: (part: number) => void,
): Promise<Uint8Array[] | null> {
  const { graph, set } = request;
  const inputBytes = graph.inputs.reduce((sum, input) => sum + byteLength(tensorAt(graph, input)), 0);
  const batch = Math.max(1, Math.floor(hostBatchBytes / Math.max(1, inputBytes)));
  const outputs: Uint8Array[] = [];
  for (let start = 0; start < indices.length; start += batch) {
    const inputs = indices.slice(start, start + batch).map((index) => Buffer.concat(set.inputs(index)));
    const made = await host(inputs);
    if (made === null) return null;
    for (const output of made) outputs.push(output);
    onProgress(outputs.length / indices.length);
    await breathe(request);
  }
  for (let proof = 0; proof < provenSamples; proof += 1) {
    const at = sampleIndex(proof, provenSamples, indices.length);
    const expected = reference(graph, set.inputs(indices[at] as number));
    if (Buffer.compare(expected, outputs[at] ?? new Uint8Array()) !== 0) return null;
    await breathe(request);
  }
  return outputs;
}

function reference(graph: Graph, inputs: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(interpret(graph, inputs).outputs);
}

/** Lets signals through between samples. */
async function breathe({ signal }: EvaluationRequest): Promise<void> {
  await setImmediate();
  if (signal?.aborted === true) throw new DeployError('tool', 'the run was cancelled.');
}

function predictAll(
  read: Predictor,
  outputs: readonly Uint8Array[],
  indices: readonly number[],
  { labels, inputs }: TestSet,
): Prediction[] {
  return outputs.map((output, at) => {
    const index = indices[at] as number;
    const input = read.readsInputs === true ? Buffer.concat(inputs(index)) : noBytes;
    const prediction = read.predict(input, output, truthOf(labels, index));
    if (Number.isFinite(prediction.answer) && Number.isFinite(prediction.error)) return prediction;
    throw new DeployError(
      'input',
      `The model's output for test sample ${index} is not a finite number, so it cannot be scored.`,
      labels === null ? {} : { file: labels.file },
      'Check the model, and that its inputs are scaled as in training.',
    );
  });
}

const noBytes = new Uint8Array();

type Scored = Pick<Accuracy, 'name' | 'unit' | 'better' | 'value' | 'correct'>;

async function scoreAll(
  { graph, set, script }: Pick<EvaluationRequest, 'graph' | 'set' | 'script'>,
  metric: AccuracyMetric | null,
  indices: readonly number[],
  outputs: readonly Uint8Array[],
  predictions: readonly Prediction[],
): Promise<Scored | null> {
  if (metric === null) return null;
  if (metric.kind === 'script') {
    const given: ScriptSamples = {
      indices,
      inputs: (at) => unpack(graph, graph.inputs, Buffer.concat(set.inputs(indices[at] as number))),
      outputs: (at) => unpack(graph, graph.outputs, outputs[at] as Uint8Array),
    };
    return { ...(await script(graph, metric, given)), correct: null };
  }
  if (set.labels === null) return null;
  const truths = indices.map((index) => truthOf(set.labels, index)?.[0] ?? 0);
  const found = score(metric, predictions, truths);
  if (found === null)
    throw new DeployError(
      'input',
      `The samples that are scored have only one of the two classes that ${metricName(metric)} tells apart.`,
      { file: set.labels.file },
      'Score more of them: leave out `accuracy: samples:`.',
    );
  const isPercent = isShare(metric);
  return {
    name: metricName(metric),
    unit: isPercent ? 'percent' : 'number',
    better: isPercent ? 'more' : 'less',
    ...found,
  };
}

/** The values of each tensor in packed bytes. */
function unpack(graph: Graph, tensors: readonly number[], packed: Uint8Array): Float64Array[] {
  let start = 0;
  return tensors.map((index) => {
    const tensor = tensorAt(graph, index);
    const end = start + byteLength(tensor);
    const values = realValues(tensor, packed.subarray(start, end));
    start = end;
    return values;
  });
}

/** The same samples through the network that was quantized. */
async function compareFloat(
  request: EvaluationRequest,
  metric: AccuracyMetric | null,
  indices: readonly number[],
  quantized: readonly Uint8Array[],
  predictions: readonly Prediction[],
  onProgress: (part: number) => void,
): Promise<Accuracy['float']> {
  const { float } = request;
  if (float === null || metric === null) return null;
  const { graph, set } = float;
  const network = prepareFloat(graph);
  const noise = { signal: 0, noise: 0 };
  const answered: Uint8Array[] = [];
  for (const [at, index] of indices.entries()) {
    const values = set.inputs(index).map((bytes) => typedArray('float32', bytes) as Float32Array);
    const outputs = network.run(values);
    const ours = unpack(request.graph, request.graph.outputs, quantized[at] ?? noBytes);
    for (const [position, output] of outputs.entries()) addNoise(noise, output, ours[position] ?? []);
    answered.push(Buffer.concat(outputs.map(bytesOf)));
    onProgress((at + 1) / indices.length);
    await breathe(request);
  }
  const read = predictor(graph, metric);
  const own = predictAll(read, answered, indices, set);
  const scored = await scoreAll({ graph, set, script: request.script }, metric, indices, answered, own);
  if (scored === null) return null;
  const { tolerance } = request.settings;
  const same = own.filter(({ answer }, at) => {
    const other = predictions[at]?.answer ?? Number.NaN;
    return Math.abs(answer - other) <= (read.kind === 'class' ? 0 : tolerance);
  });
  const ratio = decibels(noise);
  return {
    value: scored.value,
    sameAnswers: same.length,
    decibels: Number.isFinite(ratio) ? Math.round(ratio * 100) / 100 : null,
  };
}
