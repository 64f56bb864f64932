import assert from 'node:assert/strict';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { elementCount, tensorAt } from '../../src/graph/graph.ts';
import { filesBesideModel, importModelFile } from '../../src/import/import_model.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { folderWith } from '../project/folder.ts';
import {
  firstInput,
  fixtureBytes,
  floatGolden,
  generatedInput,
  kinds,
  onnxModel,
  runFloat,
  type SmallModel,
  turned,
} from './float_models.ts';

const source = { file: 'm.onnx', name: 'm' };

function imported(model: SmallModel) {
  return importOnnx(onnxModel(model), source);
}

function refusal(model: SmallModel): string {
  try {
    imported(model);
  } catch (error) {
    assert.ok(error instanceof DeployError, String(error));
    assert.equal(error.kind, 'input');
    assert.ok(!error.message.includes('\n'));
    return error.message;
  }
  return assert.fail('it was imported');
}

function ramp(count: number): number[] {
  return Array.from({ length: count }, (_, at) => ((at * 7) % 11) - 5);
}

for (const file of ['digits/digits_torch.onnx', 'digits/digits_torch_legacy.onnx']) {
  test(`${file}: logits within 1e-6 of the largest of onnxruntime's, without a TRANSPOSE`, () => {
    const graph = importOnnx(fixtureBytes(file), source);
    assert.deepEqual(kinds(graph), [
      'CONV_2D',
      'DEPTHWISE_CONV_2D',
      'CONV_2D',
      'MAX_POOL_2D',
      'CONV_2D',
      'ADD',
      'MEAN',
      'FULLY_CONNECTED',
    ]);
    const input = firstInput(graph);
    assert.deepEqual(input.shape, [1, 8, 8, 1]);
    assert.deepEqual(input.fileOrder, [0, 2, 3, 1]);
    for (const [seed, expected] of Object.entries(floatGolden[file] ?? assert.fail('no vectors'))) {
      const logits = runFloat(graph, generatedInput(input, Number(seed)));
      const largest = Math.max(...expected.map(Math.abs));
      for (const [at, value] of expected.entries())
        assert.ok(Math.abs((logits[at] as number) - value) <= 1e-6 * largest, `${logits[at]} for ${value}`);
    }
  });
}

test('flattening after a convolution costs nothing: the weights behind it are turned instead', () => {
  const weights = { shape: [3, 2, 1, 1], values: ramp(6) };
  const matrix = { shape: [4, 3 * 2 * 2], values: ramp(48) };
  const graph = imported({
    input: ['batch', 2, 2, 2],
    constants: { weights, matrix },
    nodes: [
      { kind: 'Conv', inputs: ['x', 'weights'], outputs: ['c'] },
      { kind: 'Flatten', inputs: ['c'], outputs: ['f'] },
      { kind: 'Gemm', inputs: ['f', 'matrix'], outputs: ['y'], attributes: { transB: 1 } },
    ],
  });
  assert.deepEqual(kinds(graph), ['CONV_2D', 'FULLY_CONNECTED']);
  const x = Float32Array.from(ramp(8));
  const channels = [0, 1, 2].map((o) =>
    [0, 1, 2, 3].map(
      (p) =>
        (weights.values[2 * o] as number) * (x[p] as number) +
        (weights.values[2 * o + 1] as number) * (x[4 + p] as number),
    ),
  );
  const flat = channels.flat();
  const expected = [0, 1, 2, 3].map((row) =>
    flat.reduce((sum, v, at) => sum + v * (matrix.values[row * 12 + at] as number), 0),
  );
  assert.deepEqual([...runFloat(graph, turned(x, firstInput(graph)))], expected);
});

test('batch normalization goes into the convolution before it, a ReLU too', () => {
  const graph = imported({
    input: [1, 1, 2, 2],
    constants: {
      weights: { shape: [2, 1, 1, 1], values: [1, -2] },
      scale: { shape: [2], values: [2, 3] },
      shift: { shape: [2], values: [0.5, 1] },
      mean: { shape: [2], values: [1, -1] },
      variance: { shape: [2], values: [4, 1] },
    },
    nodes: [
      { kind: 'Conv', inputs: ['x', 'weights'], outputs: ['c'] },
      { kind: 'BatchNormalization', inputs: ['c', 'scale', 'shift', 'mean', 'variance'], outputs: ['n'] },
      { kind: 'Relu', inputs: ['n'], outputs: ['y'] },
    ],
  });
  assert.deepEqual(kinds(graph), ['CONV_2D']);
  const x = Float32Array.from([1, 2, 3, -4]);
  const channel = (v: number, w: number, s: number, b: number, m: number, q: number) =>
    Math.max(0, ((v * w - m) / Math.sqrt(q + 1e-5)) * s + b);
  const expected = [...x].flatMap((v) => [channel(v, 1, 2, 0.5, 1, 4), channel(v, -2, 3, 1, -1, 1)]);
  for (const [at, value] of runFloat(graph, x).entries())
    assert.ok(Math.abs(value - (expected[at] as number)) < 1e-4, `${value} for ${expected[at]}`);
});

test('a channel shuffle, by reshaping and transposing, ends in the right order', () => {
  const shape = (...values: number[]) => ({ shape: [values.length], values, integer: true });
  const graph = imported({
    input: [1, 4, 2, 2],
    constants: {
      weights: { shape: [4, 4, 1, 1], values: ramp(16) },
      apart: shape(1, 2, 2, 2, 2),
      back: shape(1, 4, 2, 2),
    },
    nodes: [
      { kind: 'Reshape', inputs: ['x', 'apart'], outputs: ['a'] },
      { kind: 'Transpose', inputs: ['a'], outputs: ['t'], attributes: { perm: [0, 2, 1, 3, 4] } },
      { kind: 'Reshape', inputs: ['t', 'back'], outputs: ['b'] },
      { kind: 'Conv', inputs: ['b', 'weights'], outputs: ['y'] },
    ],
  });
  const x = Float32Array.from(ramp(16));
  const shuffled = [0, 2, 1, 3].map((c) => [...x.subarray(4 * c, 4 * c + 4)]);
  const expected = [0, 1, 2, 3].flatMap((p) =>
    [0, 1, 2, 3].map((o) =>
      shuffled.reduce((sum, plane, c) => sum + (plane[p] as number) * (ramp(16)[4 * o + c] as number), 0),
    ),
  );
  assert.deepEqual([...runFloat(graph, turned(x, firstInput(graph)))], expected);
});

test('padding that TFLite has no rule for becomes a PAD; where SAME is the same, SAME', () => {
  const convolution = (pads: readonly number[], strides: readonly number[]) =>
    imported({
      input: [1, 1, 6, 6],
      constants: { weights: { shape: [1, 1, 3, 3], values: ramp(9) } },
      nodes: [{ kind: 'Conv', inputs: ['x', 'weights'], outputs: ['y'], attributes: { pads, strides } }],
    });
  assert.deepEqual(kinds(convolution([1, 1, 1, 1], [1, 1])), ['CONV_2D']);
  assert.deepEqual(kinds(convolution([0, 0, 1, 1], [2, 2])), ['CONV_2D']);
  const padded = convolution([1, 1, 1, 1], [2, 2]);
  assert.deepEqual(kinds(padded), ['PAD', 'CONV_2D']);
  assert.deepEqual(tensorAt(padded, padded.outputs[0] ?? -1).shape, [1, 3, 3, 1]);
});

test('shapes that are computed from shapes are computed at import', () => {
  const graph = imported({
    input: ['n', 2, 3],
    constants: {
      zero: { shape: [], values: [0], integer: true },
      six: { shape: [1], values: [6], integer: true },
      w: { shape: [6, 2], values: ramp(12) },
    },
    nodes: [
      { kind: 'Shape', inputs: ['x'], outputs: ['s'] },
      { kind: 'Gather', inputs: ['s', 'zero'], outputs: ['n'] },
      { kind: 'Unsqueeze', inputs: ['n', 'first'], outputs: ['u'] },
      { kind: 'Concat', inputs: ['u', 'six'], outputs: ['target'], attributes: { axis: 0 } },
      { kind: 'Reshape', inputs: ['x', 'target'], outputs: ['flat'] },
      { kind: 'MatMul', inputs: ['flat', 'w'], outputs: ['y'] },
    ].map((node) => (node.kind === 'Unsqueeze' ? { ...node, inputs: ['n', 'zero'] } : node)),
  });
  assert.deepEqual(kinds(graph), ['FULLY_CONNECTED']);
});

test('domains that no node uses do not matter', () => {
  const nodes = [{ kind: 'Relu', inputs: ['x'], outputs: ['y'] }];
  assert.deepEqual(kinds(imported({ input: [1, 4], nodes, domains: ['com.microsoft', 'org.example'] })), [
    'RELU',
  ]);
});

test('what cannot be imported is one sentence with the node and what to do', () => {
  const relu = [{ kind: 'Relu', inputs: ['x'], outputs: ['y'] }];
  const cases: readonly (readonly [SmallModel, RegExp])[] = [
    [
      { input: [1, 4], nodes: [{ kind: 'Det', inputs: ['x'], outputs: ['y'] }] },
      /^m\.onnx, operator Det "node_0": this ONNX operator is not supported\. Build it from the \d+ that are \(docs\/operators\.md lists them\), or leave it outside of the model\.$/,
    ],
    [
      { input: [1, 4], nodes: [{ kind: 'Gelu', domain: 'com.microsoft', inputs: ['x'], outputs: ['y'] }] },
      /operator com\.microsoft\.Gelu "node_0"/,
    ],
    [
      { input: [1, 4], nodes: relu, opset: 99 },
      /^m\.onnx: operator set 99 is too new: 11 to 26 are read\. Export with opset_version=26 or below\.$/,
    ],
    [{ input: [1, 4], nodes: relu, opset: 7 }, /operator set 7 is too old/],
    [
      { input: ['n', 'length'], nodes: relu },
      /dimension 1 \(length\) of the input \[n, length\] is dynamic\. Add `dimensions: \{ length: SIZE \}`/,
    ],
    [{ input: [1, 4], inputType: 7, nodes: relu }, /tensor x: a model input of type int64 is not supported/],
    [
      { input: [1, 4], nodes: [{ kind: 'Relu', inputs: ['z'], outputs: ['y'] }] },
      /operator Relu "node_0": nothing before it computes "z"/,
    ],
    [
      { input: [1, 4], nodes: [...relu, { kind: 'Tanh', inputs: ['x'], outputs: ['y'] }] },
      /"y" is computed twice/,
    ],
  ];
  for (const [model, expected] of cases) assert.match(refusal(model), expected);
});

test('weights in a file beside the model are read, and only from there', async (t) => {
  const matrix = { shape: [2, 2], values: [1, 2, 3, 4] };
  const model = (location: string): SmallModel => ({
    input: [1, 2],
    constants: { matrix: { ...matrix, location } },
    nodes: [{ kind: 'MatMul', inputs: ['x', 'matrix'], outputs: ['y'] }],
  });
  const folder = folderWith(t, { 'models/keep': '' });
  const write = (location: string) =>
    writeFileSync(join(folder, 'models/m.onnx'), onnxModel(model(location)));
  const read = () => importModelFile(folder, { file: 'models/m.onnx', name: 'm' });
  write('m.onnx.data');
  await assert.rejects(
    read(),
    /^DeployError: models\/m\.onnx: its weights are in "m\.onnx\.data", which is not there\. Commit that file beside/,
  );
  assert.deepEqual(await filesBesideModel(folder, 'models/m.onnx'), []);
  writeFileSync(join(folder, 'models/m.onnx.data'), new Uint8Array(8));
  await assert.rejects(
    read(),
    /its data \(16 bytes from 0\) lies outside of "m\.onnx\.data", which has 8 bytes/,
  );
  writeFileSync(join(folder, 'models/m.onnx.data'), new Uint8Array(Float32Array.from(matrix.values).buffer));
  const graph = await read();
  assert.deepEqual([...runFloat(graph, Float32Array.from([1, 10]))], [31, 42]);
  symlinkSync('m.onnx.data', join(folder, 'models/link'));
  write('link');
  assert.deepEqual([...runFloat(await read(), Float32Array.from([1, 10]))], [31, 42]);
  // Weights are published: no link may make any file of the machine one of them, and a device would never end.
  for (const [name, target] of Object.entries({ outside: '/proc/self/environ', device: '/dev/zero' })) {
    symlinkSync(target, join(folder, 'models', name));
    write(name);
    await assert.rejects(read(), /its weights are in ".*", which is a link that leads out of the project\./);
    assert.deepEqual(await filesBesideModel(folder, 'models/m.onnx'), []);
  }
  for (const location of ['../m.onnx.data', '/etc/passwd', 'a/../../b', 'C:\\weights', '']) {
    write(location);
    await assert.rejects(read(), /its weights are in .*, which is not beside the model/);
  }
});

test('one large file under many names is not read over and over', async (t) => {
  const folder = folderWith(t, { 'm.onnx': '', weights: '' });
  truncateSync(join(folder, 'weights'), 200 * 2 ** 20);
  const matrix = { shape: [2, 2], values: [1, 2, 3, 4] };
  const constants = Object.fromEntries(
    ['weights', './weights', '././weights'].map((location, at) => [`w${at}`, { ...matrix, location }]),
  );
  const nodes = [{ kind: 'MatMul', inputs: ['x', 'w0'], outputs: ['y'] }];
  writeFileSync(join(folder, 'm.onnx'), onnxModel({ input: [1, 2], constants, nodes }));
  await assert.rejects(
    importModelFile(folder, { file: 'm.onnx', name: 'm' }),
    /^DeployError: m\.onnx: the files beside it have more than 268435456 bytes together\./,
  );
});

test('the same bytes give the same graph, and constants have their sizes', () => {
  const bytes = fixtureBytes('digits/digits_torch.onnx');
  const graph = importOnnx(bytes, source);
  assert.deepEqual(graph, importOnnx(bytes, source));
  for (const tensor of graph.tensors)
    if (tensor.data !== null) assert.equal(tensor.data.length, 4 * elementCount(tensor.shape));
});

test('a small file that would make large constants, many of them, is refused soon', () => {
  const many = (kind: string, inputs: readonly string[]) =>
    Array.from({ length: 2000 }, (_, at) => ({ kind, inputs, outputs: [`c${at}`] }));
  const relu = { kind: 'Relu', inputs: ['x'], outputs: ['y'] };
  const constants = { size: { shape: [1], values: [4_000_000], integer: true } };
  const start = performance.now();
  for (const nodes of [
    [{ kind: 'ConstantOfShape', inputs: ['size'], outputs: ['c'] }, ...many('Add', ['c', 'c'])],
  ])
    assert.match(
      refusal({ input: [1, 1], constants, nodes: [...nodes, relu] }),
      /too many constants|more than \d+ bytes/,
    );
  assert.match(
    refusal({
      input: [1, 1],
      constants: { size: { shape: [2], values: [3_000_000, 3_000_000], integer: true } },
      nodes: [{ kind: 'ConstantOfShape', inputs: ['size'], outputs: ['c'] }, relu],
    }),
    /the shape \[3000000, 3000000\] is too large/,
  );
  const milliseconds = performance.now() - start;
  assert.ok(milliseconds < 10_000, `${milliseconds} ms`);
});
