import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '../src/measurement.ts';
import { oddNetwork } from '../test/random/odd_network.ts';
import { deploy } from './deploy.ts';

/** How much more our code takes per multiply-accumulate on networks that nobody tuned it for. */
export interface Generalization {
  readonly target: string;
  readonly networks: number;
  readonly bitExact: boolean;
  /** Geometric means of instructions per multiply-accumulate that is left after rewriting: VWW loses half of its own. */
  readonly ours: number;
  readonly random: number;
  /** The same per multiply-accumulate of the model as its file has it. */
  readonly oursNominal: number;
  readonly randomNominal: number;
}

interface Rate {
  readonly executed: number;
  readonly nominal: number;
}

/** Measures `count` random networks, seeds from `firstSeed`, beside the four. */
export async function generalization(
  four: readonly Measurement[],
  macs: Readonly<Record<string, number>>,
  targets: readonly string[],
  { firstSeed, count }: { readonly firstSeed: number; readonly count: number },
): Promise<Generalization[]> {
  const networks = Array.from({ length: count }, (_, index) => ({
    name: `odd_${firstSeed + index}`,
    ...oddNetwork(firstSeed + index),
  }));
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-odd-'));
  try {
    for (const { name, bytes } of networks) writeFileSync(join(folder, `${name}.tflite`), bytes);
    const { report } = await deploy(
      folder,
      networks.map(({ name }) => name),
      targets,
    );
    const nominal = { ...macs, ...Object.fromEntries(networks.map(({ name, macs: own }) => [name, own])) };
    return targets.map((target) => {
      const here = (all: readonly Measurement[]) => all.filter((each) => each.target === target);
      const random = here(report.measurements);
      const ours = ratesOf(here(four), nominal);
      const theirs = ratesOf(random, nominal);
      return {
        target,
        networks: random.length,
        bitExact: random.every(({ verification }) => verification?.bitExact === true),
        ours: geometricMean(ours.map(({ executed }) => executed)),
        random: geometricMean(theirs.map(({ executed }) => executed)),
        oursNominal: geometricMean(ours.map(({ nominal: rate }) => rate)),
        randomNominal: geometricMean(theirs.map(({ nominal: rate }) => rate)),
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ratesOf(measurements: readonly Measurement[], macs: Readonly<Record<string, number>>): Rate[] {
  return measurements.map(({ model, instructions, layers }) => {
    const total = instructions?.total ?? Number.NaN;
    const left = layers.reduce((sum, layer) => sum + layer.macs, 0);
    const name = model.file.replace(/^.*\/|\.tflite$/g, '');
    return { executed: total / left, nominal: total / (macs[name] ?? Number.NaN) };
  });
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
