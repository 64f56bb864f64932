import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deploy } from '../../bench/deploy.ts';
import { countingQemu, crossCompiler } from '../tools.ts';
import { families, oddNetwork } from './odd_network.ts';

/** Drawn anew on every run; TINYML_SEED repeats one. */
const firstSeed = Number(process.env.TINYML_SEED ?? Date.now() % 1_000_000);

const folder = mkdtempSync(join(tmpdir(), 'tinyml-odd-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test(`a network of each kind that nobody designed runs bit-exact on the emulated cores, seeds from ${firstSeed}`, async (t) => {
  if ((await crossCompiler(t)) === null || (await countingQemu(t, folder)) === null) return;
  const networks = families.map((_, index) => ({
    name: `odd_${firstSeed + index}`,
    ...oddNetwork(firstSeed + index),
  }));
  for (const { name, bytes } of networks) writeFileSync(join(folder, `${name}.tflite`), bytes);
  const targets = ['cortex-m0plus', 'cortex-m4f', 'cortex-m55'];
  const { report } = await deploy(
    folder,
    networks.map(({ name }) => name),
    targets,
  );
  assert.equal(report.measurements.length, networks.length * targets.length);
  for (const { model, target, verification, instructions, failures } of report.measurements) {
    const of = `${model.name} on ${target}`;
    assert.deepEqual(failures, [], of);
    assert.equal(verification?.bitExact, true, of);
    const network = networks.find(({ name }) => name === model.name);
    const rate = (instructions?.total ?? Number.NaN) / (network?.macs ?? Number.NaN);
    t.diagnostic(`${of} (${network?.family}): ${rate.toFixed(2)} instructions per multiply-accumulate`);
    // Far more than any kernel's: a shape that falls back to something else would show.
    assert.ok(rate < { 'cortex-m0plus': 14, 'cortex-m4f': 6, 'cortex-m55': 4 }[target as 'cortex-m4f'], of);
  }
});
