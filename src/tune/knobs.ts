import { operatorOf } from '../operators/index.ts';
import type { Layer, Plan } from '../plan/plan.ts';
import type { Choice, Knob } from './search.ts';

/** What a layer computes by itself, or a fused one in its members. */
export function partsOf(layer: Layer): readonly Pick<Layer, 'node' | 'call' | 'variant'>[] {
  return layer.fused?.members ?? [layer];
}

/** What can be tried for each layer of a plan: its other variants, and a copy of its kernel where it shares, or the reverse. */
export function knobsOf(plan: Plan): Knob[] {
  const context = { features: plan.target.features, optimize: plan.optimize };
  const sharing = new Set(
    plan.shared.flatMap(({ users }) => users.map(({ step, member }) => `${step} ${member ?? 0}`)),
  );
  const parts = plan.layers.flatMap((layer) =>
    partsOf(layer).map((part, member) => ({ ...part, place: `${layer.step} ${member}` })),
  );
  return parts.flatMap(({ node, call, variant, place }): Knob[] => {
    const names = operatorOf(node.operator.kind).variants?.(node, context) ?? [];
    const alternatives: Choice[] = names
      .filter((name) => name !== variant)
      .map((name) => ({ variant: name }));
    const mayShare = parts.some((other) => other.node !== node && other.call.kernel === call.kernel);
    if (mayShare) alternatives.unshift({ own: sharing.has(place) });
    return alternatives.length === 0 ? [] : [{ operator: node.operator.index, alternatives }];
  });
}
