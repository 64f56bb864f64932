// Times 4 models on 3 targets in one job, and shared between jobs by the reusable workflow, with act on this machine:
//   node bench/matrix.ts FOLDER-WITH-MODELS
// Writes bench/matrix.md. Jobs run one after the other, so that none takes another's processor.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { jobsPerGroup } from '../src/matrix/groups.ts';
import { findAct } from '../test/e2e/act.ts';
import { freePort, startArtifactProxy } from '../test/e2e/artifact_server.ts';
import { packedRepository } from '../test/e2e/packed_repository.ts';

const models = ['ad01_int8', 'kws_ref_model', 'pretrainedResnet_quant', 'vww_96_int8'];
const targets = ['cortex-m0plus', 'cortex-m4f', 'cortex-m7'];
/** Until the first step runs, and what it installs: assumed. */
const setUpSeconds = 40;

const inputs = '          emulator: qemu\n          install: false\n          baseline: false\n';

const [modelFolder] = process.argv.slice(2);
if (modelFolder === undefined) throw new Error('Give the folder with the models.');
const act = await findAct();
if (act.program === null) throw new Error(act.why);
const program = act.program;
const work = mkdtempSync(join(tmpdir(), 'tinyml-bench-'));
const port = await freePort();
const proxy = await startArtifactProxy(port);
const [load = 0] = loadavg();

interface Timing {
  readonly what: string;
  readonly jobs: number;
  /** Seconds of all jobs together. */
  readonly sum: number;
  /** Seconds of those that wait for each other. */
  readonly critical: number;
  readonly waits: number;
}

try {
  await packedRepository(join(work, 'action'));
  const timings = [await time('one job', oneJob, (jobs) => [jobs]), ...(await Promise.all([]))];
  for (const groups of [1, 4, 12])
    timings.push(
      await time(`plan, ${groups === 1 ? '1 group' : `${groups} groups`}, report`, fanOut(groups), (jobs) => [
        jobs.filter(({ name }) => name.endsWith('/Plan')),
        jobs.filter(({ name }) => !/\/(Plan|Report)$/.test(name)),
        jobs.filter(({ name }) => name.endsWith('/Report')),
      ]),
    );
  const text = render(timings);
  writeFileSync(new URL('matrix.md', import.meta.url), text);
  console.log(text);
} finally {
  await proxy.close();
  rmSync(work, { recursive: true, force: true });
}

function oneJob(): string {
  return `on: push\njobs:\n  all:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v7\n      - uses: tinyml/deploy-action@v1\n        with:\n${inputs}`;
}

function fanOut(groups: number): () => string {
  return () =>
    `on: push\njobs:\n  tinyml:\n    uses: tinyml/deploy-action/.github/workflows/deploy.yml@v1\n    with:\n      groups: '${groups}'\n${inputs.replaceAll('          ', '      ')}`;
}

interface JobTime {
  readonly name: string;
  readonly seconds: number;
}

/** `stages`: the jobs that run side by side, in the order in which they wait for each other. */
async function time(
  what: string,
  workflow: () => string,
  stages: (jobs: readonly JobTime[]) => readonly (readonly JobTime[])[],
): Promise<Timing> {
  const jobs = await run(workflow());
  const parts = stages(jobs);
  console.log(what, jobs);
  return {
    what,
    jobs: jobs.length,
    sum: jobs.reduce((total, { seconds }) => total + seconds, 0),
    critical: parts.reduce((total, part) => total + Math.max(...part.map(({ seconds }) => seconds)), 0),
    waits: parts.length,
  };
}

/** Runs a workflow in a new repository; how long each job took, from its first line to its last. */
async function run(workflow: string): Promise<readonly JobTime[]> {
  const repository = mkdtempSync(join(work, 'repository-'));
  mkdirSync(join(repository, 'models'));
  mkdirSync(join(repository, '.github', 'workflows'), { recursive: true });
  for (const name of models)
    copyFileSync(join(modelFolder ?? '', `${name}.tflite`), join(repository, 'models', `${name}.tflite`));
  writeFileSync(join(repository, 'tinyml.yml'), `targets: [${targets.join(', ')}]\n`);
  writeFileSync(join(repository, '.github', 'workflows', 'ml.yml'), workflow);
  for (const parameters of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', 'commit', '--quiet', '--message=models'],
  ])
    await execa('git', parameters, { cwd: repository });
  rmSync(join(work, 'artifacts'), { recursive: true, force: true });
  const child = execa(
    program,
    [
      'push',
      '--json',
      '--concurrent-jobs=1',
      ...['--platform', 'ubuntu-24.04=-self-hosted'],
      ...['--local-repository', `tinyml/deploy-action@v1=${join(work, 'action')}`],
      ...['--artifact-server-path', join(work, 'artifacts')],
      ...['--artifact-server-addr', '127.0.0.1', '--artifact-server-port', String(port)],
      '--no-cache-server',
    ],
    {
      cwd: repository,
      env: { XDG_CACHE_HOME: work, ACTIONS_RUNTIME_URL: `${proxy.url}/` },
      reject: false,
    },
  );
  const spans = new Map<string, { first: number; last: number }>();
  const tail: string[] = [];
  for await (const line of child) {
    tail.push(line);
    const { job, jobID } = parsed(line);
    if (job === undefined || jobID === undefined) continue;
    const now = performance.now();
    spans.set(job, { first: spans.get(job)?.first ?? now, last: now });
  }
  const result = await child;
  if (result.failed) throw new Error(`act failed:\n${tail.slice(-40).join('\n')}`);
  // The job that calls has no steps of its own.
  spans.delete('ml.yml/tinyml');
  return [...spans].map(([name, { first, last }]) => ({ name: name.trim(), seconds: (last - first) / 1000 }));
}

function parsed(line: string): { readonly job?: string; readonly jobID?: string } {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

function render(timings: readonly Timing[]): string {
  const rows = timings.map(({ what, jobs, sum, critical, waits }) => {
    const onRunners = critical + waits * setUpSeconds;
    const paid = (sum + jobs * setUpSeconds) / 60;
    return `| ${what} | ${jobs} | ${sum.toFixed(1)} s | ${critical.toFixed(1)} s | ${onRunners.toFixed(0)} s | ${paid.toFixed(1)} min |`;
  });
  return `# One job, or jobs side by side

${models.length} models (${models.join(', ')}) on ${targets.length} targets (${targets.join(', ')}), QEMU, without a baseline and without a cache; the packed action and the reusable workflow, run by act one job after the other on ${availableParallelism()} processors. Made by \`node bench/matrix.ts\`.

| | jobs | work of all jobs | critical path | with ${setUpSeconds} s to start each runner | runner time |
|:--|--:|--:|--:|--:|--:|
${rows.join('\n')}

The last two columns are computed: ${setUpSeconds} s are assumed for a runner to start, to check out and to install what it needs, before the first measurement. The critical path is the longest job of each stage. The load average at the start was ${load.toFixed(1)}: other work takes its share of the seconds.

So a dozen jobs are done soonest, and cheapest, by one runner. Groups pay when the work of one runner is longer than two more starts of a runner: with ${jobsPerGroup} jobs in a group, and the base commit measured too, from some 60 jobs on. That is why \`groups\` is one for every ${jobsPerGroup} jobs where nothing else is said.
`;
}
