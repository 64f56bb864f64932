import { closest } from 'fastest-levenshtein';
import { DeployError, printable } from '../errors.ts';
import { mostGroups } from '../matrix/groups.ts';
import type { EmulatorChoice } from '../project/project.ts';

export const modes = ['all', 'plan', 'measure', 'report', 'comment', 'release'] as const;
export type Mode = (typeof modes)[number];

/** The inputs, keyed as in action.yml; undefined where the configuration decides. */
export interface Inputs {
  readonly mode: Mode;
  /** Id of the group that mode `measure` measures; '' in other modes. */
  readonly group: string;
  /** How many groups mode `plan` makes; null: by the number of jobs. */
  readonly groups: number | null;
  /** What mode `plan` decided, as text; '' in other modes. */
  readonly plan: string;
  readonly config: string | undefined;
  readonly 'working-directory': string;
  readonly emulator: EmulatorChoice | undefined;
  readonly toolchain: string | undefined;
  readonly install: boolean;
  readonly baseline: boolean;
  /** Whether a run without a baseline fails. */
  readonly 'require-baseline': boolean;
  /** Whether what earlier runs measured is taken. */
  readonly cache: boolean;
  readonly comment: boolean;
  /** Sets two comments of one configuration apart; '' where there is one. */
  readonly 'comment-id': string;
  /** Name of the label that accepts what is over its budget; '' for none. */
  readonly 'accept-label': string;
  readonly 'fail-on-negative': boolean;
  /** Name of the artifact; '' for none. */
  readonly artifact: string;
  /** Whether the artifact holds firmware and C libraries, which contain the model. */
  readonly 'upload-firmware': boolean;
  /** Whether TensorFlow converts what a fork brings. */
  readonly 'convert-from-forks': boolean;
  /** Whether programs of a fork's project score its answers. */
  readonly 'score-from-forks': boolean;
  readonly 'github-token': string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const emulators = ['auto', 'renode', 'qemu', 'both'] as const satisfies readonly EmulatorChoice[];

/** Reads the inputs that the runner passes as `INPUT_…`. Throws a `DeployError` of kind `input` naming the input and what it takes. */
export function readInputs(environment: Environment): Inputs {
  const text = (name: keyof Inputs): string => environment[variable(name)]?.trim() ?? '';
  return {
    mode: oneOf('mode', modes, text('mode')) ?? 'all',
    group: text('group'),
    groups: groupCount(text('groups')),
    plan: text('plan'),
    config: text('config') || undefined,
    'working-directory': text('working-directory') || '.',
    emulator: oneOf('emulator', emulators, text('emulator')),
    toolchain: text('toolchain') || undefined,
    install: flag('install', text('install')),
    baseline: flag('baseline', text('baseline')),
    'require-baseline': flag('require-baseline', text('require-baseline') || 'false'),
    cache: flag('cache', text('cache')),
    comment: flag('comment', text('comment')),
    'comment-id': shortText('comment-id', text('comment-id')),
    'accept-label':
      environment[variable('accept-label')] === undefined
        ? 'accept-regression'
        : shortText('accept-label', text('accept-label')),
    'fail-on-negative': flag('fail-on-negative', text('fail-on-negative')),
    artifact: artifactName(
      environment[variable('artifact')] === undefined ? 'tinyml-deploy' : text('artifact'),
    ),
    'upload-firmware': flag('upload-firmware', text('upload-firmware')),
    'convert-from-forks': flag('convert-from-forks', text('convert-from-forks') || 'false'),
    'score-from-forks': flag('score-from-forks', text('score-from-forks') || 'false'),
    'github-token': text('github-token'),
  };
}

export const inputNames = [
  'mode',
  'group',
  'groups',
  'plan',
  'config',
  'working-directory',
  'emulator',
  'toolchain',
  'install',
  'baseline',
  'require-baseline',
  'cache',
  'comment',
  'comment-id',
  'accept-label',
  'fail-on-negative',
  'artifact',
  'upload-firmware',
  'convert-from-forks',
  'score-from-forks',
  'github-token',
] as const satisfies readonly (keyof Inputs)[];

/** A sentence for each input that the workflow gives and the action does not know. */
export function unknownInputs(environment: Environment): readonly string[] {
  const known = new Set(inputNames.map(variable));
  return Object.keys(environment)
    .filter((name) => name.startsWith('INPUT_') && !known.has(name))
    .map((name) => {
      const given = name.slice('INPUT_'.length).toLowerCase();
      return `There is no input ${printable(given)}. Did you mean ${closest(given, inputNames)}?`;
    });
}

/** As the runner spells it: upper case, spaces as `_`, hyphens left alone. */
function variable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}

function flag(name: string, text: string): boolean {
  if (text === '' || text.toLowerCase() === 'true') return true;
  if (text.toLowerCase() === 'false') return false;
  throw wrong(name, text, 'Use `true` or `false`.');
}

function oneOf<Choice extends string>(
  name: string,
  choices: readonly Choice[],
  text: string,
): Choice | undefined {
  if (text === '') return undefined;
  const found = choices.find((each) => each === text);
  if (found !== undefined) return found;
  throw wrong(name, text, `Use one of ${choices.join(', ')}: did you mean ${closest(text, choices)}?`);
}

function groupCount(text: string): number | null {
  if (text === '') return null;
  if (!/^[1-9]\d{0,2}$/.test(text) || Number(text) > mostGroups)
    throw wrong('groups', text, `Use a number from 1 to ${mostGroups}, or leave it empty.`);
  return Number(text);
}

/** GitHub's labels have 50 characters at most. */
function shortText(name: string, text: string): string {
  if ([...text].length > 50) throw wrong(name, text, 'Give at most 50 characters.');
  return text;
}

function artifactName(text: string): string {
  // What GitHub refuses, told before the work and not after it.
  if (/["<>:|*?\r\n\\/]/.test(text))
    throw wrong('artifact', text, 'Leave out " < > : | * ? \\ / and line breaks.');
  return text;
}

function wrong(name: string, text: string, hint: string): DeployError {
  return new DeployError('input', `The input \`${name}\` cannot be \`${printable(text)}\`.`, {}, hint);
}
