import { DeployError } from '../errors.ts';
import type { MemoryMap } from '../targets/target.ts';
import type { Stimulus } from './emulator.ts';

/** "TMLM", as in runtime/firmware/board.h. */
const magic = 0x4d4c4d54;
const headerBytes = 16;

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
  if (stimulus.samples.some((sample) => sample.length !== bytesPerSample))
    throw new RangeError('samples of different lengths');
  const capacity = mailboxCapacity(map, bytesPerSample);
  if (stimulus.samples.length > capacity)
    throw new DeployError(
      'input',
      `${stimulus.samples.length} inputs of ${bytesPerSample} bytes do not fit into the emulated board's ${map.mailbox.bytes} bytes of input memory.`,
      {},
      `Use at most ${capacity} test samples.`,
    );
  const bytes = new Uint8Array(headerBytes + bytesPerSample * stimulus.samples.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, flags.fence ? 1 : 0, true);
  view.setUint32(8, stimulus.samples.length, true);
  view.setUint32(12, bytesPerSample, true);
  stimulus.samples.forEach((sample, index) => {
    bytes.set(sample, headerBytes + index * bytesPerSample);
  });
  return bytes;
}
