import { PNG } from 'pngjs';
import { DeployError } from '../errors.ts';
import { decodeJpeg } from './jpeg.ts';
import { readData } from './read_data.ts';

export interface Image {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha: 8 bits each, [height, width, 4]. */
  readonly rgba: Uint8Array;
}

const mostFileBytes = 32 * 1024 * 1024;
const mostPixels = 16 * 1024 * 1024;
/** Progressive files come in about ten; each one goes over all pixels again. */
const mostScans = 64;

/** Decodes a PNG or a JPEG file, by its first bytes. Sizes are checked before anything is unpacked. Throws DeployError (kind `input`). */
export function readImage(folder: string, file: string): Image {
  const bytes = readData(folder, file, mostFileBytes);
  const refuse = (what: string, hint: string) => new DeployError('input', what, { file }, hint);
  const again = 'Save it again as PNG.';
  try {
    if (bytes.length >= 33 && bytes.readUInt32BE(0) === 0x89504e47) {
      checkPixels(bytes.readUInt32BE(16), bytes.readUInt32BE(20), refuse);
      // Only what is not interlaced is unpacked into a buffer of known size.
      if (bytes[28] !== 0) throw refuse('Interlaced PNG files are not read.', 'Save it without interlacing.');
      const { width, height, data } = PNG.sync.read(bytes);
      return { width, height, rgba: data };
    }
    if (bytes.length >= 4 && bytes.readUInt16BE(0) === 0xffd8) {
      if (scansOf(bytes) > mostScans) throw refuse(`The JPEG file has more than ${mostScans} scans.`, again);
      return decodeJpeg(bytes, { pixels: mostPixels, megabytes: 512 });
    }
  } catch (error) {
    if (error instanceof DeployError) throw error;
    throw refuse('The image is damaged, cut off or too large.', again);
  }
  throw refuse('This is neither a PNG nor a JPEG file.', again);
}

function checkPixels(
  width: number,
  height: number,
  refuse: (what: string, hint: string) => DeployError,
): void {
  if (width * height > mostPixels)
    throw refuse(
      `The image has ${width} × ${height} pixels, more than the ${mostPixels} that are allowed.`,
      'Save it in the size that the model takes.',
    );
}

function scansOf(bytes: Buffer): number {
  let scans = 0;
  for (let at = bytes.indexOf('ffda', 0, 'hex'); at >= 0; at = bytes.indexOf('ffda', at + 2, 'hex'))
    scans += 1;
  return scans;
}
