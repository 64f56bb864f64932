import { byteLength, bytesPerElement, type Graph } from '../graph/graph.ts';
import { operatorOf } from '../operators/index.ts';
import { type KernelCall, type LoweringContext, type Node, nodeOf } from '../operators/operator.ts';
import { allowanceOf, liveBytes } from './allowance.ts';
import { overlapDistances } from './overlap.ts';

/** Bytes of code, roughly, for a layer that multiplies and for another, each with a kernel of its own. */
const codeBytes = { dotProduct: 1_100, other: 400 };

/** A way to compute a layer, from the fastest of a layer on. */
interface Variant {
  readonly name: string;
  readonly bytes: number;
  readonly macs: number;
}

/**
 * The variants for `speed`: of each layer the first that fits into RAM; where their weights are too much for flash, the
 * layers whose faster variant gains least for its bytes, those with few pixels to each weight, step back one by one.
 */
export function chooseVariants(
  graph: Graph,
  context: Omit<LoweringContext, 'variant'>,
): ReadonlyMap<number, string> {
  const allowance = allowanceOf(graph);
  const live = liveBytes(graph);
  const layers = graph.operators.map((operator, step) => {
    const definition = operatorOf(operator.kind);
    const node = nodeOf(graph, operator);
    const names = definition.variants?.(node, context) ?? [];
    const lowered = (name: string | undefined): KernelCall | null => {
      const lowering = definition.lower(node, name === undefined ? context : { ...context, variant: name });
      return 'alias' in lowering ? null : lowering;
    };
    const room = allowance.arena - (live[step] ?? 0);
    const all = names.flatMap((name): (Variant & { readonly fits: boolean })[] => {
      const call = lowered(name);
      if (call === null) return [];
      const fits = call.scratchBytes <= room + sharedBytes(graph, node, call);
      return [{ name, bytes: constantBytes(call), macs: call.macs, fits }];
    });
    // One of them must be taken.
    const fitting = all.filter(({ fits }, at) => fits || at === all.length - 1);
    const only = names.length === 0 ? lowered(undefined) : null;
    const call = only ?? lowered(fitting[0]?.name);
    return {
      operator: operator.index,
      variants: fitting,
      bytes: only === null ? 0 : constantBytes(only),
      code: call === null ? 0 : call.macs > 0 ? codeBytes.dotProduct : codeBytes.other,
    };
  });
  const fixed = layers.reduce((sum, { bytes, code }) => sum + bytes + code, 0);
  let chosen = layers.map(({ variants, operator }) => ({ operator, variants }));
  const total = (): number => chosen.reduce((sum, { variants: [first] }) => sum + (first?.bytes ?? 0), fixed);
  while (total() > allowance.flash) {
    const steps = chosen.flatMap((layer, at) => {
      const [first] = layer.variants;
      const next = layer.variants.findIndex(({ bytes }) => bytes < (first?.bytes ?? 0));
      if (first === undefined || next === -1) return [];
      const saved = first.bytes - (layer.variants[next]?.bytes ?? 0);
      return [{ at, next, worth: first.macs / saved }];
    });
    const [least] = steps.toSorted((a, b) => a.worth - b.worth || b.at - a.at);
    if (least === undefined) break;
    chosen = chosen.map((layer, at) =>
      at === least.at ? { ...layer, variants: layer.variants.slice(least.next) } : layer,
    );
  }
  // A large layer may have left room that smaller ones can still take.
  const byWorth = layers.flatMap(({ variants: [first] }, at) => (first === undefined ? [] : [{ at, first }]));
  for (const { at } of byWorth.toSorted(
    (a, b) => b.first.macs / b.first.bytes - a.first.macs / a.first.bytes,
  )) {
    const now = chosen[at]?.variants[0]?.bytes ?? 0;
    const variants = layers[at]?.variants ?? [];
    const best = variants.findIndex(({ bytes }) => total() - now + bytes <= allowance.flash);
    if (best !== -1 && best < variants.length - (chosen[at]?.variants.length ?? 0))
      chosen = chosen.map((layer, index) =>
        index === at ? { ...layer, variants: variants.slice(best) } : layer,
      );
  }
  return new Map(
    chosen.flatMap(({ operator, variants: [first] }) =>
      first === undefined ? [] : [[operator, first.name] as const],
    ),
  );
}

/** Bytes that the output can share with an input that dies with the layer. */
function sharedBytes(graph: Graph, node: Node, { inPlace, walk }: KernelCall): number {
  const [output] = node.outputs;
  if (output === undefined) return 0;
  const bytes = byteLength(output);
  const dying = (position: number): number | null => {
    const tensor = node.inputs[position];
    if (tensor == null || graph.outputs.includes(tensor.index)) return null;
    const isReadLater = graph.operators.some(
      ({ index, inputs }) => index > node.operator.index && inputs.includes(tensor.index),
    );
    return isReadLater ? null : byteLength(tensor);
  };
  if (inPlace.some((position) => dying(position) === bytes)) return bytes;
  const input = walk === undefined ? null : dying(walk.input);
  if (walk === undefined || input === null) return 0;
  const distance = Math.max(0, overlapDistances(walk).forwards);
  return Math.max(0, input + bytes - Math.max(bytes, distance + input));
}

function constantBytes({ constants }: KernelCall): number {
  return constants.reduce((sum, { type, values }) => sum + values.length * bytesPerElement[type], 0);
}
