import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { planFileName, readPlanFile } from '../../src/project/plan_file.ts';
import { folderWith } from '../project/folder.ts';
import { crossCompiler } from '../tools.ts';
import { call } from './terminal.ts';

const models = join(import.meta.dirname, '..', '..', 'examples', 'digits', 'models');

test('tune keeps what it found, run and build take it without a search, another model makes it stale', async (t) => {
  if ((await crossCompiler(t)) === null) return;
  const folder = folderWith(t, {
    'digits.tflite': readFileSync(join(models, 'digits_cnn.tflite')),
    'tinyml.yml': 'targets: [cortex-m4]\noptimize: speed\nemulator: qemu\n',
  });
  // A real environment, so that the tools are found.
  const run = (...parameters: string[]) => call(folder, parameters, { environment: process.env });
  const tuned = await run('tune', '--trials', '12');
  assert.equal(tuned.exitCode, 0, tuned.stderr);
  assert.match(tuned.stdout, /tinyml\.plan\.json: commit it/);
  const [plan] = readPlanFile(folder);
  assert.ok(plan !== undefined && plan.after.instructions <= plan.before.instructions);
  const text = readFileSync(join(folder, planFileName), 'utf8');
  assert.equal((await run('tune', '--trials', '12')).exitCode, 0);
  assert.equal(readFileSync(join(folder, planFileName), 'utf8'), text, 'a second search finds the same');

  const first = await run('run', '--json');
  assert.equal(first.exitCode, 0, first.stderr);
  const [measurement] = JSON.parse(first.stdout).measurements;
  assert.equal(measurement.tuned, 'yes');
  const { instructions, cycles, flash, ram } = measurement;
  assert.deepEqual(
    { instructions: instructions.total, cycles: cycles.estimate, flash: flash.total, arena: ram.arena },
    plan.after,
  );

  writeFileSync(join(folder, 'digits.tflite'), readFileSync(join(models, 'digits_mlp.tflite')));
  const [other] = JSON.parse((await run('run', '--json')).stdout).measurements;
  assert.equal(other.tuned, 'stale');
  assert.match((await run('build')).stderr, /plan file was made for another version of digits on cortex-m4/);
});
