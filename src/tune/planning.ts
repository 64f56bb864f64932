import { printable } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Measurement } from '../measurement.ts';
import type { PlanOptions } from '../plan/make_plan.ts';
import type { TunedLayer } from '../project/plan_file.ts';
import type { Job } from '../project/project.ts';

/** How a job's plan is made: by its setting, and by what `tune` found for this very model with this version of the tool. */
export function planningOf(
  { optimize, preserveInput, tuned }: Pick<Job, 'optimize' | 'preserveInput' | 'tuned'>,
  graph: Graph,
  toolVersion: string,
): { readonly options: PlanOptions; readonly tuned: Measurement['tuned'] } {
  const options = { optimize, preserveInput };
  if (tuned === null) return { options, tuned: 'no' };
  if (tuned.model.sha256 !== graph.source.sha256 || tuned.tool !== toolVersion)
    return { options, tuned: 'stale' };
  return { options: { ...options, ...choicesOf(tuned.layers) }, tuned: 'yes' };
}

/** One sentence for the shells that show no report. */
export function staleSentence({ model, target }: Pick<Job, 'model' | 'target'>): string {
  return `The plan file was made for another version of ${printable(model.name, 60)} on ${printable(target, 60)} or of tinyml-deploy, so it is ignored: run \`tinyml-deploy tune\` again.`;
}

export function choicesOf(layers: readonly TunedLayer[]): Required<Pick<PlanOptions, 'variants' | 'own'>> {
  return {
    variants: new Map(
      layers.flatMap(({ operator, variant }) =>
        variant === undefined ? [] : [[operator, variant] as const],
      ),
    ),
    own: new Map(
      layers.flatMap(({ operator, own }) => (own === undefined ? [] : [[operator, own] as const])),
    ),
  };
}
