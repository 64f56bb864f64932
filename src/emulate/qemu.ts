import { readFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { resolve } from 'node:path';
import { execa } from 'execa';
import { readElf } from '../build/elf.ts';
import type { Firmware } from '../build/firmware.ts';
import { type CycleEstimate, estimateCycles } from '../cycles/estimate.ts';
import type { Stretch } from '../cycles/profile.ts';
import { DeployError } from '../errors.ts';
import { timings } from '../targets/timing.ts';
import { type CountingPlugin, findCountingPlugin } from './counting_plugin.ts';
import { decodeRun } from './decode.ts';
import type { Emulator } from './emulator.ts';
import { type Counting, pluginOption, runQemu } from './qemu_process.ts';

export interface QemuOptions {
  /** Path of the program; `qemu-system-arm` on the PATH when absent. */
  readonly program?: string;
  readonly hostCompiler?: string;
  readonly runtimeFolder: string;
  readonly cacheFolder: string;
}

export interface QemuEmulator extends Emulator {
  readonly name: 'qemu';
  /** Why instructions are counted through the debugger stub, which is slower, and not by the plugin; null when by the plugin. */
  readonly withoutPlugin: string | null;
}

const installHint =
  'Install it: `apt-get install qemu-system-arm` (Debian, Ubuntu), `brew install qemu` (macOS), `winget install SoftwareFreedomConservancy.QEMU` (Windows).';

/** Finds QEMU and builds its counting plugin. Throws DeployError (`tool`) that names the command to install it. */
export async function findQemu(options: QemuOptions): Promise<QemuEmulator> {
  const program = options.program === undefined ? 'qemu-system-arm' : resolve(options.program);
  const result = await execa(program, ['--version'], { reject: false, stdin: 'ignore' });
  const version = /version (\d+)(\.\d+)*/.exec(result.failed ? '' : result.stdout);
  if (version === null)
    throw new DeployError('tool', `${program} is missing or does not run.`, {}, installHint);
  const built = await findCountingPlugin({ ...options, qemuMajor: Number(version[1]) });
  const plugin = built.path === null ? built : await tryPlugin(program, built.path);
  const counting: Counting = plugin.path === null ? { by: 'debugger' } : { by: 'plugin', path: plugin.path };
  const emulator = { name: 'qemu', version: version[0].replace('version ', '') } as const;
  return {
    ...emulator,
    withoutPlugin: plugin.missing ?? null,
    run: async (firmware, stimulus, runOptions) => {
      const { profile, ...observation } = await runQemu(program, counting, firmware, stimulus, runOptions);
      const decoded = decodeRun(firmware, stimulus.samples.length, observation);
      const cycles = profile === null ? null : await cyclesOf(firmware, profile);
      return { emulator, ...decoded, blindTo: [], ...(cycles === null ? {} : { cycles }) };
    },
  };
}

async function cyclesOf(firmware: Firmware, profile: readonly Stretch[]): Promise<CycleEstimate | null> {
  const { timing } = firmware.target;
  return timing === undefined
    ? null
    : estimateCycles(readElf(await readFile(firmware.elf)), profile, timings[timing]);
}

/** A QEMU may be built without plugins. */
async function tryPlugin(program: string, path: string): Promise<CountingPlugin> {
  const args = ['-machine', 'none', '-nodefaults', '-display', 'none', '-monitor', 'stdio'];
  const result = await execa(program, [...args, '-plugin', pluginOption(path, devNull, [])], {
    reject: false,
    input: 'quit\n',
    timeout: 20_000,
  });
  return result.failed ? { path: null, missing: 'this QEMU does not take plugins' } : { path };
}
