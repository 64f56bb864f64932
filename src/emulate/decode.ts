import type { Firmware } from '../build/firmware.ts';
import { DeployError, printable } from '../errors.ts';
import type { Ending, InferenceCount, Run } from './emulator.ts';
import { describeFault } from './faults.ts';
import { layerAt } from './symbolize.ts';

/** A mark that was about to execute, and how many instructions had been executed before it since reset. */
export interface MarkEvent {
  readonly address: number;
  readonly instructions: number;
}

/** What an emulator saw, in words that QEMU and Renode share. */
export interface Observation {
  /** All that the firmware printed. */
  readonly uart: string;
  /** In the order of execution; null when this emulator cannot see marks here. */
  readonly events: readonly MarkEvent[] | null;
  /** Set when the run was stopped at the time limit. */
  readonly stopped: { readonly pc: number | null } | null;
  /** Set when the emulator itself gave up, or saw what the firmware could not: a lock-up, an access to nothing. */
  readonly crash: {
    readonly fault: string;
    readonly pc: number | null;
    readonly address: number | null;
  } | null;
}

export type Decoded = Pick<Run, 'ending' | 'lastLayer' | 'outputs' | 'traces' | 'counts' | 'stackBytes'>;

/** What the firmware's lines and the marks say about a run of `samples` inferences. Pure. */
export function decodeRun(
  firmware: Pick<Firmware, 'marks' | 'layers' | 'symbols'>,
  samples: number,
  observation: Observation,
): Decoded {
  const lines = completeLines(observation.uart);
  const refusal = lines.find((line) => line.startsWith('refused: '));
  if (refusal !== undefined)
    throw new DeployError('tool', `the measuring firmware ${printable(refusal)}.`, {}, 'Please report it.');
  const outputs = readOutputs(lines);
  const ending = endingOf(lines, outputs.length === samples, observation);
  const counts = observation.events === null ? [] : readCounts(firmware, observation.events);
  if (ending.kind === 'done' && observation.events !== null && counts.length !== samples)
    throw new DeployError(
      'tool',
      `the emulator saw ${counts.length} of ${samples} inferences: its marks are incomplete.`,
      {},
      'Please report it with the versions of emulator and compiler.',
    );
  const stack = lines.map((line) => /^stack (\d+)$/.exec(line)?.[1]).find((bytes) => bytes !== undefined);
  return {
    ending,
    lastLayer: ending.kind === 'done' ? null : lastLayer(firmware, ending, observation.events),
    outputs,
    traces: lines.flatMap((line) => {
      const bytes = /^trace ((?:[0-9a-f]{2})*)$/.exec(line)?.[1];
      return bytes === undefined ? [] : [new Uint8Array(Buffer.from(bytes, 'hex'))];
    }),
    counts,
    stackBytes: ending.kind === 'done' && stack !== undefined ? Number(stack) : null,
  };
}

/** The last line counts only when it was finished. */
function completeLines(uart: string): string[] {
  return uart
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/\r$/, ''));
}

function readOutputs(lines: readonly string[]): Uint8Array[] {
  const outputs: Uint8Array[] = [];
  for (const line of lines) {
    const match = /^sample (\d+) ((?:[0-9a-f]{2})*)$/.exec(line);
    if (match !== null && Number(match[1]) === outputs.length)
      outputs.push(new Uint8Array(Buffer.from(match[2] ?? '', 'hex')));
  }
  return outputs;
}

function endingOf(lines: readonly string[], isComplete: boolean, observation: Observation): Ending {
  for (const line of lines) {
    const [word, ...rest] = line.split(' ');
    if (word === 'stack-overflow') return { kind: 'stack-overflow', pc: field(line, 'pc') };
    if (word === 'fault')
      return {
        kind: 'fault',
        fault: describeFault(rest[0] ?? 'unexpected', field(line, 'cfsr') ?? 0),
        address: field(line, 'address'),
        pc: field(line, 'pc'),
      };
  }
  if (observation.crash !== null) return { kind: 'fault', ...observation.crash };
  if (lines.includes('done 0') && isComplete) return { kind: 'done' };
  if (observation.stopped !== null) return { kind: 'hang', pc: observation.stopped.pc };
  return { kind: 'no-output' };
}

function field(line: string, name: string): number | null {
  const match = new RegExp(`(?:^| )${name}=([0-9a-f]{1,8})(?: |$)`).exec(line);
  return match === null ? null : Number.parseInt(match[1] ?? '', 16);
}

/** One count for each complete walk over the marks: invoke, every layer in order, the end. */
function readCounts(firmware: Pick<Firmware, 'marks'>, events: readonly MarkEvent[]): InferenceCount[] {
  const { marks } = firmware;
  const counts: InferenceCount[] = [];
  for (let at = 0; at + marks.length <= events.length; at += marks.length) {
    const walk = events.slice(at, at + marks.length);
    if (walk.some((event, index) => event.address !== marks[index]?.address)) break;
    const reached = walk.map((event) => event.instructions);
    const between = (from: number, to: number): number => (reached[to] ?? 0) - (reached[from] ?? 0);
    counts.push({
      total: between(0, marks.length - 1),
      layers: marks
        .slice(1, -1)
        .map((mark, index) => ({ symbol: mark.name, instructions: between(index + 1, index + 2) })),
    });
  }
  return counts;
}

function lastLayer(
  firmware: Pick<Firmware, 'marks' | 'layers' | 'symbols'>,
  ending: Ending,
  events: readonly MarkEvent[] | null,
): string | null {
  if (events !== null) {
    const address = events.at(-1)?.address;
    return firmware.marks.slice(1, -1).find((mark) => mark.address === address)?.name ?? null;
  }
  const pc = 'pc' in ending ? ending.pc : null;
  return pc === null ? null : layerAt(firmware, pc);
}
