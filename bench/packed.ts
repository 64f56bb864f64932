import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

/** Megabytes (10^6) of everything that `uses:` brings. */
export function distMegabytes(): number {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).map((name) => join(dist, name));
  const bytes = files
    .map((file) => statSync(file))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
  return bytes / 1e6;
}

/** Seconds until the packed action says that its configuration does not exist, the best of `runs`: everything up to the first work. */
export async function actionStartSeconds(runs = 5): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-bench-'));
  const times: number[] = [];
  try {
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now();
      const { exitCode, stdout } = await execa(process.execPath, [join(dist, 'action', 'index.js')], {
        cwd: folder,
        env: {
          GITHUB_WORKSPACE: folder,
          INPUT_CONFIG: 'missing.yml',
          INPUT_BASELINE: 'false',
          INPUT_COMMENT: 'false',
        },
        reject: false,
      });
      times.push((performance.now() - start) / 1000);
      if (exitCode === 0 || !stdout.includes('missing.yml'))
        throw new Error(`The packed action did not stop at its configuration:\n${stdout}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return Math.min(...times);
}
