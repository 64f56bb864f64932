import Table from 'cli-table3';
import pc from 'picocolors';
import { printable } from '../errors.ts';
import type { QuantizationCost } from '../quantize/layer_errors.ts';
import { lossText } from '../quantize/loss.ts';
import type { MixedOutcome, WideActivation } from '../quantize/widen.ts';

/** What `explain` prints of a float model: how it was quantized, and its layers, the one that brings the most error first. */
export function describeQuantization(
  { range, biasCorrection, samples, decibels, layers, wide, mixed }: QuantizationCost,
  colour: boolean,
): string {
  const { bold, dim } = pc.createColors(colour);
  const table = new Table({
    head: ['Operator', 'Output', 'Computes in', 'Signal to noise, dB'],
    colAligns: ['left', 'left', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { kind, operator, tensor, type, decibels: ratio } of layers)
    table.push([`${kind} #${operator}`, printable(tensor, 60), type, ratio.toFixed(1)]);
  return [
    bold(`Quantization: ${decibels.toFixed(1)} dB of signal to noise at the outputs`),
    `${samples} calibration samples, ranges by ${range}, biases ${biasCorrection ? 'corrected' : 'as they are'}`,
    ...(mixed === null ? [] : [mixedText(mixed, wide.length)]),
    ...(wide.length === 0 ? [] : ['', wideTable(wide), dim(wideNote)]),
    '',
    table.toString(),
    dim(
      'What each layer alone brings when everything before it is exact, the worst first; 6 dB are one bit.',
    ),
  ].join('\n');
}

const wideNote =
  'Activations in int16, by the signal to noise that the network would keep with that one in int8 and all others in int16.';

function mixedText(
  { budget, int8, chosen, samples, labelled, activations }: MixedOutcome,
  wide: number,
): string {
  const { unit, value } = budget;
  const measured = unit === 'decibels' ? 'keeps' : 'loses';
  const by = labelled ? 'labelled test samples' : 'calibration samples';
  return [
    `Mixed precision: ${wide} of ${activations} activations in int16; ${measured} ${lossText(chosen, unit)}`,
    `(${lossText(int8, unit)} in int8, budget ${lossText(value, unit)}) on ${samples} ${by}`,
  ].join(' ');
}

function wideTable(wide: readonly WideActivation[]): string {
  const table = new Table({
    head: ['In int16', 'Written by', 'With it in int8, dB'],
    colAligns: ['left', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, kind, decibels } of wide)
    table.push([printable(name, 60), kind ?? 'the input', decibels.toFixed(1)]);
  return table.toString();
}
