import { execa } from 'execa';
import { z } from 'zod';
import { optimizeSettings } from '../src/operators/setting.ts';
import type { OurResult } from './results.ts';

/** Ours against ours: what the committed results say, and what is measured now. */

const count = z.int().nonnegative();

export const ourResult = z.object({
  model: z.string(),
  target: z.string(),
  optimize: z.enum(optimizeSettings),
  instructions: count.nullable(),
  cycles: z.object({ estimate: count, low: count, high: count }).nullable(),
  flashBytes: count,
  arenaBytes: count,
  stackBytes: count.nullable(),
  ramBytes: count.nullable(),
  bitExact: z.boolean(),
});

const figures = {
  instructions: ({ instructions }: OurResult) => instructions,
  'bytes of flash': ({ flashBytes }: OurResult) => flashBytes,
  'bytes of arena': ({ arenaBytes }: OurResult) => arenaBytes,
  'bytes of RAM with stack': ({ ramBytes }: OurResult) => ramBytes,
} as const;

export interface Difference {
  readonly of: string;
  readonly what: string;
  readonly before: number;
  readonly now: number;
}

export interface Comparison {
  readonly compared: number;
  readonly worse: readonly Difference[];
  readonly better: readonly Difference[];
  /** What was in the results and is not bit-exact, or not measured, any more. */
  readonly lost: readonly string[];
}

/** Every row of `now` against its row in `before`; rows that are new are compared with nothing. */
export function compare(before: readonly OurResult[], now: readonly OurResult[]): Comparison {
  const differences: Difference[] = [];
  const lost: string[] = [];
  let compared = 0;
  for (const row of now) {
    const of = nameOf(row);
    if (!row.bitExact) lost.push(`${of} is not bit-exact`);
    const old = before.find((each) => nameOf(each) === of);
    if (old === undefined) continue;
    compared += 1;
    for (const [what, figure] of Object.entries(figures)) {
      const [was, is] = [figure(old), figure(row)];
      if (was !== null && is === null) lost.push(`${of}: ${what} were not measured`);
      if (was !== null && is !== null && was !== is) differences.push({ of, what, before: was, now: is });
    }
  }
  return {
    compared,
    worse: [...differences.filter((each) => each.now > each.before), ...falseGains(before, now)],
    better: differences.filter((each) => each.now < each.before),
    lost,
  };
}

/** The compiler's order of blocks alone moves estimates by this share. */
const layoutNoise = 0.001;

/** Where instructions fell and estimated cycles rose: a long load-multiple counts as one instruction. */
export function falseGains(before: readonly OurResult[], now: readonly OurResult[]): Difference[] {
  return now.flatMap((row) => {
    const old = before.find((each) => nameOf(each) === nameOf(row));
    if (old?.cycles == null || row.cycles === null) return [];
    if (old.instructions === null || row.instructions === null) return [];
    if (row.instructions >= old.instructions) return [];
    if (row.cycles.estimate <= old.cycles.estimate * (1 + layoutNoise)) return [];
    const what = 'estimated cycles for fewer instructions';
    return [{ of: nameOf(row), what, before: old.cycles.estimate, now: row.cycles.estimate }];
  });
}

export function nameOf({
  model,
  target,
  optimize,
}: Pick<OurResult, 'model' | 'target' | 'optimize'>): string {
  return `${model} on ${target} for ${optimize}`;
}

export function differenceLine({ of, what, before, now }: Difference): string {
  const percent =
    before === 0 ? '' : ` (${now > before ? '+' : ''}${((100 * (now - before)) / before).toFixed(2)}%)`;
  return `${of}: ${before.toLocaleString('en-US')} → ${now.toLocaleString('en-US')} ${what}${percent}`;
}

/** The results that another commit has; null where git, the commit or its results are not there, or have another form. */
export async function resultsAt(commit: string, folder: string): Promise<OurResult[] | null> {
  const shown = await execa('git', ['show', `${commit}:./results.json`], { cwd: folder, reject: false });
  if (shown.failed) return null;
  try {
    const parsed = z.object({ results: z.array(ourResult) }).safeParse(JSON.parse(shown.stdout));
    return parsed.success ? parsed.data.results : null;
  } catch {
    return null;
  }
}
