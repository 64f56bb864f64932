import { execa } from 'execa';
import { oldestMajor as oldestGcc } from '../build/toolchain.ts';

/** The programs that have to be on the machine: what each is for, how it is recognised, and what brings it. Data, and one look-up over it. */

export interface InstallCommands {
  readonly debian: string;
  readonly macos: string;
  readonly windows: string;
}

/** Runs a program and gives what it printed; null when it is missing or fails. */
export type Ask = (program: string, args: readonly string[]) => Promise<string | null>;

export interface HostTool {
  readonly name: string;
  readonly purpose: string;
  /** `emulator`: one of those is needed. `wanted`: works without, with less. */
  readonly need: 'required' | 'emulator' | 'wanted';
  readonly aptPackages: readonly string[];
  readonly install: InstallCommands;
  /** The oldest major version that does. */
  readonly oldest?: number;
  /** Version of what is there; null: missing. */
  readonly version: (ask: Ask) => Promise<string | null>;
}

/** What was found of one tool. */
export interface ToolState {
  readonly tool: HostTool;
  readonly version: string | null;
}

const aptGet = (...packages: string[]) => `sudo apt-get install ${packages.join(' ')}`;

const crossCompiler: InstallCommands = {
  debian: aptGet('gcc-arm-none-eabi', 'libnewlib-arm-none-eabi'),
  macos: 'brew install --cask gcc-arm-embedded',
  windows: 'winget install Arm.GnuArmEmbeddedToolchain',
};

export const hostTools: readonly HostTool[] = [
  {
    name: 'arm-none-eabi-gcc',
    purpose: `compiles the firmware, ${oldestGcc} or newer`,
    need: 'required',
    aptPackages: ['gcc-arm-none-eabi'],
    install: crossCompiler,
    oldest: oldestGcc,
    version: async (ask) => firstVersion(await ask('arm-none-eabi-gcc', ['--version'])),
  },
  {
    name: 'newlib',
    purpose: "the firmware's C library",
    need: 'required',
    aptPackages: ['libnewlib-arm-none-eabi'],
    install: crossCompiler,
    version: async (ask) => {
      // A compiler without the library answers with the bare name.
      const library = await ask('arm-none-eabi-gcc', [
        '-mcpu=cortex-m4',
        '-mthumb',
        '-print-file-name=libc_nano.a',
      ]);
      return library !== null && /[/\\]/.test(library) ? 'nano' : null;
    },
  },
  {
    name: 'qemu-system-arm',
    purpose: 'runs the firmware',
    need: 'emulator',
    aptPackages: ['qemu-system-arm'],
    install: {
      debian: aptGet('qemu-system-arm'),
      macos: 'brew install qemu',
      windows: 'winget install SoftwareFreedomConservancy.QEMU',
    },
    version: async (ask) => firstVersion(await ask('qemu-system-arm', ['--version'])),
  },
  {
    name: 'renode',
    purpose: 'runs the firmware; fetched by itself where it is missing and `emulator:` asks for it',
    need: 'emulator',
    aptPackages: [],
    install: {
      debian: 'see https://github.com/renode/renode/releases',
      macos: 'brew install --cask renode',
      windows: 'winget install Antmicro.Renode',
    },
    version: async (ask) => firstVersion(await ask('renode', ['--version'])),
  },
  {
    name: 'cc',
    purpose: "builds QEMU's counting plugin, and scores large test sets; without it both take longer",
    need: 'wanted',
    aptPackages: ['gcc', 'libc6-dev'],
    install: {
      debian: aptGet('gcc', 'libc6-dev'),
      macos: 'xcode-select --install',
      windows: 'winget install BrechtSanders.WinLibs.POSIX.UCRT',
    },
    version: async (ask) => firstVersion(await ask('cc', ['--version'])),
  },
  {
    name: 'uv',
    purpose: 'sets up TensorFlow for Keras models and SavedModels; fetched by itself on Linux',
    need: 'wanted',
    aptPackages: [],
    install: {
      debian: 'pip install uv',
      macos: 'brew install uv',
      windows: 'winget install astral-sh.uv',
    },
    version: async (ask) => firstVersion(await ask('uv', ['--version'])),
  },
  {
    name: 'git',
    purpose: 'checks out the commit to compare with',
    need: 'wanted',
    aptPackages: ['git'],
    install: { debian: aptGet('git'), macos: 'brew install git', windows: 'winget install Git.Git' },
    version: async (ask) => firstVersion(await ask('git', ['--version'])),
  },
];

/** `QEMU emulator version 7.2.22 (Debian 1:7.2…)` → `7.2.22`. */
function firstVersion(output: string | null): string | null {
  if (output === null) return null;
  const line = output.split('\n')[0] ?? '';
  const withoutPackage = line.replace(/\([^)]*\)/g, ' ');
  return (
    /\d+\.\d+(?:\.\d+)*/.exec(withoutPackage)?.[0] ??
    /\d+\.\d+(?:\.\d+)*/.exec(line)?.[0] ??
    'unknown version'
  );
}

/** Asks every tool for its version. */
export async function examineTools(ask: Ask = askProgram): Promise<ToolState[]> {
  return Promise.all(hostTools.map(async (tool) => ({ tool, version: await tool.version(ask) })));
}

/** The tools whose lack stops a run: the required ones, and every emulator when there is none. */
export function missingTools(states: readonly ToolState[]): HostTool[] {
  const hasEmulator = states.some(({ tool, version }) => tool.need === 'emulator' && version !== null);
  return states
    .filter(({ tool, version }) => {
      if (version !== null) return false;
      return tool.need === 'required' || (tool.need === 'emulator' && !hasEmulator);
    })
    .map(({ tool }) => tool);
}

/** Null too where it does not answer within half a minute. */
export const askProgram: Ask = async (program, args) => {
  const result = await execa(program, args, { reject: false, stdin: 'ignore', timeout: 30_000 });
  return result.failed ? null : result.stdout;
};
