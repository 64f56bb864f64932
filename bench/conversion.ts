import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importTflite } from '../src/import/tflite.ts';
import { optimize } from '../src/optimize/optimize.ts';
import { generateLibrary } from '../src/pipeline.ts';
import { findTarget } from '../src/targets/index.ts';

const kernelFolder = fileURLToPath(new URL('../runtime/kernels', import.meta.url));

/** Text of runtime/kernels by file name. */
export function kernelTexts(): ReadonlyMap<string, string> {
  return new Map(
    readdirSync(kernelFolder).map((file) => [file, readFileSync(join(kernelFolder, file), 'utf8')]),
  );
}

/** Seconds from a model's bytes to the text of its C library, the best of `runs`. */
export function conversionSeconds(modelFile: string, name: string, target: string, runs = 5): number {
  const bytes = readFileSync(modelFile);
  const kernels = kernelTexts();
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    const graph = optimize(importTflite(bytes, { name, file: `${name}.tflite` }));
    generateLibrary(graph, findTarget(target), kernels);
    return (performance.now() - start) / 1000;
  });
  return Math.min(...times);
}
