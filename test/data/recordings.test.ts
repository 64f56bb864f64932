import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { AudioSettings } from '../../src/data/preprocessing.ts';
import { recordingRows } from '../../src/data/recording_rows.ts';
import { readWav } from '../../src/data/wav.ts';
import { tensorAt } from '../../src/graph/graph.ts';
import { folderWith } from '../project/folder.ts';
import { wav, wav16 } from './files.ts';
import { modelOf } from './model.ts';
import { refuses } from './refused.ts';

const read = (t: TestContext, bytes: Uint8Array) => readWav(folderWith(t, { 'a.wav': bytes }), 'a.wav');
const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('readWav', () => {
  const formats: readonly (readonly [string, Uint8Array, Parameters<typeof wav>[1]])[] = [
    ['8-bit', Uint8Array.of(128, 192, 0), { bits: 8 }],
    ['16-bit', bytesOf(Int16Array.of(0, 16384, -32768)), { bits: 16 }],
    ['24-bit', Uint8Array.of(0, 0, 0, 0, 0, 0x40, 0, 0, 0x80), { bits: 24 }],
    ['32-bit', bytesOf(Int32Array.of(0, 2 ** 30, -(2 ** 31))), { bits: 32 }],
    ['float', bytesOf(Float32Array.of(0, 0.5, -1)), { bits: 32, format: 3 }],
    ['double', bytesOf(Float64Array.of(0, 0.5, -1)), { bits: 64, format: 3 }],
    ['extensible 16-bit', bytesOf(Int16Array.of(0, 16384, -32768)), { isExtensible: true }],
  ];
  for (const [name, data, format] of formats)
    it(`reads ${name} samples`, (t) => {
      const { rate, samples } = read(t, wav(data, { rate: 8000, ...format }));
      assert.equal(rate, 8000);
      assert.deepEqual([...samples], [0, 0.5, -1]);
    });
  it('refuses what it does not read', (t) => {
    const good = wav16([1, 2, 3]);
    refuses(/^a\.wav: The recording has 2 channels where one is read\. Mix it down/, () =>
      read(t, wav(new Uint8Array(8), { channels: 2 })),
    );
    refuses(/WAV format 2 of 4 bits is not read/, () =>
      read(t, wav(new Uint8Array(8), { format: 2, bits: 4 })),
    );
    refuses(/not a WAV file/, () => read(t, Buffer.from('ID3 something else')));
    refuses(/damaged or cut off/, () => read(t, good.subarray(0, good.length - 2)));
    refuses(/damaged or cut off/, () => read(t, good.subarray(0, 20)));
    refuses(/recording is empty/, () => read(t, wav16([])));
    refuses(/values that are no numbers/, () =>
      read(t, wav(bytesOf(Float32Array.of(Number.NaN)), { bits: 32, format: 3 })),
    );
  });
});

describe('recordingRows', () => {
  const rows = (t: TestContext, files: Readonly<Record<string, Buffer>>, settings?: AudioSettings) => {
    const input = tensorAt(modelOf([{ name: 'wave', shape: [1, 4] }]), 0);
    return recordingRows(folderWith(t, files), '.', Object.keys(files), input, settings);
  };
  it('gives the wave, from -1 to 1 or scaled', (t) => {
    const files = { 'a.wav': wav16([32767, -16384, 0, 1]) };
    assert.deepEqual(
      rows(t, files).row(0),
      [32767, -16384, 0, 1].map((value) => value / 32768),
    );
    assert.deepEqual(rows(t, files, { fit: 'none', scale: 32768 }).row(0), [32767, -16384, 0, 1]);
  });
  it('refuses recordings of another length, or pads and cuts them where that is asked for', (t) => {
    const files = { 'a.wav': wav16([16384, 16384]), 'b.wav': wav16([1, 2, 3, 4, 5]) };
    refuses(
      /^a\.wav, tensor wave: The recording has 2 samples where the model takes 4 values\..*MFCC.*docs\/data\.md/,
      () => rows(t, files).row(0),
    );
    const fitted = rows(t, files, { fit: 'pad', scale: 1 });
    assert.deepEqual(fitted.row(0), [0.5, 0.5, 0, 0]);
    assert.equal(fitted.row(1).length, 4);
  });
  it('never resamples', (t) => {
    const files = { 'a.wav': wav16([0, 0, 0, 0]), 'b.wav': wav16([0, 0, 0, 0], 44100) };
    refuses(
      /^b\.wav: The recording has 44100 samples per second where the first one has 16000\. Resample it/,
      () => rows(t, files).row(1),
    );
    refuses(/where tinyml\.yml says 8000/, () =>
      rows(t, files, { rate: 8000, fit: 'none', scale: 1 }).row(0),
    );
  });
});
