import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { loadProject } from '../../src/project/load.ts';
import { refuses } from '../data/refused.ts';
import { folderWith } from './folder.ts';

const files = { 'm.onnx': '', 'x.npz': '', 'a.npy': '', 'b.csv': '', 'images/cat/1.png': '', 'y.npy': '' };

function entry(t: TestContext, lines: string) {
  const folder = folderWith(t, { ...files, 'tinyml.yml': `models:\n  - file: m.onnx\n    ${lines}\n` });
  const [job] = loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] }).jobs;
  assert.ok(job !== undefined);
  return job.model;
}

describe('data in tinyml.yml', () => {
  it('is a file, a folder, or one of them for each input', (t) => {
    const { testData, quantize } = entry(
      t,
      'test-data: { inputs: ./images, classes: [cat, dog] }\n    quantize: { calibration: { image: ./a.npy, meta: b.csv } }',
    );
    assert.deepEqual(testData, {
      inputs: 'images',
      labels: null,
      label: null,
      classes: ['cat', 'dog'],
      samples: 50,
    });
    assert.deepEqual(quantize?.calibration, { image: 'a.npy', meta: 'b.csv' });
    const labelled = entry(t, 'test-data: { inputs: x.npz, label: truth, labels: y.npy }').testData;
    assert.deepEqual([labelled?.label, labelled?.labels], ['truth', 'y.npy']);
  });
  it('is in the project, and there', (t) => {
    refuses(/^tinyml\.yml:3:\d+: The test data "\.\.\/x" is outside of the project/, () =>
      entry(t, 'test-data: { inputs: { image: ../x } }'),
    );
    refuses(/^tinyml\.yml:3:\d+: The calibration data "gone" does not exist/, () =>
      entry(t, 'quantize: { calibration: { image: gone } }'),
    );
    refuses(/^tinyml\.yml:3:\d+: The file of labels "images" is not a file/, () =>
      entry(t, 'test-data: { inputs: x.npz, labels: images }'),
    );
    refuses(
      /^tinyml\.yml:3:\d+: `models\.0\.test-data\.inputs` must be a path, or a mapping from the inputs to paths/,
      () => entry(t, 'test-data: { inputs: [a.npy] }'),
    );
  });
});

describe('preprocessing in tinyml.yml', () => {
  it('says how pixels and samples become numbers', (t) => {
    assert.deepEqual(entry(t, 'preprocessing: { images: { scale: 1/255 } }').preprocessing, {
      images: { scale: 1 / 255, mean: [0], std: [1], resize: 'none' },
    });
    assert.deepEqual(
      entry(
        t,
        'preprocessing: { images: { scale: 2, mean: [1, 2, 3], std: 4, size: [8, 9], color: bgr, order: channels-first, resize: bilinear }, audio: { rate: 16000, fit: pad, scale: 32768 } }',
      ).preprocessing,
      {
        images: {
          size: [8, 9],
          color: 'bgr',
          order: 'channels-first',
          resize: 'bilinear',
          scale: 2,
          mean: [1, 2, 3],
          std: [4],
        },
        audio: { rate: 16000, fit: 'pad', scale: 32768 },
      },
    );
  });
  it('refuses what is no such setting', (t) => {
    const cases: readonly (readonly [string, RegExp])[] = [
      [
        'images: { mean: 1 }',
        /^tinyml\.yml:3:\d+: `models\.0\.preprocessing\.images\.scale` must be a number or a fraction/,
      ],
      ['images: { scale: 1/0 }', /^tinyml\.yml:3:\d+: "1\/0" is no factor\. Write a number or a fraction/],
      ['images: { scale: 255px }', /"255px" is no factor/],
      ['images: { scale: 0 }', /"0" is no factor/],
      ['images: { scale: 1, std: 0 }', /A standard deviation is above 0/],
      ['images: { scale: 1, std: [1, 1, -1] }', /A standard deviation is above 0/],
      ['images: { scale: 1, size: 96 }', /size` must be a list of height and width, such as `\[96, 96\]`/],
      ['images: { scale: 1, colour: rgb }', /Unknown key "colour"\. Did you mean "color"\?/],
      ['audio: { fit: cut }', /fit` must be one of none, pad/],
    ];
    for (const [written, sentence] of cases)
      refuses(sentence, () => entry(t, `preprocessing: { ${written} }`));
  });
});

describe('sizes in tinyml.yml', () => {
  it('are whole shapes by input, or dimensions by name', (t) => {
    assert.deepEqual(entry(t, 'shapes: { x: [1, 49, 10] }\n    dimensions: { time: 16 }').sizes, {
      shapes: { x: [1, 49, 10] },
      dimensions: { time: 16 },
    });
    assert.equal(entry(t, 'name: other').sizes, undefined);
  });
  it('are whole numbers from 1', (t) => {
    refuses(/^tinyml\.yml:3:\d+: `models\.0\.shapes\.x\.1` must be at least 1/, () =>
      entry(t, 'shapes: { x: [1, 0] }'),
    );
    refuses(/`models\.0\.dimensions\.time` must be a(t least|t most| whole| number)/, () =>
      entry(t, 'dimensions: { time: some }'),
    );
    refuses(/dimensions\.time` must be at least 1/, () => entry(t, 'dimensions: { time: 0 }'));
  });
});
