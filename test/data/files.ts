import { zipSync } from 'fflate';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { npy } from '../project/folder.ts';

/** Data files as other programs write them. */

export function npz(arrays: Readonly<Record<string, Buffer>>, level: 0 | 6 = 0): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])), {
    level,
  });
}

export function floats(shape: readonly number[], at: (index: number) => number = (index) => index): Buffer {
  const length = shape.reduce((product, size) => product * size, 1);
  return npy(
    '<f4',
    shape,
    Float32Array.from({ length }, (_, index) => at(index)),
  );
}

export function integers(values: readonly number[]): Buffer {
  return npy('<i4', [values.length], Int32Array.from(values));
}

type Rgb = readonly [number, number, number];

/** Pixels row by row. */
export function png(width: number, height: number, pixels: readonly Rgb[]): Buffer {
  const image = new PNG({ width, height });
  image.data = Buffer.from(pixels.flatMap((pixel) => [...pixel, 255]));
  return PNG.sync.write(image);
}

export function jpeg(width: number, height: number, color: Rgb): Buffer {
  const data = Buffer.from(Array.from({ length: width * height }, () => [...color, 255]).flat());
  return encode({ width, height, data }, 100).data;
}

interface WavFormat {
  readonly rate?: number;
  readonly bits?: number;
  readonly format?: number;
  readonly channels?: number;
  readonly isExtensible?: boolean;
}

/** `data`: the samples as the format stores them. */
export function wav(
  data: Uint8Array,
  { rate = 16000, bits = 16, format = 1, channels = 1, isExtensible = false }: WavFormat = {},
): Buffer {
  const chunk = (name: string, content: Uint8Array) => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32LE(content.length, 4);
    return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
  };
  const fields = Buffer.alloc(isExtensible ? 40 : 16);
  fields.writeUInt16LE(isExtensible ? 0xfffe : format, 0);
  fields.writeUInt16LE(channels, 2);
  fields.writeUInt32LE(rate, 4);
  fields.writeUInt32LE((rate * channels * bits) / 8, 8);
  fields.writeUInt16LE((channels * bits) / 8, 12);
  fields.writeUInt16LE(bits, 14);
  if (isExtensible) fields.writeUInt16LE(format, 24);
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('fmt ', fields),
    // Programs put such chunks before the data.
    chunk('LIST', Buffer.from('INFOx')),
    chunk('data', data),
  ]);
  const head = Buffer.alloc(8);
  head.write('RIFF');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

export function wav16(samples: readonly number[], rate = 16000): Buffer {
  return wav(new Uint8Array(Int16Array.from(samples).buffer), { rate });
}
