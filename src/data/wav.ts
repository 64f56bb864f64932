import { DeployError } from '../errors.ts';
import { readData } from './read_data.ts';

export interface Recording {
  /** Samples per second. */
  readonly rate: number;
  /** −1 to 1. */
  readonly samples: Float32Array;
}

const mostFileBytes = 64 * 1024 * 1024;
const formats = { pcm: 1, float: 3, extensible: 0xfffe } as const;

/** Reads a .wav file of one channel: PCM of 8, 16, 24 or 32 bits, or floats of 32 or 64. Throws DeployError (kind `input`). */
export function readWav(folder: string, file: string): Recording {
  const bytes = readData(folder, file, mostFileBytes);
  const refuse = (what: string, hint = 'Save it as a mono WAV file of 16-bit PCM.') =>
    new DeployError('input', what, { file }, hint);
  if (
    bytes.length < 12 ||
    bytes.toString('latin1', 0, 4) !== 'RIFF' ||
    bytes.toString('latin1', 8, 12) !== 'WAVE'
  )
    throw refuse('This is not a WAV file.');
  const chunks = chunksOf(bytes);
  const format = chunks.get('fmt ');
  const data = chunks.get('data');
  if (format === undefined || format.length < 16 || data === undefined)
    throw refuse('The WAV file is damaged or cut off.');
  const channels = format.readUInt16LE(2);
  if (channels !== 1)
    throw refuse(`The recording has ${channels} channels where one is read.`, 'Mix it down to mono.');
  const declared = format.readUInt16LE(0);
  const code = declared === formats.extensible && format.length >= 26 ? format.readUInt16LE(24) : declared;
  const bits = format.readUInt16LE(14);
  const read = readerOf(code, bits);
  if (read === null)
    throw refuse(`WAV format ${code} of ${bits} bits is not read, only PCM of 8 to 32 bits and floats.`);
  const rate = format.readUInt32LE(4);
  const count = Math.floor(data.length / (bits / 8));
  if (rate === 0 || count === 0) throw refuse('The recording is empty.');
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const samples = Float32Array.from({ length: count }, (_, index) => read(view, (index * bits) / 8));
  if (!samples.every(Number.isFinite)) throw refuse('The recording holds values that are no numbers.');
  return { rate, samples };
}

/** The first chunk of each name. */
function chunksOf(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const end = at + 8 + length;
    // A data chunk that is longer than the file was cut off.
    if (end <= bytes.length && !chunks.has(name)) chunks.set(name, bytes.subarray(at + 8, end));
    at = end + (length % 2);
  }
  return chunks;
}

function readerOf(format: number, bits: number): ((view: DataView, at: number) => number) | null {
  switch (`${format}/${bits}`) {
    case `${formats.pcm}/8`:
      return (view, at) => (view.getUint8(at) - 128) / 128;
    case `${formats.pcm}/16`:
      return (view, at) => view.getInt16(at, true) / 2 ** 15;
    case `${formats.pcm}/24`:
      return (view, at) => (view.getInt8(at + 2) * 65536 + view.getUint16(at, true)) / 2 ** 23;
    case `${formats.pcm}/32`:
      return (view, at) => view.getInt32(at, true) / 2 ** 31;
    case `${formats.float}/32`:
      return (view, at) => view.getFloat32(at, true);
    case `${formats.float}/64`:
      return (view, at) => view.getFloat64(at, true);
    default:
      return null;
  }
}
