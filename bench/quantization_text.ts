import type { ActivationTypes } from '../src/quantize/options.ts';
import type { Peers } from './quantization_peers.ts';

export interface OurQuantization {
  readonly network: string;
  /** Samples that calibrated. */
  readonly calibration: number;
  readonly activations: ActivationTypes;
  /** Activations in int16; of how many, where the search counted them. */
  readonly wide: number;
  readonly candidates: number | null;
  readonly accuracy: number;
  readonly agreement: number;
  readonly decibels: number;
}

export interface QuantizationResults {
  readonly date: string;
  readonly floats: readonly {
    readonly name: string;
    readonly about: string;
    readonly samples: number;
    readonly accuracy: number;
  }[];
  readonly ours: readonly OurQuantization[];
  readonly peers: Peers;
}

const peerNames: Readonly<Record<string, string>> = {
  'tensorflow int8': 'TensorFlow’s converter, int8',
  'tensorflow int16x8': 'TensorFlow’s converter, int16 activations',
  'onnxruntime min-max': 'onnxruntime, QDQ int8, min-max',
  'onnxruntime percentile': 'onnxruntime, QDQ int8, percentile',
};

/** bench/quantization.md */
export function renderQuantization({ date, floats, ours, peers }: QuantizationResults): string {
  const versions = Object.entries(peers.versions).map(([name, version]) => `${name} ${version}`);
  const sections = floats.flatMap(({ name, about, samples, accuracy }) => [
    '',
    `## ${name[0]?.toUpperCase()}${name.slice(1)}`,
    '',
    `${about[0]?.toUpperCase()}${about.slice(1)}; ${samples} samples that did not calibrate; float: ${accuracy.toFixed(4)} right.`,
    '',
    '| | Calibrated on | Right | Same class as float | Signal to noise, dB |',
    '|:--|--:|--:|--:|--:|',
    ...ours.filter(({ network }) => network === name).map((each) => row(ourName(each), each)),
    ...peers.results
      .filter(({ network }) => network === name)
      .map((each) => row(peerNames[each.peer] ?? each.peer, each)),
  ]);
  return [
    '# Quantization beside others',
    '',
    `Ours measured ${date} by the exact integer reference, the others ${peers.date} by their own runtimes (${versions.join(', ')}; TensorFlow Lite’s reference kernels, onnxruntime without optimizations), each from the same float weights and on the same samples; weights per channel. Signal to noise is that of the probabilities against the float network’s. Made by \`node bench/quantization.ts\`.`,
    ...sections,
    '',
    'Ours with `mixed` has no labels here, so its budget is 30 dB on calibration samples.',
    '',
  ].join('\n');
}

function ourName({ activations, wide, candidates }: OurQuantization): string {
  const how = activations === 'mixed' ? `, ${wide} of ${candidates} activations in int16` : '';
  return `Ours, \`${activations}\`${how}`;
}

function row(
  name: string,
  {
    calibration,
    accuracy,
    agreement,
    decibels,
  }: Pick<OurQuantization, 'calibration' | 'accuracy' | 'agreement' | 'decibels'>,
): string {
  const same = `${(100 * agreement).toFixed(1)} %`;
  return `| ${name} | ${calibration} | ${accuracy.toFixed(4)} | ${same} | ${decibels.toFixed(1)} |`;
}
