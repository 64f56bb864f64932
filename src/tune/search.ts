import type { OptimizeSetting } from '../operators/setting.ts';

/** The search for the best choice of each layer. Pure but for the measuring that it is handed; same figures, same result. */

/** What a layer may be given in place of the setting's choice. */
export interface Choice {
  readonly variant?: string;
  readonly own?: boolean;
}

/** By index of the operator in the model; a layer without an entry is as the setting makes it. */
export type Choices = ReadonlyMap<number, Choice>;

export interface Cost {
  /** Executed instructions of one inference. */
  readonly instructions: number;
  /** Estimated cycles; null where the core has no published timing. */
  readonly cycles: number | null;
  /** Bytes of flash that the model adds. */
  readonly flash: number;
  /** Bytes of the arena. */
  readonly arena: number;
}

export interface LayerCost {
  readonly operator: number;
  readonly instructions: number;
  /** Bytes of flash in the layer's own name: a shared kernel is in nobody's. */
  readonly flash: number;
}

export interface Trial {
  readonly cost: Cost;
  readonly layers: readonly LayerCost[];
}

/** A layer and what else it can be given. */
export interface Knob {
  readonly operator: number;
  readonly alternatives: readonly Choice[];
}

/** The most that flash and arena may come to, in bytes; what the setting's own plan takes is always allowed. */
export interface Limits {
  readonly flash: number;
  readonly arena: number;
}

export interface SearchOptions {
  readonly optimize: OptimizeSetting;
  readonly limits: Limits;
  /** Builds that are measured at most. */
  readonly trials: number;
  /** null: the build fails, or computes something else. */
  readonly measure: (choices: Choices) => Promise<Trial | null>;
}

export interface Found {
  readonly choices: Choices;
  readonly before: Cost;
  readonly after: Cost;
  readonly trials: number;
}

/** What a percent of each is worth to a setting. */
const weights: Readonly<Record<OptimizeSetting, { readonly instructions: number; readonly flash: number }>> =
  {
    speed: { instructions: 1, flash: 0.1 },
    balanced: { instructions: 1, flash: 1 },
    size: { instructions: 0.1, flash: 1 },
  };

/** Gains below this are not worth an entry. */
const leastGain = 1e-5;

/**
 * First each round gives every layer its next alternative in one build: what a layer then executes depends on itself
 * alone, so a few builds rank all alternatives. Then the promising ones are tried together, and one after the other from
 * the best on, each kept where the measured whole gets better. null where not even the setting's own plan can be measured.
 */
export async function search(knobs: readonly Knob[], options: SearchOptions): Promise<Found | null> {
  let trials = 0;
  const measure = async (choices: Choices): Promise<Trial | null> => {
    trials += 1;
    return await options.measure(choices);
  };
  const start = await measure(new Map());
  if (start === null) return null;
  const score = scoreFor(options.optimize, start.cost);
  const isAllowed = ({ flash, arena }: Cost): boolean =>
    flash <= Math.max(options.limits.flash, start.cost.flash) &&
    arena <= Math.max(options.limits.arena, start.cost.arena);

  const candidates: Candidate[] = [];
  const rounds = Math.max(0, ...knobs.map(({ alternatives }) => alternatives.length));
  for (let round = 0; round < rounds; round += 1) {
    const given = knobs.flatMap(({ operator, alternatives }) => {
      const choice = alternatives[round];
      return choice === undefined ? [] : [[operator, choice] as const];
    });
    const trial = await measure(new Map(given));
    for (const [operator, choice] of given)
      candidates.push({ operator, choice, gain: estimatedGain(operator, choice, start, trial, score) });
  }
  candidates.sort((a, b) => b.gain - a.gain || a.operator - b.operator);

  let best: { readonly choices: Choices; readonly cost: Cost } = { choices: new Map(), cost: start.cost };
  const attempt = async (choices: Choices): Promise<boolean> => {
    if (trials >= options.trials) return false;
    const trial = await measure(choices);
    if (trial === null || !isAllowed(trial.cost)) return false;
    if (score(trial.cost) > score(best.cost) - leastGain || isFalseGain(best.cost, trial.cost)) return false;
    best = { choices, cost: trial.cost };
    return true;
  };
  const together = candidates.filter(({ gain }) => gain > leastGain).toReversed();
  const all = together.reduce<Choices>(withChoice, new Map());
  if (all.size > 1) await attempt(all);
  for (let improved = true; improved && trials < options.trials; ) {
    improved = false;
    for (const candidate of candidates) {
      if (await attempt(toggled(best.choices, candidate))) improved = true;
    }
  }
  return { choices: best.choices, before: start.cost, after: best.cost, trials };
}

interface Candidate {
  readonly operator: number;
  readonly choice: Choice;
  /** By how much the score falls, as far as the rounds show. */
  readonly gain: number;
}

/** Where code lies moves the estimate of cycles by so much, as a share. */
const cycleNoise = 0.001;

/** A long load-multiple is one instruction: fewer instructions that take more cycles are no gain. */
function isFalseGain(before: Cost, after: Cost): boolean {
  if (before.cycles === null || after.cycles === null || after.instructions >= before.instructions)
    return false;
  return after.cycles > before.cycles * (1 + cycleNoise);
}

/** Lower is better: the weighted logarithms, so that percents count. */
function scoreFor(optimize: OptimizeSetting, start: Cost): (cost: Cost) => number {
  const { instructions, flash } = weights[optimize];
  return (cost) =>
    instructions * Math.log(cost.instructions / Math.max(1, start.instructions)) +
    flash * Math.log(cost.flash / Math.max(1, start.flash));
}

function estimatedGain(
  operator: number,
  choice: Choice,
  start: Trial,
  trial: Trial | null,
  score: (cost: Cost) => number,
): number {
  const before = start.layers.find((layer) => layer.operator === operator);
  const after = trial?.layers.find((layer) => layer.operator === operator);
  // It may still be good by itself.
  if (before === undefined || after === undefined) return 0;
  // A layer that leaves a shared kernel adds its own copy, which another one keeps; one that joins takes its own away.
  const flash = start.cost.flash + after.flash - before.flash;
  const instructions = start.cost.instructions + after.instructions - before.instructions;
  return (
    score(start.cost) - score({ ...start.cost, flash, instructions }) + (choice.own === false ? 1e-9 : 0)
  );
}

function withChoice(choices: Choices, { operator, choice }: Candidate): Choices {
  return new Map([...choices, [operator, { ...choices.get(operator), ...choice }]]);
}

/** The choices with this one added, or taken back where it is in them. */
function toggled(choices: Choices, candidate: Candidate): Choices {
  const now = choices.get(candidate.operator);
  const fields = Object.keys(candidate.choice) as (keyof Choice)[];
  if (now === undefined || fields.some((field) => now[field] !== candidate.choice[field]))
    return withChoice(choices, candidate);
  const rest: Choice = Object.fromEntries(
    Object.entries(now).filter(([field]) => !(fields as string[]).includes(field)),
  );
  const others = [...choices].filter(([operator]) => operator !== candidate.operator);
  return new Map(Object.keys(rest).length === 0 ? others : [...others, [candidate.operator, rest]]);
}
