import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { runtimeFolder } from './runtime_folder.ts';

/** This tool's version, from the package.json that lies beside `runtime/`. */
export function toolVersion(): string {
  const text = readFileSync(join(dirname(runtimeFolder()), 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
