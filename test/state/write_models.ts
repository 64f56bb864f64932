import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixtures } from '../golden/golden.ts';
import { floatStateModels, stateModels } from './models.ts';

/** `node test/state/write_models.ts` writes the hand-made models of test/fixtures/state; then run test/golden/make_sequences.py. */
for (const [name, bytes] of stateModels) writeFileSync(join(fixtures, 'state', `${name}.tflite`), bytes);
for (const [name, bytes] of floatStateModels)
  writeFileSync(join(fixtures, 'recurrent', `${name}.tflite`), bytes);
