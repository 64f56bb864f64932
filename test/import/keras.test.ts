import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { zipSync } from 'fflate';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { elementCount, type Graph, tensorAt } from '../../src/graph/graph.ts';
import { importModelFile } from '../../src/import/import_model.ts';
import { importKeras } from '../../src/import/keras.ts';
import { kerasLayers } from '../../src/import/keras_layers.ts';
import { storedFiles } from '../../src/import/zip.ts';
import { fixtures } from '../golden/golden.ts';
import { fixtureBytes } from './float_models.ts';

/** What Keras 3.15 answers; made by test/golden/make_keras_models.py. */
const answers = JSON.parse(readFileSync(join(fixtures, 'keras', 'answers.json'), 'utf8')) as Readonly<
  Record<string, readonly (readonly number[])[]>
>;

describe('a .keras file is read without TensorFlow', () => {
  for (const [name, operators] of [
    ['sequence', 8],
    ['branches', 27],
    ['two_inputs', 4],
    ['line', 8],
  ] as const)
    it(`${name}: the answers of Keras, within 10⁻⁶ of the largest`, () => {
      const graph = keras(fixtureBytes(`keras/${name}.keras`));
      assert.ok(graph !== null);
      // Batch normalization and activations are a part of the layers before them, and nothing is moved.
      assert.ok(graph.operators.length <= operators, graph.operators.map(({ kind }) => kind).join(' '));
      assert.ok(graph.operators.every(({ kind }) => kind !== 'TRANSPOSE'));
      const inputs = graph.inputs.map((index) => {
        const { shape } = tensorAt(graph, index);
        return Float32Array.from({ length: elementCount(shape) }, (_, at) => ((at * 37) % 101) / 50 - 1);
      });
      const outputs = prepareFloat(graph).run(inputs);
      const wanted = answers[`${name}.keras`] ?? [];
      assert.equal(outputs.length, wanted.length);
      for (const [position, values] of wanted.entries()) {
        const result = outputs[position] ?? new Float32Array();
        assert.equal(result.length, values.length);
        const largest = Math.max(...values.map(Math.abs));
        for (const [at, value] of values.entries())
          assert.ok(Math.abs((result[at] ?? Number.NaN) - value) <= 1e-6 * largest, `${position} ${at}`);
      }
    });

  it('and keeps its name, its size and its layers’ names', async () => {
    const file = 'keras/two_inputs.keras';
    const graph = await importModelFile(fixtures, { file, name: 'net' });
    assert.equal(graph.source.format, 'keras');
    assert.equal(graph.source.bytes, fixtureBytes(file).length);
    assert.deepEqual(
      graph.inputs.map((index) => tensorAt(graph, index).shape),
      [
        [1, 4],
        [1, 6],
      ],
    );
    assert.match(tensorAt(graph, graph.outputs[0] ?? -1).name, /^dense/);
  });
});

describe('TensorFlow is asked', () => {
  it('for a layer that is called twice, one that draws random numbers, and one that is not known', async () => {
    for (const name of ['shared_layer', 'noisy', 'unknown']) {
      assert.equal(keras(fixtureBytes(`keras/${name}.keras`)), null, name);
      const read = importModelFile(fixtures, { file: `keras/${name}.keras`, name: 'net' });
      await assert.rejects(read, /has to be converted by TensorFlow/);
    }
  });

  it('for every setting that is not known, or not with this value', () => {
    const unchanged = changed('sequence', (text) => text);
    assert.ok(keras(unchanged) !== null, 'the archive itself is right');
    const cases: readonly (readonly [string, string])[] = [
      ['"padding": "same"', '"padding": "causal"'],
      ['"data_format": "channels_last"', '"data_format": "channels_first"'],
      ['"activation": "relu"', '"activation": "gelu"'],
      ['"name": "float32"', '"name": "mixed_float16"'],
      ['"filters": 4', '"filters": 5'],
      ['"use_bias": true', '"use_bias": false'],
      ['"use_bias": true', '"use_bias": true, "new_setting": 1'],
      ['"axis": -1', '"axis": 1'],
      ['"class_name": "Flatten"', '"class_name": "Lambda"'],
      ['"module": "keras.layers"', '"module": "os"'],
      ['"registered_name": null', '"registered_name": "Custom>Mine"'],
      ['"units": 3', '"units": 1e9'],
      ['[null, 16, 8]', '[null, null, 8]'],
      ['[null, 16, 8]', '[null, 15000, 8]'],
    ];
    for (const [before, after] of cases) {
      const bytes = changed('sequence', (text) => {
        assert.ok(text.includes(before), before);
        return text.replaceAll(before, after);
      });
      assert.equal(keras(bytes), null, after);
    }
  });

  it('for files of Keras 2, and for weights without the name of their layer', () => {
    assert.equal(
      keras(changed('sequence', (text) => text.replace('"keras_version": "3', '"keras_version": "2'))),
      null,
    );
    const files = storedFiles('m.keras', fixtureBytes('keras/sequence.keras'));
    const weights = Buffer.from(files.get('model.weights.h5') ?? new Uint8Array());
    const at = weights.indexOf('conv1d', weights.indexOf('GCOL'));
    assert.ok(at > 0);
    weights.write('conv9x', at);
    assert.equal(keras(zip({ ...Object.fromEntries(files), 'model.weights.h5': weights })), null);
  });
});

test('docs/formats.md names every layer that is known', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'formats.md'), 'utf8');
  const section = page.slice(page.indexOf('## Keras without TensorFlow')).split('\n## ')[0] ?? '';
  const named: readonly string[] = section.match(/[A-Z]\w+/g) ?? [];
  assert.deepEqual(
    [...kerasLayers.keys()].filter((kind) => !named.includes(kind)),
    [],
  );
});

test('a damaged or hostile file gives TensorFlow the word, or a network, and never takes long', () => {
  const bytes = fixtureBytes('keras/two_inputs.keras');
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  let refused = 0;
  const rounds = 3000;
  for (let round = 0; round < rounds; round++) {
    const wrong = bytes.slice(0, round % 10 === 0 ? random(bytes.length) : bytes.length);
    for (let change = 0; change < 1 + (round % 4); change++)
      // Half of the changes into what would be an address or a length.
      wrong.fill([0, 255, random(256)][change % 3] ?? 0, ...span(random(wrong.length), 1 + random(8)));
    const start = performance.now();
    if (keras(wrong) === null) refused++;
    assert.ok(performance.now() - start < 1000, `round ${round}`);
  }
  assert.ok(refused > rounds / 4 && refused < rounds, `${refused} of ${rounds}`);
});

function span(from: number, length: number): [number, number] {
  return [from, from + length];
}

function keras(bytes: Uint8Array): Graph | null {
  return importKeras(bytes, { file: 'm.keras', name: 'm' });
}

/** The fixture with its JSON changed. */
function changed(name: string, change: (json: string) => string): Uint8Array {
  const files = storedFiles('m.keras', fixtureBytes(`keras/${name}.keras`));
  const text = (file: string) => new TextDecoder().decode(files.get(file));
  const separator = '\n/**/\n';
  const [metadata = '', config = ''] = change(
    [text('metadata.json'), text('config.json')].join(separator),
  ).split(separator);
  return zip({
    ...Object.fromEntries(files),
    'metadata.json': Buffer.from(metadata),
    'config.json': Buffer.from(config),
  });
}

function zip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync({ ...files }, { level: 0 });
}
