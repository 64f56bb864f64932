import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { identifierOf } from '../../src/graph/name.ts';
import { measureProject } from '../../src/pipeline.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { cornerInputs, seededInputs } from '../../src/verify/stimulus.ts';
import { kernelTexts } from '../codegen/host.ts';
import { runTogether } from '../codegen/host_models.ts';
import { fixtureModel, fixtures } from '../golden/golden.ts';
import { pythonWith } from '../oracle.ts';
import { countingQemu, crossCompiler, runtimeFolder } from '../tools.ts';
import { type LitertGolden, outputDifferences } from './litert_golden.ts';
import { uint8Models } from './uint8_models.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-uint8-'));
after(() => rm(folder, { recursive: true, force: true }));

const keys = Object.keys(uint8Models).map((name) => `uint8/${name}.tflite`);

for (const target of ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'])
  test(`all uint8 models in one program for ${target}: bit-exact and clean under sanitizers`, async () => {
    const together = keys.map((key) => {
      const graph = { ...fixtureModel(key), name: identifierOf(key.replace('/', '_')) };
      const corners = cornerInputs(graph).map(({ inputs }) => inputs);
      return { graph, samples: [...[1, 2, 3].map((seed) => seededInputs(graph, seed)), ...corners] };
    });
    const outputs = await runTogether(together, target);
    for (const [position, { graph, samples }] of together.entries()) {
      const expected = samples.flatMap((inputs) => interpret(graph, inputs).outputs);
      assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected), graph.source.file);
    }
  });

/** The kernels for weights of their own, and a network with edges in uint8. */
const measured = ['network', 'conv_beyond_int8', 'dwconv_beyond_int8', 'average_pool', 'int8_inside'];

for (const target of ['cortex-m0plus', 'cortex-m4f', 'cortex-m55'])
  test(`uint8 models on an emulated ${target} are bit-exact`, async (t) => {
    const toolchain = await crossCompiler(t);
    const qemu = toolchain === null ? null : await countingQemu(t, join(folder, 'cache'));
    if (toolchain === null || qemu === null) return;
    const measurements = await measureProject(
      {
        folder: join(fixtures, 'uint8'),
        configFile: null,
        emulator: 'qemu',
        toolchain: 'system',
        timeLimitSeconds: 60,
        jobs: measured.map((name) => ({
          model: { name, file: `${name}.tflite`, testData: null },
          target,
          optimize: 'balanced' as const,
          preserveInput: false,
          tuned: null,
          budgets: [],
        })),
      },
      { toolchain, emulators: [qemu], runtimeFolder, kernels: await kernelTexts() },
      { outputFolder: join(folder, target), parallel: 2 },
    );
    assert.deepEqual(
      measurements.map(({ model, verification, failures }) => ({
        name: model.name,
        bitExact: verification?.bitExact,
        failures,
      })),
      measured.map((name) => ({ name, bitExact: true, failures: [] })),
    );
  });

test('our interpreter equals the reference kernels of LiteRT live, on fresh seeds', async (t) => {
  const python = pythonWith(t, ['ai_edge_litert.interpreter']);
  if (python === null) return;
  const script = join(fixtures, '..', 'golden', 'make_litert_vectors.py');
  const output = execFileSync(
    python,
    [script, '--seeds', '11', '12', '13', '14', '--', ...keys.map((key) => join(fixtures, key))],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const golden = JSON.parse(output) as LitertGolden;
  for (const key of keys)
    await t.test(`${key} with ${golden.made_with}`, () => {
      const vectors = golden.models[key]?.vectors ?? [];
      assert.equal(vectors.length, 7);
      assert.deepEqual(outputDifferences(fixtureModel(key), vectors), []);
    });
});
