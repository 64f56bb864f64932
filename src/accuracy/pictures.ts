import { statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { DataArray } from '../data/array.ts';
import { sampleFiles } from '../data/folder.ts';
import { readImage } from '../data/image.ts';
import { openNpy } from '../data/npy.ts';
import { openNpz } from '../data/npz.ts';
import type { ModelEntry, Project } from '../project/project.ts';

/** What can be shown of a test sample. */
export interface SampleSight {
  /** A picture as a `data:` address of our own making; empty where the sample is no image. */
  readonly picture: string;
  /** Path of its file from the project's folder; empty where all samples are in one. */
  readonly name: string;
}

/** Looks at samples of a model's test data; closes what it opened. */
export interface SampleSights {
  of(model: string, index: number): SampleSight;
  close(): void;
}

/** Each model of a project, once. */
export function entriesOf({ jobs }: Pick<Project, 'jobs'>): ModelEntry[] {
  return [...new Map(jobs.map(({ model }) => [model.name, model])).values()];
}

const nothing: SampleSight = { picture: '', name: '' };

/** Pixels along the longer side: enough to see what it is. */
const side = 96;
const smallestSide = 4;
/** Of all pictures of a report together. */
const mostBytes = 8 * 1024 * 1024;

/**
 * Pictures of test samples: image files, and arrays of shape [H, W, 1 | 3] or [1 | 3, H, W]. What cannot be read or shown
 * has no picture: nothing is refused here.
 */
export function sampleSights(
  folder: string,
  entries: readonly Pick<ModelEntry, 'name' | 'testData'>[],
): SampleSights {
  const readers = new Map<string, Reader | null>();
  let bytes = 0;
  return {
    of(model, index) {
      const entry = entries.find(({ name }) => name === model);
      if (entry === undefined) return nothing;
      if (!readers.has(model)) readers.set(model, attempt(() => openReader(folder, entry)) ?? null);
      const reader = readers.get(model) ?? null;
      if (reader === null) return nothing;
      const pixels = bytes > mostBytes ? undefined : attempt(() => reader.pixels(index));
      const picture = pixels === undefined ? '' : bitmap(shrunk(pixels));
      bytes += picture.length;
      return { picture, name: reader.nameOf(index) };
    },
    close() {
      for (const reader of readers.values()) reader?.close();
      readers.clear();
    },
  };
}

function attempt<Value>(get: () => Value): Value | undefined {
  try {
    return get();
  } catch {
    // A report without a picture is better than none.
    return undefined;
  }
}

/** 8 bits each. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => readonly [number, number, number];
}

interface Reader {
  pixels(index: number): Pixels;
  nameOf(index: number): string;
  close(): void;
}

function openReader(folder: string, { testData }: Pick<ModelEntry, 'testData'>): Reader | null {
  if (testData === null) return null;
  const { inputs, classes } = testData;
  const paths = typeof inputs === 'string' ? [inputs] : Object.values(inputs);
  for (const path of paths) {
    if (statSync(join(folder, path)).isDirectory()) {
      const { kind, files } = sampleFiles(folder, path, classes);
      return {
        pixels: (index) => {
          if (kind !== 'images') throw new RangeError('no image');
          const { width, height, rgba } = readImage(folder, files[index] ?? '');
          const at = (x: number, y: number) => {
            const start = 4 * (y * width + x);
            return [rgba[start] ?? 0, rgba[start + 1] ?? 0, rgba[start + 2] ?? 0] as const;
          };
          return { width, height, at };
        },
        nameOf: (index) => files[index] ?? '',
        close: () => {},
      };
    }
    const array = openArrayOf(folder, path);
    if (array === null) continue;
    if (geometryOf(array) !== null)
      return {
        pixels: (index) => pixelsOf(array, index),
        nameOf: () => '',
        close: () => array.close(),
      };
    array.close();
  }
  return null;
}

function openArrayOf(folder: string, path: string): DataArray | null {
  const type = extname(path).toLowerCase();
  if (type === '.csv') return null;
  if (type !== '.npz') return openNpy(folder, path);
  const archive = openNpz(folder, path);
  for (const name of archive.names) {
    const array = archive.open(name);
    if (geometryOf(array) !== null) return array;
  }
  return null;
}

interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Where the element of a pixel's channel is. */
  readonly place: (x: number, y: number, channel: number) => number;
}

function geometryOf({ shape }: DataArray): Geometry | null {
  const row = shape[1] === 1 && shape.length === 5 ? shape.slice(2) : shape.slice(1);
  const [a = 0, b = 0, c = 0] = row;
  const isChannel = (size: number) => size === 1 || size === 3;
  const isSide = (size: number) => size >= smallestSide;
  if (row.length === 2 && isSide(a) && isSide(b))
    return { height: a, width: b, channels: 1, place: (x, y) => y * b + x };
  if (row.length !== 3) return null;
  if (isSide(a) && isSide(b) && isChannel(c))
    return { height: a, width: b, channels: c, place: (x, y, channel) => (y * b + x) * c + channel };
  if (isChannel(a) && isSide(b) && isSide(c))
    return { height: b, width: c, channels: a, place: (x, y, channel) => (channel * b + y) * c + x };
  return null;
}

/** Bytes are shown as they are; other values from the sample's lowest, black, to its highest, white. */
function pixelsOf(array: DataArray, index: number): Pixels {
  const geometry = geometryOf(array);
  if (geometry === null) throw new RangeError('no image');
  const { width, height, channels, place } = geometry;
  const row = array.row(index);
  const [low, high] = rangeOf(array.type, row);
  const shade = (value: number) =>
    Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low || 1))));
  const at = (x: number, y: number) => {
    const channel = (which: number) => shade(row[place(x, y, Math.min(which, channels - 1))] ?? low);
    return [channel(0), channel(1), channel(2)] as const;
  };
  return { width, height, at };
}

function rangeOf(type: DataArray['type'], row: readonly number[]): readonly [number, number] {
  if (type === 'u1') return [0, 255];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of row) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // The usual range of floats: what fills most of it is shown as it is.
  return low >= 0 && high <= 1 && high > 0.5 ? [0, 1] : [low, high];
}

/** At most `side` pixels wide and high: every pixel is the mean of those that it stands for. */
function shrunk(pixels: Pixels): Pixels {
  const { width, height, at } = pixels;
  const factor = Math.ceil(Math.max(width, height) / side);
  if (factor <= 1) return pixels;
  return {
    width: Math.ceil(width / factor),
    height: Math.ceil(height / factor),
    at: (x, y) => {
      const sum = [0, 0, 0];
      let count = 0;
      for (let dy = y * factor; dy < Math.min(height, (y + 1) * factor); dy += 1)
        for (let dx = x * factor; dx < Math.min(width, (x + 1) * factor); dx += 1) {
          for (const [channel, value] of at(dx, dy).entries()) sum[channel] = (sum[channel] ?? 0) + value;
          count += 1;
        }
      return [0, 1, 2].map((channel) => Math.round((sum[channel] ?? 0) / count)) as [number, number, number];
    },
  };
}

/** An uncompressed bitmap (24 bits, rows upwards, padded to four bytes): the same bytes on every machine. */
function bitmap({ width, height, at }: Pixels): string {
  const stride = Math.ceil((3 * width) / 4) * 4;
  const bytes = Buffer.alloc(54 + stride * height);
  bytes.write('BM', 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  bytes.writeUInt32LE(stride * height, 34);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const [red, green, blue] = at(x, height - 1 - y);
      bytes.set([blue, green, red], 54 + y * stride + 3 * x);
    }
  return `data:image/bmp;base64,${bytes.toString('base64')}`;
}
