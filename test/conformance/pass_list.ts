import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnxOperators } from '../../src/import/onnx_operators.ts';
import { quantizedOperators } from '../../src/import/onnx_quantization.ts';
import { kindsOf, type NodeResult, type NodeTest, runNodeTest, typeOf } from './node_test.ts';

/** The committed results of the ONNX node tests whose operators we all know; docs/operators.md shows them. */
export interface PassList {
  /** Version of the `onnx` package that the tests come from. */
  readonly onnx: string;
  /** How many node tests there are, those with operators that we do not know too. */
  readonly tests: number;
  readonly passed: Readonly<Record<string, readonly string[]>>;
  /** By operator and test. */
  readonly refused: Readonly<Record<string, Readonly<Record<string, Refusal>>>>;
}

export interface Refusal {
  /** Of the test's input, and of its output where that is another: `float32 → int8`. */
  readonly type: string;
  /** That the operator is not claimed in this type at all; absent where it is, and only this form is refused. */
  readonly outside?: 'type';
  /** The sentence that refuses it. */
  readonly why: string;
}

/**
 * Which operators we claim, in which types: every test of them passes, apart from forms that are refused with one of these
 * sentences. By operator and type.
 */
export type Claims = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export const claimsFile = join(import.meta.dirname, 'onnx_claims.json');

export function committedClaims(): Claims {
  return JSON.parse(readFileSync(claimsFile, 'utf8')) as Claims;
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
  readonly kind: string;
  readonly type: string;
  readonly result: NodeResult;
}

export function runKnown(tests: readonly NodeTest[]): readonly NodeRun[] {
  return tests.filter(isKnown).map((test) => ({
    test,
    kind: kindsOf(test).join(' + '),
    type: typeOf(test),
    result: runNodeTest(test),
  }));
}

export function passListOf(onnx: string, tests: number, runs: readonly NodeRun[], claims: Claims): PassList {
  const kinds = [...new Set(runs.map(({ kind }) => kind))].sort();
  const of = (kind: string, is: NodeResult['is']) =>
    runs.filter((run) => run.kind === kind && run.result.is === is);
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
        const entries = of(kind, 'refused').map(({ test, type, result }) => {
          const isClaimed = claims[kind]?.[type] !== undefined;
          const refusal: Refusal = { type, ...(isClaimed ? {} : { outside: 'type' }), why: result.why };
          return [test.name, refusal] as const;
        });
        return entries.length === 0 ? [] : [[kind, Object.fromEntries(entries)]];
      }),
    ),
  };
}

/** What the claims and the results say against each other; empty where they agree. */
export function brokenClaims(claims: Claims, runs: readonly NodeRun[]): readonly string[] {
  const broken: string[] = [];
  for (const { test, kind, type, result } of runs) {
    const excluded = claims[kind]?.[type];
    if (excluded === undefined) {
      if (result.is === 'passed') broken.push(`${test.name} passes, but ${kind} is not claimed in ${type}`);
    } else if (result.is !== 'passed' && !excluded.includes(result.why))
      broken.push(`${test.name}: ${kind} is claimed in ${type}, but: ${result.why}`);
  }
  for (const [kind, types] of Object.entries(claims))
    for (const [type, excluded] of Object.entries(types)) {
      const own = runs.filter((run) => run.kind === kind && run.type === type);
      if (!own.some(({ result }) => result.is === 'passed'))
        broken.push(`${kind} is claimed in ${type}, but no test of it passes`);
      for (const sentence of excluded)
        if (!own.some(({ result }) => result.why === sentence))
          broken.push(`${kind} in ${type}: nothing is refused with "${sentence}" any more`);
    }
  return broken;
}
