import { byteLength, type Graph, tensorAt } from '../graph/graph.ts';
import type { Entry } from './lifetimes.ts';

/** The order in which operators run: where branches meet, the one that holds the fewest bytes at once. */

/** Not more partial orders than this are kept at a time: up to there the answer is exact. Fewer where operators are many. */
const widest = 400;
const work = 12_000;
const narrowest = 8;

/** Some operators are done. */
interface Partial {
  /** Positions in the entries given, in the order in which they run. */
  readonly order: readonly number[];
  /** Operators that still have to read each storage; the model's outputs are read at the end. */
  readonly readers: ReadonlyMap<number, number>;
  readonly live: number;
  readonly peak: number;
}

/**
 * The entries in the order with the lowest estimated peak; null when there is only one order. Looks at all sets of
 * operators that can be done (a dynamic programme; where there are more than a bound, at the best of them).
 */
export function bestOrder(graph: Graph, entries: readonly Entry[]): readonly Entry[] | null {
  const storage = storagesOf(entries);
  const rootOf = (tensor: number): number => storage.get(tensor) ?? tensor;
  const maker = new Map(
    entries.flatMap(({ node }, at) => node.operator.outputs.map((tensor) => [tensor, at] as const)),
  );
  const needs = entries.map(({ node }, at) => [
    ...new Set([
      ...node.operator.inputs.flatMap((tensor) => maker.get(tensor) ?? []),
      ...usersOfStateBefore(entries, at),
    ]),
  ]);
  const reads = entries.map(({ node }) => [
    ...new Set(
      node.inputs.flatMap((tensor) =>
        tensor === null || tensor.data !== null ? [] : [rootOf(tensor.index)],
      ),
    ),
  ]);
  const bytesOf = new Map<number, number>();
  for (const tensor of [...graph.inputs, ...maker.keys()])
    bytesOf.set(
      rootOf(tensor),
      Math.max(bytesOf.get(rootOf(tensor)) ?? 0, byteLength(tensorAt(graph, tensor))),
    );
  const readers = new Map<number, number>();
  for (const root of [...reads.flat(), ...graph.outputs.map(rootOf)])
    readers.set(root, (readers.get(root) ?? 0) + 1);
  const live = new Set(graph.inputs.map(rootOf));
  let states: Partial[] = [
    {
      order: [],
      readers,
      live: [...live].reduce((sum, root) => sum + (bytesOf.get(root) ?? 0), 0),
      peak: 0,
    },
  ];
  let hasChoice = false;
  const width = Math.max(narrowest, Math.min(widest, Math.floor(work / entries.length)));
  for (let done = 0; done < entries.length; done += 1) {
    const next = new Map<string, Partial>();
    for (const state of states) {
      const finished = new Set(state.order);
      const ready = entries.flatMap((_, at) =>
        !finished.has(at) && (needs[at] ?? []).every((each) => finished.has(each)) ? [at] : [],
      );
      if (ready.length > 1) hasChoice = true;
      for (const at of ready) {
        const entry = entries[at] as Entry;
        const after = run(state, at, entry, reads[at] ?? [], rootOf, bytesOf);
        const key = after.order.toSorted((a, b) => a - b).join(' ');
        const before = next.get(key);
        if (before === undefined || after.peak < before.peak) next.set(key, after);
      }
    }
    states = [...next.values()].toSorted((a, b) => a.peak - b.peak || a.live - b.live).slice(0, width);
  }
  const [best] = states;
  return hasChoice && best !== undefined ? best.order.map((at) => entries[at] as Entry) : null;
}

/** Those that read or change the same state run in the model's order. */
function usersOfStateBefore(entries: readonly Entry[], at: number): number[] {
  const stateIn = ({ node }: Entry): number[] =>
    node.inputs.flatMap((tensor) => (tensor?.initialState === undefined ? [] : [tensor.index]));
  const here = stateIn(entries[at] as Entry);
  if (here.length === 0) return [];
  return entries
    .slice(0, at)
    .flatMap((entry, other) => (stateIn(entry).some((tensor) => here.includes(tensor)) ? [other] : []));
}

/** The state after one more operator. */
function run(
  { order, readers, live, peak }: Partial,
  at: number,
  { node, lowering }: Entry,
  reads: readonly number[],
  rootOf: (tensor: number) => number,
  bytesOf: ReadonlyMap<number, number>,
): Partial {
  const left = new Map(readers);
  for (const root of reads) left.set(root, (left.get(root) ?? 0) - 1);
  const sizeOf = (root: number): number => bytesOf.get(root) ?? 0;
  const dying = reads.filter((root) => (left.get(root) ?? 0) === 0);
  const freed = dying.reduce((sum, root) => sum + sizeOf(root), 0);
  if ('alias' in lowering) return { order: [...order, at], readers: left, live: live - freed, peak };
  const outputs = node.operator.outputs.map(rootOf);
  const made = outputs.reduce((sum, root) => sum + sizeOf(root), 0);
  // An output may lie over an input that dies with it, where the kernel allows that.
  const hosts = [...lowering.inPlace, ...(lowering.walk === undefined ? [] : [lowering.walk.input])];
  const shared = hosts
    .map((position) => rootOf(node.operator.inputs[position] ?? -1))
    .filter((root) => dying.includes(root))
    .map((root) => Math.min(sizeOf(root), sizeOf(outputs[0] ?? -1)));
  const during = live + made - Math.max(0, ...shared) + lowering.scratchBytes;
  // What nobody reads is dead at once.
  const unread = outputs.reduce((sum, root) => sum + ((left.get(root) ?? 0) === 0 ? sizeOf(root) : 0), 0);
  return {
    order: [...order, at],
    readers: left,
    live: live + made - freed - unread,
    peak: Math.max(peak, during),
  };
}

/** Tensors that are another one's bytes under a new name, by tensor: the first name. */
function storagesOf(entries: readonly Entry[]): Map<number, number> {
  const storage = new Map<number, number>();
  for (const { node, lowering } of entries) {
    if (!('alias' in lowering)) continue;
    const input = node.operator.inputs[lowering.alias.input] ?? -1;
    storage.set(node.operator.outputs[lowering.alias.output] ?? -1, storage.get(input) ?? input);
  }
  return storage;
}
