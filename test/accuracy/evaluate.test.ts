import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EvaluationRequest, evaluate } from '../../src/accuracy/evaluate.ts';
import type { Labels } from '../../src/accuracy/labels.ts';
import { type AccuracyMetric, defaultAccuracy } from '../../src/accuracy/settings.ts';
import type { TestSet } from '../../src/accuracy/test_set.ts';
import { DeployError } from '../../src/errors.ts';
import { bytesOf, type Graph } from '../../src/graph/graph.ts';

/** Reshapes its input: whatever goes in comes out, so that answers can be written down by hand. */
function echo(elements: number, scale = 0.5, zeroPoint = 0): Graph {
  const quantization = { scales: [scale], zeroPoints: [zeroPoint], axis: 0 };
  const tensor = { type: 'int8' as const, shape: [1, elements], quantization, data: null };
  return {
    name: 'echo',
    source: { file: 'echo.tflite', format: 'tflite', sha256: '', bytes: 0 },
    rounding: 'double',
    tensors: [
      { ...tensor, index: 0, name: 'in' },
      { ...tensor, index: 1, name: 'out' },
    ],
    operators: [{ index: 0, kind: 'RESHAPE', inputs: [0], outputs: [1], options: {} }],
    inputs: [0],
    outputs: [1],
  } as unknown as Graph;
}

function setOf(
  rows: readonly (readonly number[])[],
  labels: readonly number[] | null,
  fields: Partial<Labels> = {},
): TestSet {
  return {
    count: rows.length,
    digest: 'd',
    classes: [],
    inputs: (index) => [bytesOf(Int8Array.from(rows[index] ?? []))],
    labels:
      labels === null
        ? null
        : { file: 'y.npy', areIntegers: true, elements: 1, values: Float64Array.from(labels), ...fields },
  };
}

const request = (graph: Graph, set: TestSet, metric: AccuracyMetric | null = null): EvaluationRequest => ({
  graph,
  set,
  settings: { ...defaultAccuracy, metric },
  macs: 1,
  float: null,
  host: async () => null,
  script: async () => assert.fail('no program was named'),
});

const one = [
  [9, 0, 0],
  [0, 9, 0],
  [5, 4, 9],
  [3, 3, 3],
];

describe('evaluate', () => {
  it('scores integer labels by the highest output, of equals the first', async () => {
    const { accuracy, answers } = await evaluate(request(echo(3), setOf(one, [0, 1, 2, 2])));
    assert.deepEqual(accuracy, {
      name: 'top-1',
      unit: 'percent',
      better: 'more',
      value: 75,
      correct: 3,
      samples: 4,
      computedBy: 'reference',
      float: null,
    });
    assert.deepEqual([...Buffer.from(answers.answers, 'base64')], [0, 1, 2, 0]);
    assert.deepEqual([...Buffer.from(answers.truths ?? '', 'base64')], [0, 1, 2, 2]);
    assert.deepEqual([...Buffer.from(answers.right ?? '', 'base64')], [0b0111]);
  });

  it('takes the class among the k highest', async () => {
    const { accuracy } = await evaluate(request(echo(3), setOf(one, [0, 1, 0, 2]), { kind: 'top', k: 2 }));
    assert.deepEqual([accuracy?.name, accuracy?.correct], ['top-2', 3]);
  });

  it('reads one output with classes 0 and 1 as how sure it is of 1', async () => {
    const rows = [[-1], [0], [1], [2]];
    const { accuracy, answers } = await evaluate(request(echo(1), setOf(rows, [0, 0, 1, 0])));
    assert.deepEqual([...Buffer.from(answers.answers, 'base64')], [0, 0, 1, 1]);
    assert.equal(accuracy?.value, 75);
  });

  it('scores float labels by the mean absolute error, in units of the output', async () => {
    const set = setOf([[2], [4]], [1, 3], { areIntegers: false });
    const { accuracy, answers } = await evaluate(request(echo(1), set));
    assert.deepEqual(
      [accuracy?.name, accuracy?.unit, accuracy?.better, accuracy?.value],
      ['mean absolute error', 'number', 'less', 0.5],
    );
    assert.equal(answers.kind, 'value');
    assert.equal(Buffer.from(answers.answers, 'base64').readFloatLE(4), 2);
    const squared = await evaluate(request(echo(1), set, { kind: 'mse' }));
    assert.equal(squared.accuracy?.value, 0.5);
  });

  it('tells anomalies by how far an output that is like its input is from it', async () => {
    const graph = echo(4);
    // Its output stands for half of its input: the larger the values, the larger the error.
    const [input, output] = graph.tensors;
    assert.ok(input !== undefined && output !== undefined);
    const halved = { ...output, quantization: { scales: [0.25], zeroPoints: [0], axis: 0 } };
    const rows = [
      [1, 2, 1, 0],
      [9, 9, 8, 9],
      [2, 2, 2, 2],
      [3, 1, 1, 1],
    ];
    const { accuracy, answers } = await evaluate(
      request({ ...graph, tensors: [input, halved] }, setOf(rows, [0, 1, 0, 1])),
    );
    // Of the four pairs only (sample 2, sample 3) is the wrong way round.
    assert.deepEqual([accuracy?.name, accuracy?.value, accuracy?.correct], ['AUC', 75, null]);
    // (0.25² + 0.5² + 0.25² + 0²) / 4
    assert.equal(Buffer.from(answers.answers, 'base64').readFloatLE(0), 0.09375);
  });

  it('keeps answers where there are no labels', async () => {
    const { accuracy, answers } = await evaluate(request(echo(3), setOf(one, null)));
    assert.equal(accuracy, null);
    assert.deepEqual([answers.samples, answers.truths, answers.right], [4, null, null]);
  });

  it('scores so many of the samples, spread evenly', async () => {
    const wanted = request(echo(3), setOf(one, [0, 1, 2, 2]));
    const { accuracy, answers } = await evaluate({ ...wanted, settings: { ...wanted.settings, samples: 2 } });
    assert.deepEqual([answers.of, answers.samples, accuracy?.samples], [4, 2, 2]);
    assert.deepEqual([...Buffer.from(answers.answers, 'base64')], [0, 2]);
  });

  it('scores what the emulated part gave in the same way', async () => {
    const { scoreOf } = await evaluate(request(echo(3), setOf(one, [0, 1, 2, 2])));
    const output = bytesOf(Int8Array.from([0, 9, 0]));
    assert.deepEqual(scoreOf([0, 1].map((index) => ({ index, input: output, output }))), {
      value: 50,
      samples: 2,
    });
  });

  it('takes long test sets to the host, and holds its answers against the reference', async () => {
    const rows = Array.from({ length: 100 }, (_, at) => [at % 3 === 0 ? 9 : 0, at % 3 === 1 ? 9 : 0, 1]);
    const truths = rows.map((_, at) => at % 3);
    const long = { ...request(echo(3), setOf(rows, truths)), macs: 1e9 };
    let batches = 0;
    const right = await evaluate({
      ...long,
      host: async () => async (inputs) => {
        batches += 1;
        return inputs;
      },
    });
    assert.deepEqual([batches, right.accuracy?.computedBy, right.accuracy?.value], [1, 'host', 100]);
    const other = await evaluate({
      ...long,
      host: async () => async (inputs) => inputs.map((input) => new Uint8Array(input.length)),
    });
    assert.deepEqual([other.accuracy?.computedBy, other.accuracy?.value], ['reference', 100]);
  });

  const refused = async (what: RegExp, wanted: EvaluationRequest): Promise<void> => {
    await assert.rejects(evaluate(wanted), (error: Error) => {
      assert.ok(error instanceof DeployError && error.kind === 'input');
      assert.match(error.message, what);
      return true;
    });
  };

  it('refuses labels that do not fit, in one sentence', async () => {
    await refused(
      /^y\.npy: Label 2 is 3 where the model has the classes 0 to 2\. /,
      request(echo(3), setOf(one, [0, 1, 3, 0])),
    );
    await refused(/^y\.npy: Label 0 is -1 /, request(echo(3), setOf(one, [-1, 1, 0, 0])));
    await refused(
      /^y\.npy: The labels are floats\. /,
      request(echo(3), setOf(one, [0, 1, 1, 0], { areIntegers: false }), { kind: 'top', k: 1 }),
    );
    await refused(
      /^y\.npy: Each of the 3 classes is among the top 3\./,
      request(echo(3), setOf(one, [0, 1, 1, 0]), { kind: 'top', k: 3 }),
    );
    await refused(
      /^y\.npy: All labels are the same, /,
      request(echo(1), setOf([[1], [2]], [1, 1]), { kind: 'auc' }),
    );
    await refused(
      /^y\.npy: Label 1 is 2 where the model has the classes 0 to 1\./,
      request(echo(1), setOf([[1], [2]], [1, 2]), { kind: 'auc' }),
    );
    await refused(
      /^y\.npy: There are 1 labels for each sample where the first output has 3 elements\./,
      request(echo(3), setOf(one, [0, 1, 2, 0], { areIntegers: false })),
    );
    await refused(
      /^y\.npy: Of the labels of sample 1 one is not a finite number\./,
      request(echo(1), setOf([[1], [2]], [1, Number.NaN], { areIntegers: false })),
    );
    await refused(
      /^y\.npy: `positive` is 3 where the model has the classes 0 to 2\./,
      request(echo(3), setOf(one, [0, 1, 2, 0]), { kind: 'f1', positive: 3 }),
    );
  });

  it('refuses what would take hours', async () => {
    await refused(/would take more than half an hour\. Install a C compiler/, {
      ...request(echo(3), setOf(one, [0, 1, 2, 2])),
      macs: 1e12,
    });
  });
});
