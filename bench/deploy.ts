import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { defaultSetting, type OptimizeSetting } from '../src/operators/setting.ts';
import { parseReport } from '../src/report/json.ts';
import type { Report } from '../src/report/report.ts';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));

export interface Deployment {
  readonly seconds: number;
  readonly report: Report;
}

/** Runs the command line on these models and targets with QEMU, in a project of their own: from the start of the process to its end. */
export async function deploy(
  modelFolder: string,
  models: readonly string[],
  targets: readonly string[],
  optimize: OptimizeSetting = defaultSetting,
): Promise<Deployment> {
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-bench-'));
  try {
    mkdirSync(join(folder, 'models'));
    for (const name of models)
      copyFileSync(join(modelFolder, `${name}.tflite`), join(folder, 'models', `${name}.tflite`));
    writeFileSync(
      join(folder, 'tinyml.yml'),
      `targets: [${targets.join(', ')}]\nemulator: qemu\noptimize: ${optimize}\n`,
    );
    const start = performance.now();
    const { stdout, stderr, exitCode } = await execa(process.execPath, [cli, 'run', '--json'], {
      cwd: folder,
      reject: false,
      maxBuffer: 1 << 28,
    });
    const seconds = (performance.now() - start) / 1000;
    // 1 is a negative verdict: still a report, and its failures belong into the results.
    if (exitCode !== 0 && exitCode !== 1)
      throw new Error(`tinyml-deploy run ended with ${exitCode}:\n${stderr}`);
    return { seconds, report: parseReport(stdout, 'the report of tinyml-deploy run') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
