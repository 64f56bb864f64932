// Measures what the product promises, writes bench/results.json and bench/results.md, and prints the latter.
//   node bench/bench.ts [--models FOLDER]   FOLDER holds the four MLPerf Tiny models; default ../shared/models
// Exit code 1 when a limit is missed or an output is not bit-exact.
import { existsSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import type { Measurement } from '../src/measurement.ts';
import { conversionSeconds } from './conversion.ts';
import { deploy } from './deploy.ts';
import { actionStartSeconds, distMegabytes } from './packed.ts';
import { readPeers } from './peers.ts';
import { type Figure, type OurResult, type Results, renderResults } from './results.ts';

const here = dirname(fileURLToPath(import.meta.url));
const models = ['ad01_int8', 'kws_ref_model', 'pretrainedResnet_quant', 'vww_96_int8'];
const peerTargets = ['cortex-m0plus', 'cortex-m3', 'cortex-m4f', 'cortex-m7', 'cortex-m55'];

const { values } = parseArgs({
  options: { models: { type: 'string', default: join(here, '..', '..', 'shared', 'models') } },
});
const modelFolder = resolve(values.models);
const missing = models.filter((name) => !existsSync(join(modelFolder, `${name}.tflite`)));
if (missing.length > 0) {
  console.error(`There is no ${missing.map((name) => `${name}.tflite`).join(', ')} in ${modelFolder}.`);
  console.error('They are the int8 models of github.com/mlcommons/tiny; give their folder with --models.');
  process.exit(2);
}

const results = await measure();
const markdown = renderResults(results, readPeers());
writeFileSync(join(here, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
writeFileSync(join(here, 'results.md'), markdown);
console.log(markdown);
const isMissed = results.figures.some(({ value, limit }) => value > limit);
process.exitCode = isMissed || results.results.some(({ bitExact }) => !bitExact) ? 1 : 0;

async function measure(): Promise<Results> {
  say('packed action');
  const figures: Figure[] = [
    { what: 'dist/', value: distMegabytes(), unit: 'MB', limit: 6 },
    { what: 'the packed action starts', value: await actionStartSeconds(), unit: 's', limit: 0.5 },
  ];
  for (const name of models) {
    say(`${name}: model to C`);
    const seconds = conversionSeconds(join(modelFolder, `${name}.tflite`), name.toLowerCase(), 'cortex-m4');
    figures.push({ what: `${name}, model to C`, value: seconds, unit: 's', limit: 1 });
  }
  say('all four models on cortex-m4');
  const timed = await deploy(modelFolder, models, ['cortex-m4']);
  figures.push({
    what: 'all four on cortex-m4, model to report',
    value: timed.seconds,
    unit: 's',
    limit: 60,
  });
  say(`all four models on ${peerTargets.join(', ')}`);
  const { report } = await deploy(modelFolder, models, peerTargets);
  const [first] = report.measurements;
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: (
      await execa('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], { cwd: here })
    ).stdout,
    versions: {
      node: process.versions.node,
      compiler: first?.compiler.version ?? 'none',
      ...Object.fromEntries((first?.emulations ?? []).map(({ emulator, version }) => [emulator, version])),
      cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    },
    figures,
    results: report.measurements
      .map(ourResult)
      .toSorted((a, b) => peerTargets.indexOf(a.target) - peerTargets.indexOf(b.target)),
  };
}

function ourResult({ model, target, instructions, flash, ram, verification }: Measurement): OurResult {
  return {
    model: model.file.replace(/^.*\/|\.tflite$/g, ''),
    target,
    instructions: instructions?.total ?? null,
    flashBytes: flash.total,
    arenaBytes: ram.arena,
    ramBytes: ram.stack === null ? null : ram.total + ram.stack,
    bitExact: verification?.bitExact ?? false,
  };
}

function say(what: string): void {
  console.error(`measuring ${what}`);
}
