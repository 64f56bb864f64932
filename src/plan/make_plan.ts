import type { Graph } from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { nodeOf } from '../operators/operator.ts';
import { defaultSetting, type OptimizeSetting } from '../operators/setting.ts';
import type { Target } from '../targets/target.ts';
import { type Placement, placeBuffers } from './arena.ts';
import { chooseVariants } from './choose_variants.ts';
import { chooseGroups, wasteLimit } from './fusion.ts';
import { type Demand, demandOf, type Entry, mustReverse } from './lifetimes.ts';
import { bestOrder } from './order.ts';
import { type ArenaBuffer, arenaAlignment, type Layer, type Plan } from './plan.ts';
import { shareKernels } from './shared_kernels.ts';

export interface PlanOptions {
  /** `balanced` when absent. */
  readonly optimize?: OptimizeSetting;
  /** Variants to take in place of the setting's own, by index of the operator in the model. One that the node does not have is passed over. */
  readonly variants?: ReadonlyMap<number, string>;
  /** Whether a layer has a copy of its kernel for itself, where that is not left to the setting; by index of the operator. */
  readonly own?: ReadonlyMap<number, boolean>;
  /** How much of the model's work fused layers may waste, as a share: 0 leaves all layers single. By the setting when absent. */
  readonly fuse?: number;
  /** Whether operators may run in another order than the model's; true when absent. */
  readonly reorder?: boolean;
  /** Whether the model's inputs are still in the arena after an inference; false when absent. */
  readonly preserveInput?: boolean;
}

/** Chooses a kernel for every node and a place in the arena for every tensor. Throws DeployError for a node that no kernel computes. */
export function makePlan(graph: Graph, target: Target, options: PlanOptions = {}): Plan {
  const { optimize = defaultSetting, preserveInput = false } = options;
  const mayWaste = options.fuse ?? wasteLimit[optimize];
  const entries = lower(graph, target, options);
  const reordered = options.reorder === false ? null : bestOrder(graph, entries);
  const orders = reordered === null ? [entries] : [entries, reordered];
  const choices = orders.flatMap((order) => {
    const fused = mayWaste > 0 ? chooseGroups(graph, order, { mayWaste, preserveInput }) : null;
    return fused === null ? [order] : [order, fused];
  });
  // Of equal ones the first: the model's own order, every layer by itself.
  const { demand, placement } = choices
    .map((choice) => placed(demandOf(graph, choice, preserveInput)))
    .reduce((best, each) => (each.placement.bytes < best.placement.bytes ? each : best));
  const { steps, storages, lifetimes, scratchSteps, overlaps } = demand;
  const buffers: ArenaBuffer[] = lifetimes.map((lifetime, index) => ({
    ...lifetime,
    tensors: storages[index] ?? [],
    offset: placement.offsets[index] ?? 0,
  }));
  const scratchOffsets = new Map(
    scratchSteps.map((step, index) => [step, placement.offsets[storages.length + index] ?? 0]),
  );
  const digits = Math.max(2, String(steps.length - 1).length);
  const layers: Layer[] = steps.map(({ node, call, variant, fused }, step) => ({
    step,
    node,
    call,
    variant,
    fused,
    symbol: `layer_${String(step).padStart(digits, '0')}_${fused === null ? node.operator.kind.toLowerCase() : 'fused'}`,
    reverse: mustReverse(overlaps, placement.offsets, lifetimes, step),
    scratchOffset: scratchOffsets.get(step) ?? 0,
  }));
  const offsets = new Map(
    buffers.flatMap(({ tensors, offset }) => tensors.map((tensor) => [tensor, offset] as const)),
  );
  return {
    graph,
    target,
    optimize,
    layers,
    shared: shareKernels(layers, optimize, options.own),
    buffers,
    arenaBytes: placement.bytes,
    offsets,
  };
}

/** The same kernels, each layer by itself: for finding the one that is wrong. */
export function unfused(plan: Plan): Plan {
  const members = plan.layers.flatMap(
    (layer): readonly Pick<Layer, 'node' | 'variant'>[] => layer.fused?.members ?? [layer],
  );
  const variants = members.flatMap(({ node, variant }) =>
    variant === null ? [] : [[node.operator.index, variant] as const],
  );
  return makePlan(plan.graph, plan.target, {
    optimize: plan.optimize,
    variants: new Map(variants),
    fuse: 0,
  });
}

/** What each operator becomes on this core. */
function lower(graph: Graph, target: Target, options: PlanOptions): Entry[] {
  const context = { features: target.features, optimize: options.optimize ?? defaultSetting };
  const chosen = context.optimize === 'speed' ? chooseVariants(graph, context) : null;
  return graph.operators.map((operator) => {
    const node = nodeOf(graph, operator);
    const definition = operatorOf(operator.kind);
    const known = definition.variants?.(node, context) ?? [];
    const wanted = options.variants?.get(operator.index) ?? chosen?.get(operator.index);
    const variant = known.find((name) => name === wanted) ?? known[0] ?? null;
    const lowering = definition.lower(node, variant === null ? context : { ...context, variant });
    return { node, lowering, variant, fused: null };
  });
}

function placed(demand: Demand): { readonly demand: Demand; readonly placement: Placement } {
  return { demand, placement: placeBuffers(demand.lifetimes, arenaAlignment, demand.overlaps) };
}
