import { operatorOf } from '../operators/index.ts';
import type { Plan } from '../plan/plan.ts';
import type { Choice, Knob } from './search.ts';

/** What can be tried for each layer of a plan: its other variants, and a copy of its kernel where it shares, or the reverse. */
export function knobsOf(plan: Plan): Knob[] {
  const context = { features: plan.target.features, optimize: plan.optimize };
  const sharing = new Set(plan.shared.flatMap(({ steps }) => steps));
  return plan.layers.flatMap(({ node, step, call, variant }): Knob[] => {
    const names = operatorOf(node.operator.kind).variants?.(node, context) ?? [];
    const alternatives: Choice[] = names
      .filter((name) => name !== variant)
      .map((name) => ({ variant: name }));
    const mayShare = plan.layers.some((other) => other.step !== step && other.call.kernel === call.kernel);
    if (mayShare) alternatives.unshift({ own: sharing.has(step) });
    return alternatives.length === 0 ? [] : [{ operator: node.operator.index, alternatives }];
  });
}
