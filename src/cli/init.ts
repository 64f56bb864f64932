import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { DeployError } from '../errors.ts';
import { discoverModels } from '../project/discover.ts';
import { defaultTarget } from '../project/load.ts';
import { modelName } from '../project/names.ts';
import { writtenPath } from '../project/saved_model.ts';
import { requireWritable, writeWhole } from './files.ts';
import { forkWorkflows } from './fork_workflows.ts';
import { print, printJson, type Terminal } from './terminal.ts';

interface InitOptions {
  readonly directory: string;
  readonly forks?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `tinyml-deploy init`: writes all files or none. */
export function addInit(program: Command, terminal: Terminal, finish: (exitCode: number) => void): void {
  program
    .command('init')
    .description('write tinyml.yml and the workflow for this repository')
    .option('-C, --directory <folder>', 'folder of the repository', '.')
    .option('--forks', 'write the pair of workflows that also comments on pull requests from forks')
    .option('--force', 'write over files that are there')
    .option('--json', 'print the paths as JSON')
    .action(async (options: InitOptions) => {
      const folder = resolve(terminal.folder, options.directory);
      const files = initialFiles(discoverModels(folder), options.forks === true);
      const present = Object.keys(files).filter((path) => existsSync(join(folder, path)));
      const [first] = present;
      if (first !== undefined && options.force !== true)
        throw new DeployError(
          'input',
          'The file is there already.',
          { file: first },
          'Use --force to write over it.',
        );
      for (const path of Object.keys(files)) await requireWritable(dirname(join(folder, path)));
      for (const [path, text] of Object.entries(files)) await writeWhole(join(folder, path), text);
      const written = Object.keys(files);
      if (options.json === true) printJson(terminal, { written });
      else
        print(
          terminal,
          `Written:\n${written.map((path) => `  ${path}`).join('\n')}\n\nNext: \`tinyml-deploy run\`, then commit them.`,
        );
      finish(0);
    });
}

/** Text of the files by path. `models` are paths from the repository's root. */
export function initialFiles(models: readonly string[], withForks = false): Readonly<Record<string, string>> {
  const workflows = withForks ? forkWorkflows : { '.github/workflows/tinyml.yml': workflow };
  return { 'tinyml.yml': configuration(models), ...workflows };
}

function configuration(models: readonly string[]): string {
  const names = new Set<string>();
  const entries = models.map((file) => {
    const name = uniqueName(file, names);
    // JSON strings are YAML strings, whatever is in the path.
    const path = writtenPath(file);
    const written = /^[\w./-]+$/.test(path) ? path : JSON.stringify(path);
    return `  - file: ${written}\n${name === modelName(file) ? '' : `    name: ${name}\n`}`;
  });
  const list =
    entries.length === 0
      ? '# No model was found; list models here when there are some:\n# models:\n#   - file: models/example.tflite\n'
      : `models:\n${entries.join('')}`;
  return `# yaml-language-server: $schema=https://raw.githubusercontent.com/tinyml/deploy-action/main/schemas/tinyml.schema.json
targets: [${defaultTarget}]

${list}
# A value above a budget fails the check; see \`tinyml-deploy run\` for what the models need now.
# budgets:
#   flash: 256 KiB
#   ram: 64 KiB
#   instructions: 10M
`;
}

/** The name from the path, with the folder's name before it, or a number after it, where another model has it. */
function uniqueName(file: string, taken: Set<string>): string {
  const folder = file.split('/').at(-2) ?? 'model';
  const candidates = [file, `${folder}_${file.split('/').at(-1)}`];
  let name = modelName(file);
  for (let index = 1; taken.has(name); index++)
    name = modelName(candidates[index] ?? `${modelName(file).slice(0, 40)}_${index}.tflite`);
  taken.add(name);
  return name;
}

const workflow = `name: TinyML

on:
  pull_request:
  push:
    branches: [main]

permissions: {}

concurrency:
  group: \${{ github.workflow }}-\${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}

jobs:
  deploy:
    name: Deploy
    runs-on: ubuntu-24.04
    permissions:
      actions: read # the report of the commit to compare with
      contents: read
      pull-requests: write # for the one comment
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          fetch-depth: 0 # the commit to compare with too
          persist-credentials: false
      - uses: tinyml/deploy-action@v1
`;
