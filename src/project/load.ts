import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DataPlace } from '../data/dataset.ts';
import { DeployError, type Place, printable } from '../errors.ts';
import { modelKinds } from '../import/extensions.ts';
import { defaultSetting, type OptimizeSetting } from '../operators/setting.ts';
import { defaultOptions } from '../quantize/options.ts';
import { metrics } from '../report/report.ts';
import { accuracyOf } from './accuracy.ts';
import { budgetsOf } from './budgets.ts';
import { type ConfigFile, didYouMean, parseConfig } from './config.ts';
import { discoverModels } from './discover.ts';
import { parseLossBudget } from './loss_budget.ts';
import { isModelName, modelName } from './names.ts';
import { fileAnywhere, fileInside, pathFrom, pathInside } from './paths.ts';
import { readPlanFile, type TunedPlan } from './plan_file.ts';
import { preprocessingOf } from './preprocessing.ts';
import type { EmulatorChoice, Job, ModelEntry, Project, QuantizeSettings, TestData } from './project.ts';
import { modelPath } from './saved_model.ts';
import type { Config, ConfigBudgets, ConfigModel } from './schema.ts';
import { parseSeconds } from './units.ts';
import { maximumYamlBytes } from './yaml.ts';

export const defaultTarget = 'cortex-m4';
const defaultTimeLimitSeconds = 60;
const defaultSamples = 50;
const defaultCalibrationSamples = 200;
const configNames = ['tinyml.yml', 'tinyml.yaml'];

/** What the project is checked against, and what the command line or the action's inputs say on top of tinyml.yml. */
export interface ProjectRequest {
  readonly folder: string;
  /** Path of the configuration, from the folder; undefined: tinyml.yml where there is one. */
  readonly configFile?: string | undefined;
  readonly knownTargets: readonly string[];
  /** Versions of the pinned toolchains; `system` is always known. */
  readonly knownToolchains: readonly string[];
  /** Only these models: names or files in tinyml.yml, or files anywhere. From a person, never from a repository. */
  readonly models?: readonly string[] | undefined;
  /** These targets in place of the configured ones. */
  readonly targets?: readonly string[] | undefined;
  /** For all models and targets, in place of the configured one. */
  readonly optimize?: OptimizeSetting | undefined;
  /** For all models, in place of the configured one. */
  readonly preserveInput?: boolean | undefined;
  readonly emulator?: EmulatorChoice | undefined;
  /** As if there were no plan file: the settings' own choices. */
  readonly ignorePlans?: boolean | undefined;
  readonly toolchain?: string | undefined;
  readonly timeLimit?: string | undefined;
}

/** Reads tinyml.yml, or looks for models where there is none, and spells out every job. Throws DeployError (kind `input`). */
export function loadProject(request: ProjectRequest): Project {
  const { folder } = request;
  const file = findConfig(request);
  const source = file === null ? null : parseConfig(readConfig(folder, file), file);
  const timeLimit = request.timeLimit ?? source?.config['time-limit'];
  const project: Omit<Project, 'jobs'> = {
    folder,
    configFile: file,
    emulator: request.emulator ?? source?.config.emulator ?? 'auto',
    toolchain: toolchainOf(request, source),
    timeLimitSeconds:
      timeLimit === undefined
        ? defaultTimeLimitSeconds
        : parseSeconds(timeLimit, request.timeLimit === undefined ? placeOf(source, ['time-limit']) : {}),
  };
  const models = onlyRequested(request, modelsOf(folder, source));
  checkNames(models);
  checkNamedTargets(request, source);
  const plans = request.ignorePlans === true ? [] : readPlanFile(folder);
  return { ...project, jobs: models.flatMap((model) => jobsOf(request, source, model, plans)) };
}

/** A model before its targets are known: where it stands in tinyml.yml, if it does. */
interface FoundModel {
  readonly entry: ModelEntry;
  readonly config: ConfigModel | null;
  /** [`models`, 2] */
  readonly path: readonly PropertyKey[];
  readonly place: Place;
}

function findConfig({ folder, configFile }: ProjectRequest): string | null {
  if (configFile !== undefined) return fileInside(folder, configFile, 'The configuration', {});
  const present = configNames.filter((name) => existsSync(join(folder, name)));
  if (present.length > 1)
    throw new DeployError('input', `There are both ${present.join(' and ')}.`, {}, 'Keep one of them.');
  const [name] = present;
  return name === undefined ? null : fileInside(folder, name, 'The configuration', {});
}

function readConfig(folder: string, file: string): string {
  const path = join(folder, file);
  // Not a byte of a huge file is read.
  if (statSync(path).size > maximumYamlBytes)
    throw new DeployError('input', 'The file is larger than 256 KiB.', { file }, 'Make it smaller.');
  return readFileSync(path, 'utf8');
}

function placeOf(source: ConfigFile | null, path: readonly PropertyKey[]): Place {
  return source === null ? {} : source.yaml.place(path);
}

function modelsOf(folder: string, source: ConfigFile | null): FoundModel[] {
  const listed = source?.config.models;
  if (source !== null && listed !== undefined)
    return listed.map((config, index) => listedModel(folder, source, config, ['models', index]));
  return discoverModels(folder).map((file) => foundModel(file));
}

function listedModel(
  folder: string,
  source: ConfigFile,
  config: ConfigModel,
  path: readonly PropertyKey[],
): FoundModel {
  const file = fileInside(
    folder,
    modelPath(folder, config.file),
    'The model',
    source.yaml.place([...path, 'file']),
  );
  const name = config.name ?? modelName(file);
  if (!isModelName(name))
    throw new DeployError(
      'input',
      `"${printable(name, 60)}" cannot be the name of a C library.`,
      source.yaml.place([...path, 'name']),
      `Use lower case letters, digits and _, no keyword, at most 48 characters: \`${modelName(`${name}.x`)}\`.`,
    );
  const quantize = quantizeOf(folder, source, config, path);
  const preprocessing = preprocessingOf(source, config, path);
  const accuracy = accuracyOf(source, config, path);
  const entry: ModelEntry = {
    name,
    file,
    testData: testDataOf(folder, source, config, path),
    ...(accuracy === null ? {} : { accuracy }),
    ...(preprocessing === null ? {} : { preprocessing }),
    ...(config.shapes === undefined && config.dimensions === undefined
      ? {}
      : { sizes: { shapes: config.shapes ?? {}, dimensions: config.dimensions ?? {} } }),
    ...(quantize === null ? {} : { quantize }),
    ...(config.arithmetic === undefined ? {} : { arithmetic: config.arithmetic }),
  };
  return { entry, config, path, place: source.yaml.place(path) };
}

function testDataOf(
  folder: string,
  source: ConfigFile,
  { 'test-data': data }: ConfigModel,
  path: readonly PropertyKey[],
): TestData | null {
  if (data === undefined) return null;
  const at = [...path, 'test-data'];
  return {
    inputs: inputPaths(folder, source, data.inputs, 'The test data', [...at, 'inputs']),
    labels:
      data.labels === undefined
        ? null
        : fileInside(folder, data.labels, 'The file of labels', source.yaml.place([...at, 'labels'])),
    label: data.label ?? null,
    classes: data.classes ?? null,
    samples: data.samples ?? defaultSamples,
  };
}

/** A file or folder, or one for each input by its name. */
function inputPaths(
  folder: string,
  source: ConfigFile,
  written: string | Readonly<Record<string, string>>,
  what: string,
  at: readonly PropertyKey[],
): DataPlace['inputs'] {
  if (typeof written === 'string') return pathInside(folder, written, what, source.yaml.place(at));
  return Object.fromEntries(
    Object.entries(written).map(([name, each]) => [
      name,
      pathInside(folder, each, what, source.yaml.place([...at, name])),
    ]),
  );
}

function quantizeOf(
  folder: string,
  source: ConfigFile,
  { quantize }: ConfigModel,
  path: readonly PropertyKey[],
): QuantizeSettings | null {
  if (quantize === undefined) return null;
  const at = [...path, 'quantize', 'calibration'];
  const { activations, 'max-loss': maxLoss } = quantize;
  const lossPlace = source.yaml.place([...path, 'quantize', 'max-loss']);
  if (maxLoss !== undefined && activations !== 'mixed')
    throw new DeployError(
      'input',
      '`max-loss` belongs to `activations: mixed`.',
      lossPlace,
      'Set that, or remove it; budgets on accuracy are under `budgets:`.',
    );
  return {
    calibration: inputPaths(folder, source, quantize.calibration, 'The calibration data', at),
    samples: quantize.samples ?? defaultCalibrationSamples,
    range: quantize.range ?? defaultOptions.range,
    biasCorrection: quantize['bias-correction'] ?? defaultOptions.biasCorrection,
    edges: quantize.edges ?? defaultOptions.edges,
    ...(activations === undefined ? {} : { activations }),
    ...(maxLoss === undefined ? {} : { maxLoss: parseLossBudget(maxLoss, lossPlace) }),
  };
}

function foundModel(file: string): FoundModel {
  return { entry: { name: modelName(file), file, testData: null }, config: null, path: [], place: { file } };
}

function onlyRequested({ folder, models: wanted }: ProjectRequest, models: FoundModel[]): FoundModel[] {
  if (wanted === undefined || wanted.length === 0) {
    if (models.length > 0) return models;
    throw new DeployError(
      'input',
      `There is no ${modelKinds} in this project.`,
      {},
      'Add a model (hidden, ignored and installed folders are not looked at), or name one in tinyml.yml.',
    );
  }
  return wanted.flatMap((name) => {
    const file = pathFrom(folder, modelPath(folder, name));
    const matches = models.filter(({ entry }) => entry.name === name || entry.file === file);
    if (matches.length > 0) return matches;
    if (!existsSync(resolve(folder, name)) && !/[/\\.]/.test(name))
      throw new DeployError(
        'input',
        `There is no model "${printable(name, 60)}".`,
        {},
        didYouMean(
          name,
          models.map(({ entry }) => entry.name),
        ).trim() || `Give the path of a ${modelKinds}.`,
      );
    return [foundModel(fileAnywhere(folder, modelPath(folder, name), 'The model'))];
  });
}

function checkNames(models: readonly FoundModel[]): void {
  const seen = new Map<string, FoundModel>();
  for (const model of models) {
    const { name, file } = model.entry;
    const first = seen.get(name);
    if (first !== undefined)
      throw new DeployError(
        'input',
        `Two models have the name "${name}": ${printable(first.entry.file)} and ${printable(file)}.`,
        model.place,
        'Give one of them another `name:` in tinyml.yml (`tinyml-deploy init` writes one).',
      );
    seen.set(name, model);
  }
}

function checkTarget(name: string, known: readonly string[], place: Place): void {
  if (known.includes(name)) return;
  throw new DeployError(
    'input',
    `Unknown target "${printable(name, 60)}".`,
    place,
    `${didYouMean(name, known)}Known: ${known.join(', ')}.`,
  );
}

/** Targets of one model: what the command line says, else the model, else the project. */
function targetsOf(request: ProjectRequest, source: ConfigFile | null, model: FoundModel): readonly string[] {
  const [names, path]: [readonly string[], readonly PropertyKey[] | null] =
    request.targets !== undefined && request.targets.length > 0
      ? [request.targets, null]
      : model.config?.targets !== undefined
        ? [model.config.targets, [...model.path, 'targets']]
        : [source?.config.targets ?? [defaultTarget], ['targets']];
  names.forEach((name, index) => {
    const place = path === null ? {} : placeOf(source, [...path, index]);
    checkTarget(name, request.knownTargets, place);
    if (names.indexOf(name) !== index)
      throw new DeployError('input', `The target "${name}" is listed twice.`, place, 'Remove one.');
  });
  return names;
}

function jobsOf(
  request: ProjectRequest,
  source: ConfigFile | null,
  model: FoundModel,
  plans: readonly TunedPlan[],
): Job[] {
  const levels = [
    { budgets: model.config?.budgets, path: [...model.path, 'budgets'] },
    { budgets: source?.config.budgets, path: ['budgets'] },
  ];
  return targetsOf(request, source, model).map((target) => {
    const optimize = settingOf(request, source, model, target);
    const isTheirs = (plan: TunedPlan): boolean =>
      plan.model.name === model.entry.name && plan.target === target && plan.optimize === optimize;
    return {
      model: model.entry,
      target,
      optimize,
      preserveInput:
        request.preserveInput ?? model.config?.preserve_input ?? source?.config.preserve_input ?? false,
      tuned: plans.find(isTheirs) ?? null,
      budgets: source === null ? [] : metrics.flatMap((metric) => budgetsOf(source, levels, target, metric)),
    };
  });
}

/** What the command line says, else the model, else the project; in each what is said of this very target. */
function settingOf(
  request: ProjectRequest,
  source: ConfigFile | null,
  model: FoundModel,
  target: string,
): OptimizeSetting {
  const levels = [request.optimize, model.config?.optimize, source?.config.optimize];
  const said = levels.map((level) =>
    typeof level !== 'object' ? level : Object.hasOwn(level, target) ? level[target] : undefined,
  );
  return said.find((setting) => setting !== undefined) ?? defaultSetting;
}

/** A limit on a target that does not exist would guard nothing, and a setting would change nothing. */
function checkNamedTargets({ knownTargets }: ProjectRequest, source: ConfigFile | null): void {
  if (source === null) return;
  const settings: [Config['optimize'], readonly PropertyKey[]][] = [
    [source.config.optimize, ['optimize']],
    ...(source.config.models ?? []).map((model, index): [Config['optimize'], PropertyKey[]] => [
      model.optimize,
      ['models', index, 'optimize'],
    ]),
  ];
  for (const [setting, path] of settings)
    for (const name of typeof setting === 'object' ? Object.keys(setting) : [])
      checkTarget(name, knownTargets, source.yaml.keyPlace(path, name));
  const levels: [ConfigBudgets | undefined, readonly PropertyKey[]][] = [
    [source.config.budgets, ['budgets', 'targets']],
    ...(source.config.models ?? []).map((model, index): [ConfigBudgets | undefined, PropertyKey[]] => [
      model.budgets,
      ['models', index, 'budgets', 'targets'],
    ]),
  ];
  for (const [budgets, path] of levels)
    for (const name of Object.keys(budgets?.targets ?? {}))
      checkTarget(name, knownTargets, source.yaml.keyPlace(path, name));
}

function toolchainOf(request: ProjectRequest, source: ConfigFile | null): string {
  // 14.3 without quotes is a number in YAML.
  const name = request.toolchain ?? String(source?.config.toolchain ?? 'system');
  const known = ['system', ...request.knownToolchains];
  if (known.includes(name)) return name;
  throw new DeployError(
    'input',
    `Unknown toolchain "${printable(name, 40)}".`,
    request.toolchain === undefined ? placeOf(source, ['toolchain']) : {},
    `Known: ${known.join(', ')}.`,
  );
}
