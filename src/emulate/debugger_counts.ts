import { DeployError } from '../errors.ts';
import type { MarkEvent } from './decode.ts';
import type { DebugSession } from './gdb_remote.ts';

/**
 * Instruction counts without a plugin: QEMU runs in recording mode (-icount rr=record), in which its monitor tells
 * the exact number of instructions, and its debugger stub stops at the marks. The same numbers as the plugin's.
 */

/** What the debugger saw. `pc` is where the run was interrupted; null when it ended by itself. */
export interface DebuggerRun {
  readonly events: readonly MarkEvent[];
  readonly pc: number | null;
}

/** The number in `info replay`; null when this QEMU says something else. */
export function instructionCount(printed: string): number | null {
  const match = /instruction count = (\d+)/.exec(printed);
  return match === null ? null : Number(match[1]);
}

/** Runs from reset to the end, or to an interruption, stopping at every mark. Throws DeployError (`tool`) when QEMU tells no count. */
export async function countByDebugger(
  session: DebugSession,
  addresses: readonly number[],
  wasInterrupted: () => boolean,
): Promise<DebuggerRun> {
  const marks = new Set(addresses);
  const events: MarkEvent[] = [];
  for (const address of marks) await session.request(`Z0,${address.toString(16)},2`);
  for (;;) {
    const stop = await session.request('c');
    // T and S: stopped; W, X and nothing at all: gone.
    if (stop === null || !/^[TS]/.test(stop)) return { events, pc: null };
    const pc = programCounter(await session.request('g'));
    if (wasInterrupted()) return { events, pc };
    if (pc === null || !marks.has(pc)) continue;
    const instructions = instructionCount(await session.monitor('info replay'));
    if (instructions === null)
      throw new DeployError(
        'tool',
        'this QEMU does not tell its instruction count through the debugger stub.',
        {},
        'Install a C compiler for this machine (`apt-get install gcc libc6-dev`), so that the counting plugin can be built.',
      );
    events.push({ address: pc, instructions });
    // A step goes over the breakpoint; continuing would stop at it again.
    if ((await session.request('s')) === null) return { events, pc: null };
  }
}

/** R15 of all registers, each as eight hexadecimal digits, little-endian, from R0 on. */
function programCounter(registers: string | null): number | null {
  const digits = registers?.slice(15 * 8, 16 * 8) ?? '';
  return /^[0-9a-f]{8}$/.test(digits) ? Buffer.from(digits, 'hex').readUInt32LE(0) : null;
}
