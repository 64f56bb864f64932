import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type DataPlace, openDataset, placeFiles } from '../../src/data/dataset.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { openTestData } from '../../src/project/testdata.ts';
import { folderWith } from '../project/folder.ts';
import { floats, integers, npz, png, wav16 } from './files.ts';
import { modelOf } from './model.ts';
import { refuses } from './refused.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;
const nowhere = { labels: null, label: null, classes: null };
const one = modelOf([{ name: 'x', shape: [1, 3] }]);
const two = modelOf([
  { name: 'serving_default_image:0', shape: [1, 2, 2] },
  { name: 'meta', shape: [1, 3] },
]);

function open(
  t: TestContext,
  files: Files,
  place: Partial<DataPlace> & Pick<DataPlace, 'inputs'>,
  graph: Graph = one,
) {
  return openDataset(folderWith(t, files), { ...nowhere, ...place }, graph, {
    images: { scale: 1, mean: [0], std: [1], resize: 'none' },
  });
}

describe('openDataset', () => {
  it('takes the only array of a .npz, and its labels by the usual names', (t) => {
    for (const name of ['labels', 'label', 'y']) {
      const files = { 'd.npz': npz({ anything: floats([2, 3]), [name]: integers([7, 8]) }) };
      const { count, inputs, labels } = open(t, files, { inputs: 'd.npz' });
      assert.deepEqual([count, inputs[0]?.row(1), labels?.row(1)], [2, [3, 4, 5], [8]]);
    }
    const named = { 'd.npz': npz({ x: floats([2, 3]), truth: integers([7, 8]) }) };
    assert.deepEqual(open(t, named, { inputs: 'd.npz', label: 'truth' }).labels?.row(0), [7]);
  });
  it('takes an array for an input where that is its name, also where labels are often called so', (t) => {
    const xy = modelOf([
      { name: 'x', shape: [1, 3] },
      { name: 'y', shape: [1, 2] },
    ]);
    const files = { 'd.npz': npz({ x: floats([2, 3]), y: floats([2, 2]) }) };
    const { inputs, labels } = open(t, files, { inputs: 'd.npz' }, xy);
    assert.deepEqual([inputs[1]?.shape, labels], [[2, 2], null]);
  });
  it('takes several inputs of a .npz by name, by what exporters left of it, or by position', (t) => {
    for (const [first, second] of [
      ['serving_default_image:0', 'meta'],
      ['image', 'meta'],
      ['input_0', 'input_1'],
    ] as const) {
      const files = {
        'd.npz': npz({ [second]: floats([2, 3]), [first]: floats([2, 2, 2]), y: integers([0, 1]) }),
      };
      const { inputs } = open(t, files, { inputs: 'd.npz' }, two);
      assert.deepEqual(
        inputs.map(({ shape }) => shape),
        [
          [2, 2, 2],
          [2, 3],
        ],
      );
    }
  });
  it('takes several inputs from files of their own', (t) => {
    const files = { 'a.npy': floats([2, 2, 2]), 'b.csv': '1,2,3\n4,5,6\n', 'y.csv': '1\n0\n' };
    const place = { inputs: { meta: 'b.csv', image: 'a.npy' }, labels: 'y.csv' };
    const { inputs, labels } = open(t, files, place, two);
    assert.deepEqual(
      [inputs[0]?.row(1), inputs[1]?.row(1)],
      [
        [4, 5, 6, 7],
        [4, 5, 6],
      ],
    );
    assert.deepEqual(labels?.row(0), [1]);
  });
  it('takes classes from folders, and names each sample', (t) => {
    const dot = png(1, 1, [[1, 2, 3]]);
    const pixel = modelOf([{ name: 'x', shape: [1, 1, 1, 3] }]);
    const data = open(t, { 'd/cat/1.png': dot, 'd/dog/2.png': dot }, { inputs: 'd' }, pixel);
    assert.deepEqual(
      [data.classes, data.labels?.row(1), data.nameOf(1)],
      [['cat', 'dog'], [1], 'd/dog/2.png'],
    );
    assert.deepEqual(data.inputs[0]?.row(0), [1, 2, 3]);
    const recorded = modelOf([{ name: 'x', shape: [1, 3] }]);
    assert.deepEqual(
      open(t, { 'd/1.wav': wav16([0, 0, 0]) }, { inputs: 'd' }, recorded).inputs[0]?.row(0),
      [0, 0, 0],
    );
  });
  it('takes labels from a column, and leaves it out of the input', (t) => {
    const text = 'a,b,c,label\n1,2,3,9\n4,5,6,8\n';
    const { inputs, labels } = open(t, { 'd.csv': text }, { inputs: 'd.csv' });
    assert.deepEqual([inputs[0]?.row(1), labels?.row(1)], [[4, 5, 6], [8]]);
    const other = open(t, { 'd.csv': text.replace('label', 'kind') }, { inputs: 'd.csv', label: 'kind' });
    assert.deepEqual(other.labels?.row(0), [9]);
  });
  it('says in one sentence what does not fit', (t) => {
    const pair = { 'a.npy': floats([2, 2, 2]), 'b.npy': floats([3, 3]) };
    refuses(
      /^d\.npz: There is no array for the input "meta"\. Name it so, or `input_1`; there is: image, z\./,
      () =>
        open(t, { 'd.npz': npz({ image: floats([2, 2, 2]), z: floats([2, 3]) }) }, { inputs: 'd.npz' }, two),
    );
    refuses(/^d\.npz: It holds no "truth", which tinyml\.yml names as the labels\. It holds: x, y\./, () =>
      open(
        t,
        { 'd.npz': npz({ x: floats([2, 3]), y: integers([1, 2]) }) },
        { inputs: 'd.npz', label: 'truth' },
      ),
    );
    refuses(/^b\.npy: There are 3 samples of one input where there are 2 of another/, () =>
      open(t, pair, { inputs: { image: 'a.npy', meta: 'b.npy' } }, two),
    );
    refuses(/tinyml\.yml names no data for the input "meta"/, () =>
      open(t, pair, { inputs: { image: 'a.npy' } }, two),
    );
    refuses(/The model has no input "mata"\. Its inputs: serving_default_image:0, meta\./, () =>
      open(t, pair, { inputs: { image: 'a.npy', mata: 'b.npy' } }, two),
    );
    refuses(
      /The model has 2 inputs, and this can only feed one\. Give a \.npz file with an array for each/,
      () => open(t, pair, { inputs: 'a.npy' }, two),
    );
    refuses(/^y\.npy: The labels have the shape \[3\] where 2 samples need \[2\]/, () =>
      open(
        t,
        { 'x.npy': floats([2, 3]), 'y.npy': integers([1, 2, 3]) },
        { inputs: 'x.npy', labels: 'y.npy' },
      ),
    );
  });
});

describe('openTestData', () => {
  const settings = { ...nowhere, samples: 5 };
  it('gives every input of a sample its bytes', (t) => {
    const graph = modelOf([
      { name: 'a', shape: [1, 2], type: 'int8' },
      { name: 'b', shape: [1], type: 'int32' },
    ]);
    const folder = folderWith(t, {
      'd.npz': npz({ a: floats([2, 2], (at) => at / 2), b: integers([5, -6]) }),
    });
    const data = openTestData(folder, { ...settings, inputs: 'd.npz' }, graph);
    const [a, b] = data.inputs(1);
    // 1 and 1.5 at a scale of 0.5 with the zero point -3; integers as they are.
    assert.deepEqual([...new Int8Array(a ?? [])], [-1, 0]);
    assert.deepEqual([...new Int32Array(new Uint8Array(b ?? []).buffer)], [-6]);
  });
  it('takes numbers of a table as real ones, and as whole ones where an input counts', (t) => {
    const graph = modelOf([{ name: 'a', shape: [1, 2], type: 'int8' }]);
    const folder = folderWith(t, { 'd.csv': '1,1.5\n', 'e.csv': '1,2\n', 'f.csv': '1,2.5\n' });
    const [bytes] = openTestData(folder, { ...settings, inputs: 'd.csv' }, graph).inputs(0);
    assert.deepEqual([...new Int8Array(bytes ?? [])], [-1, 0]);
    const counts = modelOf([{ name: 'a', shape: [1, 2], type: 'int32' }]);
    const [whole] = openTestData(folder, { ...settings, inputs: 'e.csv' }, counts).inputs(0);
    assert.deepEqual([...new Int32Array(new Uint8Array(whole ?? []).buffer)], [1, 2]);
    refuses(
      /^f\.csv, tensor a: Sample 0 of the test data holds a value that is no int32\. Give whole numbers/,
      () => openTestData(folder, { ...settings, inputs: 'f.csv' }, counts).inputs(0),
    );
  });
  it('changes its digest with any file', (t) => {
    const pixel = modelOf([{ name: 'x', shape: [1, 1, 1, 3] }]);
    const dot = (value: number) => png(1, 1, [[value, value, value]]);
    const images = { images: { scale: 1, mean: [0], std: [1], resize: 'none' } } as const;
    const digest = (files: Files) =>
      openTestData(folderWith(t, files), { ...settings, inputs: 'd' }, pixel, images).digest;
    const files = { 'd/a.png': dot(1), 'd/b.png': dot(2) };
    assert.equal(digest(files), digest(files));
    assert.notEqual(digest(files), digest({ ...files, 'd/b.png': dot(3) }));
    assert.notEqual(digest(files), digest({ 'd/a.png': dot(1), 'd/c.png': dot(2) }));
  });
  it('refuses a table of another width', (t) => {
    refuses(/^d\.csv, tensor x: The test data has the shape \[1, 2\] where the model takes \[N, 3\]/, () =>
      openTestData(folderWith(t, { 'd.csv': '1,2\n' }), { ...settings, inputs: 'd.csv' }, one),
    );
  });
});

it('placeFiles names every file once', (t) => {
  const folder = folderWith(t, { 'd/a.png': '', 'd/b/c.png': '', 'd/d.txt': '', 'y.npy': '' });
  assert.deepEqual(placeFiles(folder, { inputs: { a: 'd', b: 'y.npy' }, labels: 'y.npy' }), [
    'd/a.png',
    'd/b/c.png',
    'y.npy',
  ]);
});
