import Table from 'cli-table3';
import pc from 'picocolors';
import { printable } from '../errors.ts';
import type { QuantizationCost } from '../quantize/layer_errors.ts';

/** What `explain` prints of a float model: how it was quantized, and its layers, the one that brings the most error first. */
export function describeQuantization(
  { range, biasCorrection, samples, decibels, layers }: QuantizationCost,
  colour: boolean,
): string {
  const { bold, dim } = pc.createColors(colour);
  const table = new Table({
    head: ['Operator', 'Output', 'Signal to noise, dB'],
    colAligns: ['left', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const layer of layers)
    table.push([`${layer.kind} #${layer.operator}`, printable(layer.tensor, 60), layer.decibels.toFixed(1)]);
  return [
    bold(`Quantization: ${decibels.toFixed(1)} dB of signal to noise at the outputs`),
    `${samples} calibration samples, ranges by ${range}, biases ${biasCorrection ? 'corrected' : 'as they are'}`,
    '',
    table.toString(),
    dim(
      'What each layer alone brings when everything before it is exact, the worst first; 6 dB are one bit.',
    ),
  ].join('\n');
}
