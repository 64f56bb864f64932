import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnxOperators } from '../../src/import/onnx_operators.ts';
import { quantizedOperators } from '../../src/import/onnx_quantization.ts';
import { kindsOf, type NodeResult, type NodeTest, runNodeTest } from './node_test.ts';

/** The committed results of the ONNX node tests whose operators we all know; docs/operators.md shows them. */
export interface PassList {
  /** Version of the `onnx` package that the tests come from. */
  readonly onnx: string;
  /** How many node tests there are, those with operators that we do not know too. */
  readonly tests: number;
  readonly passed: Readonly<Record<string, readonly string[]>>;
  /** By operator: test and the sentence that refuses it. */
  readonly refused: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const passListFile = join(import.meta.dirname, 'onnx_node_tests.json');

export function committedPassList(): PassList {
  return JSON.parse(readFileSync(passListFile, 'utf8')) as PassList;
}

/** The wheel that TINYML_ONNX_WHEEL names; null where there is none. */
export function onnxWheel(): string | null {
  const path = process.env.TINYML_ONNX_WHEEL ?? '';
  return path !== '' && existsSync(path) ? path : null;
}

/** Whether all of a test's operators are ours; what it then needs of them may still be refused. */
export function isKnown(test: NodeTest): boolean {
  const kinds = kindsOf(test);
  return kinds.length > 0 && kinds.every((kind) => onnxOperators.has(kind) || quantizedOperators.has(kind));
}

export interface NodeRun {
  readonly test: NodeTest;
  readonly result: NodeResult;
}

export function runKnown(tests: readonly NodeTest[]): readonly NodeRun[] {
  return tests.filter(isKnown).map((test) => ({ test, result: runNodeTest(test) }));
}

export function passListOf(onnx: string, tests: number, runs: readonly NodeRun[]): PassList {
  const kindOf = ({ test }: NodeRun): string => kindsOf(test).join(' + ');
  const kinds = [...new Set(runs.map(kindOf))].sort();
  const of = (kind: string, is: NodeResult['is']) =>
    runs.filter((run) => kindOf(run) === kind && run.result.is === is);
  return {
    onnx,
    tests,
    passed: Object.fromEntries(
      kinds.flatMap((kind) => {
        const names = of(kind, 'passed').map(({ test }) => test.name);
        return names.length === 0 ? [] : [[kind, names]];
      }),
    ),
    refused: Object.fromEntries(
      kinds.flatMap((kind) => {
        const entries = of(kind, 'refused').map(({ test, result }) => [test.name, result.why] as const);
        return entries.length === 0 ? [] : [[kind, Object.fromEntries(entries)]];
      }),
    ),
  };
}
