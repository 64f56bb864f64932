import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixtures } from '../golden/golden.ts';
import { buildModel } from '../import/build_model.ts';
import { variants } from './variants.ts';

/** `node test/operators/write_variants.ts` writes test/fixtures/variants; then run test/golden/make_vectors.py again. */
const folder = join(fixtures, 'variants');
mkdirSync(folder, { recursive: true });
for (const [name, model] of Object.entries(variants)) {
  writeFileSync(join(folder, `${name}.tflite`), buildModel(model));
}
