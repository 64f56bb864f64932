import { formsOf, operators } from '../../src/operators/index.ts';
import { type Cell, cellOf } from './claims.ts';
import { type Column, columns } from './columns.ts';
import { type Format, type Imported, importedKinds } from './imports.ts';
import { findProofs, type Proof } from './proofs.ts';
import { code, markdownTable } from './table.ts';

/** The tables of docs/operators.md. */

const titles: Readonly<Record<Column, string>> = {
  int8: 'int8',
  once: 'int8, one rounding',
  int16x8: 'int16x8',
  uint8: 'uint8',
  float32: 'float32',
  hybrid: 'hybrid',
  other: 'int32, int64, bool',
};

const kinds: readonly string[] = [...operators.keys()].sort();

/** Operator × type, each cell linked to the tests that run it. */
export function operatorTable(root: string): string {
  const proofs = findProofs(root);
  return markdownTable(
    ['Operator', ...columns.map((column) => titles[column])],
    kinds.map((kind) => [shown(kind), ...columns.map((column) => cellText(cellOf(proofs, kind, column)))]),
  );
}

/** What has no code in the schema of .tflite is made from other formats, or from several operators. */
function shown(kind: string): string {
  return `${code(kind)}${(operators.get(kind)?.code ?? -1) < 0 ? '¹' : ''}`;
}

function cellText(cell: Cell): string {
  if (cell.is === 'not computed') return '';
  if (cell.is === 'unproven') return 'no test';
  const marks = [
    ...(cell.values === null ? [] : [link('✔', cell.values)]),
    ...(cell.code === null ? [] : [link('C', cell.code)]),
  ];
  return `${marks.join(' ')}${cell.is === 'like' ? '²' : ''}`;
}

function link(text: string, { test, model }: Proof): string {
  return `[${text}](../${test} "${model}")`;
}

/** What the tensors of each operator must be, in each type where more is to be said than the type. */
export function requirementTable(): string {
  return markdownTable(
    ['Operator', 'Type', 'What it takes'],
    kinds.flatMap((kind) => {
      const definition = operators.get(kind);
      if (definition === undefined) return [];
      const forms = Object.entries(formsOf(kind)).filter(
        ([type, { supports }]) => supports !== type && supports !== definition.supports,
      );
      return [
        [code(kind), /^(?:any type|float32)/.test(definition.supports) ? '' : 'int8', definition.supports],
        ...forms.map(([type, { supports }]) => [
          code(kind),
          titles[columns.find((column) => column === type) ?? 'other'],
          supports,
        ]),
      ];
    }),
  );
}

const formats: readonly Format[] = ['onnx', 'pt2', 'keras'];

/** Operator × format: an operator, or layer, that becomes it, linked to its test. */
export function formatTable(root: string): string {
  const all = formats.map((format) => importedKinds(root, format));
  return markdownTable(
    ['Operator', 'ONNX', 'PyTorch', 'Keras'],
    kinds.map((kind) => [code(kind), ...all.map((known) => fewest(known, kind))]),
  );
}

/** Of several, those that become nothing else besides come first; three are enough. */
function fewest(known: readonly Imported[], kind: string): string {
  const sources = known
    .filter(({ becomes }) => becomes?.includes(kind) === true)
    .toSorted((a, b) => (a.becomes?.length ?? 0) - (b.becomes?.length ?? 0));
  const texts = sources
    .slice(0, 3)
    .map(({ kind: source, proof }) => (proof === null ? code(source) : link(code(source), proof)));
  return [...texts, ...(sources.length > 3 ? ['…'] : [])].join(', ');
}

/** What each operator of a format becomes. */
export function importTable(root: string, format: Format, column: string): string {
  return markdownTable(
    [column, 'Becomes', 'Test'],
    importedKinds(root, format).map(({ kind, becomes, onReals, proof }) => [
      code(kind),
      onReals === null ? becomesText(becomes) : `as ${code(onReals)}`,
      proof === null ? 'none of its own' : link(nameOf(proof), proof),
    ]),
  );
}

function becomesText(becomes: readonly string[] | null): string {
  if (becomes === null) return '';
  if (becomes.length === 0) return 'nothing that is left to compute';
  return becomes.map(code).join(', ');
}

function nameOf({ test }: Proof): string {
  return test.slice(test.lastIndexOf('/') + 1).replace(/(\.e2e)?\.test\.ts$/, '');
}
