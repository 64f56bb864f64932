import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { Firmware } from '../build/firmware.ts';
import { DeployError, printable } from '../errors.ts';
import type { MarkEvent, Observation } from './decode.ts';
import type { EmulatorOptions, Stimulus } from './emulator.ts';
import { encodeMailbox } from './mailbox.ts';
import { initialRegisters } from './reset_vector.ts';

/** How long a QEMU that is stopped may take to tell its registers. */
const monitorPatienceMs = 2_000;
/** More than any firmware prints in its right mind; the rest of the file is not read. */
const longestText = 256 * 1024 * 1024;

/** Files of one run, in the work folder. QEMU is started there, so that no path of ours needs quoting. */
const files = {
  uart: 'uart.txt',
  marks: 'marks.txt',
  mailbox: 'mailbox.bin',
  reset: 'reset.bin',
} as const;

/** One option of QEMU's comma-separated syntax for the counting plugin; no address, no counting. */
export function pluginOption(path: string, output: string, addresses: readonly number[]): string {
  const quoted = (text: string): string => text.replaceAll(',', ',,');
  return [
    quoted(path),
    `out=${quoted(output)}`,
    ...addresses.map((address) => `mark=${address.toString(16)}`),
  ].join(',');
}

/** QEMU's arguments for a run; paths of the run's files are relative to the work folder. Pure. */
export function qemuArguments(firmware: Firmware, plugin: string | null): readonly string[] {
  const { machine, resetVector } = firmware.target.qemu;
  const marks = firmware.marks.map((mark) => mark.address);
  const load = (file: string, address: number): readonly string[] => [
    '-device',
    `loader,file=${file},force-raw=on,addr=0x${address.toString(16)}`,
  ];
  return [
    '-machine',
    machine,
    '-nodefaults',
    '-display',
    'none',
    '-monitor',
    'stdio',
    '-serial',
    `file:${files.uart}`,
    '-semihosting-config',
    'enable=on,target=native',
    ...load(files.mailbox, firmware.map.mailbox.origin),
    '-kernel',
    resolve(firmware.elf),
    ...(resetVector === undefined ? [] : load(files.reset, resetVector)),
    ...(plugin === null ? [] : ['-plugin', pluginOption(plugin, files.marks, marks)]),
  ];
}

/** Runs firmware until it ends, or the time limit; no process is left. */
export async function runQemu(
  program: string,
  plugin: string | null,
  firmware: Firmware,
  stimulus: Stimulus,
  options: EmulatorOptions,
): Promise<Observation> {
  const folder = options.workFolder;
  await mkdir(folder, { recursive: true });
  for (const name of Object.values(files)) await rm(join(folder, name), { force: true });
  await writeFile(join(folder, files.mailbox), encodeMailbox(stimulus, firmware.map, { fence: true }));
  if (firmware.target.qemu.resetVector !== undefined)
    await writeFile(join(folder, files.reset), initialRegisters(await readFile(firmware.elf), firmware.map));

  const qemu = execa(program, qemuArguments(firmware, plugin), {
    cwd: folder,
    reject: false,
    stdin: 'pipe',
    forceKillAfterDelay: 500,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  let isOver = false;
  let stopped: Observation['stopped'] = null;
  const limit = setTimeout(async () => {
    stopped = { pc: await askProgramCounter(qemu.stdin, qemu.stdout) };
    if (!isOver) qemu.kill('SIGKILL');
  }, options.timeLimitMs);
  // The monitor's pipe breaks when QEMU ends by itself while it is written to.
  qemu.stdin.on('error', () => undefined);
  const result = await qemu;
  isOver = true;
  clearTimeout(limit);
  if (result.isCanceled) throw new DeployError('tool', 'the emulation was cancelled.');

  const crash = stopped === null ? lockUp(result.stderr) : null;
  const hasStarted = result.exitCode !== undefined || crash !== null || stopped !== null;
  const uart = await textOf(join(folder, files.uart));
  if (!hasStarted || (result.exitCode !== 0 && uart === '' && crash === null && stopped === null))
    throw new DeployError(
      'tool',
      `${program} failed: ${printable(result.stderr.split('\n')[0] || (result.shortMessage ?? ''), 300)}`,
      {},
      'Look whether this QEMU is complete and knows the board; `doctor` shows its version.',
    );
  return {
    uart,
    events: plugin === null ? null : readMarks(await textOf(join(folder, files.marks))),
    stopped,
    crash,
  };
}

/** Stops the machine and reads R15 through the monitor; null when QEMU does not answer. */
async function askProgramCounter(
  monitor: NodeJS.WritableStream,
  answers: NodeJS.ReadableStream,
): Promise<number | null> {
  return await new Promise((answer) => {
    let heard = '';
    const patience = setTimeout(() => answer(null), monitorPatienceMs);
    answers.on('data', (chunk) => {
      heard += String(chunk);
      const match = /R15=([0-9a-f]{8})/.exec(heard);
      if (match === null) return;
      clearTimeout(patience);
      answer(Number.parseInt(match[1] ?? '', 16));
    });
    monitor.write('stop\ninfo registers\n');
  });
}

/** QEMU aborts with a register dump when a fault cannot be taken. */
export function lockUp(stderr: string): Observation['crash'] {
  const reason = /qemu: fatal: (.*)/.exec(stderr);
  if (reason === null) return null;
  const pc = /R15=([0-9a-f]{8})/.exec(stderr);
  return {
    fault: `lock-up: ${printable(reason[1] ?? '')}`,
    pc: pc === null ? null : Number.parseInt(pc[1] ?? '', 16),
    address: null,
  };
}

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
