import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import type { ElementType, Graph, Tensor } from '../../src/graph/graph.ts';
import { loadTestData, openTestData } from '../../src/project/testdata.ts';
import { folderWith, npy } from './folder.ts';

const tensor = (index: number, type: ElementType, shape: readonly number[]): Tensor => ({
  index,
  name: `t${index}`,
  type,
  shape,
  quantization: { scales: [0.5], zeroPoints: [-3], axis: 0 },
  data: null,
});
const graph = (type: ElementType, shape: readonly number[] = [1, 2, 2]): Graph => ({
  name: 'm',
  source: { file: 'm.tflite', format: 'tflite', sha256: '', bytes: 0 },
  tensors: [tensor(0, type, shape), tensor(1, 'int8', [1, 10])],
  operators: [],
  inputs: [0],
  outputs: [1],
});

function load(t: TestContext, inputs: Uint8Array, of: Graph, labels?: Uint8Array, samples = 100) {
  const folder = folderWith(t, { 'x.npy': inputs, ...(labels === undefined ? {} : { 'y.npy': labels }) });
  return loadTestData(
    folder,
    {
      inputs: 'x.npy',
      labels: labels === undefined ? null : 'y.npy',
      label: null,
      classes: null,
      samples,
    },
    of,
  );
}
function refused(
  t: TestContext,
  pattern: RegExp,
  inputs: Uint8Array,
  of = graph('int8'),
  labels?: Uint8Array,
) {
  assert.throws(
    () => load(t, inputs, of, labels),
    (error) => error instanceof DeployError && error.kind === 'input' && pattern.test(error.message),
    pattern.source,
  );
}

const int8s = (bytes: Uint8Array = new Uint8Array()) => [...new Int8Array(bytes)];
const int8 = Int8Array.from([1, -2, 3, -4, 5, -6, 7, -8]);

describe('loadTestData', () => {
  it('takes integers of the input type as they are', (t) => {
    const samples = load(t, npy('|i1', [2, 2, 2], int8), graph('int8'));
    assert.deepEqual(
      samples.map(({ index, inputs }) => [index, int8s(inputs[0])]),
      [
        [0, [1, -2, 3, -4]],
        [1, [5, -6, 7, -8]],
      ],
    );
  });
  it('takes the shape with the leading 1 too', (t) => {
    assert.equal(load(t, npy('|i1', [2, 1, 2, 2], int8), graph('int8')).length, 2);
  });
  it('quantizes floats: divides in single precision, rounds halves away from zero, clamps', (t) => {
    // scale 0.5, zero point -3
    const floats = Float32Array.from([0.25, -0.25, 0.24, 1000]);
    const [sample] = load(t, npy('<f4', [1, 2, 2], floats), graph('int8'));
    assert.deepEqual(int8s(sample?.inputs[0]), [-2, -4, -3, 127]);
    const doubles = Float64Array.from([-1000, 0, 1, -1]);
    const [other] = load(t, npy('<f8', [1, 2, 2], doubles), graph('int8'));
    assert.deepEqual(int8s(other?.inputs[0]), [-128, -3, -1, -5]);
  });
  it('gives floats to a float input', (t) => {
    const floats = Float32Array.from([0.1, -1, 2, 3]);
    const [sample] = load(t, npy('<f4', [1, 2, 2], floats), graph('float32'));
    assert.deepEqual([...new Float32Array(new Uint8Array(sample?.inputs[0] ?? []).buffer)], [...floats]);
  });
  it('spreads the samples over the file, and reads the labels of all', (t) => {
    const inputs = npy(
      '|i1',
      [10, 4],
      Int8Array.from({ length: 40 }, (_, index) => index),
    );
    for (const labels of [
      npy(
        '|u1',
        [10],
        Uint8Array.from({ length: 10 }, (_, index) => index),
      ),
      npy(
        '<i8',
        [10, 1],
        BigInt64Array.from({ length: 10 }, (_, index) => BigInt(index)),
      ),
    ]) {
      const samples = load(t, inputs, graph('int8', [1, 4]), labels, 3);
      assert.deepEqual(
        samples.map(({ index, input }) => [index, input[0]]),
        [
          [0, 0],
          [3, 12],
          [6, 24],
        ],
      );
      const folder = folderWith(t, { 'x.npy': inputs, 'y.npy': labels });
      const place = { inputs: 'x.npy', labels: 'y.npy', label: null, classes: null, samples: 3 };
      const set = openTestData(folder, place, graph('int8', [1, 4]));
      assert.deepEqual([...(set.labels?.values ?? [])], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.deepEqual([set.labels?.areIntegers, set.labels?.elements], [true, 1]);
      set.close();
    }
  });

  it('refuses a wrong shape', (t) => {
    refused(
      t,
      /^x\.npy, tensor t0: .* shape \[4, 2\] where the model takes \[N, 2, 2\]/,
      npy('|i1', [4, 2], int8),
    );
    refused(t, /where the model takes \[N, 3, 2, 2\]/, npy('|i1', [2, 2, 2], int8), graph('int8', [3, 2, 2]));
  });
  it('refuses a wrong type, and says which are right', (t) => {
    refused(
      t,
      /type u1 where the model takes int8\. Save it as int8, or as float32/,
      npy('|u1', [2, 2, 2], int8),
    );
    refused(t, /Save it as float32\./, npy('|i1', [2, 2, 2], int8), graph('float32'));
    refused(t, /type "<c8" are not supported|"<c8"/, npy('<c8', [1, 2, 2], int8));
    refused(t, /type ">f4"|">f4"/, npy('>f4', [1, 2, 2], Float32Array.of(1, 2, 3, 4)));
  });
  it('refuses values that are no numbers', (t) => {
    refused(
      t,
      /Sample 0 .* not a finite number/,
      npy('<f4', [1, 2, 2], Float32Array.of(0, Number.NaN, 0, 0)),
    );
  });
  it('refuses more labels than samples', (t) => {
    const inputs = npy('|i1', [2, 2, 2], int8);
    refused(
      t,
      /^y\.npy: The labels have the shape \[3\]/,
      inputs,
      graph('int8'),
      npy('|u1', [3], Uint8Array.of(1, 2, 3)),
    );
  });
  it('refuses a model with two inputs', (t) => {
    refused(t, /has 2 inputs, and this can only feed one\. Give a \.npz file/, npy('|i1', [2, 2, 2], int8), {
      ...graph('int8'),
      inputs: [0, 1],
    });
  });
  it('refuses damaged files', (t) => {
    const good = npy('|i1', [2, 2, 2], int8);
    refused(t, /has \d+ bytes where its header asks for/, good.subarray(0, good.length - 1));
    refused(t, /has \d+ bytes where its header asks for/, Buffer.concat([good, Buffer.from('x')]));
    refused(t, /truncated/, good.subarray(0, 40));
    refused(t, /not a \.npy file/, Buffer.from('PK\u0003\u0004 something else'));
    refused(t, /not a \.npy file/, Buffer.alloc(0));
    refused(t, /format 9/, Buffer.concat([Buffer.from('\x93NUMPY\x09\x00', 'latin1'), good.subarray(8)]));
    refused(t, /empty or too large/, npy('|i1', [0, 2, 2], new Int8Array()));
    refused(t, /empty or too large/, npy('|i1', [99999999999, 99999999999], int8));
    refused(t, /has \d+ bytes where/, npy('|i1', [2_000_000_000, 2, 2], int8));
    refused(t, /not understood/, Buffer.from(good.toString('latin1').replace('descr', 'dsecr'), 'latin1'));
    refused(t, /Fortran/, Buffer.from(good.toString('latin1').replace('False', 'True '), 'latin1'));
  });
});
