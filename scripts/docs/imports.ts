import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKerasFile } from '../../src/import/keras_file.ts';
import { kerasLayers } from '../../src/import/keras_layers.ts';
import { Network } from '../../src/import/network.ts';
import { readOnnxFile } from '../../src/import/onnx_file.ts';
import { onnxOperators } from '../../src/import/onnx_operators.ts';
import { plainKind, quantizedOperators } from '../../src/import/onnx_quantization.ts';
import { kindOf } from '../../src/import/pt2.ts';
import { readPt2File } from '../../src/import/pt2_file.ts';
import { atenOperators } from '../../src/import/pt2_operators.ts';
import { committedBecomes, nodeTestFile } from '../../test/conformance/becomes.ts';
import { imported, type Proof } from './proofs.ts';

/** What the operators of other formats become, by the models of the tests. */

export type Format = 'onnx' | 'pt2' | 'keras';

/** An operator, or layer, of another format. */
export interface Imported {
  readonly kind: string;
  /** TFLite names; null where no test's model shows it by itself. */
  readonly becomes: readonly string[] | null;
  /** The operator on real numbers that it is on quantized ones; null for all others. */
  readonly onReals: string | null;
  /** A test that runs it; null where there is none. */
  readonly proof: Proof | null;
}

/** What each importer knows, by its own table. */
const known: Readonly<Record<Format, readonly string[]>> = {
  onnx: [...onnxOperators.keys(), ...quantizedOperators.keys()],
  pt2: [...atenOperators.keys()],
  keras: [...kerasLayers.keys()].filter((kind) => kind !== 'InputLayer'),
};

interface SourceNode {
  readonly kind: string;
  /** Name of its first output. */
  readonly output: string;
}

const nodesOf: Readonly<Record<Format, (bytes: Uint8Array, file: string) => readonly SourceNode[]>> = {
  onnx: (bytes, file) =>
    readOnnxFile(bytes, file).nodes.map(({ kind, outputs }) => ({ kind, output: outputs[0] ?? '' })),
  pt2: (bytes, file) =>
    readPt2File(bytes, file).nodes.map((node) => ({ kind: kindOf(node), output: firstOutput(node.outputs) })),
  keras: (bytes, file) =>
    readKerasFile(bytes, file)
      .layers.filter(({ kind }) => kind !== 'InputLayer')
      .map(({ kind, name }) => ({ kind, output: name })),
};

function firstOutput(outputs: readonly unknown[]): string {
  const named = /"name":"([^"]+)"/.exec(JSON.stringify(outputs));
  return named?.[1] ?? '';
}

/** Of the digits the test depends on the file. */
const digitsTests = '';

/** Folders of test/fixtures with such models, and the tests that run all of them that are read. */
const folders: readonly { readonly folder: string; readonly format: Format; readonly test: string }[] = [
  { folder: 'pt2', format: 'pt2', test: 'test/import/pt2_operators.test.ts' },
  { folder: 'keras', format: 'keras', test: 'test/import/keras.test.ts' },
  { folder: 'recurrent', format: 'keras', test: 'test/state/recurrent.test.ts' },
  { folder: 'recurrent', format: 'onnx', test: 'test/state/recurrent.test.ts' },
  { folder: 'digits', format: 'pt2', test: 'test/import/pt2.test.ts' },
  { folder: 'digits', format: 'onnx', test: digitsTests },
];

/** Tests whose models are made in code: an operator that such a text names runs in that test. */
const texts: readonly { readonly text: string; readonly format: Format; readonly test: string }[] = [
  {
    text: 'test/golden/make_quantized_onnx.py',
    format: 'onnx',
    test: 'test/import/onnxruntime.e2e.test.ts',
  },
  ...['onnx.test.ts', 'quantized_onnx.test.ts', 'fold_constants.test.ts', 'fixed_sizes.test.ts'].map(
    (file) => ({
      text: `test/import/${file}`,
      format: 'onnx' as const,
      test: `test/import/${file}`,
    }),
  ),
];

interface Found {
  readonly becomes: readonly string[];
  readonly proof: Proof;
  readonly size: number;
}

/** All that an importer knows, in alphabetical order. */
export function importedKinds(root: string, format: Format): readonly Imported[] {
  const found = fromModels(root, format);
  const becomes = format === 'onnx' ? committedBecomes() : {};
  return known[format]
    .toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map((kind) => {
      const onReals = format === 'onnx' ? realKind(kind) : null;
      const ofNodeTests = becomes[kind];
      if (ofNodeTests !== undefined)
        return {
          kind,
          onReals,
          becomes: [...new Set(Object.keys(ofNodeTests).map((cell) => cell.split(' ')[0] as string))],
          proof: {
            test: nodeTestFile,
            model: Object.values(ofNodeTests)[0] ?? 'only constants',
          },
        };
      const model = found.get(kind);
      if (model !== undefined) return { kind, onReals, becomes: model.becomes, proof: model.proof };
      return { kind, onReals, becomes: null, proof: textThatNames(root, format, kind) };
    });
}

/** Of QLinearAdd that is Add; of Microsoft's copies of the standard's operators, those. */
function realKind(kind: string): string | null {
  if (!quantizedOperators.has(kind)) return null;
  const plain = plainKind(kind, []).kind.replace(/^com\.microsoft\./, '');
  return plain !== kind && known.onnx.includes(plain) ? plain : null;
}

function fromModels(root: string, format: Format): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  for (const { folder, format: of, test } of folders.filter((each) => each.format === format))
    for (const file of readdirSync(join(root, 'test/fixtures', folder)).filter((name) =>
      name.endsWith(`.${of}`),
    )) {
      const path = `${folder}/${file}`;
      const written: Written[] = [];
      if (watched(written, () => imported(root, path)) === null) continue;
      const nodes = nodesOf[format](new Uint8Array(readFileSync(join(root, 'test/fixtures', path))), path);
      for (const { kind, output } of nodes) {
        const own = nodes.length === 1 ? written : writtenFor(output, written, nodes);
        const before = found.get(kind);
        const becomes = [...(before?.becomes ?? []), ...own.map((operator) => operator.kind)];
        const isSmallest = before === undefined || before.size > nodes.length;
        found.set(kind, {
          ...(isSmallest
            ? {
                size: nodes.length,
                proof: { test: test === digitsTests ? testOfDigits(file) : test, model: path },
              }
            : before),
          becomes: [...new Set(becomes)],
        });
      }
    }
  return found;
}

/** Importers call what they write for a node after its output, and the parts of one by their numbers. */
function writtenFor(
  output: string,
  written: readonly Written[],
  nodes: readonly SourceNode[],
): readonly Written[] {
  const others = new Set(nodes.map((node) => node.output).filter((other) => other !== output));
  return written.filter(
    ({ name }) =>
      name === output ||
      name.startsWith(`${output}/`) ||
      (name.replace(/_\d+$/, '') === output && !others.has(name)),
  );
}

interface Written {
  readonly kind: string;
  readonly name: string;
}

/** What an import writes before layers are merged, so that each still has the name of its node. */
function watched<Result>(written: Written[], run: () => Result): Result {
  const { emit } = Network.prototype;
  Network.prototype.emit = function (...given) {
    written.push({ kind: given[0], name: given[3].name });
    return emit.apply(this, given);
  };
  try {
    return run();
  } finally {
    Network.prototype.emit = emit;
  }
}

function testOfDigits(file: string): string {
  return /_(qdq|qop)_/.test(file) ? 'test/import/quantized_onnx.test.ts' : 'test/import/onnx.test.ts';
}

function textThatNames(root: string, format: Format, kind: string): Proof | null {
  const name = kind.slice(kind.lastIndexOf('.') + 1);
  const found = texts.find(
    ({ text, format: of }) =>
      of === format && new RegExp(`["']${name}["']`).test(readFileSync(join(root, text), 'utf8')),
  );
  return found === undefined ? null : { test: found.test, model: kind };
}
