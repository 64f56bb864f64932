import { DeployError, type Place, printable } from '../errors.ts';
import { type Bound, bounds, type Metric } from '../report/report.ts';
import type { ConfigFile } from './config.ts';
import type { Budget } from './project.ts';
import type { ConfigBudgets } from './schema.ts';
import {
  parseBytes,
  parseCycles,
  parseEnergy,
  parseGrowth,
  parseInstructions,
  parseNumber,
  parsePercent,
} from './units.ts';

/** A `budgets:` mapping and where it stands. */
export interface BudgetLevel {
  readonly budgets: ConfigBudgets | undefined;
  /** [`models`, 2, `budgets`] */
  readonly path: readonly PropertyKey[];
}

/**
 * The limits on one metric of one model on one target. `levels`: the closest first; within each a target's limits come
 * before those for all targets. Each kind of bound is inherited by itself: a model's `64 KiB` keeps the project's `+2%`.
 */
export function budgetsOf(
  source: ConfigFile,
  levels: readonly BudgetLevel[],
  target: string,
  metric: Metric,
): Budget[] {
  const writings = levels.flatMap(({ budgets, path }) => {
    const special = Object.hasOwn(budgets?.targets ?? {}, target) ? budgets?.targets?.[target] : undefined;
    return [
      { value: special?.[metric], at: [...path, 'targets', target, metric] },
      { value: budgets?.[metric], at: [...path, metric] },
    ];
  });
  return bounds.flatMap((bound) => {
    for (const { value, at } of writings) {
      const isMapping = typeof value === 'object';
      const written = isMapping ? value[bound as keyof typeof value] : bound === 'limit' ? value : undefined;
      if (written === undefined) continue;
      const place = source.yaml.place(isMapping ? [...at, bound] : at);
      const amount = parseBound(metric, bound, written, place);
      return [{ metric, bound, amount, written: String(written).trim(), line: place.line ?? 1 }];
    }
    return [];
  });
}

function parseBound(metric: Metric, bound: Bound, written: string | number, place: Place): number {
  if (bound === 'limit') refuseRelative(metric, written, place);
  switch (bound) {
    case 'limit':
      return parseLimit(metric, written, place);
    case 'change':
      if (metric === 'accuracy') return parsePercent(written, place, { sign: '-', highest: 100 });
      if (metric === 'score') return parseNumber(written, place, 'fall');
      if (metric === 'error') return parseNumber(written, place, 'growth');
      if (/%$/.test(String(written).trim())) throw otherBound(metric, 'percent', written, place);
      return parseGrowth(written, place, growthOf[metric as keyof typeof growthOf]);
    case 'percent':
      if (/[A-Za-zµ]$/.test(String(written).trim())) throw otherBound(metric, 'change', written, place);
      return parsePercent(written, place, { sign: '+', highest: 1_000_000 });
    case 'share':
      return parsePercent(
        typeof written === 'string' ? written.replace(/\s+of\s+(the\s+)?part$/, '') : written,
        place,
        { highest: 100 },
      );
  }
}

const growthOf = {
  flash: 'size',
  ram: 'size',
  stack: 'size',
  instructions: 'count',
  cycles: 'count',
  energy: 'energy',
} as const;

function parseLimit(metric: Metric, written: string | number, place: Place): number {
  switch (metric) {
    case 'accuracy':
      return parsePercent(written, place, { highest: 100 });
    case 'score':
    case 'error':
      return parseNumber(written, place, 'limit');
    case 'changed-answers':
      return Number(written);
    case 'instructions':
      return parseInstructions(written, place);
    case 'cycles':
      return parseCycles(written, place);
    case 'energy':
      return parseEnergy(written, place);
    default:
      return parseBytes(written, place);
  }
}

/** `change: +2%` or `percent: +1 KiB`: the other was meant. */
function otherBound(metric: Metric, meant: Bound, written: string | number, place: Place): DeployError {
  const what = meant === 'percent' ? '`change` is an amount.' : '`percent` takes a percentage.';
  const text = printable(String(written).trim(), 40);
  return new DeployError('input', what, place, `Write \`${metric}: { ${meant}: ${text} }\`.`);
}

/** `flash: +2%` in place of a limit: the mapping that was meant. */
function refuseRelative(metric: Metric, written: string | number, place: Place): void {
  const text = String(written).trim();
  const meant =
    metric === 'accuracy'
      ? /^[-−]/.test(text) && 'change'
      : metric === 'score'
        ? false
        : /of (the )?part$/.test(text)
          ? 'share'
          : /%$/.test(text)
            ? 'percent'
            : /^\+/.test(text) && 'change';
  if (meant === false) return;
  throw new DeployError(
    'input',
    'A limit is absolute.',
    place,
    `Write \`${metric}: { ${meant}: ${text.slice(0, 40)} }\`.`,
  );
}
