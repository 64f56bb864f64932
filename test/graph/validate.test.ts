import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import type { Graph, Operator, Tensor } from '../../src/graph/graph.ts';
import { validateGraph } from '../../src/graph/validate.ts';

function tensor(index: number, change: Partial<Tensor> = {}): Tensor {
  const quantization = { scales: [0.5], zeroPoints: [3], axis: 0 };
  return { index, name: `t${index}`, type: 'int8', shape: [1, 4], quantization, data: null, ...change };
}

function operator(index: number, inputs: readonly number[], outputs: readonly number[]): Operator {
  return { index, kind: 'ADD', inputs, outputs, options: null };
}

/** in (0) → ADD → 1 → ADD → out (2), with a constant (3). */
function graph(change: Partial<Graph> = {}): Graph {
  return {
    name: 'model',
    source: { file: 'model.tflite', format: 'tflite', sha256: '', bytes: 0 },
    tensors: [tensor(0), tensor(1), tensor(2), tensor(3, { data: new Uint8Array(4) })],
    operators: [operator(0, [0, 3], [1]), operator(1, [1, 3], [2])],
    inputs: [0],
    outputs: [2],
    ...change,
  };
}

const withTensor = (index: number, change: Partial<Tensor>) =>
  graph({ tensors: graph().tensors.map((t) => (t.index === index ? { ...t, ...change } : t)) });

test('a sound graph comes back as it is', () => {
  const sound = graph();
  assert.equal(validateGraph(sound), sound);
});

for (const [title, broken, sentence] of [
  [
    'an input computed later',
    graph({ operators: [operator(0, [2, 3], [1]), operator(1, [1, 3], [2])] }),
    'model.tflite, operator ADD #0, tensor t2: the graph has a cycle: this input is computed later, by ADD #1.',
  ],
  [
    'an operator that reads its own output',
    graph({ operators: [operator(0, [0, 1], [1]), operator(1, [1, 3], [2])] }),
    'model.tflite, operator ADD #0, tensor t1: the graph has a cycle: this input is computed later, by ADD #0.',
  ],
  [
    'an input that nothing computes',
    graph({ operators: [operator(0, [1, 3], [2])] }),
    'model.tflite, operator ADD #0, tensor t1: nothing computes this input.',
  ],
  [
    'a tensor written twice',
    graph({ operators: [operator(0, [0, 3], [2]), operator(1, [0, 3], [2])] }),
    'model.tflite, operator ADD #1, tensor t2: the tensor is written twice.',
  ],
  [
    'a constant that is written',
    graph({ operators: [operator(0, [0, 3], [3])] }),
    'model.tflite, operator ADD #0, tensor t3: a constant is written.',
  ],
  [
    'a model input that is written',
    graph({ operators: [operator(0, [3, 3], [0])] }),
    'model.tflite, operator ADD #0, tensor t0: a model input is written.',
  ],
  [
    'an index beyond the tensors',
    graph({ operators: [operator(0, [0, 99], [2])] }),
    'model.tflite, operator ADD #0: tensor 99 is used, but there are only 4.',
  ],
  [
    'an output that is not computed',
    graph({ outputs: [3] }),
    'model.tflite, tensor t3: no operator computes this model output.',
  ],
  [
    'an input twice',
    graph({ inputs: [0, 0] }),
    'model.tflite, tensor t0: it is twice among the model inputs.',
  ],
  ['no inputs', graph({ operators: [], inputs: [] }), 'model.tflite: the model has no inputs or no outputs.'],
  ['a constant as input', graph({ inputs: [3] }), 'model.tflite, tensor t3: a model input is a constant.'],
  [
    'a dimension of 0',
    withTensor(1, { shape: [1, 0] }),
    'model.tflite, tensor t1: the shape [1, 0] is not fixed.',
  ],
  [
    'a product beyond every memory',
    withTensor(1, { shape: [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1] }),
    /^model.tflite, tensor t1: the shape \[2147483647, 2147483647, 2147483647\] takes .* bytes, more than the 16777216 that are allowed\./,
  ],
  [
    'nine dimensions',
    withTensor(1, { shape: [1, 1, 1, 1, 1, 1, 1, 1, 4] }),
    'model.tflite, tensor t1: rank 9 is more than the 8 dimensions that are supported.',
  ],
  [
    'constant data of another length',
    withTensor(3, { data: new Uint8Array(5) }),
    'model.tflite, tensor t3: the shape [1, 4] takes 4 bytes, but the file has 5.',
  ],
  [
    'a scale of zero',
    withTensor(1, { quantization: { scales: [0], zeroPoints: [0], axis: 0 } }),
    'model.tflite, tensor t1: a quantization scale is not a positive number.',
  ],
  [
    'a scale that is no number',
    withTensor(1, { quantization: { scales: [Number.NaN], zeroPoints: [0], axis: 0 } }),
    'model.tflite, tensor t1: a quantization scale is not a positive number.',
  ],
  [
    'a zero point outside int8',
    withTensor(1, { quantization: { scales: [1], zeroPoints: [128], axis: 0 } }),
    'model.tflite, tensor t1: the zero point 128 is outside int8.',
  ],
  [
    'scales that fit no dimension',
    withTensor(1, { quantization: { scales: [1, 1, 1], zeroPoints: [0, 0, 0], axis: 1 } }),
    'model.tflite, tensor t1: it has 3 scales for dimension 1 of [1, 4].',
  ],
  [
    'tensors that fit one by one but not together',
    graph({
      tensors: graph().tensors.concat(
        Array.from({ length: 5 }, (_, i) => tensor(i + 4, { shape: [2 ** 24] })),
      ),
    }),
    /^model.tflite: its tensors take 83886092 bytes together/,
  ],
] as const) {
  test(`refused: ${title}`, () => {
    assert.throws(
      () => validateGraph(broken),
      (error) => {
        assert.ok(error instanceof DeployError && error.kind === 'input');
        assert.notEqual(error.hint, '');
        if (typeof sentence === 'string') assert.ok(error.message.startsWith(`${sentence} `), error.message);
        else assert.match(error.message, sentence);
        return true;
      },
    );
  });
}
