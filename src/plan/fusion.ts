import { byteLength, type Graph } from '../graph/graph.ts';
import type { OptimizeSetting } from '../operators/setting.ts';
import { type FusedStep, fuse } from './fused_group.ts';
import { type Demand, demandOf, type Entry } from './lifetimes.ts';
import { arenaAlignment } from './plan.ts';

/** Which layers to fuse so that the arena's peak falls, within what the setting lets it cost. */

export interface FusionOptions {
  /** The most work that all groups of a model may waste, as a share of its own. */
  readonly mayWaste: number;
  readonly preserveInput: boolean;
}

/** Heights of a band, in rows of a group's last layer. */
const bandHeights = [1, 2, 3, 4];
/** Longer groups are not looked for. */
const longestGroup = 16;
/** The setting's own share of work that may be wasted for RAM. */
export const wasteLimit: Readonly<Record<OptimizeSetting, number>> = {
  size: 0.25,
  balanced: 0.02,
  speed: 0.01,
};
/** Rough work, in multiply-accumulates of a convolution: one of a depthwise layer, one with Helium, a byte that is moved, one more call of a kernel. */
const work = { depthwise: 3, helium: 0.2, byte: 0.5, heliumByte: 0.15, call: 200 };

/** Layers [from, to) of the unfused list, as one. */
interface Group {
  readonly from: number;
  readonly to: number;
  readonly step: FusedStep;
}

/** Groups that share no layer, and what they come to. */
interface Choice {
  readonly groups: readonly Group[];
  readonly demand: Demand;
  /** Estimated bytes at each step of the demand. */
  readonly bytes: readonly number[];
  /** The same, the largest first. */
  readonly sorted: readonly number[];
  readonly waste: number;
}

/**
 * The entries, with groups where they lower the peak; null when none does. Greedy: the group that changes the step at the
 * peak and lowers the peak most is taken, the cheapest of equals, as long as there is one; groups that turn out not to be
 * needed are undone.
 */
export function chooseGroups(
  graph: Graph,
  entries: readonly Entry[],
  options: FusionOptions,
): readonly Entry[] | null {
  const limit = options.mayWaste * workOf(entries);
  const choiceOf = (groups: readonly Group[]): Choice => {
    const demand = demandOf(graph, withGroups(entries, groups), options.preserveInput);
    const bytes = bytesByStep(demand);
    const waste = groups.reduce((sum, { step }) => sum + wasteOf(step), 0);
    return { groups, demand, bytes, sorted: bytes.toSorted((a, b) => b - a), waste };
  };
  const known = new Map<string, FusedStep | null>();
  const groupOf = (from: number, to: number, rows: number): FusedStep | null => {
    const key = `${from} ${to} ${rows}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const made = fuse(graph, entries.slice(from, to), rows);
    known.set(key, made);
    return made;
  };
  let best = choiceOf([]);
  for (;;) {
    const peak = best.sorted[0] ?? 0;
    const [first, end] = layersAtPeak(best, entries);
    const candidates: Choice[] = [];
    for (let from = Math.max(0, first - longestGroup); from < end; from += 1)
      for (
        let to = Math.max(from + 2, first + 1);
        to <= Math.min(entries.length, from + longestGroup);
        to += 1
      ) {
        if (groupOf(from, to, bandHeights[0] ?? 1) === null) continue;
        for (const rows of bandHeights) {
          const step = groupOf(from, to, rows);
          if (step === null || leastBytes(step) >= peak) continue;
          const others = best.groups.filter((other) => other.to <= from || other.from >= to);
          candidates.push(choiceOf([...others, { from, to, step }]));
        }
      }
    const next = bestOf(
      candidates.filter(({ waste }) => waste <= limit),
      best,
    );
    if (next === null) break;
    best = next;
  }
  const needed = withoutNeedless(best, choiceOf);
  return needed.groups.length === 0 ? null : withGroups(entries, needed.groups);
}

/** The lowest peak, then the least waste. Where no choice lowers the peak, that with the fewest bytes at the next highest steps: several may share the peak. */
function bestOf(candidates: readonly Choice[], now: Choice): Choice | null {
  const peakOf = ({ sorted }: Choice): number => sorted[0] ?? 0;
  const lower = candidates.filter((each) => peakOf(each) < peakOf(now));
  const order = (a: Choice, b: Choice): number =>
    lower.length > 0
      ? peakOf(a) - peakOf(b) || a.waste - b.waste || compareSorted(a, b)
      : compareSorted(a, b) || a.waste - b.waste;
  const [best] = (lower.length > 0 ? lower : candidates).toSorted(order);
  return best !== undefined && compareSorted(best, now) < 0 ? best : null;
}

function compareSorted(a: Choice, b: Choice): number {
  const at = a.sorted.findIndex((bytes, index) => bytes !== (b.sorted[index] ?? 0));
  return at === -1 ? 0 : (a.sorted[at] ?? 0) - (b.sorted[at] ?? 0);
}

/** Undoes groups without which the peak stays where it is. */
function withoutNeedless(choice: Choice, choiceOf: (groups: readonly Group[]) => Choice): Choice {
  for (const group of choice.groups) {
    const without = choiceOf(choice.groups.filter((other) => other !== group));
    if ((without.sorted[0] ?? 0) <= (choice.sorted[0] ?? 0)) return withoutNeedless(without, choiceOf);
  }
  return choice;
}

function withGroups(entries: readonly Entry[], groups: readonly Group[]): Entry[] {
  return entries.flatMap((entry, index): Entry[] => {
    const group = groups.find(({ from, to }) => from <= index && index < to);
    if (group === undefined) return [entry];
    const { node, call, variant, fused } = group.step;
    return index === group.from ? [{ node, lowering: call, variant, fused }] : [];
  });
}

/** The range of unfused layers that the first step at the peak stands for. */
function layersAtPeak(
  { bytes, sorted, groups, demand }: Choice,
  entries: readonly Entry[],
): [number, number] {
  const step = bytes.indexOf(sorted[0] ?? 0);
  const node = demand.steps[step]?.node;
  const group = groups.find((each) => each.step.node === node);
  if (group !== undefined) return [group.from, group.to];
  const index = entries.findIndex((entry) => entry.node === node);
  return [index, index + 1];
}

/** Less than this the step of a group can't take. */
function leastBytes({ node, call }: FusedStep): number {
  const largest = Math.max(
    ...[...node.inputs, ...node.outputs].map((tensor) => (tensor === null ? 0 : byteLength(tensor))),
  );
  return largest + call.scratchBytes;
}

/** Bytes alive at each step; an output that may lie over its dying input counts together with it. */
export function bytesByStep({ steps, lifetimes, overlaps }: Demand): number[] {
  const rounded = lifetimes.map(({ bytes }) => Math.ceil(bytes / arenaAlignment) * arenaAlignment);
  return steps.map((_, step) => {
    const alive = lifetimes.flatMap(({ firstStep, lastStep }, index) =>
      firstStep <= step && step <= lastStep ? [index] : [],
    );
    const apart = alive.reduce((sum, index) => sum + (rounded[index] ?? 0), 0);
    const shared = overlaps
      .filter(({ output }) => lifetimes[output]?.firstStep === step)
      .map(({ input, output, forwards, backwards }) => {
        const [from, to] = [rounded[input] ?? 0, rounded[output] ?? 0];
        const up = (distance: number): number =>
          Math.max(0, Math.ceil(distance / arenaAlignment) * arenaAlignment);
        const together = Math.min(
          Math.max(up(forwards) + from, to),
          backwards === null ? Number.POSITIVE_INFINITY : Math.max(up(backwards) + to, from),
        );
        return Math.max(0, from + to - together);
      });
    return apart - Math.max(0, ...shared);
  });
}

function workOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { node, lowering }) => {
    if ('alias' in lowering) return sum;
    const depthwise = node.operator.kind === 'DEPTHWISE_CONV_2D' ? work.depthwise : 1;
    return sum + lowering.macs * depthwise * (lowering.kernel.endsWith('_mve') ? work.helium : 1);
  }, 0);
}

function wasteOf({ waste, fused }: FusedStep): number {
  const isHelium = fused.members.some(({ call }) => call.kernel.endsWith('_mve'));
  const byte = isHelium ? work.heliumByte : work.byte;
  return waste.macs + byte * waste.movedBytes + work.call * (waste.calls - fused.members.length);
}
