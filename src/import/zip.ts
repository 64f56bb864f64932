import { DeployError } from '../errors.ts';

/**
 * A reader of zip archives whose files are stored, not compressed, as PyTorch writes them: each offset and length is
 * checked, and nothing is unpacked, so that a small archive cannot become a large one. Throws DeployError (kind `input`).
 */

const endRecord = { signature: 0x06054b50, bytes: 22, longestComment: 65535 };
const centralRecord = { signature: 0x02014b50, bytes: 46 };
const localRecord = { signature: 0x04034b50, bytes: 30 };
const mostEntries = 20_000;

export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/** Each file's bytes, as views of the archive's. A name that is there twice is an error. */
export function storedFiles(file: string, bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const damaged = (what: string) =>
    new DeployError(
      'input',
      `the model is damaged or cut off: ${what}.`,
      { file },
      'Copy or export the file again.',
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  if (end === null) throw damaged('the archive has no end');
  const count = view.getUint16(end + 10, true);
  if (count > mostEntries) throw damaged(`the archive has more than ${mostEntries} files`);
  const files = new Map<string, Uint8Array>();
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index++) {
    if (at + centralRecord.bytes > end || view.getUint32(at, true) !== centralRecord.signature)
      throw damaged(`entry ${index} of the archive is not where it should be`);
    const method = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 24, true);
    const nameLength = view.getUint16(at + 28, true);
    const next =
      at + centralRecord.bytes + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw damaged(`entry ${index} of the archive is cut off`);
    const name = new TextDecoder().decode(
      bytes.subarray(at + centralRecord.bytes, at + centralRecord.bytes + nameLength),
    );
    const local = view.getUint32(at + 42, true);
    at = next;
    if (local + localRecord.bytes > bytes.length || view.getUint32(local, true) !== localRecord.signature)
      throw damaged(`file ${index} of the archive is not where it should be`);
    const start =
      local + localRecord.bytes + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (method !== 0 || start + size > bytes.length)
      throw damaged(`file ${index} of the archive is ${method === 0 ? 'cut off' : 'compressed'}`);
    if (files.has(name)) throw damaged(`file ${index} of the archive is there twice`);
    files.set(name, bytes.subarray(start, start + size));
  }
  return files;
}

/** Where the end record is; a comment may follow it. */
function endOf(view: DataView): number | null {
  const last = view.byteLength - endRecord.bytes;
  const first = Math.max(0, last - endRecord.longestComment);
  for (let at = last; at >= first; at--) if (view.getUint32(at, true) === endRecord.signature) return at;
  return null;
}
