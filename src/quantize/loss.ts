import type { Graph } from '../graph/graph.ts';
import type { Sample } from './samples.ts';
import { addNoise, decibels } from './signal_to_noise.ts';
import { prepareSimulation } from './simulate.ts';

/** What quantizing may cost. */
export interface LossBudget {
  /**
   * `points`: of accuracy, in percentage points; without labels, answers that are not the float network's, in percent.
   * `decibels`: signal to noise of the outputs, at least.
   */
  readonly unit: 'points' | 'decibels';
  readonly value: number;
}

/** A sample whose right answer is known. */
export interface LabelledSample {
  readonly sample: Sample;
  /** The class. */
  readonly label: number;
}

/** A sample, what the float network's outputs are for it, and the right class where that is known. */
export interface Trial {
  readonly sample: Sample;
  readonly outputs: readonly Float32Array[];
  readonly label: number | null;
}

/** Where tinyml.yml does not say: few answers of training samples change long before those of others do, their noise shows it. */
export function defaultBudget(isLabelled: boolean): LossBudget {
  return isLabelled ? { unit: 'points', value: 1 } : { unit: 'decibels', value: 30 };
}

/** The first of the largest; of a single number, whether it is at least a half. */
function answerOf(values: Float32Array): number {
  if (values.length === 1) return (values[0] as number) >= 0.5 ? 1 : 0;
  return values.reduce((best, value, at) => (value > (values[best] as number) ? at : best), 0);
}

/** What an integer graph loses over the trials, in the budget's unit. */
export function lossOf(graph: Graph, unit: LossBudget['unit'], trials: readonly Trial[]): number {
  const run = prepareSimulation(graph);
  const noise = { signal: 0, noise: 0 };
  let lost = 0;
  for (const { sample, outputs, label } of trials) {
    const results = run(sample);
    if (unit === 'decibels')
      for (const [at, exact] of outputs.entries()) addNoise(noise, exact, results[at] ?? []);
    else {
      const [exact, answer] = [outputs[0], results[0]].map((values) =>
        answerOf(values ?? new Float32Array()),
      );
      lost += label === null ? Number(answer !== exact) : Number(exact === label) - Number(answer === label);
    }
  }
  return unit === 'decibels' ? decibels(noise) : (100 * lost) / Math.max(1, trials.length);
}

export function isWithin(loss: number, { unit, value }: LossBudget): boolean {
  return unit === 'decibels' ? loss >= value : loss <= value;
}

/** `0.50 points`, `41.3 dB` */
export function lossText(loss: number, unit: LossBudget['unit']): string {
  return unit === 'decibels' ? `${loss.toFixed(1)} dB` : `${loss.toFixed(2)} points`;
}
