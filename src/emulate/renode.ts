import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { Firmware } from '../build/firmware.ts';
import { DeployError, printable } from '../errors.ts';
import type { MemoryMap } from '../targets/target.ts';
import { decodeRun, type MarkEvent, type Observation } from './decode.ts';
import type { Emulator, EmulatorOptions, Ending, Stimulus } from './emulator.ts';
import { encodeMailbox } from './mailbox.ts';
import { platformDescription, renodeFiles, renodeScript } from './renode_script.ts';

/** Start-up takes seconds on a loaded machine; only then may the script's own time limit begin to count. */
const startUpPatienceMs = 60_000;

/** Without --console, or with it and an open terminal, Renode waits for commands, and without it on a TCP port. */
const renodeArguments = [
  '--console',
  '--plain',
  '--disable-gui',
  '--config',
  renodeFiles.settings,
  '-e',
  `i @${renodeFiles.script}`,
];

/** More characters than the line in which Renode says that a core cannot go on. */
const longestAbort = 4096;

/** A bad address this little below RAM, where the stack lies, is an overflow; as in runtime/firmware/faults.c. */
const overflowBytes = 2 ** 20;

/** What Renode 1.16 and 1.17 let pass without a word. QEMU judges those. */
const blindTo = [
  'writes to read-only memory',
  'code that runs from RAM',
  'unaligned accesses',
  'instructions that the core lacks',
];

export interface RenodeOptions {
  /** `renode` on the PATH when absent. */
  readonly program?: string;
}

/** Finds Renode. Throws DeployError (`tool`) when it is missing or does not run. */
export async function findRenode({ program = 'renode' }: RenodeOptions = {}): Promise<Emulator> {
  const result = await execa(program, ['--version'], { reject: false, stdin: 'ignore', timeout: 60_000 });
  const version = /Renode v?(\d+\.\d+\.\d+)/.exec(result.stdout ?? '')?.[1];
  if (version === undefined)
    throw new DeployError(
      'tool',
      `${program} is missing or does not run.`,
      {},
      'Install Renode from its portable archive (renode.io), or choose `emulator: qemu`.',
    );
  const emulator = { name: 'renode', version } as const;
  return {
    ...emulator,
    run: async (firmware, stimulus, options) => {
      const observation = await runRenode(program, firmware, stimulus, options);
      const decoded = decodeRun(firmware, stimulus.samples.length, observation);
      return { emulator, ...decoded, ending: nameOverflow(decoded.ending, firmware.map), blindTo };
    },
  };
}

/** An access just below RAM is the stack's, which lies at the start of RAM. */
export function nameOverflow(ending: Ending, { ram }: Pick<MemoryMap, 'ram'>): Ending {
  if (ending.kind !== 'fault' || ending.address === null) return ending;
  const below = ram.origin - ending.address;
  return below > 0 && below <= overflowBytes ? { kind: 'stack-overflow', pc: ending.pc } : ending;
}

/** Runs firmware until it ends, or the time limit; no process is left. */
async function runRenode(
  program: string,
  firmware: Firmware,
  stimulus: Stimulus,
  options: EmulatorOptions,
): Promise<Observation> {
  const { workFolder: folder } = options;
  await mkdir(folder, { recursive: true });
  const path = (file: string): string => join(folder, file);
  // Renode keeps an existing file and writes beside it.
  await rm(path(renodeFiles.uart), { force: true });
  await writeFile(path(renodeFiles.mailbox), encodeMailbox(stimulus, firmware.map, { fence: false }));
  await writeFile(
    path(renodeFiles.platform),
    platformDescription(firmware.target.renode.cpuType, firmware.map),
  );
  await writeFile(path(renodeFiles.script), renodeScript(firmware, options.timeLimitMs));
  await copyFile(firmware.elf, path(renodeFiles.firmware));
  // A Renode that is killed leaves its temporary files behind.
  const temporary = resolve(path(renodeFiles.temporary));
  await mkdir(temporary, { recursive: true });

  const renode = execa(program, renodeArguments, {
    cwd: folder,
    env: { TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    reject: false,
    stdin: 'ignore',
    all: true,
    stripFinalNewline: false,
    timeout: options.timeLimitMs + startUpPatienceMs,
    forceKillAfterDelay: 2_000,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  let heard = '';
  // A jump into a device ends the core's thread and not the run: the message is the end.
  renode.all.on('data', (chunk) => {
    heard = (heard + String(chunk)).slice(-longestAbort);
    if (readAbort(heard) !== null) renode.kill();
  });
  const result = await renode;
  await rm(temporary, { recursive: true, force: true });
  if (result.isCanceled) throw new DeployError('tool', 'the emulation was cancelled.');
  return observe(program, result.all ?? '', result.timedOut ?? false, await textOf(path(renodeFiles.uart)));
}

/** What Renode's log and the firmware's lines say. A run without its RESULT line has failed: script errors end Renode with exit code 0. */
export function observe(program: string, log: string, timedOut: boolean, uart: string): Observation {
  const result = /^.*RESULT (done|stopped) ([0-9a-f]{8})\r?$/m.exec(log);
  const crash = readCrash(log);
  if (result === null && crash === null && !timedOut)
    throw new DeployError(
      'tool',
      `${program} did not run the firmware: ${printable(firstError(log), 300)}`,
      {},
      'Look whether this Renode is complete (`tinyml-deploy doctor`), or choose `emulator: qemu`.',
    );
  const isStopped = timedOut || result?.[1] === 'stopped';
  return {
    uart,
    events: readMarks(log),
    stopped: isStopped ? { pc: result === null ? null : address(result[2]) } : null,
    crash,
  };
}

function readMarks(log: string): MarkEvent[] {
  return [...log.matchAll(/MARK ([0-9a-f]{8}) (\d+)\r?\n/g)].map((match) => ({
    address: address(match[1]),
    instructions: Number(match[2]),
  }));
}

const nowhere = {
  read: 'read of an address where nothing is',
  write: 'write to an address where nothing is',
  jump: 'jump to an address without code',
} as const;

/** What the firmware itself could not see: renode_script.ts' trap, or Renode's own abort. */
function readCrash(log: string): Observation['crash'] {
  const trap = /NOWHERE (read|write|jump) ([0-9a-f]{8}) ([0-9a-f]{8})\r?\n/.exec(log);
  if (trap === null) return readAbort(log);
  const kind = trap[1] as keyof typeof nowhere;
  return {
    fault: nowhere[kind],
    pc: address(trap[3]),
    address: kind === 'jump' ? null : address(trap[2]),
  };
}

function readAbort(log: string): Observation['crash'] {
  const abort = /CPU abort \[PC=0x([0-9A-Fa-f]+)\]: ([^\n]*)\n/.exec(log);
  if (abort === null) return null;
  const isJump = /code outside/.test(abort[2] ?? '');
  return {
    fault: isJump ? nowhere.jump : `Renode gave up: ${printable(abort[2] ?? '', 100)}`,
    pc: address(abort[1]),
    address: null,
  };
}

function address(digits = ''): number {
  return Number.parseInt(digits, 16);
}

function firstError(log: string): string {
  const lines = log
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (
    lines.find((line) => /error|exception|could not/i.test(line)) ?? lines.at(-1) ?? 'it printed nothing.'
  );
}

async function textOf(path: string): Promise<string> {
  return await readFile(path, 'latin1').catch(() => '');
}
