import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { generate } from '../../src/codegen/generate.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { makePlan, type PlanOptions } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';

const root = join(import.meta.dirname, '..', '..');

export async function kernelTexts(): Promise<ReadonlyMap<string, string>> {
  const folder = join(root, 'runtime', 'kernels');
  const files = await readdir(folder);
  return new Map(
    await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const)),
  );
}

/**
 * Compiles the library of a graph with the host's gcc, sanitizers on, and runs it over the samples (each the graph's
 * inputs): every one from a reset, or, with `sequence`, one after the other from one reset.
 */
export async function runOnHost(
  graph: Graph,
  target: string,
  samples: readonly (readonly Uint8Array[])[],
  options: PlanOptions & { readonly sequence?: boolean } = {},
): Promise<Uint8Array> {
  const plan = makePlan(optimize(graph), findTarget(target), options);
  const sources = generate(plan, await kernelTexts());
  const folder = await mkdtemp(join(tmpdir(), 'tinyml-host-'));
  try {
    for (const { path, text } of [...sources.library, ...sources.firmware]) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await writeFile(join(folder, 'inputs'), Buffer.concat(samples.flat()));
    const program = join(folder, 'host');
    const flags = [
      '-std=c11',
      '-O1',
      '-g',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-fsanitize=address,undefined',
      '-fno-sanitize-recover=all',
    ];
    const files = sources.library
      .filter(({ path }) => path.endsWith('.c'))
      .map(({ path }) => join(folder, path));
    await execa('gcc', [
      ...flags,
      '-I',
      folder,
      '-I',
      join(root, 'runtime', 'firmware'),
      ...files,
      join(folder, 'firmware_model.c'),
      join(import.meta.dirname, 'host_main.c'),
      '-o',
      program,
    ]);
    const sequence = options.sequence === true ? ['sequence'] : [];
    await execa(program, [join(folder, 'inputs'), join(folder, 'outputs'), ...sequence]);
    return await readFile(join(folder, 'outputs'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
