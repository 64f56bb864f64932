import { type Measurement, measurementKey } from '../measurement.ts';
import { type AnswersView, answersView } from './changed_answers.ts';
import { hasChanged, type LayerPair, layerFlash, layerName, pairLayers } from './layers.ts';
import { metricTable } from './metrics.ts';
import {
  counted,
  grouped,
  isSize,
  kibibytes,
  percentChange,
  quantity,
  share,
  signed,
  significant,
} from './numbers.ts';
import type { BudgetResult, Change, Metric, Notice, Reason, Report, Row } from './report.ts';

/** What every rendering says, in words but without markup: each renderer only lays it out. */

export type Direction = 'up' | 'down' | 'same' | 'added' | 'removed' | 'unknown';

/** The metrics with a column of their own; stack stands with RAM, accuracy comes last where there is any. */
const columns = ['flash', 'ram', 'instructions'] as const;

/** One number of a row. */
export interface Cell {
  readonly metric: (typeof columns)[number];
  readonly number: number | null;
  /** `52,144 B`; `—` where nothing was measured. */
  readonly value: string;
  readonly direction: Direction;
  /** `+1,024 B (+2.00%)`, `unchanged`, `new`; empty without a baseline. */
  readonly change: string;
  /** `5.1% of 1 MiB`: of the real part's memory; empty for a generic core. */
  readonly partShare: string;
  /** `stack 344 B, +8 B (+2.38%)`; `≈ 5,425,077 cycles`, `error −35% to +2%`, `≈ 1,863.5 µJ`, `at 1.8 V, LDO`: a line each. */
  readonly notes: readonly string[];
  /** `79.5% of budget 64 KiB`, of the tightest one; empty without one. */
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

export interface AccuracyView {
  /** `top-1`, `AUC`. */
  readonly name: string;
  /** `96.50%`, `0.0712` */
  readonly value: string;
  /** `193 of 200`, `AUC, 200 samples` */
  readonly note: string;
  /** `+0.50 points`, `unchanged`; empty where there is nothing to compare with. */
  readonly change: string;
  /** `at least 95%`; empty without a budget. */
  readonly budget: string;
  readonly isUnder: boolean;
  /** `float 97.00%`; empty where nothing was quantized. */
  readonly float: string;
  /** `top-1 96.50%, 193 of 200 samples; on the emulated part 96.00% over 50 samples; float …`: all that is known. */
  readonly line: string;
}

export interface RowView {
  readonly row: Row;
  /** What the row is about: the measurement now, or that of the baseline where it is gone. */
  readonly measurement: Measurement | null;
  readonly cells: readonly Cell[];
  readonly verification: Checked;
  /** null without labelled data. */
  readonly accuracy: AccuracyView | null;
  /** null without test data or baseline. */
  readonly answers: AnswersView | null;
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
    const old = before.get(row.renamedFrom === null ? key : `${row.renamedFrom}@${row.target}`) ?? null;
    const measurement = after ?? old;
    return {
      row,
      measurement,
      cells: columns.map((metric) => cellOf(row, metric, measurement, hasBaseline)),
      verification: checked(after),
      accuracy: accuracyOf(row, old, after),
      answers: old === null || after === null ? null : answersView(row, old, after),
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

function cellOf(
  row: Row,
  metric: Cell['metric'],
  measurement: Measurement | null,
  hasBaseline: boolean,
): Cell {
  const change = changeIn(row, metric);
  const shown = row.presence === 'removed' ? change.before : change.after;
  const budget = tightest(row.budgets, metric);
  const room = measurement === null ? null : partBytes(measurement, metric);
  return {
    metric,
    number: shown,
    value: shown === null ? '—' : quantity(metric, shown),
    ...changeOf(change, row, hasBaseline),
    partShare: room === null || shown === null ? '' : `${share(shown, room)} of ${kibibytes(room)}`,
    notes: notesOf(row, metric, measurement),
    ...budgetText(metric, budget),
    isOver: isBroken(budget),
  };
}

function changeIn(row: Row, metric: Metric): Change {
  return row.changes.find((each) => each.metric === metric) ?? { metric, before: null, after: null };
}

function stackNote(row: Row): string {
  const { before, after } = changeIn(row, 'stack');
  if (row.presence === 'removed' || after === null) return '';
  const change =
    row.presence === 'added' || before === null || before === after
      ? ''
      : `, ${changeText('stack', before, after)}`;
  return `stack ${quantity('stack', after)}${change}`;
}

function notesOf(row: Row, metric: Cell['metric'], measurement: Measurement | null): string[] {
  const notes =
    metric === 'ram' ? [stackNote(row)] : metric === 'instructions' ? estimateNotes(row, measurement) : [];
  return notes.filter((note) => note !== '');
}

function estimateNotes(row: Row, measurement: Measurement | null): string[] {
  if (row.presence === 'removed' || measurement === null || measurement.cycles === null) return [];
  const { cycles, energy } = measurement;
  const { before, after } = changeIn(row, 'cycles');
  return [
    `≈ ${quantity('cycles', cycles.estimate)}`,
    row.presence === 'added' ? '' : difference('cycles', before, after),
    errorText(cycles),
    ...(energy === null ? [] : [`≈ ${quantity('energy', energy.estimate)}`, `at ${energy.supply}`]),
  ];
}

/** By how much estimates were off where silicon is known; empty where it isn't. */
function errorText({ error }: NonNullable<Measurement['cycles']>): string {
  return error === null ? '' : `error ${percent(error.lowest)} to ${percent(error.highest)}`;
}

/** `≈ 5,425,077 (5,345,077 to 5,625,077 by the core's timings; error −35% to +2%), energy ≈ 1,863.5 µJ at 1.8 V, LDO`; empty without an estimate. */
function estimates({ cycles, energy }: Measurement): string {
  if (cycles === null) return '';
  const { estimate, low, high } = cycles;
  const range = low === high ? '' : `${grouped(low)} to ${grouped(high)} by the core’s timings`;
  const aside = [range, errorText(cycles)].filter((part) => part !== '').join('; ');
  const joules =
    energy === null ? '' : `, energy ≈ ${quantity('energy', energy.estimate)} at ${energy.supply}`;
  return `≈ ${grouped(estimate)}${aside === '' ? '' : ` (${aside})`}${joules}`;
}

function percent(value: number): string {
  return `${signed(value)}%`;
}

function isBroken(budget: BudgetResult | undefined): boolean {
  return budget?.status === 'exceeded' || budget?.status === 'unknown';
}

/** The budget that leaves the least room; one that was not checked only where there is no other. */
function tightest(budgets: readonly BudgetResult[], metric: Metric): BudgetResult | undefined {
  const room = ({ value, limit }: BudgetResult) =>
    value === null || limit === null ? Number.POSITIVE_INFINITY : limit - value;
  const own = budgets.filter((each) => each.metric === metric);
  return own.toSorted((a, b) =>
    metricTable[metric].better === 'more' ? room(b) - room(a) : room(a) - room(b),
  )[0];
}

function budgetText(metric: Metric, budget: BudgetResult | undefined): Pick<Cell, 'budget' | 'budgetShare'> {
  if (budget === undefined) return { budget: '', budgetShare: '' };
  if (budget.value === null || budget.limit === null)
    return { budget: `budget ${budget.written} not checked`, budgetShare: 'budget not checked' };
  const of = share(budget.value, budget.limit);
  const budgetShare = of === '' ? 'budget 0' : `${of} of budget`;
  const accepted = budget.status === 'accepted' ? ', accepted' : '';
  return {
    budget: `${budgetShare} ${limitText(metric, budget.limit)}${accepted}`,
    budgetShare: `${budgetShare}${accepted}`,
  };
}

function limitText(metric: Metric, limit: number): string {
  return isSize(metric) ? kibibytes(limit) : quantity(metric, limit);
}

/** Every budget of a row: `flash 79.5% of 64 KiB`, `flash +2% = 60,100 B: 99.1%`, `RAM 80% of the part not checked`. */
export function budgetLines({ row }: RowView): string[] {
  return row.budgets.map(({ metric, bound, written, value, limit, status }) => {
    const { name, unit } = metricTable[metric];
    const whole = unit === 'samples' ? 'samples' : 'part';
    const which = `${name} ${bound === 'share' ? `${written} of the ${whole}` : written}`;
    if (value === null || limit === null) return `${which} not checked`;
    const allowed = bound === 'limit' ? '' : ` (${limitText(metric, limit)})`;
    const used = isFigure(unit) ? quantity(metric, value) : share(value, limit);
    return `${which}${allowed} ${status === 'exceeded' ? '✖' : '✔'} ${used}${status === 'accepted' ? ' accepted' : ''}`;
  });
}

/** Of which a share of the budget says little. */
function isFigure(unit: (typeof metricTable)[Metric]['unit']): boolean {
  return unit === 'percent' || unit === 'own' || unit === 'samples';
}

function partBytes({ part }: Measurement, metric: Metric): number | null {
  const { memory } = metricTable[metric];
  return part === null || memory === undefined ? null : part[memory];
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
  const unit = isSize(metric) ? ' B' : '';
  const percent = percentChange(before, after);
  return `${signed(after - before)}${unit}${percent === '' ? '' : ` (${percent})`}`;
}

function checked(measurement: Measurement | null): Checked {
  if (measurement === null) return { status: 'not-run', text: '—', note: '' };
  const [failure] = measurement.failures;
  const { verification } = measurement;
  if (failure !== undefined) return { status: 'failed', text: failure.kind.replaceAll('-', ' '), note: '' };
  if (verification === null) return { status: 'not-run', text: 'not run', note: '' };
  const inputs = counted(verification.inputs, 'input');
  if (verification.float32 !== undefined)
    return {
      status: 'exact',
      text: ulpText(verification.float32),
      note: `${inputs}${softFloat(measurement)}`,
    };
  if (!verification.bitExact) return { status: 'failed', text: 'mismatch', note: '' };
  return { status: 'exact', text: 'bit-exact', note: inputs };
}

/** `within 3 ulp (bound 211)`: a whole number that is not too small. */
function ulpText({ ulp, bound }: Float32Closeness): string {
  return `within ${grouped(Math.ceil(ulp))} ulp (bound ${grouped(Math.floor(bound))})`;
}

/** What it costs that the core has no floating-point unit, beside the instructions: library code for each operation. */
function softFloat({ compiler, flash }: Measurement): string {
  if (!compiler.flags.includes('-mfloat-abi=soft')) return '';
  return `, soft float (${grouped(flash.runtime)} B)`;
}

type Float32Closeness = NonNullable<NonNullable<Measurement['verification']>['float32']>;

/** The metric that a measurement's accuracy is told by. */
function accuracyMetric({ unit, better }: MeasuredAccuracy): Metric {
  if (unit === 'percent' && better === 'more') return 'accuracy';
  return better === 'more' ? 'score' : 'error';
}

type MeasuredAccuracy = NonNullable<Measurement['accuracy']>;

function accuracyOf(row: Row, before: Measurement | null, after: Measurement | null): AccuracyView | null {
  const accuracy = after?.accuracy ?? null;
  if (accuracy === null) return null;
  const { correct, samples, name, value, emulated, float } = accuracy;
  const metric = accuracyMetric(accuracy);
  const budget = tightest(row.budgets, metric);
  const limit = budget?.limit ?? null;
  return {
    name,
    value: quantity(metric, value),
    note: correct === null ? `${name}, ${counted(samples, 'sample')}` : rightText(accuracy),
    change: accuracyChange(before?.accuracy ?? null, accuracy),
    budget:
      limit === null
        ? ''
        : `at ${metricTable[metric].better === 'more' ? 'least' : 'most'} ${limitText(metric, limit)}${budget?.status === 'accepted' ? ', accepted' : ''}`,
    isUnder: isBroken(budget),
    float: float === null ? '' : `float ${quantity(metric, float.value)}`,
    line: [
      `${name} ${quantity(metric, value)} ${correct === null ? `over ${counted(samples, 'sample')}` : `(${grouped(correct)} of ${grouped(samples)})`}`,
      emulated === null || emulated.value === null
        ? ''
        : `on the emulated part ${quantity(metric, emulated.value)} over ${counted(emulated.samples, 'sample')}`,
      floatLine(accuracy, metric),
    ]
      .filter((part) => part !== '')
      .join('; '),
  };
}

/** `901 of 1,000`, and the metric where it is not the usual one. */
function rightText({ name, correct, samples }: MeasuredAccuracy): string {
  return `${name === 'top-1' ? '' : `${name}, `}${grouped(correct ?? 0)} of ${grouped(samples)}`;
}

/** `float 91.30%, quantized −1.20 points; 987 of 1,000 answers the same; signal to noise 39.3 dB`; empty where nothing was quantized. */
function floatLine({ value, samples, float }: MeasuredAccuracy, metric: Metric): string {
  if (float === null) return '';
  const same = `${grouped(float.sameAnswers)} of ${counted(samples, 'answer')} the same`;
  const noise = float.decibels === null ? '' : `; signal to noise ${float.decibels.toFixed(1)} dB`;
  const change = changedValue(metric, float.value, value);
  return `float ${quantity(metric, float.value)}, quantized ${change}; ${same}${noise}`;
}

function accuracyChange(old: MeasuredAccuracy | null, now: MeasuredAccuracy): string {
  if (old === null) return '';
  if (old.name !== now.name || old.unit !== now.unit || old.better !== now.better) return `was ${old.name}`;
  return changedValue(accuracyMetric(now), old.value, now.value);
}

/** `+0.50 points`, `−0.0012`, `unchanged`. */
function changedValue(metric: Metric, before: number, after: number): string {
  const change = after - before;
  // Fractions of equal value may differ in the last bit.
  if (Math.abs(change) <= 1e-10 * Math.abs(before)) return 'unchanged';
  const sign = change > 0 ? '+' : '−';
  const size = Math.abs(change);
  if (metric !== 'accuracy') return `${sign}${significant(size)}`;
  return `${sign}${size < 0.01 ? '<0.01' : size.toFixed(2)} points`;
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
  const proofs = report.measurements.map(({ verification }) => verification);
  const isExact = proofs.every((each) => each?.bitExact === true);
  const isFloat = proofs.every((each) => each?.float32 !== undefined);
  const isProven = proofs.every((each) => each?.bitExact === true || each?.float32 !== undefined);
  const proof = isExact
    ? 'bit-exact'
    : isFloat
      ? 'within its float32 bound'
      : 'bit-exact or within its float32 bound';
  return `Pass: ${what}${isProven && live.length > 0 ? `, every output ${proof}` : ''}`;
}

/** True where everything passed and no metric of any row differs from the baseline: one line says it all. */
export function isQuiet(report: Report, rows: readonly RowView[]): boolean {
  return (
    report.verdict.status === 'pass' &&
    report.baseline.source !== 'none' &&
    rows.length > 0 &&
    !rows.some(({ hasChanged }) => hasChanged) &&
    report.accepted.length === 0 &&
    !report.notices.some(({ kind }) => kind === 'loosened-budget')
  );
}

/** Commit and source of the baseline, in parts: `which` is a whole hash, null for a report without one. `how` says it after a comma. */
export function comparison({ baseline }: Report): {
  readonly which: string | null;
  readonly how: string;
} {
  return { which: baseline.commit, how: sources[baseline.source] };
}

const sources: Readonly<Record<Report['baseline']['source'], string>> = {
  cache: 'from the cache',
  artifact: 'from the artifact of its run',
  rebuilt: 'rebuilt with the same tools',
  file: 'from its report',
  none: '',
};

/** `All 12 results are kept from an earlier run on the same inputs and tools.`; empty where all are new. */
export function reusedText({ run, measurements }: Report): string {
  const of = measurements.length;
  if (run.reused === 0 || of === 0) return '';
  const which =
    run.reused >= of
      ? of === 1
        ? 'The result is'
        : `All ${grouped(of)} results are`
      : `${grouped(run.reused)} of ${counted(of, 'result')} ${run.reused === 1 ? 'is' : 'are'}`;
  return `${which} kept from an earlier run on the same inputs and tools.`;
}

/** `was kws_v1`, of a model that only got another name; empty for others. */
export function renameText({ renamedFrom }: Row): string {
  return renamedFrom === null ? '' : `was ${renamedFrom}`;
}

/** `kws on cortex-m4`, in parts; null where a reason is about more than one deployment. */
export function reasonSubject({
  model,
  target,
}: Reason): { readonly model: string; readonly target: string } | null {
  return model === null || target === null ? null : { model, target };
}

/** `kws on cortex-m4`, `kws on cortex-m4 and 5 more`. */
export function noticeSubject({ rows }: Notice): {
  readonly model: string;
  readonly target: string;
  readonly more: string;
} {
  const [first] = rows;
  return {
    model: first?.model ?? '',
    target: first?.target ?? '',
    more: rows.length > 1 ? ` and ${counted(rows.length - 1, 'more row')}` : '',
  };
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

/** `Optimized for size: kws on cortex-m0plus.`; nothing where all code is balanced and no plan file is there. */
export function settingLines({ measurements }: Report): string[] {
  const line = (what: string, applies: (of: Measurement) => boolean, then = ''): string[] => {
    const names = measurements.filter(applies).map(({ model, target }) => `${model.name} on ${target}`);
    return names.length === 0 ? [] : [`${what}: ${names.join(', ')}.${then}`];
  };
  return [
    ...line('Optimized for size', ({ optimize }) => optimize === 'size'),
    ...line('Optimized for speed', ({ optimize }) => optimize === 'speed'),
    ...line('Kernels from the plan file', ({ tuned }) => tuned === 'yes'),
    ...line(
      'Made for another version, so ignored, is the plan of',
      ({ tuned }) => tuned === 'stale',
      ' Run tinyml-deploy tune again.',
    ),
    ...fixedLines(measurements),
  ];
}

/** What models leave open in the size of their inputs, and what it was fixed to; each model once. */
function fixedLines(measurements: readonly Measurement[]): string[] {
  const models = new Map(measurements.map(({ model }) => [model.name, model.fixed ?? []] as const));
  const batches = [...models]
    .filter(([, fixed]) => fixed.some(({ by }) => by === 'batch'))
    .map(([name]) => name);
  const given = [...models].flatMap(([name, fixed]) => {
    const sizes = fixed
      .filter(({ by }) => by === 'config')
      .map(
        (each) =>
          `${each.name === '' ? `dimension ${each.dimension} of ${each.input}` : each.name} ${each.size}`,
      );
    return sizes.length === 0 ? [] : [`${name} (${[...new Set(sizes)].join(', ')})`];
  });
  return [
    ...(batches.length === 0 ? [] : [`Batch fixed to 1, which the file leaves open: ${batches.join(', ')}.`]),
    ...(given.length === 0 ? [] : [`Open sizes as tinyml.yml gives them: ${given.join(', ')}.`]),
  ];
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
  /** Empty where nothing was estimated. */
  readonly cycles: string;
}

/** What the numbers of a row are made of, in one line each. */
export function composition(measurement: Measurement): Composition {
  const { flash, ram, instructions } = measurement;
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
    cycles: estimates(measurement),
  };
}

/** One line of a layer table. */
export interface LayerView {
  /** `00_conv_2d`: the symbol without the model's prefix. */
  readonly name: string;
  readonly shape: string;
  readonly macs: number;
  /** Bytes: code, weights and tables together. */
  readonly flash: number;
  readonly code: number;
  readonly weights: number;
  readonly tables: number;
  readonly instructions: number | null;
  /** Share of the inference's instructions, e.g. `41.2%`. */
  readonly share: string;
  readonly instructionsPerMac: string;
  /** `new`, `removed` or empty. */
  readonly presence: string;
  /** `+16 B`; empty where nothing changed. */
  readonly flashChange: string;
  readonly instructionsChange: string;
  /** null where the layer is not in the baseline, or there is none. */
  readonly before: { readonly flash: number; readonly instructions: number | null } | null;
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
        name: layerName(layer),
        shape: layer.outputShape.join('×'),
        macs: layer.macs,
        flash: layerFlash(layer),
        code: layer.code,
        weights: layer.weights,
        tables: layer.tables,
        instructions: layer.instructions,
        share: layer.instructions === null || after === null ? '' : share(layer.instructions, total),
        instructionsPerMac:
          layer.macs === 0 || layer.instructions === null ? '' : (layer.instructions / layer.macs).toFixed(2),
        presence: after === null ? 'removed' : before === null ? 'new' : '',
        flashChange: isBoth ? difference('flash', layerFlash(before), layerFlash(after)) : '',
        instructionsChange: isBoth ? difference('instructions', before.instructions, after.instructions) : '',
        before: before === null ? null : { flash: layerFlash(before), instructions: before.instructions },
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

export type TrendStep = Report['trend'][number];

/** A metric of a row at each step, oldest first, and now; under the row's old name where it was renamed. */
export function trendOf(
  { row }: RowView,
  steps: readonly TrendStep[],
  metric: 'flash' | 'ram' | 'instructions',
): { readonly commit: string | null; readonly at: string | null; readonly value: number | null }[] {
  const earlier = steps.map(({ commit, at, rows }) => {
    const named = (name: string | null) =>
      rows.find(({ model, target }) => model === name && target === row.target);
    return { commit, at, value: (named(row.model) ?? named(row.renamedFrom))?.[metric] ?? null };
  });
  return [...earlier, { commit: null, at: null, value: changeIn(row, metric).after }];
}
