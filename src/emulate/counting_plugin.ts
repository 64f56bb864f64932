import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';

export interface CountingPluginOptions {
  /** The folder `runtime` of this project. */
  readonly runtimeFolder: string;
  /** Where the built plugin is kept for later runs. */
  readonly cacheFolder: string;
  /** The host's C compiler; `cc` when absent. */
  readonly hostCompiler?: string;
  /** QEMU's major version: 9 changed the calls for inline counting. */
  readonly qemuMajor: number;
}

export type CountingPlugin =
  | { readonly path: string; readonly missing?: never }
  | { readonly path: null; readonly missing: string };

/**
 * QEMU's plugin interface: version 1 until 8.2, where an inline operation adds to a variable; from 9.0 on it
 * adds to a scoreboard, and every release so far accepts version 2. Only version 1 (QEMU 7.2) has been tried.
 */
export function pluginVersion(qemuMajor: number): 1 | 2 {
  return qemuMajor >= 9 ? 2 : 1;
}

/** Builds the counting plugin, or finds it built. `missing` says in one clause why there is none. */
export async function findCountingPlugin(options: CountingPluginOptions): Promise<CountingPlugin> {
  const compiler = options.hostCompiler ?? 'cc';
  const source = join(options.runtimeFolder, 'emulate', 'counting_plugin.c');
  const machine = await execa(compiler, ['-dumpmachine'], { reject: false, stdin: 'ignore' });
  if (machine.failed) return { path: null, missing: `there is no host C compiler (${compiler})` };
  const version = pluginVersion(options.qemuMajor);
  const key = createHash('sha256')
    .update(await readFile(source))
    .update(`${version} ${machine.stdout}`)
    .digest('hex')
    .slice(0, 16);
  const path = resolve(options.cacheFolder, `counting_plugin-${key}.so`);
  if (await exists(path)) return { path };

  await mkdir(options.cacheFolder, { recursive: true });
  // Runs side by side may build it at the same time: each in a folder of its own, the last one's stays.
  const workshop = await mkdtemp(join(options.cacheFolder, 'building-'));
  const unfinished = join(workshop, 'counting_plugin.so');
  const flags = ['-shared', '-fPIC', '-O2', '-fvisibility=hidden', `-DTINYML_PLUGIN_VERSION=${version}`];
  const isMac = machine.stdout.includes('darwin');
  const late = isMac ? ['-undefined', 'dynamic_lookup'] : [];
  const built = await execa(compiler, [...flags, ...late, source, '-o', unfinished], {
    reject: false,
    stdin: 'ignore',
  });
  if (!built.failed) await rename(unfinished, path);
  await rm(workshop, { recursive: true, force: true });
  return built.failed
    ? { path: null, missing: `the host C compiler (${compiler}) cannot build QEMU's counting plugin` }
    : { path };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
