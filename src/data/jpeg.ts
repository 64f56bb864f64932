import { decode } from 'jpeg-js';
import type { Image } from './image.ts';

interface Limits {
  readonly pixels: number;
  readonly megabytes: number;
}

/**
 * Decodes a JPEG file. The decoder repeats colours that are stored at half the size; libjpeg, and with it TensorFlow,
 * Pillow and OpenCV, blends neighbouring ones. Training saw those pixels, so colours are blended and turned into red, green and blue here in the same integers.
 * Throws whatever the decoder throws for a damaged file, and for one beyond the limits.
 */
export function decodeJpeg(bytes: Buffer, { pixels, megabytes }: Limits): Image {
  const options = {
    useTArray: true,
    tolerantDecoding: false,
    maxResolutionInMP: pixels / 1e6,
    maxMemoryUsageInMB: megabytes,
  } as const;
  const halves = halvedColours(bytes);
  if (halves === null) {
    const { width, height, data } = decode(bytes, options);
    return { width, height, rgba: data };
  }
  const { width, height, data } = decode(bytes, { ...options, colorTransform: false });
  const blue = blended(data, 1, width, height, halves);
  const red = blended(data, 2, width, height, halves);
  for (let at = 0; at < width * height; at++)
    writeRgb(data, at * 4, data[at * 4] as number, (blue[at] as number) - 128, (red[at] as number) - 128);
  return { width, height, rgba: data };
}

interface Halves {
  readonly acrossWidth: boolean;
  readonly acrossHeight: boolean;
}

/** Along which sides the colours of a file of luminance and colours have half the size, if any; null for any other file. */
function halvedColours(bytes: Buffer): Halves | null {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] as number;
    const length = bytes.readUInt16BE(at + 2);
    // The program that wrote it says what its colours are, which the decoder then follows.
    if (marker === 0xee && bytes.toString('latin1', at + 4, at + 9) === 'Adobe') return null;
    if (marker >= 0xc0 && marker <= 0xc2) {
      if (length !== 17 || at + 19 > bytes.length) return null;
      const [luminance, blue, red] = [11, 14, 17].map((place) => bytes[at + place] as number);
      const isUsual = blue === 0x11 && red === 0x11 && [0x11, 0x21, 0x12, 0x22].includes(luminance ?? 0);
      if (!isUsual) return null;
      return { acrossWidth: ((luminance ?? 0) & 0x20) !== 0, acrossHeight: ((luminance ?? 0) & 0x02) !== 0 };
    }
    if (marker === 0xda) return null;
    at += 2 + length;
  }
  return null;
}

/** One colour at full size, by libjpeg's triangle filter: three parts of the nearest, one of the next. */
function blended(
  data: Uint8Array,
  channel: number,
  width: number,
  height: number,
  { acrossWidth, acrossHeight }: Halves,
): Uint8Array {
  const columns = acrossWidth ? Math.ceil(width / 2) : width;
  const rows = acrossHeight ? Math.ceil(height / 2) : height;
  const stored = (row: number, column: number): number =>
    data[
      ((acrossHeight ? row * 2 : row) * width + (acrossWidth ? column * 2 : column)) * 4 + channel
    ] as number;
  const full = new Uint8Array(width * height);
  // libjpeg leaves planes of one or two columns as they are.
  const isBlended = acrossWidth ? columns > 2 : acrossHeight;
  for (let y = 0; y < height; y++) {
    const near = acrossHeight ? y >> 1 : y;
    const next = acrossHeight ? Math.max(0, Math.min(rows - 1, y % 2 === 0 ? near - 1 : near + 1)) : near;
    // Of four parts where rows are blended, else of one.
    const sum = (column: number): number =>
      acrossHeight ? 3 * stored(near, column) + stored(next, column) : stored(near, column);
    for (let x = 0; x < width; x++) {
      const column = acrossWidth ? x >> 1 : x;
      if (!isBlended) {
        full[y * width + x] = stored(near, column);
        continue;
      }
      const beside = Math.max(0, Math.min(columns - 1, x % 2 === 0 ? column - 1 : column + 1));
      full[y * width + x] = acrossWidth
        ? blendAcross(sum(column), sum(beside), x % 2, acrossHeight)
        : (sum(column) + (y % 2 === 0 ? 1 : 2)) >> 2;
    }
  }
  return full;
}

/** Rounds up and down in turn, as libjpeg does, so that no colour drifts. */
function blendAcross(near: number, beside: number, odd: number, acrossHeight: boolean): number {
  if (acrossHeight) return (3 * near + beside + (odd === 0 ? 8 : 7)) >> 4;
  return (3 * near + beside + (odd === 0 ? 1 : 2)) >> 2;
}

/** ITU-R 601 in libjpeg's 16-bit fixed point. */
function writeRgb(data: Uint8Array, at: number, luminance: number, blue: number, red: number): void {
  const clamped = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value);
  data[at] = clamped(luminance + ((91881 * red + 32768) >> 16));
  data[at + 1] = clamped(luminance + ((-22554 * blue - 46802 * red + 32768) >> 16));
  data[at + 2] = clamped(luminance + ((116130 * blue + 32768) >> 16));
}
