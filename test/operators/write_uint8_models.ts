import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixtures } from '../golden/golden.ts';
import { buildModel } from '../import/build_model.ts';
import { uint8Models } from './uint8_models.ts';

/** `node test/operators/write_uint8_models.ts` writes test/fixtures/uint8; then run test/golden/make_litert_vectors.py again. */
const folder = join(fixtures, 'uint8');
mkdirSync(folder, { recursive: true });
for (const [name, model] of Object.entries(uint8Models))
  writeFileSync(join(folder, `${name}.tflite`), buildModel(model));
