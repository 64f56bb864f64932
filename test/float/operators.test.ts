import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { floatOperators } from '../../src/float/index.ts';
import { type Graph, tensorAt, typedArray } from '../../src/graph/graph.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { prepareSimulation } from '../../src/quantize/simulate.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { seededInputs } from '../../src/verify/stimulus.ts';
import { fixtures } from '../golden/golden.ts';

/** The real numbers that int8 bytes stand for; float32 as it is. */
function realsOf(graph: Graph, index: number, bytes: Uint8Array): Float32Array {
  const { type, quantization } = tensorAt(graph, index);
  const values = typedArray(type, bytes);
  const [scale = 1, zeroPoint = 0] = [quantization?.scales[0], quantization?.zeroPoints[0]];
  return Float32Array.from(values as Int8Array, (value) =>
    quantization === null ? value : (value - zeroPoint) * scale,
  );
}

/**
 * Whoever computes in real numbers what the integers stand for, and rounds, must come within a few steps of the exact
 * integer reference. Steps of slack: fixed-point tables of the reference, and errors of several layers.
 */
const slack: Readonly<Record<string, number>> = { layer_norm: 4, gelu: 4, log_softmax: 2 };

for (const file of readdirSync(join(fixtures, 'ops')).filter((name) => name.endsWith('.tflite'))) {
  const name = file.replace('.tflite', '');
  let graph: Graph;
  try {
    graph = importTflite(readFileSync(join(fixtures, 'ops', file)), { file, name });
  } catch (error) {
    assert.ok(error instanceof DeployError);
    continue;
  }
  const isOurs =
    graph.operators.every(({ kind }) => floatOperators.has(kind)) &&
    graph.outputs.every((index) => tensorAt(graph, index).type !== 'int32');
  if (!isOurs) continue;
  const kinds = [...new Set(graph.operators.map(({ kind }) => kind))].join(', ');
  test(`${name} (${kinds}) in real numbers is within ${slack[name] ?? 1} steps of its integers`, () => {
    const run = prepareSimulation(graph);
    for (const seed of [1, 2, 3]) {
      const inputs = seededInputs(graph, seed);
      const exact = interpret(graph, inputs).outputs;
      const reals = run(inputs.map((bytes, at) => realsOf(graph, graph.inputs[at] ?? -1, bytes)));
      for (const [at, index] of graph.outputs.entries()) {
        const step = tensorAt(graph, index).quantization?.scales[0] ?? 1e-2;
        const wanted = realsOf(graph, index, exact[at] as Uint8Array);
        const result = reals[at] as Float32Array;
        assert.equal(result.length, wanted.length);
        const worst = result.reduce(
          (most, value, k) => Math.max(most, Math.abs(value - (wanted[k] as number))),
          0,
        );
        assert.ok(worst <= (slack[name] ?? 1) * step * 1.01, `seed ${seed}: off by ${worst / step} steps`);
      }
    }
  });
}
