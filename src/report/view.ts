import { type Measurement, measurementKey } from '../measurement.ts';
import { hasChanged, type LayerPair, layerFlash, pairLayers } from './layers.ts';
import { counted, grouped, kibibytes, percentChange, quantity, share, signed } from './numbers.ts';
import { type BudgetResult, type Change, type Metric, metrics, type Report, type Row } from './report.ts';

/** What every rendering says, in words but without markup: each renderer only lays it out. */

export type Direction = 'up' | 'down' | 'same' | 'added' | 'removed' | 'unknown';

/** One number of a row. */
export interface Cell {
  readonly metric: Metric;
  /** `52,144 B`; `—` where nothing was measured. */
  readonly value: string;
  readonly direction: Direction;
  /** `+1,024 B (+2.00%)`, `unchanged`, `new`; empty without a baseline. */
  readonly change: string;
  /** `5.1% of 1 MiB`: of the real part's memory; empty for a generic core. */
  readonly partShare: string;
  /** `79.5% of budget 64 KiB`; empty without one. */
  readonly budget: string;
  /** `79.5% of budget`, where there is little room. */
  readonly budgetShare: string;
  readonly isOver: boolean;
}

export interface Checked {
  readonly status: 'exact' | 'failed' | 'not-run';
  /** `bit-exact`, `mismatch`, `not run`. */
  readonly text: string;
  /** `211 inputs`; empty where none were compared. */
  readonly note: string;
}

export interface Accuracy {
  /** `96.50%` */
  readonly value: string;
  /** `193 of 200` */
  readonly note: string;
  /** `+0.50 points`, `unchanged`; empty where there is nothing to compare with. */
  readonly change: string;
}

export interface RowView {
  readonly row: Row;
  /** What the row is about: the measurement now, or that of the baseline where it is gone. */
  readonly measurement: Measurement | null;
  readonly cells: readonly Cell[];
  readonly verification: Checked;
  /** null without labelled data. */
  readonly accuracy: Accuracy | null;
  readonly layers: readonly LayerPair[];
  readonly hasChanged: boolean;
}

export function rowViews(report: Report): RowView[] {
  const now = new Map(report.measurements.map((each) => [measurementKey(each), each]));
  const before = new Map(report.baselineMeasurements.map((each) => [measurementKey(each), each]));
  const hasBaseline = report.baseline.source !== 'none';
  return report.rows.map((row) => {
    const key = `${row.model}@${row.target}`;
    const after = row.presence === 'removed' ? null : (now.get(key) ?? null);
    const old = before.get(key) ?? null;
    const measurement = after ?? old;
    return {
      row,
      measurement,
      cells: metrics.map((metric) => cellOf(row, metric, measurement, hasBaseline)),
      verification: checked(after),
      accuracy: accuracyOf(old, after),
      layers:
        old === null
          ? // A row that is new as a whole has no layers that changed.
            (after?.layers ?? []).map((layer) => ({ before: layer, after: layer }))
          : pairLayers(old.layers, after?.layers ?? []),
      hasChanged:
        hasBaseline && (row.presence !== 'both' || row.changes.some((each) => each.before !== each.after)),
    };
  });
}

function cellOf(row: Row, metric: Metric, measurement: Measurement | null, hasBaseline: boolean): Cell {
  const change = row.changes.find((each) => each.metric === metric) ?? { metric, before: null, after: null };
  const shown = row.presence === 'removed' ? change.before : change.after;
  const budget = row.budgets.find((each) => each.metric === metric);
  const room = measurement === null ? null : partBytes(measurement, metric);
  return {
    metric,
    value: shown === null ? '—' : quantity(metric, shown),
    ...changeOf(change, row, hasBaseline),
    partShare: room === null || shown === null ? '' : `${share(shown, room)} of ${kibibytes(room)}`,
    ...budgetText(metric, budget),
    isOver: budget !== undefined && budget.status !== 'within',
  };
}

function budgetText(metric: Metric, budget: BudgetResult | undefined): Pick<Cell, 'budget' | 'budgetShare'> {
  if (budget === undefined) return { budget: '', budgetShare: '' };
  if (budget.value === null)
    return { budget: `budget ${budget.written} not checked`, budgetShare: 'budget not checked' };
  const budgetShare = `${share(budget.value, budget.limit)} of budget`;
  return { budget: `${budgetShare} ${limitText(metric, budget.limit)}`, budgetShare };
}

function limitText(metric: Metric, limit: number): string {
  return metric === 'instructions' ? grouped(limit) : kibibytes(limit);
}

function partBytes({ part }: Measurement, metric: Metric): number | null {
  if (part === null || metric === 'instructions') return null;
  return metric === 'flash' ? part.flashBytes : part.ramBytes;
}

function changeOf(
  { metric, before, after }: Change,
  row: Row,
  hasBaseline: boolean,
): Pick<Cell, 'direction' | 'change'> {
  if (!hasBaseline) return { direction: 'unknown', change: '' };
  if (row.presence === 'removed') return { direction: 'removed', change: 'removed' };
  if (row.presence === 'added') return { direction: 'added', change: 'new' };
  if (before === null || after === null) {
    if (before === after) return { direction: 'unknown', change: '' };
    return {
      direction: 'unknown',
      change: before === null ? 'not in baseline' : `was ${quantity(metric, before)}`,
    };
  }
  if (before === after) return { direction: 'same', change: 'unchanged' };
  return { direction: after > before ? 'up' : 'down', change: changeText(metric, before, after) };
}

/** `+1,024 B (+2.00%)`. */
export function changeText(metric: Metric, before: number, after: number): string {
  const unit = metric === 'instructions' ? '' : ' B';
  const percent = percentChange(before, after);
  return `${signed(after - before)}${unit}${percent === '' ? '' : ` (${percent})`}`;
}

function checked(measurement: Measurement | null): Checked {
  if (measurement === null) return { status: 'not-run', text: '—', note: '' };
  const [failure] = measurement.failures;
  const { verification } = measurement;
  if (failure !== undefined) return { status: 'failed', text: failure.kind.replaceAll('-', ' '), note: '' };
  if (verification === null) return { status: 'not-run', text: 'not run', note: '' };
  if (!verification.bitExact) return { status: 'failed', text: 'mismatch', note: '' };
  return { status: 'exact', text: 'bit-exact', note: counted(verification.inputs, 'input') };
}

function accuracyOf(before: Measurement | null, after: Measurement | null): Accuracy | null {
  const accuracy = after?.verification?.accuracy ?? null;
  if (accuracy === null || accuracy.samples === 0) return null;
  const { correct, samples } = accuracy;
  return {
    value: `${exactPercent(correct, samples)}%`,
    note: `${grouped(correct)} of ${grouped(samples)}`,
    change: accuracyChange(before?.verification?.accuracy ?? null, accuracy),
  };
}

/** Two places; cut, not rounded, so that only a perfect score reads 100.00. */
function exactPercent(correct: number, samples: number): string {
  return (Math.floor((10_000 * correct) / samples) / 100).toFixed(2);
}

type Score = NonNullable<NonNullable<Measurement['verification']>['accuracy']>;

function accuracyChange(old: Score | null, now: Score): string {
  if (old === null || old.samples === 0) return '';
  // Compared as fractions, so that equal is equal.
  if (old.correct * now.samples === now.correct * old.samples) return 'unchanged';
  const points = 100 * (now.correct / now.samples - old.correct / old.samples);
  const size = Math.abs(points) < 0.01 ? '<0.01' : Math.abs(points).toFixed(2);
  return `${points > 0 ? '+' : '−'}${size} points`;
}

/** The first words of every report, e.g. `Pass: 2 models on 3 targets, every output bit-exact`. */
export function headline(report: Report): string {
  const live = report.rows.filter(({ presence }) => presence !== 'removed');
  const models = new Set(live.map(({ model }) => model)).size;
  const targets = new Set(live.map(({ target }) => target)).size;
  const what = `${counted(models, 'model')} on ${counted(targets, 'target')}`;
  if (report.verdict.status === 'fail') {
    const failed = live.filter(({ status }) => status === 'fail').length;
    return `Fail: ${grouped(failed)} of ${counted(live.length, 'deployment')} (${what})`;
  }
  const isProven = report.measurements.every(({ verification }) => verification?.bitExact === true);
  return `Pass: ${what}${isProven && live.length > 0 ? ', every output bit-exact' : ''}`;
}

/** What is different from the baseline in one sentence; empty without a baseline. */
export function changeSummary(report: Report, rows: readonly RowView[]): string {
  if (report.baseline.source === 'none') return '';
  const changed = rows.filter((each) => each.hasChanged && each.row.presence === 'both').length;
  const added = report.rows.filter(({ presence }) => presence === 'added').length;
  const removed = report.rows.filter(({ presence }) => presence === 'removed').length;
  const parts = [
    changed > 0 ? `${grouped(changed)} changed` : '',
    added > 0 ? `${grouped(added)} new` : '',
    removed > 0 ? `${grouped(removed)} removed` : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return 'Sizes and instruction counts are unchanged.';
  return `Of ${counted(report.rows.length, 'row')}: ${parts.join(', ')}.`;
}

/** Emulators and compilers, each once: `QEMU 7.2.22`, `arm-none-eabi-gcc 12.2.1`. */
export function tools(report: Report): { readonly emulators: string[]; readonly compilers: string[] } {
  const titles = { qemu: 'QEMU', renode: 'Renode' } as const;
  const emulators = report.measurements.flatMap((each) =>
    each.emulations.map(({ emulator, version }) => `${titles[emulator]} ${version}`),
  );
  const compilers = report.measurements.map(({ compiler }) => compiler.version);
  return { emulators: [...new Set(emulators)], compilers: [...new Set(compilers)] };
}

/** What emulators could not see, in full sentences: one for each emulator and list of faults. */
export function blindSpots(report: Report): string[] {
  const titles = { qemu: 'QEMU', renode: 'Renode' } as const;
  const targets = new Map<string, Set<string>>();
  for (const { target, emulations } of report.measurements)
    for (const { emulator, blindTo } of emulations) {
      if (blindTo.length === 0) continue;
      const start = `${titles[emulator]} cannot see ${blindTo.join(', ')}`;
      targets.set(start, (targets.get(start) ?? new Set()).add(target));
    }
  return [...targets].map(([start, on]) => `${start} (on ${[...on].join(', ')}).`);
}

export interface Composition {
  readonly flash: string;
  readonly ram: string;
  /** Empty where nothing was counted. */
  readonly instructions: string;
}

/** What the numbers of a row are made of, in one line each. */
export function composition({ flash, ram, instructions }: Measurement): Composition {
  const parts = (of: readonly (readonly [string, number])[]) =>
    of.map(([name, size]) => `${name} ${grouped(size)}`).join(' + ');
  return {
    flash: `${grouped(flash.total)} B = ${parts([
      ['code', flash.code],
      ['weights', flash.weights],
      ['tables', flash.tables],
      ['run-time library', flash.runtime],
    ])}`,
    ram: `${grouped(ram.total)} B = ${parts([
      ['arena', ram.arena],
      ['data', ram.data],
    ])}${ram.stack === null ? '' : `; stack of one inference ${grouped(ram.stack)} B`}`,
    instructions:
      instructions === null
        ? ''
        : `${grouped(instructions.total)} on the first input, ${
            instructions.min === instructions.max
              ? 'the same on every other'
              : `${grouped(instructions.min)} to ${grouped(instructions.max)} over all`
          }`,
  };
}

/** One line of a layer table. */
export interface LayerView {
  /** `00_conv_2d`: the symbol without the model's prefix. */
  readonly name: string;
  readonly shape: string;
  readonly macs: number;
  readonly flash: number;
  readonly instructions: number | null;
  /** Share of the inference's instructions, e.g. `41.2%`. */
  readonly share: string;
  readonly instructionsPerMac: string;
  /** `new`, `removed` or empty. */
  readonly presence: string;
  /** `+16 B`; empty where nothing changed. */
  readonly flashChange: string;
  readonly instructionsChange: string;
  readonly hasChanged: boolean;
}

/** Layers in execution order. */
export function layerViews(view: RowView): LayerView[] {
  const total = view.measurement?.instructions?.total ?? 0;
  return view.layers.flatMap((pair) => {
    const layer = pair.after ?? pair.before;
    if (layer === null) return [];
    const { before, after } = pair;
    const isBoth = before !== null && after !== null;
    return [
      {
        name: layer.symbol.replace(/^.*?_?layer_(?=\d)/, ''),
        shape: layer.outputShape.join('×'),
        macs: layer.macs,
        flash: layerFlash(layer),
        instructions: layer.instructions,
        share: layer.instructions === null || after === null ? '' : share(layer.instructions, total),
        instructionsPerMac:
          layer.macs === 0 || layer.instructions === null ? '' : (layer.instructions / layer.macs).toFixed(2),
        presence: after === null ? 'removed' : before === null ? 'new' : '',
        flashChange: isBoth ? difference('flash', layerFlash(before), layerFlash(after)) : '',
        instructionsChange: isBoth ? difference('instructions', before.instructions, after.instructions) : '',
        hasChanged: hasChanged(pair),
      },
    ];
  });
}

function difference(metric: Metric, before: number | null, after: number | null): string {
  if (before === null || after === null || before === after) return '';
  return changeText(metric, before, after);
}

/** Layers that changed first; otherwise in execution order. */
export function changedFirst(layers: readonly LayerView[]): LayerView[] {
  return [...layers.filter((each) => each.hasChanged), ...layers.filter((each) => !each.hasChanged)];
}
