import { byteLength, type Graph, stateOf, tensorAt } from '../graph/graph.ts';
import type { KernelCall, Lowering, Node } from '../operators/operator.ts';
import type { Lifetime, Overlap } from './arena.ts';
import type { FusedGroup, SingleStep } from './fused_group.ts';
import { overlapDistances } from './overlap.ts';

/** Which tensors share bytes, and from which step to which step they need them. */

/** An operator of the graph, or a group of them, and what it becomes. */
export interface Entry {
  readonly node: Node;
  readonly lowering: Lowering;
  readonly variant: string | null;
  /** What a fused layer is made of; null for any other. */
  readonly fused: FusedGroup | null;
}

/** An entry that is a layer. */
export interface Step extends SingleStep {
  readonly fused: FusedGroup | null;
}

/** What the arena has to hold, before anything has a place. */
export interface Demand {
  readonly steps: readonly Step[];
  /** Tensors that share bytes, one list for each of the first lifetimes; the lifetimes that follow are scratch. */
  readonly storages: readonly (readonly number[])[];
  readonly lifetimes: readonly Lifetime[];
  /** Steps of the lifetimes that are scratch. */
  readonly scratchSteps: readonly number[];
  readonly overlaps: readonly Overlap[];
}

/** The demand of a list of layers. `preserveInput`: the model's inputs are needed to the end. */
export function demandOf(graph: Graph, entries: readonly Entry[], preserveInput: boolean): Demand {
  const state = stateOf(graph).map(({ index }) => index);
  const kept = [...graph.outputs, ...state, ...(preserveInput ? graph.inputs : [])];
  const steps = entries.flatMap(({ node, lowering, variant, fused }) =>
    'alias' in lowering ? [] : [{ node, call: lowering, variant, fused }],
  );
  const storages = shareStorage(graph, kept, entries, steps);
  const tensorLifetimes = storages.map((tensors) => lifetimeOf(graph, kept, tensors, steps));
  const scratchSteps = steps.flatMap(({ call }, step) => (call.scratchBytes > 0 ? [step] : []));
  const scratch = scratchSteps.map((step): Lifetime => {
    const { call, fused } = steps[step] as Step;
    const label = fused === null ? `scratch of layer ${step}` : `rows and scratch of layer ${step}`;
    return { label, bytes: call.scratchBytes, firstStep: step, lastStep: step };
  });
  return {
    steps,
    storages,
    lifetimes: [...tensorLifetimes, ...scratch],
    scratchSteps,
    overlaps: overlapsOf(steps, storages, tensorLifetimes),
  };
}

/** The pairs of storages between which a kernel's walk lets the output run over the input that dies with it. */
function overlapsOf(
  steps: readonly SingleStep[],
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
export function mustReverse(
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

/** Groups the tensors that live in the same bytes: aliases, and outputs that take over a dying input. */
function shareStorage(
  graph: Graph,
  kept: readonly number[],
  lowered: readonly Entry[],
  steps: readonly SingleStep[],
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
  const before = [...graph.inputs, ...stateOf(graph).map(({ index }) => index)];
  for (const tensor of before) if (!group.has(tensor)) group.set(tensor, [tensor]);
  let step = 0;
  for (const { node, lowering } of lowered) {
    if ('alias' in lowering) {
      const { input, output } = lowering.alias;
      join(node.operator.inputs[input] ?? -1, node.operator.outputs[output] ?? -1);
      continue;
    }
    for (const [position, output] of node.operator.outputs.entries()) {
      const host =
        position === 0
          ? dyingInput(graph, kept, node, lowering, steps.slice(step + 1), group, pairs)
          : undefined;
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
  kept: readonly number[],
  node: Node,
  call: KernelCall,
  later: readonly SingleStep[],
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
      return !readLater && !readTwice && !kept.some((read) => aliases.has(read));
    });
}

type AliasPair = readonly [input: number, output: number];

/** The tensors that share bytes by now, and those that will share them through an alias later. */
function aliasesOf(members: readonly number[], pairs: readonly AliasPair[]): Set<number> {
  const aliases = new Set(members);
  for (const [input, output] of pairs) if (aliases.has(input)) aliases.add(output);
  return aliases;
}

function lifetimeOf(
  graph: Graph,
  kept: readonly number[],
  tensors: readonly number[],
  steps: readonly SingleStep[],
): Lifetime {
  const isState = (tensor: number): boolean => tensorAt(graph, tensor).initialState !== undefined;
  const uses = tensors.flatMap((tensor) => [
    ...(graph.inputs.includes(tensor) || isState(tensor) ? [-1] : []),
    ...(kept.includes(tensor) ? [steps.length] : []),
    ...steps.flatMap(({ node }, step) =>
      node.operator.inputs.includes(tensor) || node.operator.outputs.includes(tensor) ? [step] : [],
    ),
  ]);
  return {
    label: tensors
      .map((tensor) => `${isState(tensor) ? 'state ' : ''}${tensorAt(graph, tensor).name}`)
      .join(' = '),
    bytes: Math.max(...tensors.map((tensor) => byteLength(tensorAt(graph, tensor)))),
    firstStep: Math.min(...uses),
    lastStep: Math.max(...uses),
  };
}
