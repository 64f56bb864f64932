import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PNG } from 'pngjs';
import { sampleSights } from '../../src/accuracy/pictures.ts';
import { writeNpy } from '../../src/accuracy/write_npy.ts';
import type { TestData } from '../../src/project/project.ts';

const of = (inputs: TestData['inputs']) => [
  { name: 'net', testData: { inputs, labels: null, label: null, classes: null, samples: 1 } },
];

describe('sampleSights', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tinyml-pictures-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const sight = (inputs: TestData['inputs'], index = 0) => {
    const sights = sampleSights(folder, of(inputs));
    const found = sights.of('net', index);
    sights.close();
    return found;
  };

  /** Width, height, and the pixels from the top left as red, green, blue. */
  function read(picture: string) {
    assert.match(picture, /^data:image\/bmp;base64,[A-Za-z0-9+/=]+$/);
    const bytes = Buffer.from(picture.split(',')[1] ?? '', 'base64');
    const [width, height] = [bytes.readInt32LE(18), bytes.readInt32LE(22)];
    assert.equal(bytes.readUInt32LE(2), bytes.length);
    const at = (x: number, y: number) => {
      const start = 54 + (height - 1 - y) * Math.ceil((3 * width) / 4) * 4 + 3 * x;
      return [bytes[start + 2], bytes[start + 1], bytes[start]];
    };
    return { width, height, at };
  }

  it('draws floats from 0 to 1 as greys', () => {
    const pixels = Array.from({ length: 5 * 4 }, (_, at) => at / 19);
    writeNpy(join(folder, 'grey.npy'), 'float32', [4, 5, 1], [pixels, pixels.map((value) => 1 - value)]);
    const { width, height, at } = read(sight('grey.npy').picture);
    assert.deepEqual([width, height], [5, 4]);
    assert.deepEqual(
      [at(0, 0), at(4, 3), at(1, 0)],
      [
        [0, 0, 0],
        [255, 255, 255],
        [13, 13, 13],
      ],
    );
    assert.deepEqual(read(sight('grey.npy', 1).picture).at(0, 0), [255, 255, 255]);
  });

  it('draws colours, with channels last or first', () => {
    const [red, blue] = [
      [1, 0, 0],
      [0, 0, 1],
    ];
    const last = Array.from({ length: 16 }, (_, at) => (at < 8 ? red : blue)).flat();
    const first = [0, 1, 2].flatMap((channel) =>
      Array.from({ length: 16 }, (_, at) => (at < 8 ? red : blue)?.[channel] ?? 0),
    );
    writeNpy(join(folder, 'last.npy'), 'float32', [4, 4, 3], [last]);
    writeNpy(join(folder, 'first.npy'), 'float32', [1, 3, 4, 4], [first]);
    for (const name of ['last.npy', 'first.npy']) {
      const { at } = read(sight(name).picture);
      assert.deepEqual(
        [at(0, 0), at(3, 3)],
        [
          [255, 0, 0],
          [0, 0, 255],
        ],
        name,
      );
    }
  });

  it('shrinks what is large, and stretches other values to what can be seen', () => {
    const values = Array.from({ length: 200 * 100 }, (_, at) => (Math.floor(at / 100) < 100 ? -40 : 120));
    writeNpy(join(folder, 'large.npy'), 'int32', [200, 100], [values]);
    const { width, height, at } = read(sight('large.npy').picture);
    assert.deepEqual([width, height], [34, 67]);
    assert.deepEqual(
      [at(0, 0), at(33, 66)],
      [
        [0, 0, 0],
        [255, 255, 255],
      ],
    );
  });

  it('draws image files, and says which file it is', () => {
    const image = new PNG({ width: 5, height: 4 });
    image.data.fill(255);
    image.data.set([200, 100, 50, 255], 0);
    mkdirSync(join(folder, 'images', 'cat'), { recursive: true });
    mkdirSync(join(folder, 'images', 'dog'));
    writeFileSync(join(folder, 'images', 'cat', 'a.png'), PNG.sync.write(image));
    writeFileSync(join(folder, 'images', 'dog', 'b.png'), 'cut off');
    const { picture, name } = sight('images');
    assert.equal(name, 'images/cat/a.png');
    const { width, height, at } = read(picture);
    assert.deepEqual([width, height, at(0, 0), at(4, 3)], [5, 4, [200, 100, 50], [255, 255, 255]]);
    assert.deepEqual(sight('images', 1), { picture: '', name: 'images/dog/b.png' });
  });

  it('draws nothing of what is no picture, is damaged, or is not there', () => {
    writeNpy(join(folder, 'flat.npy'), 'float32', [640], [Array.from({ length: 640 }, () => 0)]);
    writeFileSync(join(folder, 'broken.npy'), 'nothing');
    for (const inputs of ['flat.npy', 'broken.npy', 'missing.npy'])
      assert.deepEqual(sight(inputs), { picture: '', name: '' });
    assert.deepEqual(sight('grey.npy', 99), { picture: '', name: '' });
    assert.deepEqual(sampleSights(folder, of('grey.npy')).of('other', 0), { picture: '', name: '' });
  });
});
