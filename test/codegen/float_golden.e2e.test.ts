import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { type Graph, typedArray } from '../../src/graph/graph.ts';
import { identifierOf } from '../../src/graph/name.ts';
import { importModelFile } from '../../src/import/import_model.ts';
import { checkOperators } from '../../src/operators/check.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { shared, withShared } from '../shared.ts';
import { runTogether } from './host_models.ts';

/** The generated C against what TensorFlow Lite Micro, LiteRT and onnxruntime gave for the same inputs. */

interface Golden {
  readonly vectors: readonly {
    readonly seed: number;
    readonly outputs: readonly { readonly hex: string }[];
  }[];
}

/** Of each element, and of the largest one: theirs sum in other orders, LiteRT's hybrid kernels round activations to int8. */
interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

const float: Tolerance = { relative: 2e-5, absolute: 1e-6 };
const models: Readonly<Record<string, Tolerance>> = {
  'hello_world_float.tflite': float,
  'kws_float.tflite': float,
  'kws_float.onnx': float,
  'digits/digits_keras_float.tflite': float,
  'digits/digits_keras_float16.tflite': float,
  'digits/digits_keras_dynrange.tflite': { relative: 0, absolute: 0.02 },
  'digits/digits_torch.onnx': float,
  'digits/digits_torch_legacy.onnx': float,
};

for (const target of ['cortex-m0plus', 'cortex-m4f'])
  test(`float32 C for ${target} gives what the golden vectors hold`, async (t) => {
    if (!withShared(t)) return;
    const found: { graph: Graph; golden: Golden; tolerance: Tolerance; samples: Uint8Array[][] }[] = [];
    for (const [file, tolerance] of Object.entries(models)) {
      const name = `${identifierOf(file)}_${file.endsWith('.onnx') ? 'onnx' : 'tflite'}`;
      const graph = await importModelFile(join(shared, 'models'), { file, name });
      checkOperators(graph);
      const path = join(shared, 'vectors', `${basename(file).replace('.tflite', '')}.json`);
      const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden;
      assert.equal(golden.vectors.length, 3);
      found.push({
        graph,
        golden,
        tolerance,
        samples: golden.vectors.map(({ seed }) => seededInputs(graph, seed)),
      });
    }
    const outputs = await runTogether(found, target);
    for (const [position, { graph, golden, tolerance }] of found.entries())
      await t.test(graph.name, () => {
        const given = typedArray('float32', outputs[position] ?? new Uint8Array()) as Float32Array;
        const bytes = Buffer.concat(
          golden.vectors.map((each) => Buffer.from(each.outputs[0]?.hex ?? '', 'hex')),
        );
        const wanted = typedArray('float32', bytes) as Float32Array;
        assert.equal(given.length, wanted.length);
        const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        for (const [at, value] of wanted.entries()) {
          const limit = tolerance.relative * Math.abs(value) + tolerance.absolute * largest;
          assert.ok(Math.abs((given[at] as number) - value) <= limit, `${at}: ${given[at]}, not ${value}`);
        }
      });
  });
