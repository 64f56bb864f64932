// Measures what the product promises and writes bench/results.json, RESULTS.md and results.svg.
//   node bench/bench.ts [--models FOLDER] [--seed N]
//   node bench/bench.ts --check [--models FOLDER]   writes nothing: is anything worse than the results say?
// FOLDER may hold the four MLPerf Tiny models (default ../shared/models); what it lacks is fetched and kept.
// Exit code 1 when an output is not bit-exact, a limit is missed, or something got worse; 2 when there are no models.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { z } from 'zod';
import { findToolchain } from '../src/build/toolchain.ts';
import { toolCacheFolder } from '../src/install/download.ts';
import type { Measurement } from '../src/measurement.ts';
import { type OptimizeSetting, optimizeSettings } from '../src/operators/setting.ts';
import { buildSeconds, passesSeconds } from './build_time.ts';
import { conversionSeconds } from './conversion.ts';
import { deploy } from './deploy.ts';
import { compare, differenceLine, falseGains, ourResult, resultsAt } from './gate.ts';
import { generalization } from './generalization.ts';
import { benchModels, findModels } from './models.ts';
import { actionStartSeconds, distMegabytes } from './packed.ts';
import { readPeers } from './peers.ts';
import { renderPlot } from './plot.ts';
import { type Figure, type OurResult, type Results, renderResults } from './results.ts';

const here = dirname(fileURLToPath(import.meta.url));
const models = benchModels.map(({ name }) => name);
const targets = ['cortex-m0plus', 'cortex-m3', 'cortex-m4f', 'cortex-m7', 'cortex-m33', 'cortex-m55'];
/** Eight of each family: means of fewer scatter by a tenth from one draw to the next. */
const randomNetworks = 32;

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: join(here, '..', '..', 'shared', 'models') },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    check: { type: 'boolean', default: false },
  },
});
const modelFolder = join(toolCacheFolder(process.env, homedir()), 'bench-models');
try {
  await findModels(benchModels, { folders: [resolve(values.models)], cacheFolder: modelFolder });
} catch (error) {
  console.error(`The benchmark's models could not be had: ${(error as Error).message}`);
  process.exit(2);
}
process.exitCode = values.check ? await check() : await record();

/** Measures everything and writes it down. */
async function record(): Promise<number> {
  const before = await resultsAt('HEAD', here);
  const figures = await measureFigures();
  const measured: [OptimizeSetting, Measurement[]][] = [];
  for (const optimize of optimizeSettings) {
    say(`all four models on ${targets.length} cores for ${optimize}`);
    measured.push([optimize, await measure(targets, optimize)]);
  }
  const firstSeed = Number(values.seed);
  say(`${randomNetworks} random networks, seeds from ${firstSeed}`);
  const peers = readPeers();
  const balanced = measured.find(([optimize]) => optimize === 'balanced')?.[1] ?? [];
  const spread = await generalization(balanced, peers.macs, targets, { firstSeed, count: randomNetworks });
  const [first] = balanced;
  const results: Results = {
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
    generalization: { firstSeed, targets: spread },
    results: measured
      .flatMap(([, all]) => all.map(ourResultOf))
      .toSorted(
        (a, b) =>
          targets.indexOf(a.target) - targets.indexOf(b.target) ||
          models.indexOf(a.model) - models.indexOf(b.model),
      ),
  };
  const markdown = renderResults(results, peers);
  writeFileSync(join(here, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(here, 'RESULTS.md'), markdown);
  writeFileSync(join(here, 'results.svg'), renderPlot(results, peers, 'cortex-m4f'));
  console.log(markdown);
  const gains = before === null ? [] : falseGains(before, results.results);
  for (const each of gains) console.error(differenceLine(each));
  const isMissed = figures.some(({ value, limit }) => value > limit);
  const isExact =
    results.results.every(({ bitExact }) => bitExact) && spread.every(({ bitExact }) => bitExact);
  return isMissed || !isExact || gains.length > 0 ? 1 : 0;
}

/** Measures every row of the results again, without the random networks: is anything worse? */
async function check(): Promise<number> {
  const file = z
    .object({ versions: z.record(z.string(), z.string()), results: z.array(ourResult) })
    .safeParse(JSON.parse(readFileSync(join(here, 'results.json'), 'utf8')));
  if (!file.success) {
    console.error('bench/results.json has another form: run `npm run bench`.');
    return 1;
  }
  const { version } = await findToolchain();
  if (version !== file.data.versions.compiler) {
    console.log(
      `Nothing is compared: the results are of ${file.data.versions.compiler}, and this is ${version}, which makes other code.`,
    );
    return 0;
  }
  const now: OurResult[] = [];
  for (const optimize of optimizeSettings) {
    say(`all four models on ${targets.length} cores for ${optimize}`);
    now.push(...(await measure(targets, optimize)).map(ourResultOf));
  }
  const { compared, worse, better, lost } = compare(file.data.results, now);
  // The commit before, where the results were written in this one.
  const earlier = await resultsAt('HEAD^', here);
  const gains = earlier === null ? [] : falseGains(earlier, file.data.results);
  for (const each of better) console.log(`better  ${differenceLine(each)}`);
  for (const each of [...worse, ...gains]) console.log(`WORSE   ${differenceLine(each)}`);
  for (const each of lost) console.log(`LOST    ${each}`);
  const isEmpty = compared === 0;
  console.log(
    isEmpty
      ? 'The results have none of these rows: run `npm run bench`.'
      : `${compared} rows compared: ${worse.length + gains.length} worse, ${lost.length} lost, ${better.length} better.`,
  );
  if (worse.length > 0)
    console.log('If this is meant, run `npm run bench` and commit bench/results.* in the same change.');
  return worse.length > 0 || gains.length > 0 || lost.length > 0 || isEmpty ? 1 : 0;
}

async function measureFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  if (existsSync(join(here, '..', 'dist', 'action', 'index.js'))) {
    say('packed action');
    figures.push(
      { what: 'dist/', value: distMegabytes(), unit: 'MB', limit: 6 },
      { what: 'the packed action starts', value: await actionStartSeconds(), unit: 's', limit: 0.5 },
    );
  }
  for (const name of models) {
    say(`${name}: model to C`);
    const file = join(modelFolder, `${name}.tflite`);
    figures.push(
      {
        what: `${name}, model to C`,
        value: conversionSeconds(file, name.toLowerCase(), 'cortex-m4'),
        unit: 's',
        limit: 1,
      },
      {
        what: `${name}, rewriting and planning`,
        value: passesSeconds(file, name.toLowerCase()),
        unit: 's',
        limit: 2,
      },
    );
  }
  say('vww_96_int8: model to firmware');
  const vww = join(modelFolder, 'vww_96_int8.tflite');
  figures.push({
    what: 'vww_96_int8, model to firmware',
    value: await buildSeconds(vww, 'vww_96_int8'),
    unit: 's',
    limit: 10,
  });
  say('all four models on cortex-m4');
  const { seconds } = await deploy(modelFolder, models, ['cortex-m4']);
  figures.push({ what: 'all four on cortex-m4, model to report', value: seconds, unit: 's', limit: 60 });
  return figures;
}

async function measure(where: readonly string[], optimize: OptimizeSetting): Promise<Measurement[]> {
  const { report } = await deploy(modelFolder, models, where, optimize);
  return report.measurements;
}

function ourResultOf({
  model,
  target,
  optimize,
  instructions,
  cycles,
  flash,
  ram,
  verification,
}: Measurement): OurResult {
  return {
    model: model.file.replace(/^.*\/|\.tflite$/g, ''),
    target,
    optimize,
    instructions: instructions?.total ?? null,
    cycles: cycles === null ? null : { estimate: cycles.estimate, low: cycles.low, high: cycles.high },
    flashBytes: flash.total,
    arenaBytes: ram.arena,
    stackBytes: ram.stack,
    ramBytes: ram.stack === null ? null : ram.total + ram.stack,
    bitExact: verification?.bitExact ?? false,
  };
}

function say(what: string): void {
  console.error(`measuring ${what}`);
}
