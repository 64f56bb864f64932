import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { DeployError } from '../errors.ts';
import { fullDisk } from '../full_disk.ts';
import { toolVersion } from '../version.ts';
import { addBuild } from './build.ts';
import { addCompare } from './compare.ts';
import { addDoctor } from './doctor.ts';
import { addExplain } from './explain.ts';
import { addInit } from './init.ts';
import { addRelease } from './release.ts';
import { addRun } from './run.ts';
import { coloursFor, printJson, say, type Terminal, wantsColour } from './terminal.ts';
import { addTune } from './tune.ts';

const commands = [addRun, addBuild, addTune, addExplain, addCompare, addRelease, addDoctor, addInit];

/** Runs one command; returns the exit code: 0 pass, 1 negative verdict, 2 wrong input, 3 a tool failed. Never throws. */
export async function main(parameters: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const finish = (code: number) => {
    exitCode = code;
  };
  try {
    requireCommand(parameters, terminal);
    await createProgram(terminal, finish).parseAsync([...parameters], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, parameters, terminal);
  }
}

function createProgram(terminal: Terminal, finish: (exitCode: number) => void): Command {
  const program = new Command('tinyml-deploy')
    .description('Compile, prove and price neural networks for microcontrollers')
    .version(toolVersion())
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      getOutHasColors: () => wantsColour(terminal.stdout, terminal),
      getErrHasColors: () => wantsColour(terminal.stderr, terminal),
    })
    .addHelpText(
      'after',
      `
Without a command: run.

Exit code: 0 pass, 1 the verdict is negative, 2 the input is wrong, 3 a tool failed.`,
    );
  for (const add of commands) add(program, terminal, finish);
  return program;
}

/** A word that is neither command nor model, but nearly a command, is a slip. */
function requireCommand([word]: readonly string[], terminal: Terminal): void {
  if (word === undefined || !/^[a-z]+$/.test(word) || existsSync(resolve(terminal.folder, word))) return;
  const names = ['run', 'build', 'tune', 'explain', 'compare', 'release', 'doctor', 'init', 'help'];
  const nearest = closest(word, names);
  if (names.includes(word) || distance(word, nearest) > 2 || word.length < 3) return;
  throw new DeployError('input', `Unknown command "${word}".`, {}, `Did you mean "${nearest}"?`);
}

function report(error: unknown, parameters: readonly string[], terminal: Terminal): number {
  // Commander has printed its help or its complaint.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (terminal.signal.aborted) {
    say(terminal, 'Stopped.');
    return 130;
  }
  const { red, bold } = coloursFor({ ...terminal, stdout: terminal.stderr });
  const known = error instanceof DeployError ? error : fullDisk(error);
  if (known !== null) {
    const { kind, what, where, hint, message } = known;
    if (parameters.includes('--json')) printJson(terminal, { error: { kind, what, where, hint } });
    say(terminal, `${red(bold('error:'))} ${message}`);
    return kind === 'input' ? 2 : 3;
  }
  say(
    terminal,
    `${red(bold('error:'))} This is a mistake in tinyml-deploy, not in your input. Please report it with these lines:`,
  );
  say(terminal, error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 3;
}
