import assert from 'node:assert/strict';
import type { Graph } from '../../src/graph/graph.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';

/** Both graphs give the same bytes on seeded inputs and on those at which saturation shows. */
export function assertSameOutputs(before: Graph, after: Graph, what: string): void {
  for (const each of [
    ...[1, 2, 3, 4].map((seed) => seededInputs(before, seed)),
    ...cornerInputs(before).map((corner) => corner.inputs),
  ])
    assert.deepEqual(interpret(after, each).outputs, interpret(before, each).outputs, what);
}
