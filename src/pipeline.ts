import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Evaluation } from './accuracy/evaluate.ts';
import { defaultAccuracy } from './accuracy/settings.ts';
import { linkFirmware } from './build/build.ts';
import { compileObjects, modelFlags } from './build/compile.ts';
import type { Firmware } from './build/firmware.ts';
import { memoryNeeds, tooBig } from './build/sizes.ts';
import type { Toolchain } from './build/toolchain.ts';
import type { KeptResults } from './cache/kept_results.ts';
import { generate } from './codegen/generate.ts';
import type { Sources } from './codegen/sources.ts';
import type { Emulator, Run } from './emulate/emulator.ts';
import { runsOn } from './emulate/runs_on.ts';
import { DeployError } from './errors.ts';
import { fullDisk } from './full_disk.ts';
import { isFloat } from './graph/float.ts';
import type { Graph } from './graph/graph.ts';
import type { ModelConverter } from './import/convert.ts';
import { type Conversion, importModelFile } from './import/import_model.ts';
import { freshJobFolder } from './job_folder.ts';
import { mapSettled } from './map_settled.ts';
import type { Accuracy, Measurement } from './measurement.ts';
import { checkOperators } from './operators/check.ts';
import { compilerLevel } from './operators/setting.ts';
import { optimize } from './optimize/optimize.ts';
import { makePlan, type PlanOptions } from './plan/make_plan.ts';
import type { Plan } from './plan/plan.ts';
import { loadCalibration } from './project/calibration.ts';
import { loadLabelled } from './project/labelled.ts';
import type { Job, ModelEntry, Project } from './project/project.ts';
import { loadTestData } from './project/testdata.ts';
import { layerErrors, type QuantizationCost } from './quantize/layer_errors.ts';
import { checkedFloat, type Quantized, quantize } from './quantize/quantize.ts';
import type { Sample } from './quantize/samples.ts';
import { type Programs, scoreModel } from './score_model.ts';
import type { Slots } from './slots.ts';
import { findTarget } from './targets/index.ts';
import type { Target } from './targets/target.ts';
import { planningOf } from './tune/planning.ts';
import { type Case, makeCases, sequenceOf, type TestSample } from './verify/cases.ts';
import { measurementOf } from './verify/measure.ts';
import { findFirstLayer } from './verify/trace.ts';
import { verify } from './verify/verify.ts';
import { toolVersion } from './version.ts';

/** The programs and files that the pipeline uses, found once by the shells. */
export interface Tools {
  readonly toolchain: Toolchain;
  /** The first one is reported; a second one must agree. */
  readonly emulators: readonly Emulator[];
  /** The folder `runtime` of this project. */
  readonly runtimeFolder: string;
  /** Text of runtime/kernels/*.h by file name. */
  readonly kernels: ReadonlyMap<string, string>;
}

export interface PipelineOptions {
  /** `<model>/<target>/` below it takes sources, objects and firmware. */
  readonly outputFolder: string;
  /** Jobs at a time. */
  readonly parallel: number;
  /** Converts Keras models and SavedModels; absent: those are refused. */
  readonly converter?: ModelConverter;
  /** How programs that score answers are started; absent: none is. */
  readonly programs?: Programs;
  readonly signal?: AbortSignal;
}

/** `reused`: an earlier run has measured it. */
export type Stage = 'import' | 'convert' | 'quantize' | 'score' | 'compile' | 'emulate' | 'done' | 'reused';

/** Long work reports where it is; the shells draw it. */
export interface Progress {
  readonly job: Job;
  readonly stage: Stage;
  /** Of the quantization, and of scoring the test data, the part that is done: 0 to 1. */
  readonly part?: number;
  /** Of the conversion, what it does now, in a few words. */
  readonly step?: string;
}

/** A model, imported and rewritten, with the inputs that it is proven on. */
export interface LoadedModel {
  readonly entry: ModelEntry;
  readonly graph: Graph;
  readonly cases: readonly Case[];
  /** Before it was rewritten. */
  readonly imported: Graph;
  /** The network that was quantized; null where the file holds what runs. */
  readonly float: Graph | null;
}

/** tinyml.yml → one measurement per job, in the order of the jobs. */
export async function measureProject(
  project: Project,
  tools: Tools,
  options: PipelineOptions,
  onProgress: (progress: Progress) => void = () => {},
): Promise<Measurement[]> {
  const { measurements } = await measureJobs(project, async () => tools, options, onProgress);
  return [...measurements];
}

export interface JobOptions extends PipelineOptions {
  /** Measurements of earlier runs; absent: everything is measured. */
  readonly results?: KeptResults;
  /** Shared with whoever else measures at the same time. */
  readonly slots?: Slots;
  /** Told in one sentence why results could not be kept. */
  readonly warn?: (sentence: string) => void;
}

export interface MeasuredJobs {
  /** In the order of the jobs. */
  readonly measurements: readonly Measurement[];
  /** How many of them an earlier run made. */
  readonly reused: number;
}

/**
 * As measureProject, but takes what earlier runs have measured, and asks for the tools only for what is left. Throws a
 * DeployError of kind `tool` too where the disk is full.
 */
export async function measureJobs(
  project: Project,
  tools: () => Promise<Tools>,
  options: JobOptions,
  onProgress: (progress: Progress) => void = () => {},
): Promise<MeasuredJobs> {
  try {
    return await takeOrMeasure(project, tools, options, onProgress);
  } catch (error) {
    throw fullDisk(error) ?? error;
  }
}

async function takeOrMeasure(
  project: Project,
  tools: () => Promise<Tools>,
  options: JobOptions,
  onProgress: (progress: Progress) => void,
): Promise<MeasuredJobs> {
  const { results, parallel } = options;
  const jobs = await mapSettled(
    project.jobs,
    async (job) => {
      const key = (await results?.keyOf(project, job)) ?? null;
      const fresh = () => freshJobFolder(options.outputFolder, job.model.name, job.target);
      const kept = key === null ? null : ((await results?.restore(job, key, fresh)) ?? null);
      if (kept !== null) onProgress({ job, stage: 'reused' });
      return { job, key, kept };
    },
    restoresAtATime,
  );
  const models = new Map<string, LoadedModel>();
  for (const { job, kept } of jobs) {
    if (kept !== null || models.has(job.model.name)) continue;
    onProgress({ job, stage: 'import' });
    const onQuantize = (part: number) => onProgress({ job, stage: 'quantize', part });
    const conversion = conversionOf(options.converter, (step) => onProgress({ job, stage: 'convert', step }));
    models.set(job.model.name, await loadModel(project, job.model, onQuantize, conversion));
  }
  const found = jobs.every(({ kept }) => kept !== null) ? null : await tools();
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const scores = new Map<string, Promise<Evaluation | null>>();
  /** Once for each model, while its firmware is compiled and run: the answers are the same on all targets. */
  const scoreOf = (job: Job, model: LoadedModel, tools: Tools): Promise<Evaluation | null> => {
    const { name } = job.model;
    const known = scores.get(name);
    if (known !== undefined) return known;
    const onScore = (part: number) => onProgress({ job, stage: 'score', part });
    const workFolder = join(options.outputFolder, name, 'scoring');
    const { programs } = options;
    const made = scoreModel({ ...project, ...model, ...tools, workFolder, programs, signal }, onScore);
    // Whoever waits for it is told; until then nobody is.
    made.catch(() => {});
    scores.set(name, made);
    return made;
  };
  const inSlot: Slots = options.slots ?? ((work) => work());
  const warnings = new Set<string>();
  const measurements = await mapSettled(
    jobs,
    async ({ job, key, kept }) => {
      if (kept !== null) return kept;
      const model = models.get(job.model.name);
      if (model === undefined || found === null) throw new Error(`model ${job.model.name} was not loaded`);
      const measurement = await inSlot(() => {
        const score = scoreOf(job, model, found);
        return measureJob(project, job, { ...model, score }, found, options, onProgress);
      });
      onProgress({ job, stage: 'done' });
      if (results === undefined || key === null) return measurement;
      const folder = join(options.outputFolder, job.model.name, job.target);
      const warning = await results.keep(project, job, key, measurement, folder);
      if (warning !== '' && !warnings.has(warning)) options.warn?.(warning);
      warnings.add(warning);
      return measurement;
    },
    parallel,
  ).finally(async () => {
    stop.abort();
    await Promise.allSettled(scores.values());
  });
  return { measurements, reused: jobs.filter(({ kept }) => kept !== null).length };
}

/** For the importer, where there is a converter. */
export function conversionOf(
  converter: ModelConverter | undefined,
  onStep: (step: string) => void,
): Conversion | undefined {
  return converter === undefined ? undefined : { converter, onStep };
}

/** Restores wait for a network, not for a processor. */
const restoresAtATime = 8;

/** model file → Graph → Graph; the inputs' answers are those of the graph as it was imported. */
export async function loadModel(
  project: Pick<Project, 'folder'>,
  entry: ModelEntry,
  onQuantize?: (part: number) => void,
  conversion?: Conversion,
): Promise<LoadedModel> {
  const { graph, quantized } = await importModel(project.folder, entry, onQuantize, conversion);
  const samples =
    entry.testData === null ? [] : loadTestData(project.folder, entry.testData, graph, entry.preprocessing);
  return loaded(entry, graph, quantized, samples);
}

/** The same model without its test data as inputs: a search runs each input many times. */
export async function loadForSearch(
  project: Pick<Project, 'folder'>,
  entry: ModelEntry,
  onQuantize?: (part: number) => void,
  conversion?: Conversion,
): Promise<LoadedModel> {
  // Labelled samples decide what mixed precision widens, so the model is not the same without them.
  const { graph, quantized } = await importModel(project.folder, entry, onQuantize, conversion);
  return loaded({ ...entry, testData: null }, graph, quantized, []);
}

function loaded(
  entry: ModelEntry,
  graph: Graph,
  quantized: ImportedModel['quantized'],
  samples: readonly TestSample[],
): LoadedModel {
  return {
    entry,
    graph: optimize(graph),
    cases: makeCases(graph, samples),
    imported: graph,
    float: quantized?.result.float ?? null,
  };
}

type ImportEntry = Pick<
  ModelEntry,
  'file' | 'name' | 'sizes' | 'preprocessing' | 'quantize' | 'arithmetic' | 'accuracy'
> &
  Partial<Pick<ModelEntry, 'testData'>>;

/** What runs; `quantized` says how it came about where the file has a float model that is quantized. */
interface ImportedModel {
  readonly graph: Graph;
  readonly quantized: { readonly result: Quantized; readonly samples: readonly Sample[] } | null;
}

/** model file → Graph, as the file has it; a float model is quantized, unless it is to compute in float32. */
async function importModel(
  folder: string,
  entry: ImportEntry,
  onQuantize?: (part: number) => void,
  conversion?: Conversion,
): Promise<ImportedModel> {
  const { file, name, sizes, preprocessing, quantize: settings, arithmetic = 'int8' } = entry;
  const graph = await importModelFile(folder, { file, name, sizes }, conversion);
  if (arithmetic === 'float32') return { graph: requireFloat(graph), quantized: null };
  if (!isFloat(graph)) return { graph, quantized: null };
  // What cannot be quantized at all is said before data is asked for.
  checkedFloat(graph);
  if (settings === undefined)
    throw new DeployError(
      'input',
      'This is a float model, and there is no data to quantize it with.',
      { file },
      'Give real inputs under `quantize: calibration:` of this model in tinyml.yml (docs/quantization.md), or run it as it is with `arithmetic: float32` (docs/float32.md).',
    );
  const samples = loadCalibration(folder, settings, graph, preprocessing);
  const labelled =
    settings.activations === 'mixed'
      ? loadLabelled(folder, entry.testData ?? null, graph, preprocessing, entry.accuracy ?? defaultAccuracy)
      : [];
  const result = quantize(graph, samples, settings, onQuantize, labelled);
  return { graph: result.graph, quantized: { result, samples } };
}

/** A float model that is to compute in float32. Throws the DeployError of the first operator that does not. */
function requireFloat(graph: Graph): Graph {
  if (!isFloat(graph))
    throw new DeployError(
      'input',
      'This model is quantized already, so it cannot compute in float32.',
      { file: graph.source.file },
      'Remove `arithmetic: float32` of this model from tinyml.yml, or give the float model.',
    );
  checkOperators(graph);
  return graph;
}

/** model file → Graph → Graph, rewritten. */
export async function loadGraph(
  folder: string,
  entry: ImportEntry,
  onQuantize?: (part: number) => void,
  conversion?: Conversion,
): Promise<Graph> {
  const { graph } = await importModel(folder, entry, onQuantize, conversion);
  return optimize(graph);
}

/** As loadGraph, with what quantizing cost where the file has a float model. */
export async function loadExplained(
  folder: string,
  entry: ImportEntry,
  onQuantize?: (part: number) => void,
  conversion?: Conversion,
): Promise<{ readonly graph: Graph; readonly quantization: QuantizationCost | null }> {
  const { graph, quantized } = await importModel(folder, entry, onQuantize, conversion);
  const quantization =
    quantized === null
      ? null
      : {
          range: quantized.result.range,
          biasCorrection: quantized.result.biasCorrection,
          samples: quantized.samples.length,
          decibels: quantized.result.decibels,
          layers: layerErrors(quantized.result, quantized.samples),
          wide: quantized.result.wide,
          mixed: quantized.result.mixed,
        };
  return { graph: optimize(graph), quantization };
}

/** Graph + Target → Plan → C library. */
export function generateLibrary(
  graph: Graph,
  target: Target,
  kernels: Tools['kernels'],
  options: PlanOptions = {},
): { plan: Plan; sources: Sources } {
  const plan = makePlan(graph, target, options);
  return { plan, sources: generate(plan, kernels) };
}

async function measureJob(
  project: Project,
  job: Job,
  { graph, cases, score }: LoadedModel & { readonly score: Promise<Evaluation | null> },
  tools: Tools,
  options: PipelineOptions,
  onProgress: (progress: Progress) => void,
): Promise<Measurement> {
  if (options.signal?.aborted === true) throw new DeployError('tool', 'the run was cancelled.');
  // Labels that do not fit are told before anything is compiled.
  await Promise.race([score, setImmediate()]);
  const target = findTarget(job.target);
  const planning = planningOf(job, graph, toolVersion());
  const { plan, sources } = generateLibrary(graph, target, tools.kernels, planning.options);
  onProgress({ job, stage: 'compile' });
  const folder = await freshJobFolder(options.outputFolder, graph.name, target.name);
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const objects = await compileObjects(sources, target, { ...tools, ...signal, folder });
  const firmware = await linkFirmware(objects, target.renode.map, { label: 'firmware', ...signal });
  const onBoard =
    target.part === null
      ? firmware
      : await linkFirmware(objects, target.qemu.map, { label: 'firmware-qemu', ...signal });

  onProgress({ job, stage: 'emulate' });
  const stimulus = {
    samples: cases.map(({ input }) => input),
    continuing: new Set(cases.flatMap(({ continues }, index) => (continues ? [index] : []))),
  };
  const firmwareFor = (emulator: Emulator): Firmware => (emulator.name === 'qemu' ? onBoard : firmware);
  const clauses = tooBig(memoryNeeds(firmware));
  const fits = clauses.length === 0;
  if (!fits && target.part === null)
    throw new DeployError(
      'input',
      `the firmware ${clauses.join(' and ')} on the largest emulated ${target.title} board, so it cannot be run.`,
      { file: graph.source.file },
      'Take a smaller model: fewer or narrower layers, or a smaller input.',
    );
  // Renode has no more memory than the part: firmware that is too big for it runs on QEMU's board, if that holds it.
  const emulators = tools.emulators.filter(
    (emulator) => runsOn(emulator, target) && tooBig(memoryNeeds(firmwareFor(emulator))).length === 0,
  );
  if (emulators.length === 0 && fits)
    throw new DeployError(
      'tool',
      `no emulator here runs ${target.name} right: ${tools.emulators.map(({ name, version }) => `${name} ${version}`).join(', ') || 'none is installed'}.`,
      {},
      'Install qemu-system-arm, or a newer Renode, or choose `emulator: auto`.',
    );
  const runs: Run[] = [];
  for (const emulator of emulators)
    runs.push(
      await emulator.run(firmwareFor(emulator), stimulus, {
        timeLimitMs: project.timeLimitSeconds * 1000,
        workFolder: join(folder, emulator.name),
        ...signal,
      }),
    );

  const verifications = runs.map(({ outputs }) => verify(graph, cases, outputs));
  const explained = await Promise.all(
    verifications.map(async (verification, index) => {
      const { mismatch } = verification;
      const emulator = emulators[index];
      if (mismatch === null || emulator === undefined) return verification;
      const trace = {
        plan,
        kernels: tools.kernels,
        toolchain: tools.toolchain,
        runtimeFolder: tools.runtimeFolder,
      };
      const firstLayer = await findFirstLayer(
        trace,
        emulator,
        sequenceOf(cases, mismatch.sample),
        join(folder, 'trace'),
        project.timeLimitSeconds,
      );
      return { ...verification, mismatch: { ...mismatch, firstLayer } };
    }),
  );
  const evaluation = await score;
  return measurementOf({
    file: job.model.file,
    graph,
    plan,
    tuned: planning.tuned,
    firmware,
    runs,
    verifications: explained,
    ...accuracyOf(evaluation, cases, runs[0]?.outputs ?? []),
    compiler: {
      version: tools.toolchain.version,
      flags: [...modelFlags(target, compilerLevel(job.optimize, target.features))],
    },
  });
}

/** The whole test set by the reference, and what the emulated part answered to its share of it. */
function accuracyOf(
  evaluation: Evaluation | null,
  cases: readonly Case[],
  outputs: readonly Uint8Array[],
): Pick<Measurement, 'accuracy' | 'answers'> {
  if (evaluation === null) return { accuracy: null, answers: null };
  const { accuracy, answers, scoreOf } = evaluation;
  const answered = cases.flatMap(({ sample, input }, at) => {
    const output = outputs[at];
    return sample === null || output === undefined ? [] : [{ index: sample, input, output }];
  });
  return {
    answers,
    accuracy: accuracy === null ? null : withEmulated(accuracy, scoreOf(answered)),
  };
}

/** Fields in the order of the schema, which a report that is read back has them in. */
function withEmulated(
  { float, ...accuracy }: NonNullable<Evaluation['accuracy']>,
  emulated: Accuracy['emulated'],
): Accuracy {
  return { ...accuracy, emulated, float };
}
