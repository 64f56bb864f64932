// Quantizes float networks and measures what is left of them, beside TensorFlow's converter and onnxruntime's quantizer; writes
// bench/quantization.md.
//   node bench/quantization.ts [--shared FOLDER]
// FOLDER holds the keyword spotting network and its data (default ../shared). Where the environment variable TINYML_PYTHON names
// a Python with what bench/quantization_peers.txt lists, the others are measured live and kept in bench/quantization_peers.json;
// else their figures are those. Exit code 1 when ours misses a bar, 2 when there is no network.
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareFloat } from '../src/float/interpreter.ts';
import { activationTypes, defaultOptions } from '../src/quantize/options.ts';
import { quantize } from '../src/quantize/quantize.ts';
import { alone, score, topOf } from '../test/quantize/score.ts';
import { type QuantizationNetwork, quantizationNetworks } from './quantization_networks.ts';
import { keptPeers, measurePeers, type Peers, peersFile } from './quantization_peers.ts';
import { type OurQuantization, renderQuantization } from './quantization_text.ts';

const calibration = [128, 16];

const { values } = parseArgs({
  options: { shared: { type: 'string', default: join(import.meta.dirname, '..', '..', 'shared') } },
});
const shared = resolve(values.shared);
if (existsSync(join(shared, 'models', 'kws_float.tflite')))
  process.exitCode = await measure(quantizationNetworks(shared));
else {
  console.error(`There is no models/kws_float.tflite in ${shared}: name the folder with --shared.`);
  process.exitCode = 2;
}

async function measure(networks: readonly QuantizationNetwork[]): Promise<number> {
  const peers = await peersOf(networks);
  const ours = networks.flatMap((network) => ofNetwork(network));
  const floats = networks.map(({ name, about, graph, inputs, labels }) => {
    const network = prepareFloat(graph);
    const right = inputs.filter((each, at) => topOf(network.run([each])[0] ?? []) === labels[at]);
    return { name, about, samples: inputs.length, accuracy: right.length / inputs.length };
  });
  writeFileSync(
    join(import.meta.dirname, 'quantization.md'),
    renderQuantization({ date: new Date().toISOString().slice(0, 10), floats, ours, peers }),
  );
  const missed = networks.flatMap((network) => missedBars(network, ours));
  for (const line of missed) console.error(line);
  return missed.length === 0 ? 0 : 1;
}

async function peersOf(networks: readonly QuantizationNetwork[]): Promise<Peers> {
  const python = process.env.TINYML_PYTHON;
  if (python === undefined || python === '') {
    console.error('TINYML_PYTHON is not set: the figures of the others are those that are kept.');
    return keptPeers();
  }
  console.error('TensorFlow’s converter and onnxruntime’s quantizer');
  const peers = await measurePeers(python, networks, calibration);
  writeFileSync(peersFile, `${JSON.stringify(peers, null, 2)}\n`);
  return peers;
}

function ofNetwork({
  name,
  graph,
  calibration: samples,
  inputs,
  labels,
}: QuantizationNetwork): OurQuantization[] {
  return calibration.flatMap((count) =>
    activationTypes.map((activations) => {
      console.error(`${name}, ${count} samples, ${activations}`);
      const quantized = quantize(graph, alone(samples.slice(0, count)), { ...defaultOptions, activations });
      const { wide, mixed } = quantized;
      return {
        network: name,
        calibration: count,
        activations,
        wide: activations === 'int8' ? 0 : wide.length,
        candidates: mixed?.activations ?? null,
        ...score(quantized, inputs, labels),
      };
    }),
  );
}

function missedBars({ name, bar }: QuantizationNetwork, ours: readonly OurQuantization[]): string[] {
  if (bar === null) return [];
  return ours
    .filter(({ network, activations }) => network === name && activations === 'int8')
    .flatMap((each) => {
      const { calibration: count, accuracy, agreement, decibels } = each;
      // Of digits with 16 samples nothing is asked.
      if (bar.decibels !== undefined && count < 128) return [];
      return [
        accuracy < bar.accuracy
          ? `${name}, ${count} samples: ${accuracy} right, the bar is ${bar.accuracy}`
          : '',
        agreement < (bar.agreement ?? 0) ? `${name}, ${count} samples: ${agreement} as float` : '',
        decibels < (bar.decibels ?? -Infinity) ? `${name}, ${count} samples: ${decibels} dB` : '',
      ].filter((line) => line !== '');
    });
}
