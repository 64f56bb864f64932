import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { Firmware } from '../build/firmware.ts';
import { readProfile, type Stretch } from '../cycles/profile.ts';
import { DeployError, printable } from '../errors.ts';
import { countByDebugger } from './debugger_counts.ts';
import type { MarkEvent, Observation } from './decode.ts';
import type { EmulatorOptions, Stimulus } from './emulator.ts';
import { openSession } from './gdb_remote.ts';
import { encodeMailbox } from './mailbox.ts';
import { initialRegisters } from './reset_vector.ts';

/** How instructions are counted: by our plugin, or by QEMU's recording mode and its debugger stub. */
export type Counting = { readonly by: 'plugin'; readonly path: string } | { readonly by: 'debugger' };

/** How long QEMU may take to tell where it is, after the time limit. */
const monitorPatienceMs = 5_000;
/** More than any firmware prints in its right mind; the rest of the file is not read. */
const longestText = 256 * 1024 * 1024;

/** Files of one run, in the work folder. QEMU is started there, so that no path of ours needs quoting. */
const files = {
  uart: 'uart.txt',
  marks: 'marks.txt',
  profile: 'profile.txt',
  mailbox: 'mailbox.bin',
  reset: 'reset.bin',
  recording: 'recording.bin',
} as const;

/** One option of QEMU's comma-separated syntax for the counting plugin; no address, no counting. */
export function pluginOption(
  path: string,
  output: string,
  addresses: readonly number[],
  profile?: string,
): string {
  const quoted = (text: string): string => text.replaceAll(',', ',,');
  return [
    quoted(path),
    `out=${quoted(output)}`,
    ...(profile === undefined ? [] : [`profile=${quoted(profile)}`]),
    ...addresses.map((address) => `mark=${address.toString(16)}`),
  ].join(',');
}

/**
 * QEMU's arguments for a run; paths of the run's files are relative to the work folder. Standard input and output
 * are the monitor or the debugger stub: nothing listens anywhere. Pure.
 */
export function qemuArguments(firmware: Firmware, counting: Counting): readonly string[] {
  const { machine, resetVector } = firmware.target.qemu;
  const load = (file: string, address: number): readonly string[] => [
    '-device',
    `loader,file=${file},force-raw=on,addr=0x${address.toString(16)}`,
  ];
  return [
    ...['-machine', machine, '-nodefaults', '-display', 'none'],
    ...['-serial', `file:${files.uart}`],
    ...['-semihosting-config', 'enable=on,target=native'],
    ...load(files.mailbox, firmware.map.mailbox.origin),
    ...(resetVector === undefined ? [] : load(files.reset, resetVector)),
    ...['-kernel', resolve(firmware.elf)],
    ...(counting.by === 'plugin'
      ? [
          ...['-monitor', 'stdio'],
          ...['-plugin', pluginOption(counting.path, files.marks, addressesOf(firmware), profiled(firmware))],
        ]
      : [
          ...['-monitor', 'none', '-S', '-gdb', 'stdio'],
          // The slower the clock (2^6 ns for each instruction), the sooner QEMU looks up from recording.
          ...['-icount', `shift=6,rr=record,rrfile=${files.recording}`],
        ]),
  ];
}

/** Runs firmware until it ends, or the time limit; no process is left. */
export async function runQemu(
  program: string,
  counting: Counting,
  firmware: Firmware,
  stimulus: Stimulus,
  options: EmulatorOptions,
): Promise<Observation & { readonly profile: readonly Stretch[] | null }> {
  const path = (file: string): string => join(options.workFolder, file);
  await mkdir(options.workFolder, { recursive: true });
  for (const name of Object.values(files)) await rm(path(name), { force: true });
  await writeFile(path(files.mailbox), encodeMailbox(stimulus, firmware.map, { fence: true }));
  if (firmware.target.qemu.resetVector !== undefined)
    await writeFile(path(files.reset), initialRegisters(await readFile(firmware.elf), firmware.map));

  const qemu = execa(program, qemuArguments(firmware, counting), {
    cwd: options.workFolder,
    reject: false,
    stdin: 'pipe',
    // The debugger stub speaks bytes, and says a lot.
    buffer: { stdout: false, stderr: true },
    forceKillAfterDelay: 500,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  // The pipe breaks when QEMU ends by itself while it is written to.
  qemu.stdin.on('error', () => undefined);
  const kill = (): boolean => qemu.kill('SIGKILL');
  const watched =
    counting.by === 'plugin'
      ? watchByMonitor(qemu.stdin, qemu.stdout, options.timeLimitMs, kill)
      : watchByDebugger(qemu.stdin, qemu.stdout, addressesOf(firmware), options.timeLimitMs, kill);
  const result = await qemu;
  const { stopped, events: watchedEvents } = await watched.end();
  if (result.isCanceled) throw new DeployError('tool', 'the emulation was cancelled.');

  const crash = stopped === null ? lockUp(result.stderr) : null;
  const uart = await textOf(path(files.uart));
  const events = watchedEvents ?? readMarks(await textOf(path(files.marks)));
  const hasRun = uart !== '' || events.length > 0 || stopped !== null || crash !== null;
  if (!hasRun && result.exitCode !== 0)
    throw new DeployError(
      'tool',
      `${program} failed: ${printable(complaint(result.stderr) ?? result.shortMessage ?? '', 300)}`,
      {},
      'Look whether this QEMU is complete and knows the board; `tinyml-deploy doctor` shows its version.',
    );
  const profile = readProfile(await textOf(path(files.profile)), firmware.marks.length);
  return { uart, events, stopped, crash, profile };
}

/** A profile is for the estimate of cycles. */
function profiled({ target }: Firmware): string | undefined {
  return target.timing === undefined ? undefined : files.profile;
}

function addressesOf(firmware: Firmware): readonly number[] {
  return firmware.marks.map((mark) => mark.address);
}

/** What was learnt through standard input and output, once the process has ended. */
interface Watched {
  end(): Promise<{
    readonly stopped: Observation['stopped'];
    readonly events: readonly MarkEvent[] | null;
  }>;
}

/** At the time limit, asks the monitor for the program counter and kills. */
function watchByMonitor(
  input: NodeJS.WritableStream,
  output: NodeJS.ReadableStream,
  timeLimitMs: number,
  kill: () => void,
): Watched {
  let stopped: Observation['stopped'] = null;
  let heard = '';
  let patience: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    stopped = { pc: null };
    input.write('stop\ninfo registers\n');
    patience = setTimeout(kill, monitorPatienceMs);
  }, timeLimitMs);
  output.on('data', (chunk) => {
    if (stopped === null) return;
    heard += String(chunk);
    const pc = programCounter(heard);
    if (pc === null) return;
    stopped = { pc };
    kill();
  });
  return {
    end: async () => {
      clearTimeout(limit);
      clearTimeout(patience);
      return { stopped, events: null };
    },
  };
}

/** Steers the run through the debugger stub; at the time limit, interrupts it, reads the program counter and kills. */
function watchByDebugger(
  input: NodeJS.WritableStream,
  output: NodeJS.ReadableStream,
  addresses: readonly number[],
  timeLimitMs: number,
  kill: () => void,
): Watched {
  let isLate = false;
  let patience: NodeJS.Timeout | undefined;
  const session = openSession(input, output);
  const limit = setTimeout(() => {
    isLate = true;
    session.interrupt();
    patience = setTimeout(kill, monitorPatienceMs);
  }, timeLimitMs);
  const run = countByDebugger(session, addresses, () => isLate).finally(kill);
  return {
    end: async () => {
      clearTimeout(limit);
      clearTimeout(patience);
      const { events, pc } = await run;
      return { stopped: isLate ? { pc } : null, events };
    },
  };
}

/** QEMU's last line that is no warning. */
function complaint(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('warning:'))
    .at(-1);
}

/** R15 in what the monitor or a lock-up prints. */
function programCounter(text: string): number | null {
  const match = /R15=([0-9a-f]{8})/.exec(text);
  return match === null ? null : Number.parseInt(match[1] ?? '', 16);
}

/** QEMU aborts with a register dump when a fault cannot be taken. */
export function lockUp(stderr: string): Observation['crash'] {
  const reason = /qemu: fatal: (.*)/.exec(stderr);
  if (reason === null) return null;
  return { fault: `lock-up: ${printable(reason[1] ?? '')}`, pc: programCounter(stderr), address: null };
}

/** The plugin's file; a last line without its end is not read. */
export function readMarks(text: string): readonly MarkEvent[] {
  return [...text.matchAll(/^([0-9a-f]{8}) (\d+)\n/gm)].map((match) => ({
    address: Number.parseInt(match[1] ?? '', 16),
    instructions: Number(match[2]),
  }));
}

async function textOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return '';
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, longestText));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
