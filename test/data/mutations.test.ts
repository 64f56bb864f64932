import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCsv } from '../../src/data/csv.ts';
import { readImage } from '../../src/data/image.ts';
import { openNpy } from '../../src/data/npy.ts';
import { openNpz } from '../../src/data/npz.ts';
import { readWav } from '../../src/data/wav.ts';
import { DeployError } from '../../src/errors.ts';
import { fixtures } from '../golden/golden.ts';
import { folderWith } from '../project/folder.ts';
import { floats, integers, npz, png, wav16 } from './files.ts';

/** Files with bytes changed or cut off end in one sentence, or are read; nothing else is thrown, and nothing takes long. */

const images = join(fixtures, 'images');
const pixels = Array.from({ length: 63 }, (_, at) => [at, 2 * at, 255 - at] as const);

const readers: Readonly<Record<string, readonly [Uint8Array, (folder: string, file: string) => unknown]>> = {
  'a PNG file': [png(9, 7, pixels), readImage],
  'a JPEG file': [readFileSync(join(images, '444.jpg')), readImage],
  'a progressive JPEG file': [readFileSync(join(images, '420.jpg')), readImage],
  'a WAV file': [wav16([1, 2, 3, 4, 5, 6]), readWav],
  'a .npy file': [
    floats([4, 3]),
    (folder, file) => {
      const array = openNpy(folder, file);
      array.row(3);
      array.close();
    },
  ],
  'a .npz file': [
    npz({ x: floats([20, 30]), y: integers([1, 2]) }, 6),
    (folder, file) => {
      const archive = openNpz(folder, file);
      for (const name of archive.names) archive.open(name).row(0);
    },
  ],
  'a .csv file': [
    Buffer.from('a,b,"c d"\n1,2,3\n4,5e3,-6\n'),
    (folder, file) => openCsv(folder, file).columnsWithout([]),
  ],
};

for (const [what, [good, read]] of Object.entries(readers))
  test(`${what}, damaged in 400 ways`, (t) => {
    const folder = folderWith(t, { data: good });
    read(folder, 'data');
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let refused = 0;
    for (let round = 0; round < 400; round++) {
      const bytes = Buffer.from(good);
      for (let change = 0; change <= random(4); change++) {
        const at = random(bytes.length);
        bytes[at] = [0, 255, 127, 128, random(256), (bytes[at] as number) ^ (1 << random(8))][
          random(6)
        ] as number;
      }
      writeFileSync(join(folder, 'data'), random(5) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes);
      const start = performance.now();
      try {
        read(folder, 'data');
      } catch (error) {
        assert.ok(error instanceof DeployError && !error.message.includes('\n'), String(error));
        refused += 1;
      }
      assert.ok(performance.now() - start < 5_000, `round ${round} takes too long`);
    }
    assert.ok(refused > 20, `${refused} refused`);
  });
