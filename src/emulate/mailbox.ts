import { DeployError } from '../errors.ts';
import type { MemoryMap } from '../targets/target.ts';
import type { Stimulus } from './emulator.ts';

/** "TMLM", as in runtime/firmware/board.h. */
const magic = 0x4d4c4d54;
const headerBytes = 16;
/** Bits of the second word. */
const flag = { fence: 1, sequences: 2 } as const;
/** Before each sample, where some of them go on from the one before: 1 where this one does. */
const continuationBytes = 4;

export interface MailboxFlags {
  /** Fence the firmware in by the memory protection unit and the stack limit register: only where both are modelled (QEMU). */
  readonly fence: boolean;
}

/** How many samples of this size one run can take. */
export function mailboxCapacity(map: MemoryMap, bytesPerSample: number): number {
  return Math.floor((map.mailbox.bytes - headerBytes) / Math.max(bytesPerSample, 1));
}

/** The bytes that the host puts at `map.mailbox.origin` before a run. All samples have the same length. */
export function encodeMailbox(stimulus: Stimulus, map: MemoryMap, flags: MailboxFlags): Uint8Array {
  const bytesPerSample = stimulus.samples[0]?.length ?? 0;
  const { continuing = new Set<number>() } = stimulus;
  const before = continuing.size === 0 ? 0 : continuationBytes;
  const stride = before + bytesPerSample;
  if (stimulus.samples.some((sample) => sample.length !== bytesPerSample))
    throw new RangeError('samples of different lengths');
  const capacity = mailboxCapacity(map, stride);
  if (stimulus.samples.length > capacity)
    throw new DeployError(
      'input',
      `${stimulus.samples.length} inputs of ${bytesPerSample} bytes do not fit into the emulated board's ${map.mailbox.bytes} bytes of input memory.`,
      {},
      `Use at most ${capacity} test samples.`,
    );
  const bytes = new Uint8Array(headerBytes + stride * stimulus.samples.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, (flags.fence ? flag.fence : 0) | (before > 0 ? flag.sequences : 0), true);
  view.setUint32(8, stimulus.samples.length, true);
  view.setUint32(12, bytesPerSample, true);
  stimulus.samples.forEach((sample, index) => {
    const at = headerBytes + index * stride;
    if (continuing.has(index)) bytes[at] = 1;
    bytes.set(sample, at + before);
  });
  return bytes;
}
