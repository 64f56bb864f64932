import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Graph } from '../src/graph/graph.ts';
import { identifierOf } from '../src/graph/name.ts';
import { importTflite } from '../src/import/tflite.ts';

/** Real models and golden results beside the repository; tests skip, loudly, without them. */
export const shared = join(import.meta.dirname, '..', '..', 'shared');

export const mlperfTiny = ['kws_ref_model', 'vww_96_int8', 'pretrainedResnet_quant', 'ad01_int8'] as const;

export function sharedModel(path: string): Graph {
  const file = join(shared, 'models', `${path}.tflite`);
  return importTflite(readFileSync(file), { file: `${basename(path)}.tflite`, name: identifierOf(path) });
}

export function withShared(t: TestContext): boolean {
  if (existsSync(shared)) return true;
  t.skip('SKIPPED: the folder shared/ with real models and golden vectors is not beside the repository');
  return false;
}
