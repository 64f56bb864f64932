import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnsOf } from '../../scripts/docs/columns.ts';
import { importNodeTest, kindsOf } from './node_test.ts';
import type { NodeRun } from './pass_list.ts';

/** What each ONNX operator becomes, as the node tests that pass show it; docs/operators.md shows it. */

/** By ONNX operator: operator and type (`ABS float32`), and the test whose model has the fewest operators with it. */
export type Becomes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The test that runs them, from the repository's root. */
export const nodeTestFile = 'test/conformance/onnx_node.e2e.test.ts';

export const becomesFile = join(import.meta.dirname, 'onnx_becomes.json');

export function committedBecomes(): Becomes {
  return JSON.parse(readFileSync(becomesFile, 'utf8')) as Becomes;
}

export function becomesOf(runs: readonly NodeRun[]): Becomes {
  const found = new Map<string, Map<string, { readonly name: string; readonly size: number }>>();
  for (const { test, result } of runs) {
    const [kind, other] = kindsOf(test);
    // Of a model of several operators one cannot say which became what.
    if (result.is !== 'passed' || kind === undefined || other !== undefined) continue;
    const { graph } = importNodeTest(test);
    const cells = found.get(kind) ?? new Map();
    found.set(kind, cells);
    for (const operator of graph.operators)
      for (const column of columnsOf(graph, operator)) {
        const cell = `${operator.kind} ${column}`;
        const size = graph.operators.length;
        if (size < (cells.get(cell)?.size ?? Number.POSITIVE_INFINITY))
          cells.set(cell, { name: test.name, size });
      }
  }
  const sorted = <Value>(entries: Iterable<readonly [string, Value]>) =>
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted(found).map(([kind, cells]) => [
      kind,
      Object.fromEntries(sorted(cells).map(([cell, { name }]) => [cell, name])),
    ]),
  );
}
