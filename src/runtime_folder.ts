import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder `runtime/` with the C that ships: kernels, firmware, link scripts. Found by walking up from this
 * file, so that it is the same one from `src/` and from the packed `dist/`.
 */
export function runtimeFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'runtime');
    if (existsSync(join(candidate, 'firmware', 'tinyml_firmware.h'))) return candidate;
    if (dirname(folder) === folder)
      throw new Error('tinyml-deploy is not whole: its folder `runtime` is missing');
  }
}
