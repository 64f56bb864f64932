import type { OptimizeSetting } from '../src/operators/setting.ts';
import type { Generalization } from './generalization.ts';
import { goalOf, goalRam } from './goals.ts';
import type { Peers } from './peers.ts';
import { peerResult } from './peers.ts';

/** One model on one target with one setting, as our report has it. */
export interface OurResult {
  readonly model: string;
  readonly target: string;
  readonly optimize: OptimizeSetting;
  readonly instructions: number | null;
  /** Null where there is no timing of the core. */
  readonly cycles: { readonly estimate: number; readonly low: number; readonly high: number } | null;
  /** What the model adds to a product: code, weights, tables, run-time library. */
  readonly flashBytes: number;
  readonly arenaBytes: number;
  readonly stackBytes: number | null;
  /** Arena, data and stack: what the peers' `ramBytes` holds too. */
  readonly ramBytes: number | null;
  readonly bitExact: boolean;
}

/** A measured time or size with the limit that it must keep. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: 's' | 'MB';
  readonly limit: number;
}

export interface Results {
  readonly date: string;
  /** Short; ends in `-dirty` where the tree held changes. */
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
  readonly generalization: {
    readonly firstSeed: number;
    readonly targets: readonly Generalization[];
  };
  readonly results: readonly OurResult[];
}

/** RESULTS.md: the figures with their limits, then ours beside the peers'. */
export function renderResults(results: Results, peers: Peers): string {
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  return `# Benchmark

Measured ${results.date} at ${results.commit} by \`npm run bench\`: ${versions.join(', ')}.

![Ours as a share of TensorFlow Lite Micro with CMSIS-NN on cortex-m4f](results.svg)

## Speed and size

| What | Measured | Limit | |
|---|---:|---:|---|
${results.figures.map(figureLine).join('\n')}

Times are wall-clock on the machine named above, the best of the runs, and vary with it. Everything below is counted and does not.

## The MLPerf Tiny models

Executed instructions of one inference, the same on every run. TFLM is TensorFlow Lite Micro ${peers.versions['tflite-micro']?.slice(0, 12)} with its reference kernels and with CMSIS-NN ${peers.versions['CMSIS-NN']?.slice(0, 12)}, measured ${peers.date} with gcc ${peers.versions.gcc} and QEMU ${peers.versions.qemu}. × is how many times fewer instructions we need; MACs are the model's own, before any rewriting. Cycles are [estimated](../docs/cycles.md).

| Target | Model | Setting | Ours | per MAC | ≈ cycles | TFLM reference | × | TFLM + CMSIS-NN | × | Bit-exact |
|---|---|---|---:|---:|---:|---:|---:|---:|---:|---|
${results.results.map((ours) => instructionLine(ours, peers)).join('\n')}

## Flash and RAM

Bytes. Ours is what the model adds to a product, without the start-up code, which TFLM's figures hold (a few hundred bytes). RAM is arena, data and stack; our stack is that of one inference, TFLM's that of the whole run, main included.

| Target | Model | Setting | Flash | TFLM reference | TFLM + CMSIS-NN | RAM | TFLM reference | TFLM + CMSIS-NN |
|---|---|---|---:|---:|---:|---:|---:|---:|
${results.results.map((ours) => sizeLine(ours, peers)).join('\n')}

## Estimated cycles beside the best that is published on silicon

Ours are [estimates](../docs/cycles.md) of \`speed\` with memory that answers at once; theirs were measured on boards whose flash has wait states. The error of such estimates is on that page: read a ratio as a hint. 10⁶ cycles of one inference.

| Target | Model | Ours, estimated | Range | Published | Engine, MLPerf Tiny | Board |
|---|---|---:|---:|---:|---|---|
${peers.published.flatMap((each) => publishedLine(each, results.results)).join('\n')}

## Other engines

Counted in the same way on \`cortex-m4f\`; ours with \`balanced\`.

| Model | Engine | Instructions | Ours | Flash | Ours | |
|---|---|---:|---:|---:|---:|---|
${peers.others.flatMap((each) => otherLine(each, results.results)).join('\n')}

## Goals

What we set out to reach: instructions with \`speed\`, bytes with \`size\`, both with \`balanced\`, which may take 15% more instructions. RAM is the arena, and the stack beyond 600 bytes. ✖ marks what is missed.

| Target | Model | Setting | Instructions | Goal | RAM | Goal | Flash | Goal |
|---|---|---|---:|---:|---:|---:|---:|---:|
${results.results.map((ours) => goalLine(ours, peers)).join('\n')}

## Networks that nobody tuned it for

${results.generalization.targets[0]?.networks ?? 0} random networks of the kinds above (odd heights and widths, channel counts that four does not divide, dilations, depthwise multipliers above one), seeds from ${results.generalization.firstSeed}, setting \`balanced\`. Geometric means of instructions per multiply-accumulate that is left after rewriting, and per one of the model as its file has it; the limit is 1.3 × that of the four models, for the multiply-accumulates that are executed. Those of the file say how much rewriting removed, too: VWW has channels that never change and loses half of its own, while in these networks no channel is constant and nothing can be removed.

| Target | The four | Random | × | Of the file: the four | Random | × | Bit-exact |
|---|---:|---:|---:|---:|---:|---:|---|
${results.generalization.targets.map(generalizationLine).join('\n')}
`;
}

/** One target's models in a few columns, for the README. */
export function renderSummary({ date, results }: Results, peers: Peers, target: string): string {
  const rows = results
    .filter((ours) => ours.target === target && ours.optimize === 'balanced')
    .map((ours) => {
      const reference = peerResult(peers, ours, 'tflm-reference');
      const cmsis = peerResult(peers, ours, 'tflm-cmsis-nn');
      const cells = [
        [ours.instructions, reference?.instructions, cmsis?.instructions],
        [ours.flashBytes, cmsis?.flashBytes],
        [ours.ramBytes, cmsis?.ramBytes],
      ].flat();
      return `| ${ours.model} | ${cells.map(grouped).join(' | ')} |`;
    });
  return `| Model on \`${target}\` | Instructions | TFLM reference | TFLM + CMSIS-NN | Flash, B | TFLM + CMSIS-NN | RAM, B | TFLM + CMSIS-NN |
|---|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}

The MLPerf Tiny models against TensorFlow Lite Micro with its reference kernels and with CMSIS-NN, measured ${date}: [all cores and settings, how, and with which versions](bench/RESULTS.md).`;
}

function figureLine({ what, value, unit, limit }: Figure): string {
  const kept = value <= limit ? 'kept' : '**missed**';
  return `| ${what} | ${value.toPrecision(2)} ${unit} | ${limit} ${unit} | ${kept} |`;
}

function instructionLine(ours: OurResult, peers: Peers): string {
  const against = (kernels: 'tflm-reference' | 'tflm-cmsis-nn'): string => {
    const theirs = peerResult(peers, ours, kernels)?.instructions;
    const ratio =
      theirs === undefined || ours.instructions === null ? '' : (theirs / ours.instructions).toFixed(2);
    return `${grouped(theirs)} | ${ratio}`;
  };
  const macs = peers.macs[ours.model];
  const perMac =
    ours.instructions === null || macs === undefined ? '' : (ours.instructions / macs).toFixed(2);
  return `| ${start(ours)} | ${grouped(ours.instructions)} | ${perMac} | ${grouped(ours.cycles?.estimate)} | ${against('tflm-reference')} | ${against('tflm-cmsis-nn')} | ${ours.bitExact ? 'yes' : '**no**'} |`;
}

function sizeLine(ours: OurResult, peers: Peers): string {
  const reference = peerResult(peers, ours, 'tflm-reference');
  const cmsis = peerResult(peers, ours, 'tflm-cmsis-nn');
  const cells = [
    ours.flashBytes,
    reference?.flashBytes,
    cmsis?.flashBytes,
    ours.ramBytes,
    reference?.ramBytes,
    cmsis?.ramBytes,
  ];
  return `| ${start(ours)} | ${cells.map(grouped).join(' | ')} |`;
}

function goalLine(ours: OurResult, peers: Peers): string {
  const goal = goalOf(ours, peers);
  const cells = (value: number | null, limit: number | undefined): string =>
    limit === undefined
      ? `${grouped(value)} | `
      : `${grouped(value)}${value !== null && value <= limit ? '' : ' ✖'} | ${grouped(limit)}`;
  return `| ${start(ours)} | ${cells(ours.instructions, goal?.instructions)} | ${cells(goalRam(ours), goal?.ramBytes)} | ${cells(ours.flashBytes, goal?.flashBytes)} |`;
}

function publishedLine(
  { target, model, part, engine, megacycles }: Peers['published'][number],
  all: readonly OurResult[],
): string[] {
  const cycles = all.find(
    (each) => each.target === target && each.model === model && each.optimize === 'speed',
  )?.cycles;
  if (cycles == null) return [];
  const million = (value: number): string => (value / 1e6).toFixed(2);
  return [
    `| ${target} | ${model} | ${million(cycles.estimate)} | ${million(cycles.low)} to ${million(cycles.high)} | ${megacycles.toFixed(2)} | ${engine} | ${part} |`,
  ];
}

function otherLine(
  { target, model, engine, instructions, flashBytes, note }: Peers['others'][number],
  all: readonly OurResult[],
): string[] {
  const ours = all.find(
    (each) => each.target === target && each.model === model && each.optimize === 'balanced',
  );
  if (ours === undefined) return [];
  return [
    `| ${model} | ${engine} | ${grouped(instructions)} | ${grouped(ours.instructions)} | ${grouped(flashBytes)} | ${grouped(ours.flashBytes)} | ${note} |`,
  ];
}

function generalizationLine(row: Generalization): string {
  const ratio = (random: number, ours: number): string => {
    const times = random / ours;
    return `${times.toFixed(2)}${times <= 1.3 ? '' : ' ✖'}`;
  };
  return `| ${row.target} | ${row.ours.toFixed(2)} | ${row.random.toFixed(2)} | ${ratio(row.random, row.ours)} | ${row.oursNominal.toFixed(2)} | ${row.randomNominal.toFixed(2)} | ${ratio(row.randomNominal, row.oursNominal)} | ${row.bitExact ? 'yes' : '**no**'} |`;
}

function start({ target, model, optimize }: OurResult): string {
  return `${target} | ${model} | ${optimize}`;
}

function grouped(value: number | null | undefined): string {
  return value === null || value === undefined ? '—' : value.toLocaleString('en-US');
}
