import { className, compareAnswers, rightByClass } from '../accuracy/answers.ts';
import { printable } from '../errors.ts';
import type { Answers, ArenaBuffer, LayerMeasurement, Measurement } from '../measurement.ts';
import { arenaPeak } from '../report/arena.ts';
import { layerFlash, layerName, pairLayers } from '../report/layers.ts';
import { metricTable } from '../report/metrics.ts';
import { counted, grouped, signed } from '../report/numbers.ts';
import type { Cause, Metric } from '../report/report.ts';

const shown = 3;

/**
 * What to look at when a metric is over its budget: the layers that grew most since the baseline, or the largest where
 * there is none or nothing grew; for RAM the buffers that are alive when the arena is fullest. Nothing for the others,
 * which are not made of parts.
 */
export function causesOf(metric: Metric, before: Measurement | null, after: Measurement): Cause[] {
  switch (metricTable[metric].madeOf) {
    case 'flash':
      return most([...layerCauses(before, after, layerFlash), ...sharedFlash(before, after)]);
    case 'arena':
      return most(arenaCauses(after));
    case 'instructions':
      return most(layerCauses(before, after, (layer) => layer.instructions ?? 0));
    case 'cycles':
      return most(layerCauses(before, after, (layer) => layer.cycles ?? 0));
    case 'classes':
      return classCauses(before, after);
    case 'answers':
      return answerCauses(before, after);
    case null:
      return [];
  }
}

/** `Grew most: 02_conv_2d +1,536 B, …`; empty without causes. */
export function causeSentence(metric: Metric, causes: readonly Cause[]): string {
  if (causes.length === 0) return '';
  const { madeOf } = metricTable[metric];
  if (madeOf === 'classes') return classSentence(causes);
  if (madeOf === 'answers')
    return ` Most often: ${causes.map(({ what, value }) => `${what} (${grouped(value)})`).join(', ')}.`;
  const unit = madeOf === 'instructions' ? '' : madeOf === 'cycles' ? ' cycles' : ' B';
  const isGrowth = causes.every(({ growth }) => growth !== null && growth > 0);
  const items = causes.map(({ what, value, growth }) =>
    isGrowth && growth !== null
      ? `${what} ${signed(growth)}${unit} to ${grouped(value)}`
      : `${what} ${grouped(value)}${unit}`,
  );
  const start = isGrowth ? 'Grew most' : madeOf === 'arena' ? 'Largest at the peak of the arena' : 'Largest';
  return ` ${start}: ${items.join(', ')}.`;
}

function most(causes: readonly Cause[]): Cause[] {
  const grown = causes.filter(({ growth }) => growth !== null && growth > 0);
  if (grown.length > 0) return grown.toSorted((a, b) => (b.growth ?? 0) - (a.growth ?? 0)).slice(0, shown);
  return causes
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => b.value - a.value)
    .slice(0, shown);
}

/** Classes that lost most right answers since the baseline, or have the fewest where there is none to compare with. */
function classCauses(before: Measurement | null, after: Measurement): Cause[] {
  const { answers } = after;
  const now = answers === null ? null : rightByClass(answers);
  if (answers === null || now === null) return [];
  const isSame = compareAnswers(before?.answers ?? null, answers).kind === 'compared';
  const old = isSame && before?.answers ? rightByClass(before.answers) : null;
  const causes = [...now].map(([label, { right, samples }]) => {
    const growth = old === null ? null : right - (old.get(label)?.right ?? 0);
    return { share: right / samples, cause: { what: nameOf(answers, label), value: right, growth }, samples };
  });
  const lost = causes.filter(({ cause }) => cause.growth !== null && cause.growth < 0);
  if (lost.length > 0)
    return lost
      .toSorted((a, b) => (a.cause.growth ?? 0) - (b.cause.growth ?? 0))
      .slice(0, shown)
      .map(({ cause }) => cause);
  return causes
    .filter(({ share }) => share < 1)
    .toSorted((a, b) => a.share - b.share)
    .slice(0, shown)
    .map(({ cause, samples }) => ({
      ...cause,
      what: `of ${counted(samples, 'sample')} of ${cause.what}`,
      growth: null,
    }));
}

function classSentence(causes: readonly Cause[]): string {
  const [first] = causes;
  if (first === undefined) return '';
  return first.growth === null
    ? ` Fewest right: ${causes.map(({ what, value }) => `${grouped(value)} ${what}`).join(', ')}.`
    : ` Lost most right answers: ${causes.map(({ what, growth }) => `${what} (${signed(growth ?? 0)})`).join(', ')}.`;
}

/** What turned into what, the most frequent first. */
function answerCauses(before: Measurement | null, after: Measurement): Cause[] {
  const { answers } = after;
  const compared = compareAnswers(before?.answers ?? null, answers);
  if (compared.kind !== 'compared' || answers === null || answers.kind !== 'class') return [];
  const turns = new Map<string, number>();
  for (const changed of compared.changed) {
    const turn = `${nameOf(answers, changed.before)} → ${nameOf(answers, changed.after)}`;
    turns.set(turn, (turns.get(turn) ?? 0) + 1);
  }
  return [...turns]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, shown)
    .map(([what, value]) => ({ what, value, growth: null }));
}

function nameOf(answers: Answers, label: number): string {
  const name = className(answers, label);
  return name === String(label) ? `class ${label}` : printable(name, 40);
}

function layerCauses(
  before: Measurement | null,
  after: Measurement,
  cost: (layer: LayerMeasurement) => number,
): Cause[] {
  return pairLayers(before?.layers ?? [], after.layers).flatMap((pair) => {
    if (pair.after === null) return [];
    const value = cost(pair.after);
    const growth = before === null ? null : value - (pair.before === null ? 0 : cost(pair.before));
    return [{ what: layerName(pair.after), value, growth }];
  });
}

/** What no layer has: the run-time library, and the code around the layers. */
function sharedFlash(before: Measurement | null, after: Measurement): Cause[] {
  const inNoLayer = ({ flash, layers }: Measurement) =>
    flash.total - flash.runtime - layers.reduce((sum, layer) => sum + layerFlash(layer), 0);
  return [
    {
      what: 'run-time library',
      value: after.flash.runtime,
      growth: before === null ? null : after.flash.runtime - before.flash.runtime,
    },
    {
      what: 'code shared by layers',
      value: Math.max(0, inNoLayer(after)),
      growth: before === null ? null : inNoLayer(after) - inNoLayer(before),
    },
  ];
}

function arenaCauses({ arena, layers }: Measurement): Cause[] {
  const { step } = arenaPeak(arena, layers.length);
  return arena
    .filter(({ firstStep, lastStep }) => firstStep <= step && step <= lastStep)
    .map((buffer) => ({ what: bufferName(buffer, layers), value: buffer.bytes, growth: null }));
}

/** By the layer that needs it first: converters give a tensor the names of all that was folded into it, hundreds of characters. */
function bufferName({ label, firstStep }: ArenaBuffer, layers: readonly LayerMeasurement[]): string {
  const layer = layers[firstStep];
  const name = layer === undefined ? null : layerName(layer);
  const [, scratch] = /^((?:rows and )?scratch) of layer \d+$/.exec(label) ?? [];
  if (firstStep < 0) return 'input';
  if (name === null) return printable(label, 60);
  return `${scratch ?? 'output'} of ${name}`;
}
