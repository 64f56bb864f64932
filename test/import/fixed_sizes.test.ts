import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zipSync } from 'fflate';
import { type DeclaredInput, fixShapes, type GivenSizes } from '../../src/import/fixed_sizes.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { importPt2 } from '../../src/import/pt2.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { storedFiles } from '../../src/import/zip.ts';
import { refuses } from '../data/refused.ts';
import { type BuiltModel, type BuiltTensor, buildModel, int32Bytes, someInt8 } from './build_model.ts';
import { fixtureBytes, onnxModel } from './float_models.ts';

const given = (sizes: Partial<GivenSizes>): GivenSizes => ({ shapes: {}, dimensions: {}, ...sizes });
const fix = (shape: DeclaredInput['shape'], sizes: Partial<GivenSizes> = {}) =>
  fixShapes('m.onnx', [{ name: 'x', shape }], given(sizes));

describe('fixShapes', () => {
  it('leaves fixed shapes alone', () => {
    assert.deepEqual(fix([2, 3]), { shapes: [[2, 3]], fixed: [] });
  });
  it('fixes an open batch to 1, by its name or as the first dimension', () => {
    for (const first of ['', 'N', 'whatever', -1, 0]) assert.deepEqual(fix([first, 3]).shapes, [[1, 3]]);
    assert.deepEqual(fix([7, 'batch_size', 3]).shapes, [[7, 1, 3]]);
    assert.deepEqual(fix(['', 3]).fixed, [{ input: 'x', dimension: 0, name: '', size: 1, by: 'batch' }]);
  });
  it('takes sizes from tinyml.yml, by the name of the dimension or for the whole input', () => {
    assert.deepEqual(fix(['N', 'time', 40], { dimensions: { time: 16 } }), {
      shapes: [[1, 16, 40]],
      fixed: [
        { input: 'x', dimension: 0, name: 'N', size: 1, by: 'batch' },
        { input: 'x', dimension: 1, name: 'time', size: 16, by: 'config' },
      ],
    });
    assert.deepEqual(fix(['time', 'batch', 40], { dimensions: { time: 16 } }).shapes, [[16, 1, 40]]);
    assert.deepEqual(fix([-1, -1, 40], { shapes: { x: [2, 16, 40] } }).shapes, [[2, 16, 40]]);
    assert.deepEqual(fix(null, { shapes: { x: [1, 5] } }).shapes, [[1, 5]]);
  });
  it('shows what to add for any other', () => {
    refuses(
      /^m\.onnx, tensor x: dimension 1 \(time\) of the input \[N, time, F\] is dynamic\. Add `dimensions: \{ time: SIZE, F: SIZE \}` to this model in tinyml\.yml, with the size that it runs with\.$/,
      () => fix(['N', 'time', 'F']),
    );
    refuses(
      /^m\.onnx, tensor x: dimension 1 of the input \[\?, \?, 40\] is dynamic\. Add `shapes: \{ x: \[1, SIZE, 40\] \}` to this model/,
      () => fix([-1, '', 40]),
    );
    refuses(/the input has no shape\. Add `shapes: \{ x: \[1, SIZE\] \}`/, () => fix(null));
    // A name of the file cannot get out of its line, or out of the YAML that is shown.
    refuses(/dimensions: \{ "a\\n\}: b": SIZE \}/, () => fix([1, 'a\n}: b']));
  });
  it('refuses sizes that fit nothing', () => {
    refuses(/tinyml\.yml gives a shape for "z", which is no input of the model\. Its inputs: x\./, () =>
      fix([1, 2], { shapes: { z: [1, 2] } }),
    );
    refuses(
      /gives a size for "tim", which is no dynamic dimension .* Its dynamic dimensions: N, time\./,
      () => fix(['N', 'time'], { dimensions: { tim: 2 } }),
    );
    refuses(/None of its dimensions has a name: give whole `shapes`/, () =>
      fix([-1, 2], { dimensions: { tim: 2 } }),
    );
    refuses(
      /gives it the shape \[1, 3\] where the model has \[\?, 2\]\. Only dynamic dimensions may be chosen\./,
      () => fix([-1, 2], { shapes: { x: [1, 3] } }),
    );
    refuses(/gives it the shape \[1\] where the model has \[\?, 2\]/, () =>
      fix([-1, 2], { shapes: { x: [1] } }),
    );
  });
});

describe('an ONNX model with open sizes', () => {
  const model = onnxModel({
    input: ['N', 3, 'height', 8],
    constants: { w: { shape: [2, 3, 3, 3], values: Array.from({ length: 54 }, (_, at) => at / 54) } },
    nodes: [
      {
        kind: 'Conv',
        inputs: ['x', 'w'],
        outputs: ['c'],
        attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
      },
      { kind: 'GlobalAveragePool', inputs: ['c'], outputs: ['y'] },
    ],
  });
  const imported = (sizes?: Partial<GivenSizes>) =>
    importOnnx(model, { file: 'm.onnx', name: 'm', ...(sizes === undefined ? {} : { sizes: given(sizes) }) });
  it('runs with those of tinyml.yml, and keeps what was fixed', () => {
    const graph = imported({ dimensions: { height: 6 } });
    assert.deepEqual(graph.tensors[graph.inputs[0] ?? -1]?.shape, [1, 6, 8, 3]);
    assert.ok(graph.tensors.some(({ shape }) => shape.join() === '1,3,4,2'));
    assert.deepEqual(
      graph.fixed?.map(({ name, size, by }) => [name, size, by]),
      [
        ['N', 1, 'batch'],
        ['height', 6, 'config'],
      ],
    );
  });
  it('says what to add without them', () => {
    refuses(
      /dimension 2 \(height\) of the input \[N, 3, height, 8\] is dynamic\. Add `dimensions: \{ height: SIZE \}`/,
      () => imported(),
    );
  });
});

/** A network over time, as converters write one: 1-D convolution, pooling, mean, dense layer. */
function overTime(time: number, dynamic: boolean): BuiltModel {
  const value = (name: string, shape: readonly number[], at?: number): BuiltTensor => ({
    name,
    shape,
    ...(dynamic && at !== undefined
      ? { signature: shape.map((size, axis) => (axis === 0 || axis === at ? -1 : size)) }
      : {}),
    scales: [0.1],
    zeroPoints: [0],
  });
  const constant = (name: string, shape: readonly number[], scales = [0.1]): BuiltTensor => ({
    name,
    shape,
    scales,
    zeroPoints: scales.map(() => 0),
    data: someInt8(shape.reduce((product, size) => product * size, 1)),
  });
  const integers = (name: string, values: readonly number[]): BuiltTensor => ({
    name,
    type: 2,
    shape: values.length === 1 ? [] : [values.length],
    data: int32Bytes(values),
  });
  const half = Math.ceil(time / 2);
  const window = (fields: readonly number[]) => fields.map((int32, field) => ({ field, int32 }));
  return {
    tensors: [
      value('x', [1, time, 4], 1),
      integers('axis', [1]),
      value('image', [1, 1, time, 4], 2),
      constant('filter', [3, 1, 3, 4], [0.1]),
      value('convolved', [1, 1, time, 3], 2),
      value('pooled', [1, 1, half, 3], 2),
      integers('shape', [1, -1, 3]),
      value('sequence', [1, half, 3], 1),
      integers('axes', [1]),
      value('mean', [1, 3]),
      constant('weights', [2, 3]),
      value('y', [1, 2]),
    ],
    operators: [
      { code: 70, inputs: [0, 1], outputs: [2] },
      { code: 3, inputs: [2, 3, -1], outputs: [4], options: { type: 1, fields: window([0, 1, 1, 0, 1, 1]) } },
      { code: 17, inputs: [4], outputs: [5], options: { type: 5, fields: window([0, 2, 1, 2, 1]) } },
      { code: 22, inputs: [5, 6], outputs: [7] },
      { code: 40, inputs: [7, 8], outputs: [9] },
      { code: 9, inputs: [9, 10, -1], outputs: [11] },
    ],
    inputs: [0],
    outputs: [11],
  };
}

describe('a .tflite model with open sizes', () => {
  const imported = (model: BuiltModel, sizes?: Partial<GivenSizes>) =>
    importTflite(buildModel(model), {
      file: 'm.tflite',
      name: 'm',
      ...(sizes === undefined ? {} : { sizes: given(sizes) }),
    });
  it('fixes the batch to 1', () => {
    const { fixed } = imported({
      ...overTime(9, true),
      tensors: overTime(9, true).tensors.map((tensor, index) =>
        index === 0 ? { ...tensor, signature: [-1, 9, 4] } : tensor,
      ),
    });
    assert.deepEqual(fixed, [{ input: 'x', dimension: 0, name: '', size: 1, by: 'batch' }]);
  });
  it('computes every shape again for the sizes of tinyml.yml', () => {
    // Converters write a 1 where a size is open.
    const graph = imported(overTime(1, true), { shapes: { x: [1, 9, 4] } });
    const wanted = imported(overTime(9, false));
    assert.deepEqual(
      graph.tensors.map(({ name, shape }) => [name, shape]),
      wanted.tensors.map(({ name, shape }) => [name, shape]),
    );
  });
  it('says what to add, by input', () => {
    refuses(
      /^m\.tflite, tensor x: dimension 1 of the input \[\?, \?, 4\] is dynamic\. Add `shapes: \{ x: \[1, SIZE, 4\] \}`/,
      () => imported(overTime(1, true)),
    );
  });
  it('refuses an operator whose output it cannot tell', () => {
    const model = overTime(1, true);
    const tensors = model.tensors.map((tensor, index) =>
      index === 7 ? { ...tensor, signature: [-1, -1, -1] } : tensor,
    );
    refuses(
      /^m\.tflite, operator RESHAPE #3: the shape that it gives for the sizes in tinyml\.yml cannot be told\. Convert the model with fixed input shapes/,
      () => imported({ ...model, tensors }, { shapes: { x: [1, 9, 4] } }),
    );
  });
});

describe('a torch.export program with open sizes', () => {
  /** The fixture as torch.export writes it where batch and height of the input are dynamic. */
  const dynamic = (() => {
    const original = fixtureBytes('digits/digits_torch.pt2');
    const files = Object.fromEntries(storedFiles('m.pt2', original));
    const [path] = Object.keys(files).filter((name) => name.endsWith('models/model.json'));
    assert.ok(path !== undefined);
    const program = JSON.parse(new TextDecoder().decode(files[path]));
    const { sizes } = program.graph_module.graph.tensor_values.x;
    sizes[0] = { as_expr: { expr_str: 's77' } };
    sizes[2] = { as_expr: { expr_str: 's53' } };
    return zipSync({ ...files, [path]: new TextEncoder().encode(JSON.stringify(program)) }, { level: 0 });
  })();
  const imported = (sizes?: Partial<GivenSizes>) =>
    importPt2(dynamic, {
      file: 'm.pt2',
      name: 'm',
      ...(sizes === undefined ? {} : { sizes: given(sizes) }),
    });
  it('runs with those of tinyml.yml', () => {
    const wanted = importPt2(fixtureBytes('digits/digits_torch.pt2'), { file: 'm.pt2', name: 'm' });
    for (const sizes of [{ dimensions: { s53: 8 } }, { shapes: { x: [1, 1, 8, 8] } }]) {
      const graph = imported(sizes);
      assert.deepEqual(graph.tensors, wanted.tensors);
      assert.equal(graph.fixed?.length, 2);
    }
  });
  it('says what to add without them', () => {
    refuses(
      /^m\.pt2, tensor x: dimension 2 \(s53\) of the input \[s77, 1, s53, 8\] is dynamic\. Add `dimensions: \{ s53: SIZE \}`/,
      () => imported(),
    );
  });
});
