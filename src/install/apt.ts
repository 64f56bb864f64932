import { execa } from 'execa';
import { DeployError, printable } from '../errors.ts';
import { examineTools, type HostTool, missingTools, type ToolState } from './host_tools.ts';

/** What installing needs of the machine; handed in, so that tests install nothing. */
export interface Machine {
  examine(): Promise<readonly ToolState[]>;
  has(program: string): Promise<boolean>;
  readonly isRoot: boolean;
  /** Runs a program in the foreground; the last line that it complained with, or null when it succeeded. */
  run(program: string, args: readonly string[]): Promise<string | null>;
}

export interface InstallRequest {
  /** False: only say what is missing. */
  readonly mayInstall: boolean;
  /** Names of tools that this run does without. */
  readonly without?: readonly string[];
  /** Tells the user what happens, one line at a time. */
  say(line: string): void;
}

/**
 * Brings what is missing by apt-get, with sudo where not root, and says so first. Throws DeployError (`tool`) that names
 * each missing tool with the command that brings it on Debian, macOS and Windows, when it may not or cannot install.
 */
export async function installMissingTools(
  request: InstallRequest,
  machine: Machine = thisMachine(),
): Promise<void> {
  const examine = async (): Promise<readonly ToolState[]> =>
    (await machine.examine()).filter(({ tool }) => request.without?.includes(tool.name) !== true);
  const states = await examine();
  const wanted = installable(states);
  if (wanted.length === 0) return;
  const packages = [...new Set(wanted.flatMap((tool) => tool.aptPackages))];
  const prefix = machine.isRoot ? [] : ['sudo'];
  const canInstall =
    request.mayInstall && (await machine.has('apt-get')) && (machine.isRoot || (await machine.has('sudo')));
  if (!canInstall) {
    const missing = missingTools(states);
    if (missing.length > 0) throw missingError(missing);
    for (const tool of wanted)
      request.say(`${tool.name} is missing: it ${tool.purpose}. Get it by \`${tool.install.debian}\`.`);
    return;
  }

  request.say(`Missing: ${wanted.map((tool) => tool.name).join(', ')}.`);
  const steps = [
    ['apt-get', 'update', '-qq'],
    [
      'apt-get',
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      '-o',
      'DPkg::Lock::Timeout=300',
      ...packages,
    ],
  ];
  for (const step of steps) {
    const [program = '', ...args] = [...prefix, ...step];
    request.say(`Running: ${program} ${args.join(' ')}`);
    const complaint = await machine.run(program, args);
    // A stale list of packages may still hold ours.
    if (complaint !== null && step[1] === 'install')
      throw new DeployError(
        'tool',
        `\`${program} ${args.join(' ')}\` failed: ${printable(complaint, 300)}`,
        {},
        'Run it by hand to see why.',
      );
  }
  const still = missingTools(await examine());
  if (still.length > 0) throw missingError(still);
}

/** The tools that apt-get should bring: QEMU only when no emulator is there, cc and git as they are cheap. */
function installable(states: readonly ToolState[]): HostTool[] {
  const needed = new Set(missingTools(states));
  return states
    .filter(({ tool, version }) => version === null && tool.aptPackages.length > 0)
    .map(({ tool }) => tool)
    .filter((tool) => tool.need === 'wanted' || needed.has(tool));
}

/** One line per tool. Renode is not listed: it is fetched when asked for, and QEMU does without it. */
export function missingError(missing: readonly HostTool[]): DeployError {
  const listed = missing.filter((tool) => tool.aptPackages.length > 0);
  const lines = listed.map(
    ({ name, purpose, install }) =>
      `\n  ${name} (${purpose})\n    Debian, Ubuntu: ${install.debian}\n    macOS: ${install.macos}\n    Windows: ${install.windows}`,
  );
  const names = listed.map(({ name }) => name);
  return new DeployError(
    'tool',
    names.length === 1 ? `${names[0]} is missing.` : `${names.join(', ')} are missing.`,
    {},
    `Install ${names.length === 1 ? 'it' : 'them'}:${lines.join('')}`,
  );
}

function thisMachine(): Machine {
  return {
    examine: () => examineTools(),
    has: async (program) => !(await execa(program, ['--version'], { reject: false, stdin: 'ignore' })).failed,
    isRoot: process.getuid?.() === 0,
    run: async (program, args) => {
      const result = await execa(program, args, {
        reject: false,
        // sudo may ask for a password on a terminal.
        stdin: 'inherit',
        stdout: 'ignore',
        stderr: ['pipe', 'inherit'],
        env: { DEBIAN_FRONTEND: 'noninteractive' },
      });
      if (!result.failed) return null;
      return (
        String(result.stderr ?? '')
          .trim()
          .split('\n')
          .at(-1) ||
        (result.shortMessage ?? 'it did not run')
      );
    },
  };
}
