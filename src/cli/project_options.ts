import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { toolchainVersions } from '../install/toolchain_release.ts';
import { type OptimizeSetting, optimizeSettings } from '../operators/setting.ts';
import { loadProject } from '../project/load.ts';
import type { EmulatorChoice, Project } from '../project/project.ts';
import { modelPath } from '../project/saved_model.ts';
import { emulatorChoices } from '../project/schema.ts';
import { targets } from '../targets/index.ts';
import type { Terminal } from './terminal.ts';

/** Options of every command that works on a project. */
export interface ProjectOptions {
  readonly directory: string;
  readonly config?: string;
  readonly target?: readonly string[];
  readonly optimize?: OptimizeSetting;
  readonly preserveInput?: boolean;
}

/** Options of every command that emulates. */
export interface EmulationOptions {
  readonly emulator?: EmulatorChoice;
  readonly toolchain?: string;
  readonly timeLimit?: string;
}

export function withProjectOptions(command: Command): Command {
  return command
    .option('-C, --directory <folder>', 'folder of the project', '.')
    .option('-c, --config <file>', 'configuration, from that folder (default: tinyml.yml where there is one)')
    .option(
      '-t, --target <name>',
      'this target in place of the configured ones; again, or with commas, for several',
      (names: string, before: readonly string[] = []) => [...before, ...names.split(',')],
    )
    .addOption(
      new Option('--optimize <setting>', 'what code is optimized for (default: balanced)').choices(
        optimizeSettings,
      ),
    )
    .option('--preserve-input', 'keep the input in the arena through an inference, at the cost of its bytes');
}

export function withEmulationOptions(command: Command): Command {
  return command
    .addOption(new Option('-e, --emulator <name>', 'which emulator').choices(emulatorChoices))
    .option('--toolchain <version>', `system, or a pinned one: ${toolchainVersions.join(', ')}`)
    .option('--time-limit <time>', 'wall-clock limit of one emulation, such as "60 s"');
}

/** The project that the options and the named models describe. Throws DeployError. */
export function projectOf(
  terminal: Terminal,
  models: readonly string[],
  options: ProjectOptions & EmulationOptions,
): Project {
  return loadProject({
    folder: resolve(terminal.folder, options.directory),
    configFile: options.config,
    knownTargets: [...targets.keys()],
    knownToolchains: toolchainVersions,
    // A path counts from where the command was called, not from the project; a folder may have a model's name.
    models: models.map((model) => {
      const path = resolve(terminal.folder, model);
      const isFile = (each: string) => statSync(each, { throwIfNoEntry: false })?.isFile() === true;
      const file = modelPath(terminal.folder, path);
      return isFile(file) ? file : model;
    }),
    targets: options.target,
    optimize: options.optimize,
    preserveInput: options.preserveInput,
    emulator: options.emulator,
    toolchain: options.toolchain,
    timeLimit: options.timeLimit,
  });
}
