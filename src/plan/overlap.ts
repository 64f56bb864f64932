import type { Walk } from '../operators/operator.ts';

/** How far a kernel's output may run over the input that dies with it. */

/** Bytes between the start of the input and the start of the output. */
export interface OverlapDistances {
  /** Walking forwards: safe when input start − output start is at least this. */
  readonly forwards: number;
  /** Walking backwards: safe when output start − input start is at least this; null where the kernel can't. */
  readonly backwards: number | null;
}

/**
 * Exact for the walk: a step may write only what neither it nor a later step reads. Forwards the output follows the
 * input from below, backwards from above. A step that reads first need not spare its own reads. A channelwise step may also
 * write in place: forwards, an output pixel then lies exactly on the first pixel that it reads, or below.
 */
export function overlapDistances({ steps, reversible, withinStep }: Walk): OverlapDistances {
  let forwards = Number.NEGATIVE_INFINITY;
  let firstRead = Number.POSITIVE_INFINITY;
  for (const { readFrom, writeFrom, writeTo } of steps.toReversed()) {
    if (withinStep !== 'any') forwards = Math.max(forwards, writeTo - firstRead);
    if (withinStep === 'channelwise') forwards = Math.max(forwards, writeFrom - readFrom);
    firstRead = Math.min(firstRead, readFrom);
    if (withinStep === 'any') forwards = Math.max(forwards, writeTo - firstRead);
  }
  let backwards = Number.NEGATIVE_INFINITY;
  let lastRead = Number.NEGATIVE_INFINITY;
  for (const { readTo, writeFrom } of steps) {
    if (withinStep === 'reads-first') backwards = Math.max(backwards, lastRead - writeFrom);
    lastRead = Math.max(lastRead, readTo);
    if (withinStep !== 'reads-first') backwards = Math.max(backwards, lastRead - writeFrom);
  }
  return { forwards, backwards: reversible ? backwards : null };
}
