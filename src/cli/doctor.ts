import type { Command } from 'commander';
import { installMissingTools } from '../install/apt.ts';
import { diagnose, type Finding } from '../install/doctor.ts';
import { coloursFor, print, printJson, say, type Terminal } from './terminal.ts';

/** `tinyml-deploy doctor`: exit code 3 when something is missing that a run cannot do without. */
export function addDoctor(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('doctor')
    .description('show the tools on this machine, their versions, and how to get what is missing')
    .option('--install', 'bring what is missing by apt-get, with sudo where not root')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ tinyml-deploy doctor            what is here and what is missing
  $ tinyml-deploy doctor --install  on Debian or Ubuntu: install what is missing`,
    )
    .action(async ({ install, json }: { readonly install?: boolean; readonly json?: boolean }) => {
      if (install === true)
        await installMissingTools({ mayInstall: true, say: (line) => say(terminal, line) });
      const findings = await diagnose(process.versions.node);
      if (json === true) printJson(terminal, { findings });
      else print(terminal, describe(findings, terminal));
      finish(findings.some(({ status }) => status === 'missing') ? 3 : 0);
    });
}

function describe(findings: readonly Finding[], terminal: Terminal): string {
  const colours = coloursFor(terminal);
  const marks = { ok: colours.green('✔'), missing: colours.red('✖'), absent: colours.yellow('-') };
  const width = Math.max(...findings.map(({ name }) => name.length));
  const versionWidth = Math.max(...findings.map(({ version, status }) => (version ?? status).length));
  const lines = findings.flatMap(({ name, purpose, version, status, install }) => [
    `${marks[status]} ${name.padEnd(width)}  ${(version ?? status).padEnd(versionWidth)} ${colours.dim(purpose)}`,
    ...(install === null
      ? []
      : [
          `    Debian, Ubuntu: ${install.debian}`,
          `    macOS:          ${install.macos}`,
          `    Windows:        ${install.windows}`,
        ]),
  ]);
  // Of the emulators one is enough, and QEMU is the one to install: Renode comes by itself.
  const missing = findings
    .filter(({ name, status }) => status === 'missing' && name !== 'renode')
    .map(({ name }) => name);
  const verdict =
    missing.length === 0
      ? colours.green('All that a run needs is here.')
      : colours.red(`A run needs ${missing.join(', ')}.`);
  return [...lines, '', verdict].join('\n');
}
