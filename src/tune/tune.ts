import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { linkFirmware } from '../build/build.ts';
import { compileObjects } from '../build/compile.ts';
import { memoryNeeds, tooBig } from '../build/sizes.ts';
import { generate } from '../codegen/generate.ts';
import type { Sources } from '../codegen/sources.ts';
import type { Emulator } from '../emulate/emulator.ts';
import { runsOn } from '../emulate/runs_on.ts';
import { DeployError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { freshJobFolder } from '../job_folder.ts';
import type { OptimizeSetting } from '../operators/setting.ts';
import type { LoadedModel, Tools } from '../pipeline.ts';
import { allowanceOf } from '../plan/allowance.ts';
import { makePlan } from '../plan/make_plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { TunedLayer, TunedPlan } from '../project/plan_file.ts';
import type { Job } from '../project/project.ts';
import { findTarget } from '../targets/index.ts';
import type { Target } from '../targets/target.ts';
import { knobsOf, partsOf } from './knobs.ts';
import { choicesOf } from './planning.ts';
import { type Choices, type Limits, search, type Trial } from './search.ts';

export interface TuneOptions {
  readonly outputFolder: string;
  readonly toolVersion: string;
  /** Builds that are measured at most. */
  readonly trials: number;
  readonly timeLimitSeconds: number;
  readonly signal?: AbortSignal;
  readonly onTrial?: (trial: number) => void;
}

/** Searches the best choices for one job on the emulator. Throws DeployError (`tool`) where the setting's own code cannot be measured. */
export async function tune(
  job: Job,
  { graph, cases }: LoadedModel,
  tools: Tools,
  options: TuneOptions,
): Promise<{ readonly plan: TunedPlan; readonly trials: number }> {
  const target = findTarget(job.target);
  const emulator = tools.emulators.find((each) => runsOn(each, target));
  const [sample] = cases;
  if (emulator === undefined || sample === undefined)
    throw new DeployError(
      'tool',
      `no emulator here counts instructions of ${target.name}.`,
      {},
      'Run `tinyml-deploy doctor`.',
    );
  const folder = await freshJobFolder(options.outputFolder, graph.name, target.name);
  const known = new Map<string, Trial | null>();
  let count = 0;
  const setting = { optimize: job.optimize, preserveInput: job.preserveInput };
  const measure = async (choices: Choices): Promise<Trial | null> => {
    if (options.signal?.aborted === true) throw new DeployError('tool', 'the search was cancelled.');
    const plan = makePlan(graph, target, { ...setting, ...choicesOf(layersOf(choices)) });
    const sources = generate(plan, tools.kernels);
    const key = digestOf(sources);
    options.onTrial?.(++count);
    if (!known.has(key))
      known.set(
        key,
        await measured(plan, sources, target, emulator, sample, tools, join(folder, 'trial'), options),
      );
    return known.get(key) ?? null;
  };
  const start = makePlan(graph, target, setting);
  const found = await search(knobsOf(start), {
    optimize: job.optimize,
    limits: limitsOf(job.optimize, graph),
    trials: options.trials,
    measure,
  });
  await rm(join(folder, 'trial'), { recursive: true, force: true });
  if (found === null)
    throw new DeployError(
      'tool',
      `${graph.name} does not run to its end with the right output on ${target.name} (${emulator.name}).`,
      { file: graph.source.file },
      'Run `tinyml-deploy run`: its report says why.',
    );
  return {
    plan: {
      model: { name: graph.name, sha256: graph.source.sha256 },
      target: target.name,
      optimize: job.optimize,
      tool: options.toolVersion,
      before: found.before,
      after: found.after,
      layers: layersOf(found.choices),
    },
    trials: found.trials,
  };
}

/** `speed` may spend what it is allowed anyhow; else the arena must not grow, and code by no more than what it gains. */
function limitsOf(optimize: OptimizeSetting, graph: Graph): Limits {
  if (optimize === 'speed') return allowanceOf(graph);
  return { flash: optimize === 'size' ? 0 : Number.POSITIVE_INFINITY, arena: 0 };
}

function layersOf(choices: Choices): TunedLayer[] {
  return [...choices]
    .toSorted(([a], [b]) => a - b)
    .map(([operator, { variant, own }]) => ({
      operator,
      ...(variant === undefined ? {} : { variant }),
      ...(own === undefined ? {} : { own }),
    }));
}

function digestOf({ library, optimize }: Sources): string {
  return createHash('sha256')
    .update(JSON.stringify([optimize, library]))
    .digest('hex');
}

async function measured(
  plan: Plan,
  sources: Sources,
  target: Target,
  emulator: Emulator,
  { input, expected }: LoadedModel['cases'][number],
  tools: Tools,
  folder: string,
  { timeLimitSeconds, signal }: TuneOptions,
): Promise<Trial | null> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const cancel = signal === undefined ? {} : { signal };
  const objects = await compileObjects(sources, target, { ...tools, ...cancel, folder });
  const map = emulator.name === 'qemu' ? target.qemu.map : target.renode.map;
  const firmware = await linkFirmware(objects, map, cancel);
  if (tooBig(memoryNeeds(firmware)).length > 0) return null;
  const run = await emulator.run(
    firmware,
    { samples: [input] },
    { timeLimitMs: timeLimitSeconds * 1000, workFolder: join(folder, emulator.name), ...cancel },
  );
  const [counts] = run.counts;
  const [output] = run.outputs;
  const isRight =
    run.ending.kind === 'done' && output !== undefined && Buffer.compare(output, expected) === 0;
  if (!isRight || counts === undefined) return null;
  const { code, weights, tables, runtime } = firmware.flash;
  return {
    cost: {
      instructions: counts.total,
      cycles: run.cycles === undefined ? null : Math.round(run.cycles.estimate),
      flash: code + weights + tables + runtime,
      arena: plan.arenaBytes,
    },
    layers: plan.layers.flatMap((layer, step) => {
      const size = firmware.layers[step];
      const parts = partsOf(layer);
      // What a fused layer costs cannot be told apart; for a ranking it is shared out evenly.
      return parts.map(({ node }) => ({
        operator: node.operator.index,
        instructions: (counts.layers[step]?.instructions ?? 0) / parts.length,
        flash: ((size?.code ?? 0) + (size?.weights ?? 0) + (size?.tables ?? 0)) / parts.length,
      }));
    }),
  };
}
