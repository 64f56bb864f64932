import { onIntegers } from '../../src/import/quantized_graph.ts';
import { uint8Kinds } from '../../src/import/uint8.ts';
import { float32Forms } from '../../src/operators/float32/index.ts';
import { hybridForms } from '../../src/operators/hybrid/index.ts';
import { formsOf, operatorOf } from '../../src/operators/index.ts';
import { int16Kinds } from '../../src/operators/int16x8/index.ts';
import { type Column, columns, converting } from './columns.ts';
import { type Proof, type Proofs, proofKey } from './proofs.ts';

/** Which operator we say that we compute in which type, by the tables of the program. */

/** An operator says in one clause what it takes: of several types it names all before `inputs`, or `each other`. */
const claims: Readonly<Record<Column, (kind: string) => boolean>> = {
  int8: (kind) => isOfAnyType(kind) || /\bint8\b/.test(supportsOf(kind)),
  once: (kind) => onIntegers.has(kind),
  int16x8: (kind) => int16Kinds.has(kind),
  uint8: (kind) => uint8Kinds.has(kind),
  float32: (kind) =>
    !converting.has(kind) &&
    (isOfAnyType(kind) ||
      float32Forms.has(kind) ||
      /\bfloat32\b.*\b(inputs?|each other)\b/.test(supportsOf(kind))),
  hybrid: (kind) => hybridForms.has(kind),
  other: (kind) =>
    formsOf(kind).int32 !== undefined ||
    /\b(int32|bool)\b.*\b(inputs|each other)\b|^bool,/.test(supportsOf(kind)),
};

function supportsOf(kind: string): string {
  return operatorOf(kind).supports;
}

/** It only moves values, whatever they are. */
export function isOfAnyType(kind: string): boolean {
  return /\bany (one )?type\b/.test(supportsOf(kind));
}

/** How an operator is proven in a type. `like`: its int8 values are moved, so what is proven there holds here. */
export type Cell =
  | { readonly is: 'proven'; readonly values: Proof | null; readonly code: Proof | null }
  | { readonly is: 'like'; readonly values: Proof | null; readonly code: Proof | null }
  | { readonly is: 'unproven' }
  | { readonly is: 'not computed' };

export function cellOf(proofs: Proofs, kind: string, column: Column): Cell {
  const proven = (where: Column) => ({
    values: proofs.get(proofKey(kind, where, 'values')) ?? null,
    code: proofs.get(proofKey(kind, where, 'code')) ?? null,
  });
  const own = proven(column);
  // What a test runs is computed, claimed or not.
  if (own.values !== null || own.code !== null) return { is: 'proven', ...own };
  if (!claims[column](kind)) return { is: 'not computed' };
  const inInt8 = proven('int8');
  const isMoved = (column === 'once' || column === 'uint8') && isOfAnyType(kind);
  if (isMoved && (inInt8.values !== null || inInt8.code !== null)) return { is: 'like', ...inInt8 };
  return { is: 'unproven' };
}

/** `KIND column` of all that is claimed and that no test runs. */
export function unproven(proofs: Proofs, kinds: readonly string[]): readonly string[] {
  return kinds.flatMap((kind) =>
    columns
      .filter((column) => cellOf(proofs, kind, column).is === 'unproven')
      .map((column) => `${kind} ${column}`),
  );
}
