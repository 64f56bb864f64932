import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Firmware } from '../build/firmware.ts';
import { DeployError, printable } from '../errors.ts';
import { decodeRun, type MarkEvent, type Observation } from './decode.ts';
import type { Emulator, EmulatorOptions, Stimulus } from './emulator.ts';
import { encodeMailbox } from './mailbox.ts';
import { platformDescription, renodeFiles, renodeScript } from './renode_script.ts';

/** Start-up takes seconds on a loaded machine; only then may the script's own time limit begin to count. */
const startUpPatienceMs = 60_000;

/** Faults that Renode lets pass: it maps no memory protection, and reads of nothing give 0. QEMU judges those. */
const blindTo = [
  'stack overflows below the RAM region',
  'unaligned accesses',
  'instructions of another core',
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
    run: async (firmware, stimulus, options) => ({
      emulator,
      ...decodeRun(firmware, stimulus.samples.length, await runRenode(program, firmware, stimulus, options)),
      blindTo,
    }),
  };
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

  const renode = execa(program, ['--console', '--plain', '--disable-gui', '-e', `i @${renodeFiles.script}`], {
    cwd: folder,
    reject: false,
    // Without --console, or with it and an open terminal, Renode waits for commands.
    stdin: 'ignore',
    all: true,
    timeout: options.timeLimitMs + startUpPatienceMs,
    forceKillAfterDelay: 2_000,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  let heard = '';
  // A jump into nothing spins for ever inside Renode: its message is the end of the run.
  renode.all.on('data', (chunk) => {
    heard = (heard + String(chunk)).slice(-4096);
    if (/CPU abort \[PC=/.test(heard)) setTimeout(() => renode.kill(), 200);
  });
  const result = await renode;
  if (result.isCanceled) throw new DeployError('tool', 'the emulation was cancelled.');
  const log = result.all ?? '';
  return observe(program, log, result.timedOut ?? false, await textOf(path(renodeFiles.uart)));
}

/** What Renode's log and the firmware's lines say. A run without its RESULT line has failed: script errors end Renode with exit code 0. */
export function observe(program: string, log: string, timedOut: boolean, uart: string): Observation {
  const result = /^.*RESULT (done|stopped) (?:0x)?([0-9A-Fa-f]+)/m.exec(log);
  const crash = crashIn(log);
  if (result === null && crash === null && !timedOut)
    throw new DeployError(
      'tool',
      `${program} did not run the firmware: ${printable(firstError(log), 300)}`,
      {},
      'Look whether this Renode is complete (`tinyml-deploy doctor`), or choose `emulator: qemu`.',
    );
  const stoppedAt = result?.[1] === 'stopped' ? Number.parseInt(result[2] ?? '', 16) & ~1 : null;
  return {
    uart,
    events: readMarks(log),
    stopped: stoppedAt !== null ? { pc: stoppedAt >>> 0 } : timedOut ? { pc: null } : null,
    crash,
  };
}

function readMarks(log: string): MarkEvent[] {
  return [...log.matchAll(/MARK ([0-9a-f]{8}) (\d+)\r?\n/g)].map((match) => ({
    address: Number.parseInt(match[1] ?? '', 16),
    instructions: Number(match[2]),
  }));
}

/** Renode only warns of what would fault on silicon: an access to nothing, or a jump there. */
function crashIn(log: string): Observation['crash'] {
  const abort = /CPU abort \[PC=0x([0-9A-Fa-f]+)\][^\n]*/.exec(log);
  const access =
    /\[cpu: 0x([0-9A-Fa-f]+)\] *[^\n]*?(Read|Write)\w* (?:from|to) non existing peripheral at 0x([0-9A-Fa-f]+)/.exec(
      log,
    );
  if (access !== null && (abort === null || access.index < abort.index))
    return {
      fault:
        access[2] === 'Read' ? 'read of an address where nothing is' : 'write to an address where nothing is',
      pc: Number.parseInt(access[1] ?? '', 16),
      address: Number.parseInt(access[3] ?? '', 16),
    };
  if (abort === null) return null;
  return {
    fault: 'jump to an address where no code is',
    pc: Number.parseInt(abort[1] ?? '', 16),
    address: null,
  };
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
