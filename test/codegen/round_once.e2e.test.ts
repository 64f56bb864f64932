import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { importOnnx } from '../../src/import/onnx.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { fixtures } from '../golden/golden.ts';
import { fixtureBytes } from '../import/float_models.ts';
import { runTogether } from './host_models.ts';
import { graphOf } from './one_operator.ts';
import { roundingOnce } from './rounding_once.ts';

/** Kernels of graphs that round once, for each layout, against the reference. */

const layouts = [
  ['cortex-m0plus', 'balanced'],
  ['cortex-m3', 'balanced'],
  ['cortex-m4', 'size'],
  ['cortex-m4', 'balanced'],
  ['cortex-m4', 'speed'],
  ['cortex-m55', 'balanced'],
] as const;

const models = readdirSync(join(fixtures, 'digits'))
  .filter((file) => /_(qdq|qop)_.*\.onnx$/.test(file))
  .map((file) => importOnnx(fixtureBytes(`digits/${file}`), { file, name: file.replace(/\W+/g, '_') }));

const single = roundingOnce.map(graphOf);

for (const [target, optimize] of layouts)
  test(`graphs that round once for ${target}, ${optimize}: bit-exact and clean under sanitizers`, async (t) => {
    // Each model of a program takes equally many.
    const together = [...models, ...single].map((graph) => ({
      graph,
      samples: [
        ...cornerInputs(graph).map(({ inputs }) => inputs),
        ...[1, 2, 3, 4, 5, 6, 7, 8].map((seed) => seededInputs(graph, seed)),
      ].slice(0, 8),
    }));
    const outputs = await runTogether(together, target, { optimize });
    for (const [position, { graph, samples }] of together.entries())
      await t.test(graph.name, () => {
        const expected = samples.flatMap((inputs) => interpret(graph, inputs).outputs);
        assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected));
      });
  });

test('integers multiply by float32 multipliers as floats do, next to ties too', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tinyml-round-once-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, 'requantize_once');
  const kernels = join(import.meta.dirname, '..', '..', 'runtime', 'kernels');
  const source = join(import.meta.dirname, 'requantize_once.c');
  const flags = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror', '-fsanitize=undefined'];
  await execa('gcc', [...flags, '-I', kernels, source, '-o', program]);
  const { stdout } = await execa(program);
  assert.match(stdout, /^0 of [1-9]\d{6} differ$/);
});
