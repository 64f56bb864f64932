import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeployError } from '../../src/errors.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { importKeras } from '../../src/import/keras.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { importPt2 } from '../../src/import/pt2.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { floatOperatorsAlone } from '../../test/codegen/float_ops.ts';
import { graphOf, type OneOperator } from '../../test/codegen/one_operator.ts';
import { roundingOnce } from '../../test/codegen/rounding_once.ts';
import { unusualOperators } from '../../test/codegen/unusual_operators.ts';
import { committedBecomes, nodeTestFile } from '../../test/conformance/becomes.ts';

import { type Column, columnsOf } from './columns.ts';

/** Which test runs which operator in which type, found by importing the models of the tests. */

/** `values`: the reference against another implementation. `code`: the generated C against the reference. */
export type ProofOf = 'values' | 'code';

/** A test, and the models that it runs. */
export interface TestedModels {
  readonly proves: ProofOf;
  /** From the repository's root. */
  readonly test: string;
  /** What the test says where it names these models. */
  readonly says: string;
  readonly models: (root: string) => readonly TestedModel[];
}

export interface TestedModel {
  readonly name: string;
  readonly graph: Graph;
}

export interface Proof {
  readonly test: string;
  readonly model: string;
}

const folders = 'test/fixtures';

/** The models of a folder of fixtures that are imported; those that TensorFlow has to convert are left out. */
function folder(name: string, wanted: RegExp): TestedModels['models'] {
  return (root) =>
    readdirSync(join(root, folders, name))
      .filter((file) => wanted.test(file))
      .sort()
      .flatMap((file) => {
        const graph = imported(root, `${name}/${file}`);
        return graph === null ? [] : [{ name: `${name}/${file}`, graph }];
      });
}

/** null where it is refused, or left to TensorFlow. */
export function imported(root: string, file: string): Graph | null {
  const bytes = new Uint8Array(readFileSync(join(root, folders, file)));
  const source = { file, name: 'model' };
  try {
    if (file.endsWith('.keras')) return importKeras(bytes, source);
    if (file.endsWith('.onnx')) return importOnnx(bytes, source);
    return file.endsWith('.pt2') ? importPt2(bytes, source) : importTflite(bytes, source);
  } catch (error) {
    if (error instanceof DeployError) return null;
    throw error;
  }
}

function made(operators: readonly OneOperator[]): TestedModels['models'] {
  return () => operators.map((operator) => ({ name: operator.name, graph: graphOf(operator) }));
}

const tflite = /\.tflite$/;
const quantizedOnnx = /_(qdq|qop)_.*\.onnx$/;

/** Tests of operators, the most telling first. A new folder of fixtures, or list of made-up operators, gets a line. */
export const testedModels: readonly TestedModels[] = [
  {
    proves: 'values',
    test: 'test/operators/single_operator.test.ts',
    says: "'ops'",
    // Of SQRT it says why no other implementation gives the same.
    models: folder('ops', /^(?!sqrt\.).*\.tflite$/),
  },
  {
    proves: 'values',
    test: 'test/operators/variants.test.ts',
    says: "'variants'",
    models: folder('variants', tflite),
  },
  {
    proves: 'values',
    test: 'test/operators/int16x8.test.ts',
    says: "'int16x8'",
    models: folder('int16x8', tflite),
  },
  {
    proves: 'values',
    test: 'test/operators/uint8.test.ts',
    says: "'uint8'",
    models: folder('uint8', tflite),
  },
  {
    proves: 'values',
    test: 'test/state/sequences.test.ts',
    says: 'stateFiles',
    models: folder('state', tflite),
  },
  {
    proves: 'values',
    test: 'test/state/float_state.test.ts',
    says: "'_float.tflite'",
    models: folder('recurrent', /_float\.tflite$/),
  },
  {
    proves: 'values',
    test: 'test/import/pt2_operators.test.ts',
    says: '`pt2/',
    models: folder('pt2', /\.pt2$/),
  },
  {
    proves: 'values',
    test: 'test/import/quantized_onnx.test.ts',
    says: "'quantized_onnx_golden.json'",
    models: folder('digits', quantizedOnnx),
  },
  {
    proves: 'values',
    test: 'test/import/onnx.test.ts',
    says: "'digits/digits_torch.onnx'",
    models: folder('digits', /^digits_torch(_legacy)?\.onnx$/),
  },
  {
    proves: 'values',
    test: 'test/import/keras.test.ts',
    says: '`keras/',
    models: folder('keras', /\.keras$/),
  },
  {
    proves: 'values',
    test: 'test/state/recurrent.test.ts',
    says: "'recurrent'",
    models: folder('recurrent', /\.(onnx|keras)$/),
  },
  { proves: 'code', test: 'test/codegen/host_ops.e2e.test.ts', says: "'ops'", models: folder('ops', tflite) },
  {
    proves: 'code',
    test: 'test/codegen/host_hand_made.e2e.test.ts',
    says: 'variants/',
    models: folder('variants', tflite),
  },
  {
    proves: 'code',
    test: 'test/codegen/host_variants.e2e.test.ts',
    says: 'unusualOperators',
    models: made(unusualOperators),
  },
  {
    proves: 'code',
    test: 'test/codegen/float_ops.e2e.test.ts',
    says: 'floatOperatorsAlone',
    models: made(floatOperatorsAlone),
  },
  {
    proves: 'code',
    test: 'test/codegen/round_once.e2e.test.ts',
    says: 'roundingOnce',
    models: made(roundingOnce),
  },
  {
    proves: 'code',
    test: 'test/codegen/round_once.e2e.test.ts',
    says: '_(qdq|qop)_',
    models: folder('digits', quantizedOnnx),
  },
  {
    proves: 'code',
    test: 'test/operators/int16x8.e2e.test.ts',
    says: "'int16x8'",
    models: folder('int16x8', tflite),
  },
  {
    proves: 'code',
    test: 'test/operators/uint8.e2e.test.ts',
    says: "'uint8'",
    models: folder('uint8', tflite),
  },
  {
    proves: 'code',
    test: 'test/state/host.e2e.test.ts',
    says: 'stateModel',
    models: folder('state', tflite),
  },
];

/** `KIND column values` or `KIND column code`: the test, and of its models that with the fewest operators. */
export type Proofs = ReadonlyMap<string, Proof>;

export function proofKey(kind: string, column: Column, proves: ProofOf): string {
  return `${kind} ${column} ${proves}`;
}

/** Throws Error where a test does not name the models that it is said to run. */
export function findProofs(root: string): Proofs {
  const best = new Map<string, Proof & { readonly size: number }>();
  for (const { proves, test, says, models } of testedModels) {
    const path = join(root, test);
    if (!existsSync(path) || !readFileSync(path, 'utf8').includes(says))
      throw new Error(
        `${test} does not say ${says}: correct the list of tested models in scripts/docs/proofs.ts.`,
      );
    for (const { name, graph } of models(root))
      for (const operator of graph.operators)
        for (const column of columnsOf(graph, operator)) {
          const key = proofKey(operator.kind, column, proves);
          const size = graph.operators.length;
          if (size < (best.get(key)?.size ?? Number.POSITIVE_INFINITY))
            best.set(key, { test, model: name, size });
        }
  }
  for (const cells of Object.values(committedBecomes()))
    for (const [cell, name] of Object.entries(cells)) {
      const key = `${cell} values`;
      if (!best.has(key)) best.set(key, { test: nodeTestFile, model: name, size: 1 });
    }
  return best;
}
