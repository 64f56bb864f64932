import { mkdir, rm } from 'node:fs/promises';
import { build } from '../build/build.ts';
import type { Toolchain } from '../build/toolchain.ts';
import { generate, tracedTensor } from '../codegen/generate.ts';
import type { Emulator } from '../emulate/emulator.ts';
import { bytesOf, typedArray } from '../graph/graph.ts';
import { unfused } from '../plan/make_plan.ts';
import type { Plan } from '../plan/plan.ts';
import { unpack } from './cases.ts';
import { interpret } from './interpreter.ts';
import { roundingErrors } from './rounding_errors.ts';
import { closeness, tolerances } from './tolerance.ts';

export interface TraceTools {
  readonly plan: Plan;
  readonly kernels: ReadonlyMap<string, string>;
  readonly toolchain: Toolchain;
  readonly runtimeFolder: string;
}

/**
 * Builds the same layers again, with each layer's output printed as soon as it is there, and says which one is the
 * first that differs from the reference; null when none does, or the traced firmware does not run to its end. Fused
 * layers run one by one, so that the one at fault has a name; if none of them is, the fault is in running them as one.
 * `inputs`: those of the inferences since the last reset; the last one is looked at.
 */
export async function findFirstLayer(
  tools: TraceTools,
  emulator: Emulator,
  inputs: readonly Uint8Array[],
  folder: string,
  timeLimitSeconds: number,
): Promise<string | null> {
  const isFused = tools.plan.layers.some(({ fused }) => fused !== null);
  const plans = isFused ? [unfused(tools.plan), tools.plan] : [tools.plan];
  for (const plan of plans) {
    const layer = await firstWrong({ ...tools, plan }, emulator, inputs, folder, timeLimitSeconds);
    if (layer !== null) return layer;
  }
  return null;
}

async function firstWrong(
  { plan, kernels, toolchain, runtimeFolder }: TraceTools,
  emulator: Emulator,
  inputs: readonly Uint8Array[],
  folder: string,
  timeLimitSeconds: number,
): Promise<string | null> {
  const { graph, target } = plan;
  const map = emulator.name === 'qemu' ? target.qemu.map : target.renode.map;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const firmware = await build(generate(plan, kernels, { trace: true }), target, map, {
    folder,
    toolchain,
    runtimeFolder,
  });
  const run = await emulator.run(
    firmware,
    { samples: inputs, continuing: new Set(inputs.map((_, index) => index).slice(1)) },
    { timeLimitMs: timeLimitSeconds * 1000, workFolder: folder },
  );
  let { state, tensors } = interpret(graph, unpack(graph, inputs[0] ?? new Uint8Array()));
  let errors = roundingErrors(graph, tensors);
  for (const input of inputs.slice(1)) {
    ({ state, tensors } = interpret(graph, unpack(graph, input), state));
    errors = roundingErrors(graph, tensors, errors);
  }
  const before = (inputs.length - 1) * plan.layers.length;
  const allowed = tolerances(errors);
  const wrong = plan.layers.find((layer, step) => {
    const traced = run.traces[before + step];
    const tensor = tracedTensor(layer.node)?.index ?? -1;
    const expected = tensors.get(tensor);
    if (traced === undefined || expected === undefined) return false;
    const limits = allowed.get(tensor);
    if (limits === undefined || !(expected instanceof Float32Array) || traced.length !== expected.byteLength)
      return Buffer.compare(traced, bytesOf(expected)) !== 0;
    return closeness(expected, typedArray('float32', traced) as Float32Array, limits).wrong !== -1;
  });
  return wrong?.symbol ?? null;
}
