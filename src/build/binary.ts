import { execa } from 'execa';
import { DeployError } from '../errors.ts';
import type { Firmware } from './firmware.ts';
import type { Toolchain } from './toolchain.ts';

export interface Binaries {
  /** Flash from its first byte, raw. */
  readonly bin: string;
  /** Intel HEX, with addresses. */
  readonly hex: string;
}

/** What a flashing tool takes, beside the ELF and named like it. */
export async function writeBinaries(
  firmware: Pick<Firmware, 'elf'>,
  toolchain: Toolchain,
): Promise<Binaries> {
  const stem = firmware.elf.replace(/\.elf$/, '');
  const binaries = { bin: `${stem}.bin`, hex: `${stem}.hex` };
  for (const [format, path] of [
    ['binary', binaries.bin],
    ['ihex', binaries.hex],
  ] as const) {
    const result = await execa(toolchain.objcopy, ['-O', format, firmware.elf, path], {
      reject: false,
      stdin: 'ignore',
    });
    if (result.failed)
      throw new DeployError(
        'tool',
        `${toolchain.objcopy} could not write ${path}.`,
        {},
        'Look at the toolchain.',
      );
  }
  return binaries;
}
