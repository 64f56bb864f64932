import { DeployError, type Place, printable } from '../errors.ts';
import type { LossBudget } from '../quantize/loss.ts';

/** `0.5%` → points of accuracy, `40 dB` → signal to noise. Throws DeployError (kind `input`). */
export function parseLossBudget(written: string, where: Place): LossBudget {
  const [, number = '', unit = ''] = /^(\d{1,3}(?:\.\d{1,6})?)\s*(%|dB)$/.exec(written.trim()) ?? [];
  const value = Number(number);
  if (number !== '' && value <= (unit === '%' ? 100 : 200))
    return { unit: unit === '%' ? 'points' : 'decibels', value };
  throw new DeployError(
    'input',
    `"${printable(written, 40)}" is no loss.`,
    where,
    'Write points of accuracy such as `0.5%`, or signal to noise that must be left such as `40 dB`.',
  );
}
