import type { Peers } from './peers.ts';
import { peerResult } from './peers.ts';

/** One model on one target, as our report has it. */
export interface OurResult {
  readonly model: string;
  readonly target: string;
  readonly macs: number;
  readonly instructions: number | null;
  /** What the model adds to a product: code, weights, tables, run-time library. */
  readonly flashBytes: number;
  readonly arenaBytes: number;
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
  readonly commit: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
  readonly results: readonly OurResult[];
}

/** results.md: the figures with their limits, then ours beside the peers'. */
export function renderResults(results: Results, peers: Peers): string {
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  return `# Benchmark

Measured ${results.date} at ${results.commit.slice(0, 12)} by \`npm run bench\`: ${versions.join(', ')}.

## Speed and size

| What | Measured | Limit | |
|---|---:|---:|---|
${results.figures.map(figureLine).join('\n')}

Times are wall-clock on the machine named above, the best of the runs, and vary with it. Everything below is counted and does not.

## The MLPerf Tiny models

Executed instructions of one inference, the same on every run. TFLM is TensorFlow Lite Micro ${peers.versions['tflite-micro']?.slice(0, 12)} with its reference kernels and with CMSIS-NN ${peers.versions['CMSIS-NN']?.slice(0, 12)}, measured ${peers.date} with gcc ${peers.versions.gcc} and QEMU ${peers.versions.qemu}. × is how many times fewer instructions we need.

| Target | Model | Ours | per MAC | TFLM reference | × | TFLM + CMSIS-NN | × | Bit-exact |
|---|---|---:|---:|---:|---:|---:|---:|---|
${results.results.map((ours) => instructionLine(ours, peers)).join('\n')}

## Flash and RAM

Bytes. Ours is what the model adds to a product, without the start-up code, which TFLM's figures hold (a few hundred bytes). RAM is arena, data and stack.

| Target | Model | Flash | TFLM reference | TFLM + CMSIS-NN | RAM | TFLM reference | TFLM + CMSIS-NN |
|---|---|---:|---:|---:|---:|---:|---:|
${results.results.map((ours) => sizeLine(ours, peers)).join('\n')}
`;
}

function figureLine({ what, value, unit, limit }: Figure): string {
  const kept = value <= limit ? 'kept' : '**missed**';
  return `| ${what} | ${value.toFixed(2)} ${unit} | ${limit} ${unit} | ${kept} |`;
}

function instructionLine(ours: OurResult, peers: Peers): string {
  const against = (kernels: 'tflm-reference' | 'tflm-cmsis-nn'): string => {
    const theirs = peerResult(peers, ours, kernels)?.instructions;
    const ratio =
      theirs === undefined || ours.instructions === null ? '' : (theirs / ours.instructions).toFixed(2);
    return `${grouped(theirs)} | ${ratio}`;
  };
  const perMac = ours.instructions === null ? '' : (ours.instructions / ours.macs).toFixed(2);
  return `| ${ours.target} | ${ours.model} | ${grouped(ours.instructions)} | ${perMac} | ${against('tflm-reference')} | ${against('tflm-cmsis-nn')} | ${ours.bitExact ? 'yes' : '**no**'} |`;
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
  return `| ${ours.target} | ${ours.model} | ${cells.map(grouped).join(' | ')} |`;
}

function grouped(value: number | null | undefined): string {
  return value === null || value === undefined ? '—' : value.toLocaleString('en-US');
}
