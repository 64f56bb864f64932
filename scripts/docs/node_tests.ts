import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { code, markdownTable } from './table.ts';

/** ONNX's own tests of its operators, from the committed list of their results. */

/** Of a type, and perhaps of one that we do not claim (`outside`); a sentence alone in lists that do not tell. */
const refusal = z.union([
  z.string(),
  z.object({ why: z.string(), type: z.string().optional(), outside: z.string().optional() }),
]);
const passList = z.object({
  onnx: z.string(),
  tests: z.number(),
  passed: z.record(z.string(), z.array(z.string())),
  refused: z.record(z.string(), z.record(z.string(), refusal)),
});

interface Refused {
  readonly name: string;
  readonly sentence: string;
  /** The test's type, if the operator is not claimed in it; else null. */
  readonly outside: string | null;
}

interface Results {
  readonly kind: string;
  readonly passed: readonly string[];
  readonly refused: readonly Refused[];
}

function readResults(root: string): {
  readonly onnx: string;
  readonly tests: number;
  readonly all: readonly Results[];
} {
  const text = readFileSync(join(root, 'test/conformance/onnx_node_tests.json'), 'utf8');
  const { onnx, tests, passed, refused } = passList.parse(JSON.parse(text));
  const kinds = [...new Set([...Object.keys(passed), ...Object.keys(refused)])].sort();
  return {
    onnx,
    tests,
    all: kinds.map((kind) => ({
      kind,
      passed: passed[kind] ?? [],
      refused: Object.entries(refused[kind] ?? {}).map(([name, given]) => refusedOf(name, given)),
    })),
  };
}

function refusedOf(name: string, given: z.infer<typeof refusal>): Refused {
  if (typeof given === 'string') return { name, sentence: given, outside: null };
  return {
    name,
    sentence: given.why,
    outside: given.outside === undefined ? null : (given.type ?? given.outside),
  };
}

/** How many tests of each operator pass, of those that are not outside of what we claim. */
export function nodeTestTable(root: string): string {
  const { onnx, all, tests } = readResults(root);
  const passed = all.reduce((sum, each) => sum + each.passed.length, 0);
  const known = all.reduce((sum, each) => sum + each.passed.length + each.refused.length, 0);
  const table = markdownTable(
    ['ONNX operator', '>Passed', '>Of', '>Of other types'],
    all.map(({ kind, passed: names, refused }) => {
      const outside = refused.filter((each) => each.outside !== null).length;
      const counts = [names.length, names.length + refused.length - outside, outside];
      return [code(kind), ...counts.map(String)];
    }),
  );
  return `Of the ${tests} node tests in onnx ${onnx}, ${known} are of operators that are imported: ${passed} pass, none gives a wrong result, ${known - passed} are refused in a sentence.\n\n${table}`;
}

/** The names, folded. */
export function nodeTestNames(root: string): string {
  const { all } = readResults(root);
  const names = markdownTable(
    ['ONNX operator', 'Tests that pass'],
    all.filter(({ passed }) => passed.length > 0).map(({ kind, passed }) => [code(kind), shortened(passed)]),
  );
  const refused = markdownTable(
    ['ONNX operator', 'Why', 'Tests'],
    all.flatMap(({ kind, refused: given }) =>
      [...new Set(given.map(whole))].map((why) => [
        code(kind),
        why,
        shortened(given.filter((each) => whole(each) === why).map(({ name }) => name)),
      ]),
    ),
  );
  return `${folded('Tests that pass', names)}\n\n${folded('Tests that are refused, and the sentence', refused)}`;
}

function whole({ sentence, outside }: Refused): string {
  return outside === null ? sentence : `not claimed in ${outside}: ${sentence}`;
}

/** Every name begins with `test_`. */
function shortened(names: readonly string[]): string {
  return names.map((name) => name.replace(/^test_/, '')).join(', ');
}

/** A part of a page that opens on a click. */
export function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}
