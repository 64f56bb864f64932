import { byteLength, type Graph, tensorAt } from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { type KernelCall, type Lowering, type Node, nodeOf } from '../operators/operator.ts';
import { defaultSetting, type OptimizeSetting } from '../operators/setting.ts';
import type { Target } from '../targets/target.ts';
import { type Lifetime, type Overlap, placeBuffers } from './arena.ts';
import { overlapDistances } from './overlap.ts';
import { type ArenaBuffer, arenaAlignment, type Layer, type Plan } from './plan.ts';
import { shareKernels } from './shared_kernels.ts';

export interface PlanOptions {
  /** `balanced` when absent. */
  readonly optimize?: OptimizeSetting;
  /** Variants to take in place of the setting's own, by index of the operator in the model. One that the node does not have is passed over. */
  readonly variants?: ReadonlyMap<number, string>;
  /** Whether a layer has a copy of its kernel for itself, where that is not left to the setting; by index of the operator. */
  readonly own?: ReadonlyMap<number, boolean>;
}

/** Chooses a kernel for every node and a place in the arena for every tensor. Throws DeployError for a node that no kernel computes. */
export function makePlan(graph: Graph, target: Target, options: PlanOptions = {}): Plan {
  const { optimize = defaultSetting } = options;
  const context = { features: target.features, optimize };
  const lowered = graph.operators.map((operator) => {
    const node = nodeOf(graph, operator);
    const definition = operatorOf(operator.kind);
    const known = definition.variants?.(node, context) ?? [];
    const wanted = options.variants?.get(operator.index);
    const variant = known.find((name) => name === wanted) ?? known[0] ?? null;
    const lowering = definition.lower(node, variant === null ? context : { ...context, variant });
    return { node, lowering, variant };
  });
  const steps = lowered.flatMap(({ node, lowering, variant }) =>
    'alias' in lowering ? [] : [{ node, call: lowering, variant }],
  );
  const storages = shareStorage(graph, lowered, steps);
  const tensorLifetimes = storages.map((tensors) => lifetimeOf(graph, tensors, steps));
  const scratchSteps = steps.flatMap(({ call }, step) =>
    call.scratchBytes > 0 ? [{ step, bytes: call.scratchBytes }] : [],
  );
  const lifetimes: Lifetime[] = [
    ...tensorLifetimes,
    ...scratchSteps.map(({ step, bytes }) => ({
      label: `scratch of layer ${step}`,
      bytes,
      firstStep: step,
      lastStep: step,
    })),
  ];
  const overlaps = overlapsOf(steps, storages, tensorLifetimes);
  const placement = placeBuffers(lifetimes, arenaAlignment, overlaps);
  const buffers: ArenaBuffer[] = lifetimes.map((lifetime, index) => ({
    ...lifetime,
    tensors: storages[index] ?? [],
    offset: placement.offsets[index] ?? 0,
  }));
  const scratchOffsets = new Map(
    scratchSteps.map(({ step }, index) => [step, placement.offsets[storages.length + index] ?? 0]),
  );
  const digits = Math.max(2, String(steps.length - 1).length);
  const layers: Layer[] = steps.map(({ node, call, variant }, step) => ({
    step,
    node,
    call,
    variant,
    symbol: `layer_${String(step).padStart(digits, '0')}_${node.operator.kind.toLowerCase()}`,
    reverse: mustReverse(overlaps, placement.offsets, tensorLifetimes, step),
    scratchOffset: scratchOffsets.get(step) ?? 0,
  }));
  const own = new Map(
    layers.flatMap(({ step, node }) => {
      const wanted = options.own?.get(node.operator.index);
      return wanted === undefined ? [] : [[step, wanted] as const];
    }),
  );
  const offsets = new Map(
    buffers.flatMap(({ tensors, offset }) => tensors.map((tensor) => [tensor, offset] as const)),
  );
  return {
    graph,
    target,
    optimize,
    layers,
    shared: shareKernels(layers, optimize, own),
    buffers,
    arenaBytes: placement.bytes,
    offsets,
  };
}

/** The pairs of storages between which a kernel's walk lets the output run over the input that dies with it. */
function overlapsOf(
  steps: readonly Step[],
  storages: readonly (readonly number[])[],
  lifetimes: readonly Lifetime[],
): Overlap[] {
  const storageOf = (tensor: number): number => storages.findIndex((tensors) => tensors.includes(tensor));
  return steps.flatMap(({ node, call }, step): Overlap[] => {
    if (call.walk === undefined) return [];
    const input = storageOf(node.operator.inputs[call.walk.input] ?? -1);
    const output = storageOf(node.operator.outputs[0] ?? -1);
    const dies = lifetimes[input]?.lastStep === step;
    const isBorn = lifetimes[output]?.firstStep === step;
    // Another input in the same bytes would be read in another order.
    const readOnce = node.operator.inputs.filter((tensor) => storageOf(tensor) === input).length === 1;
    if (input === -1 || output === -1 || input === output || !dies || !isBorn || !readOnce) return [];
    return [{ input, output, ...overlapDistances(call.walk) }];
  });
}

/** Whether the placement needs the layer's kernel to walk backwards. */
function mustReverse(
  overlaps: readonly Overlap[],
  offsets: readonly number[],
  lifetimes: readonly Lifetime[],
  step: number,
): boolean {
  return overlaps.some(({ input, output, forwards }) => {
    if (lifetimes[output]?.firstStep !== step) return false;
    const [from, to] = [offsets[input] ?? 0, offsets[output] ?? 0];
    const apart = from + (lifetimes[input]?.bytes ?? 0) <= to || to + (lifetimes[output]?.bytes ?? 0) <= from;
    return !apart && from - to < forwards;
  });
}

interface Step {
  readonly node: Node;
  readonly call: KernelCall;
  readonly variant: string | null;
}

/** Groups the tensors that live in the same bytes: aliases, and outputs that take over a dying input. */
function shareStorage(
  graph: Graph,
  lowered: readonly { readonly node: Node; readonly lowering: Lowering }[],
  steps: readonly Step[],
): number[][] {
  const group = new Map<number, number[]>();
  const pairs = lowered.flatMap(({ node, lowering }) =>
    'alias' in lowering
      ? [
          [
            node.operator.inputs[lowering.alias.input] ?? -1,
            node.operator.outputs[lowering.alias.output] ?? -1,
          ] as const,
        ]
      : [],
  );
  const join = (into: number, tensor: number): void => {
    const members = group.get(into);
    if (members === undefined) return;
    members.push(tensor);
    group.set(tensor, members);
  };
  for (const input of graph.inputs) if (!group.has(input)) group.set(input, [input]);
  let step = 0;
  for (const { node, lowering } of lowered) {
    if ('alias' in lowering) {
      const { input, output } = lowering.alias;
      join(node.operator.inputs[input] ?? -1, node.operator.outputs[output] ?? -1);
      continue;
    }
    for (const [position, output] of node.operator.outputs.entries()) {
      const host =
        position === 0 ? dyingInput(graph, node, lowering, steps.slice(step + 1), group, pairs) : undefined;
      if (host === undefined) group.set(output, [output]);
      else join(host, output);
    }
    step += 1;
  }
  return [...new Set(group.values())];
}

/** The input tensor whose bytes the first output may take over at this step. */
function dyingInput(
  graph: Graph,
  node: Node,
  call: KernelCall,
  later: readonly Step[],
  group: ReadonlyMap<number, readonly number[]>,
  pairs: readonly AliasPair[],
): number | undefined {
  const output = node.outputs[0];
  if (output === undefined) return undefined;
  return call.inPlace
    .map((position) => node.operator.inputs[position] ?? -1)
    .find((tensor) => {
      const members = group.get(tensor);
      if (members === undefined || byteLength(tensorAt(graph, tensor)) !== byteLength(output)) return false;
      // Aliases of an input are other inputs of later steps: every name of these bytes must be dead by now.
      const aliases = aliasesOf(members, pairs);
      const readLater = later.some((other) => other.node.operator.inputs.some((read) => aliases.has(read)));
      const readTwice = node.operator.inputs.filter((read) => aliases.has(read)).length > 1;
      return !readLater && !readTwice && !graph.outputs.some((read) => aliases.has(read));
    });
}

type AliasPair = readonly [input: number, output: number];

/** The tensors that share bytes by now, and those that will share them through an alias later. */
function aliasesOf(members: readonly number[], pairs: readonly AliasPair[]): Set<number> {
  const aliases = new Set(members);
  for (const [input, output] of pairs) if (aliases.has(input)) aliases.add(output);
  return aliases;
}

function lifetimeOf(graph: Graph, tensors: readonly number[], steps: readonly Step[]): Lifetime {
  const uses = tensors.flatMap((tensor) => [
    ...(graph.inputs.includes(tensor) ? [-1] : []),
    ...(graph.outputs.includes(tensor) ? [steps.length] : []),
    ...steps.flatMap(({ node }, step) =>
      node.operator.inputs.includes(tensor) || node.operator.outputs.includes(tensor) ? [step] : [],
    ),
  ]);
  return {
    label: tensors.map((tensor) => tensorAt(graph, tensor).name).join(' = '),
    bytes: Math.max(...tensors.map((tensor) => byteLength(tensorAt(graph, tensor)))),
    firstStep: Math.min(...uses),
    lastStep: Math.max(...uses),
  };
}
