import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkFirmware } from '../src/build/build.ts';
import { compileObjects } from '../src/build/compile.ts';
import { findToolchain } from '../src/build/toolchain.ts';
import { importTflite } from '../src/import/tflite.ts';
import { optimizeSettings } from '../src/operators/setting.ts';
import { optimize } from '../src/optimize/optimize.ts';
import { generateLibrary } from '../src/pipeline.ts';
import { makePlan } from '../src/plan/make_plan.ts';
import { findTarget } from '../src/targets/index.ts';
import { kernelTexts } from './conversion.ts';

const target = findTarget('cortex-m4f');
const runtimeFolder = fileURLToPath(new URL('../runtime', import.meta.url));

/** Seconds from a model's bytes to linked firmware, the slowest setting's best of `runs`. */
export async function buildSeconds(modelFile: string, name: string, runs = 2): Promise<number> {
  const toolchain = await findToolchain();
  const kernels = kernelTexts();
  const slowest: number[] = [];
  for (const setting of optimizeSettings) {
    const times: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const folder = mkdtempSync(join(tmpdir(), 'tinyml-bench-'));
      try {
        const start = performance.now();
        const graph = optimize(importTflite(readFileSync(modelFile), { name, file: `${name}.tflite` }));
        const { sources } = generateLibrary(graph, target, kernels, { optimize: setting });
        const objects = await compileObjects(sources, target, { folder, toolchain, runtimeFolder });
        await linkFirmware(objects, target.qemu.map, { label: 'firmware' });
        times.push((performance.now() - start) / 1000);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    slowest.push(Math.min(...times));
  }
  return Math.max(...slowest);
}

/** Seconds of the optimiser's passes, rewriting and planning, of the slowest setting: the best of `runs`. */
export function passesSeconds(modelFile: string, name: string, runs = 3): number {
  const graph = importTflite(readFileSync(modelFile), { name, file: `${name}.tflite` });
  return Math.max(
    ...optimizeSettings.map((setting) =>
      Math.min(
        ...Array.from({ length: runs }, () => {
          const start = performance.now();
          makePlan(optimize(graph), target, { optimize: setting });
          return (performance.now() - start) / 1000;
        }),
      ),
    ),
  );
}
