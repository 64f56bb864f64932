import { mkdir, rm } from 'node:fs/promises';
import { build } from '../build/build.ts';
import type { Toolchain } from '../build/toolchain.ts';
import { generate } from '../codegen/generate.ts';
import type { Emulator } from '../emulate/emulator.ts';
import { byteLength, bytesOf, tensorAt } from '../graph/graph.ts';
import { unfused } from '../plan/make_plan.ts';
import type { Plan } from '../plan/plan.ts';
import { interpret } from './interpreter.ts';

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
 */
export async function findFirstLayer(
  tools: TraceTools,
  emulator: Emulator,
  input: Uint8Array,
  folder: string,
  timeLimitSeconds: number,
): Promise<string | null> {
  const isFused = tools.plan.layers.some(({ fused }) => fused !== null);
  const plans = isFused ? [unfused(tools.plan), tools.plan] : [tools.plan];
  for (const plan of plans) {
    const layer = await firstWrong({ ...tools, plan }, emulator, input, folder, timeLimitSeconds);
    if (layer !== null) return layer;
  }
  return null;
}

async function firstWrong(
  { plan, kernels, toolchain, runtimeFolder }: TraceTools,
  emulator: Emulator,
  input: Uint8Array,
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
    { samples: [input] },
    { timeLimitMs: timeLimitSeconds * 1000, workFolder: folder },
  );
  const { tensors } = interpret(graph, unpack(plan, input));
  const wrong = plan.layers.find((layer, step) => {
    const traced = run.traces[step];
    const expected = tensors.get(layer.node.operator.outputs[0] ?? -1);
    return traced !== undefined && expected !== undefined && Buffer.compare(traced, bytesOf(expected)) !== 0;
  });
  return wrong?.symbol ?? null;
}

function unpack({ graph }: Plan, packed: Uint8Array): Uint8Array[] {
  let offset = 0;
  return graph.inputs.map((index) => {
    const bytes = byteLength(tensorAt(graph, index));
    offset += bytes;
    return packed.subarray(offset - bytes, offset);
  });
}
