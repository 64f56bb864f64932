import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { AcceptanceRecord, BrokenValue } from '../judge/accept.ts';
import { bounds, metrics } from '../report/report.ts';

/** What a comment remembers for the next run, as an invisible line: nothing that the pull request's author can write. */

/** Characters of the line; what does not fit is not remembered, and so not accepted. */
export const stateLimit = 12_000;

/** Of the JSON text, against a line that unpacks to more than we ever packed. */
const maximumBytes = 1024 * 1024;

const value = z.tuple([
  z.string().max(200),
  z.string().max(200),
  z.enum(metrics),
  z.enum(bounds),
  z.number().finite(),
]);
const state = z.strictObject({
  v: z.literal(1),
  shown: z.array(value),
  accepted: z.strictObject({ event: z.int(), values: z.array(value) }).nullable(),
});
type State = z.infer<typeof state>;

const line = /^<!-- tinyml-deploy-state: ([0-9a-f]*) -->$/;

/** The line. */
export function renderState(record: AcceptanceRecord): string {
  for (let most = 4096; ; most = Math.floor(most / 2)) {
    const text = `<!-- tinyml-deploy-state: ${packed(record, most)} -->`;
    if (text.length <= stateLimit || most === 0) return text;
  }
}

/** What a line says; null where it is no such line, or says something else. Never throws. */
export function parseState(text: string): AcceptanceRecord | null {
  const [, data] = line.exec(text.trimEnd()) ?? [];
  if (data === undefined) return null;
  try {
    const json = inflateRawSync(Buffer.from(data, 'hex'), {
      maxOutputLength: maximumBytes,
    });
    const { shown, accepted } = state.parse(JSON.parse(json.toString('utf8')));
    return {
      shown: shown.map(brokenValue),
      accepted:
        accepted === null ? null : { event: accepted.event, values: accepted.values.map(brokenValue) },
    };
  } catch {
    return null;
  }
}

function packed({ shown, accepted }: AcceptanceRecord, most: number): string {
  const content: State = {
    v: 1,
    shown: shown.slice(0, most).map(asTuple),
    accepted:
      accepted === null
        ? null
        : { event: accepted.event, values: accepted.values.slice(0, most).map(asTuple) },
  };
  return deflateRawSync(JSON.stringify(content)).toString('hex');
}

function asTuple({ model, target, metric, bound, value: amount }: BrokenValue): State['shown'][number] {
  return [model, target, metric, bound, amount];
}

function brokenValue([model, target, metric, bound, amount]: State['shown'][number]): BrokenValue {
  return { model, target, metric, bound, value: amount };
}
