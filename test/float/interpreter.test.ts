import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { typedArray } from '../../src/graph/graph.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { shared, sharedModel, withShared } from '../shared.ts';

interface FloatVectors {
  readonly vectors: readonly {
    readonly seed: number;
    readonly outputs: readonly { readonly hex: string }[];
  }[];
}

/** Of TensorFlow Lite Micro's float kernels, which sum in float32; a probability of nearly 0 is off by more of itself. */
const relative = 2e-5;
const absolute = 1e-7;

for (const path of ['digits/digits_keras_float', 'kws_float', 'hello_world_float']) {
  test(`${path}: outputs of three seeds are within 2·10⁻⁵ of the golden vectors`, (t) => {
    if (!withShared(t)) return;
    const graph = sharedModel(path);
    const network = prepareFloat(graph);
    const name = path.slice(path.lastIndexOf('/') + 1);
    const golden = JSON.parse(readFileSync(join(shared, 'vectors', `${name}.json`), 'utf8')) as FloatVectors;
    assert.equal(golden.vectors.length, 3);
    for (const { seed, outputs } of golden.vectors) {
      const inputs = seededInputs(graph, seed).map((bytes) => typedArray('float32', bytes) as Float32Array);
      const wanted = typedArray('float32', Buffer.from(outputs[0]?.hex ?? '', 'hex')) as Float32Array;
      const [result = new Float32Array()] = network.run(inputs);
      assert.equal(result.length, wanted.length);
      for (const [at, value] of result.entries()) {
        const exact = wanted[at] as number;
        const error = Math.abs(value - exact);
        assert.ok(
          error <= relative * Math.abs(exact) + absolute,
          `seed ${seed}, ${at}: ${value}, not ${exact}`,
        );
      }
    }
  });
}
