import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readImage } from '../../src/data/image.ts';
import { imageRows } from '../../src/data/image_rows.ts';
import type { ImageSettings } from '../../src/data/preprocessing.ts';
import { tensorAt } from '../../src/graph/graph.ts';
import { fixtures } from '../golden/golden.ts';
import { folderWith } from '../project/folder.ts';
import { jpeg, png } from './files.ts';
import { modelOf } from './model.ts';
import { refuses } from './refused.ts';

const plain: ImageSettings = { scale: 1, mean: [0], std: [1], resize: 'none' };
const four = png(2, 2, [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [10, 20, 30],
]);

function rows(
  t: TestContext,
  image: Buffer,
  shape: readonly number[],
  settings: Partial<ImageSettings> = {},
  fileOrder?: readonly number[],
) {
  const input = tensorAt(
    modelOf([{ name: 'x', shape, ...(fileOrder === undefined ? {} : { fileOrder }) }]),
    0,
  );
  return imageRows(folderWith(t, { 'd/a.png': image }), 'd', ['d/a.png'], input, {
    ...plain,
    ...settings,
  }).row(0);
}

describe('imageRows', () => {
  it('gives pixels channels last, in the order of the input', (t) => {
    const all = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30];
    assert.deepEqual(rows(t, four, [1, 2, 2, 3]), all);
    assert.deepEqual(rows(t, four, [2, 2, 3]), all);
    // Turned to channels last at import, so that is the input's own order.
    assert.deepEqual(rows(t, four, [1, 2, 2, 3], {}, [0, 2, 3, 1]), all);
    assert.deepEqual(rows(t, four, [1, 12], { size: [2, 2] }), all);
  });
  it('gives channels first where the input has them so', (t) => {
    const planes = [255, 0, 0, 10, 0, 255, 0, 20, 0, 0, 255, 30];
    assert.deepEqual(rows(t, four, [1, 3, 2, 2]), planes);
    assert.deepEqual(rows(t, four, [1, 12], { size: [2, 2], order: 'channels-first' }), planes);
  });
  it('knows blue first, and grey as Pillow computes it', (t) => {
    assert.deepEqual(rows(t, four, [1, 2, 2, 3], { color: 'bgr' }).slice(-3), [30, 20, 10]);
    assert.deepEqual(rows(t, four, [1, 2, 2, 1]), [76, 150, 29, 18]);
    assert.deepEqual(rows(t, four, [1, 2, 2], { color: 'grayscale' }), [76, 150, 29, 18]);
  });
  it('scales, then subtracts, then divides, in single precision', (t) => {
    const [red, green, blue] = rows(t, four, [1, 2, 2, 3], {
      scale: 1 / 255,
      mean: [0.5, 0.25, 0],
      std: [0.5, 1, 2],
    });
    assert.deepEqual([red, green, blue], [1, -0.25, 0]);
    assert.equal(rows(t, four, [1, 2, 2, 3], { scale: 1 / 255 })[9], Math.fround(10 / 255));
  });
  it('resizes to the nearest pixel, or between four of them, as tf.image.resize does', (t) => {
    const grey = (values: readonly number[], width: number) =>
      png(
        width,
        values.length / width,
        values.map((value) => [value, value, value]),
      );
    const ramp = grey([0, 10, 20, 30], 4);
    assert.deepEqual(rows(t, ramp, [1, 1, 2, 1], { resize: 'nearest' }), [10, 30]);
    assert.deepEqual(rows(t, ramp, [1, 1, 2, 1], { resize: 'bilinear' }), [5, 25]);
    // tf.image.resize([[0, 10], [20, 30]], [3, 3])
    assert.deepEqual(
      rows(t, grey([0, 10, 20, 30], 2), [1, 3, 3, 1], { resize: 'bilinear' }),
      [0, 5, 10, 10, 15, 20, 20, 25, 30],
    );
  });
  it('refuses images of another size, in a sentence that says both', (t) => {
    refuses(/^d\/a\.png: The image is 2 × 2 pixels where the model takes 4 × 3\./, () =>
      rows(t, four, [1, 3, 4, 3]),
    );
  });
  it('refuses a model that takes no image', (t) => {
    refuses(/^d, tensor x: Images do not fit the model's input \[1, 640\]\. Say what they are with/, () =>
      rows(t, four, [1, 640]),
    );
    refuses(/2 × 2 pixels, rgb, make 12 values where it takes 8/, () =>
      rows(t, four, [1, 2, 2, 2], { size: [2, 2] }),
    );
    refuses(/2 × 2 pixels, grayscale, make 4 values where it takes 12/, () =>
      rows(t, four, [1, 2, 2, 3], { color: 'grayscale' }),
    );
  });
  it('asks for the scale', (t) => {
    const input = tensorAt(modelOf([{ name: 'x', shape: [1, 2, 2, 3] }]), 0);
    refuses(
      /^d: How pixels become numbers is not said\. Add `preprocessing: \{ images: \{ scale: 1\/255 \} \}`/,
      () => imageRows(folderWith(t, { 'd/a.png': four }), 'd', ['d/a.png'], input, undefined),
    );
  });
});

describe('readImage', () => {
  const read = (t: TestContext, bytes: Uint8Array) => readImage(folderWith(t, { 'a.png': bytes }), 'a.png');
  it('reads a JPEG file by what is in it', (t) => {
    const { width, height, rgba } = read(t, jpeg(16, 8, [200, 100, 50]));
    assert.deepEqual([width, height], [16, 8]);
    for (const [channel, value] of [200, 100, 50].entries())
      assert.ok(Math.abs((rgba[channel] as number) - value) <= 3, `${rgba.slice(0, 3)}`);
  });
  for (const form of ['444', '422', '420'])
    it(`reads a JPEG file of ${form} as Pillow does, within the rounding of its transform`, () => {
      const ours = readImage(join(fixtures, 'images'), `${form}.jpg`);
      const theirs = readImage(join(fixtures, 'images'), `${form}.png`);
      assert.deepEqual([ours.width, ours.height], [33, 21]);
      const away = Array.from(ours.rgba, (value, at) => Math.abs(value - (theirs.rgba[at] as number)));
      assert.ok(Math.max(...away) <= 3, `${Math.max(...away)}`);
      const mean = away.reduce((sum, each) => sum + each, 0) / away.length;
      assert.ok(mean < 0.25, `${mean}`);
    });
  it('refuses a PNG of too many pixels before it unpacks one', (t) => {
    const bomb = Buffer.from(four);
    bomb.writeUInt32BE(100_000, 16);
    bomb.writeUInt32BE(100_000, 20);
    refuses(/^a\.png: The image has 100000 × 100000 pixels/, () => read(t, bomb));
  });
  it('refuses a JPEG of too many pixels, or of too many scans', (t) => {
    const bomb = jpeg(16, 8, [1, 2, 3]);
    const frame = bomb.indexOf('ffc0', 0, 'hex');
    bomb.writeUInt16BE(60_000, frame + 5);
    bomb.writeUInt16BE(60_000, frame + 7);
    refuses(/damaged, cut off or too large/, () => read(t, bomb));
    const scans = Buffer.concat([jpeg(16, 8, [1, 2, 3]), Buffer.from('ffda'.repeat(100), 'hex')]);
    refuses(/more than 64 scans/, () => read(t, scans));
  });
  it('refuses what is damaged, cut off or something else', (t) => {
    for (const length of [four.length - 30, 40, 20, 0])
      refuses(/damaged, cut off|neither a PNG nor a JPEG/, () => read(t, four.subarray(0, length)));
    const jpg = jpeg(16, 8, [1, 2, 3]);
    refuses(/damaged, cut off/, () => read(t, jpg.subarray(0, 300)));
    refuses(/neither a PNG nor a JPEG/, () => read(t, Buffer.from('GIF89a something')));
    refuses(/Git LFS pointer/, () => read(t, Buffer.from('version https://git-lfs.github.com/spec/v1\n')));
    const interlaced = Buffer.from(four);
    interlaced[28] = 1;
    refuses(/Interlaced PNG/, () => read(t, interlaced));
  });
});
