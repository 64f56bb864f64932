import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findToolchain, type Toolchain } from '../src/build/toolchain.ts';
import { findQemu, type QemuEmulator } from '../src/emulate/qemu.ts';
import { DeployError } from '../src/errors.ts';

export const runtimeFolder = fileURLToPath(new URL('../runtime', import.meta.url));

/** The installed cross compiler, or null after a skip that says what is missing. */
export async function crossCompiler(test: TestContext): Promise<Toolchain | null> {
  return await orSkip(test, findToolchain());
}

/** The installed QEMU with its counting plugin, or null after a skip that says what is missing. */
export async function countingQemu(test: TestContext, cacheFolder: string): Promise<QemuEmulator | null> {
  const qemu = await orSkip(test, findQemu({ runtimeFolder, cacheFolder }));
  if (qemu === null || qemu.withoutPlugin === null) return qemu;
  test.skip(`QEMU without its counting plugin: ${qemu.withoutPlugin}`);
  return null;
}

async function orSkip<Tool>(test: TestContext, found: Promise<Tool>): Promise<Tool | null> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    test.skip(error.message);
    return null;
  }
}
