import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../build/build.ts';
import type { Firmware } from '../build/firmware.ts';
import { findToolchain } from '../build/toolchain.ts';
import { generate } from '../codegen/generate.ts';
import { DeployError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { runtimeFolder } from '../runtime_folder.ts';
import { readKernels } from '../tools.ts';

/** Where the plan's bytes of flash are, as the linker put them; null, with the reason, where there is no compiler. */
export async function flashSizes(
  plan: Plan,
): Promise<
  { readonly firmware: Firmware; readonly reason: '' } | { readonly firmware: null; readonly reason: string }
> {
  const folder = await mkdtemp(join(tmpdir(), 'tinyml-explain-'));
  try {
    const toolchain = await findToolchain();
    const runtime = runtimeFolder();
    const sources = generate(plan, await readKernels(join(runtime, 'kernels')));
    const { map } = plan.target.renode;
    const firmware = await build(sources, plan.target, map, { folder, toolchain, runtimeFolder: runtime });
    return { firmware, reason: '' };
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    return { firmware: null, reason: error.what };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
