import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixtures } from '../golden/golden.ts';
import { buildModel } from '../import/build_model.ts';
import { int16x8Variants } from './int16x8_variants.ts';

/** `node test/operators/write_int16x8_variants.ts` adds to test/fixtures/int16x8; then run test/golden/make_vectors.py again. */
for (const [name, model] of Object.entries(int16x8Variants))
  writeFileSync(join(fixtures, 'int16x8', `built_${name}.tflite`), buildModel(model));
