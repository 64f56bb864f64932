import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import pMap from 'p-map';
import { generate } from '../../src/codegen/generate.ts';
import { byteLength, type Graph, tensorAt } from '../../src/graph/graph.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan, type PlanOptions } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';
import { kernelTexts } from './host.ts';

const firmwareFolder = join(import.meta.dirname, '..', '..', 'runtime', 'firmware');

const flags = ['-std=c11', '-O1', '-Wall', '-Wextra', '-Werror'];
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** A model of a program, and the inputs of each of its inferences; every model of a program has equally many. */
export interface HostModel {
  readonly graph: Graph;
  readonly samples: readonly (readonly Uint8Array[])[];
  /** How its plan is made, on top of what is said for all. */
  readonly options?: PlanOptions;
}

/**
 * Links the libraries of several models, each with a name of its own, into ONE host program, sanitizers on, and
 * runs it: the outputs of each model, all samples one after the other.
 */
export async function runTogether(
  models: readonly HostModel[],
  target: string,
  options: PlanOptions = {},
): Promise<Uint8Array[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tinyml-host-'));
  try {
    const program = await buildTogether(models, target, folder, options);
    await writeFile(join(folder, 'inputs'), Buffer.concat(models.flatMap(({ samples }) => samples.flat())));
    const samples = models[0]?.samples.length ?? 0;
    await execa(program, [String(samples), join(folder, 'inputs'), join(folder, 'outputs')]);
    const outputs = await readFile(join(folder, 'outputs'));
    let from = 0;
    return models.map(({ graph }) => {
      const size = graph.outputs.reduce((sum, index) => sum + byteLength(tensorAt(graph, index)), 0);
      from += size * samples;
      return outputs.subarray(from - size * samples, from);
    });
  } finally {
    // After a failure another compiler may still be writing.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

async function buildTogether(
  models: readonly HostModel[],
  target: string,
  folder: string,
  options: PlanOptions,
): Promise<string> {
  const kernels = await kernelTexts();
  const units: string[] = [join(import.meta.dirname, 'host_models.c')];
  for (const { graph, options: own } of models) {
    const plan = makePlan(optimize(graph), findTarget(target), { ...options, ...own });
    const { library, firmware } = generate(plan, kernels);
    // The harness knows one model by a fixed name; here each goes by its own.
    const renamed = firmware.map(({ text }) => ({
      path: `${graph.name}_model.c`,
      text: text.replace(
        'tinyml_firmware_model tinyml_firmware_model',
        `tinyml_firmware_model ${graph.name}_model`,
      ),
    }));
    for (const { path, text } of [...library, ...renamed]) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    // One object for each model: half the time of one for each file.
    const files = [...library, ...renamed].filter(({ path }) => path.endsWith('.c'));
    const unit = join(folder, `${graph.name}_unit.c`);
    await writeFile(unit, files.map(({ path }) => `#include "${path}"\n`).join(''));
    units.push(unit);
  }
  const names = models.map(({ graph }) => `${graph.name}_model`);
  await writeFile(
    join(folder, 'host_models.h'),
    `#include "tinyml_firmware.h"\nextern const struct tinyml_firmware_model ${names.join(', ')};\n` +
      `#define HOST_MODELS ${names.map((name) => `&${name}`).join(', ')}\n`,
  );
  const objects = await pMap(
    units,
    async (unit, position) => {
      const object = join(folder, `${position}.o`);
      await execa('gcc', [
        ...flags,
        ...sanitizers,
        '-I',
        folder,
        '-I',
        firmwareFolder,
        '-c',
        unit,
        '-o',
        object,
      ]);
      return object;
    },
    { concurrency: 2 },
  );
  const program = join(folder, 'host_models');
  await execa('gcc', [...sanitizers, ...objects, '-o', program]);
  return program;
}
