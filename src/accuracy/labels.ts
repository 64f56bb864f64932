import { DeployError, printable } from '../errors.ts';
import { elementCount, type Graph, tensorAt } from '../graph/graph.ts';
import type { AccuracyMetric } from './settings.ts';

/** What the model should have answered, for each sample of the test data. */
export interface Labels {
  /** Where to point at when they do not fit. */
  readonly file: string;
  /** Whether they are whole numbers by their type: class numbers, if anything. */
  readonly areIntegers: boolean;
  /** Of one sample. */
  readonly elements: number;
  /** [samples, elements] */
  readonly values: Float64Array;
}

/** Elements of the first output, which is the one that is scored. */
export function outputElements(graph: Graph): number {
  const [output = -1] = graph.outputs;
  return elementCount(tensorAt(graph, output).shape);
}

/** An output like the input: its error tells how unusual the input is. */
export function isReconstruction(graph: Graph): boolean {
  const [input = -1] = graph.inputs;
  const elements = outputElements(graph);
  return graph.inputs.length === 1 && elements > 2 && elements === elementCount(tensorAt(graph, input).shape);
}

/** A single output that says how sure the model is of class 1 has two classes. */
export function classCount(graph: Graph): number {
  return Math.max(2, outputElements(graph));
}

/** What such labels are scored by where tinyml.yml does not say. */
export function inferMetric(labels: Labels, graph: Graph): AccuracyMetric {
  if (!labels.areIntegers || labels.elements > 1) return { kind: 'mae' };
  if (isReconstruction(graph) && labels.values.every((label) => label === 0 || label === 1))
    return { kind: 'auc' };
  return { kind: 'top', k: 1 };
}

/** Throws DeployError (kind `input`) where the labels cannot be what the metric asks for. */
export function checkLabels(labels: Labels, metric: AccuracyMetric, graph: Graph): void {
  switch (metric.kind) {
    case 'top':
    case 'f1':
      requireClasses(labels, classCount(graph));
      if (metric.kind === 'top' && metric.k >= classCount(graph))
        throw wrong(
          labels,
          `Each of the ${classCount(graph)} classes is among the top ${metric.k}.`,
          'Take a smaller number in `accuracy: metric: top-…`.',
        );
      if (metric.kind === 'f1' && metric.positive !== null && metric.positive >= classCount(graph))
        throw wrong(
          labels,
          `\`positive\` is ${metric.positive} where the model has the classes 0 to ${classCount(graph) - 1}.`,
          'Count classes from 0.',
        );
      return;
    case 'auc':
      requireClasses(labels, 2);
      if (new Set(labels.values).size < 2)
        throw wrong(
          labels,
          'All labels are the same, so there is nothing to tell apart.',
          'AUC needs samples with the label 0 and samples with the label 1.',
        );
      if (outputElements(graph) > 2 && !isReconstruction(graph))
        throw wrong(
          labels,
          `The first output has ${outputElements(graph)} elements, of which none is the score.`,
          'AUC takes one output, two classes, or an output as large as the input, whose error is the score.',
        );
      return;
    case 'mae':
    case 'mse': {
      const odd = labels.values.findIndex((label) => !Number.isFinite(label));
      if (odd !== -1)
        throw wrong(
          labels,
          `Of the labels of sample ${Math.floor(odd / labels.elements)} one is not a finite number.`,
          'Remove or replace it.',
        );
      if (labels.elements === outputElements(graph)) return;
      throw wrong(
        labels,
        `There are ${labels.elements} labels for each sample where the first output has ${outputElements(graph)} elements.`,
        'Give the value that each element of the output should have.',
      );
    }
    case 'script':
      return;
  }
}

function requireClasses(labels: Labels, classes: number): void {
  if (!labels.areIntegers)
    throw wrong(labels, 'The labels are floats.', 'Save class numbers as uint8 or int32.');
  if (labels.elements !== 1)
    throw wrong(
      labels,
      `There are ${labels.elements} labels for each sample.`,
      'Give one class number for each sample.',
    );
  const at = labels.values.findIndex((label) => label < 0 || label >= classes);
  if (at === -1) return;
  throw wrong(
    labels,
    `Label ${at} is ${printable(String(labels.values[at]))} where the model has the classes 0 to ${classes - 1}.`,
    'Check that labels and model belong together.',
  );
}

function wrong({ file }: Labels, what: string, hint: string): DeployError {
  return new DeployError('input', what, { file }, hint);
}
