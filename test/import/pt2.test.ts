import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPt2 } from '../../src/import/pt2.ts';
import { storedFiles } from '../../src/import/zip.ts';
import { zip } from '../../src/release/library_zip.ts';
import { firstInput, fixtureBytes, floatGolden, generatedInput, kinds, runFloat } from './float_models.ts';

const source = { file: 'm.pt2', name: 'm' };
const file = 'digits/digits_torch.pt2';

test('a torch.export program: batch normalization folded, logits as those of its ONNX twin', () => {
  const graph = importPt2(fixtureBytes(file), source);
  assert.equal(graph.source.format, 'pt2');
  assert.deepEqual(kinds(graph), [
    'CONV_2D',
    'DEPTHWISE_CONV_2D',
    'CONV_2D',
    'MAX_POOL_2D',
    'CONV_2D',
    'ADD',
    'MEAN',
    'FULLY_CONNECTED',
  ]);
  const input = firstInput(graph);
  assert.deepEqual(
    [input.shape, input.fileOrder],
    [
      [1, 8, 8, 1],
      [0, 2, 3, 1],
    ],
  );
  for (const [seed, expected] of Object.entries(floatGolden[file] ?? assert.fail('no vectors'))) {
    const logits = runFloat(graph, generatedInput(input, Number(seed)));
    const largest = Math.max(...expected.map(Math.abs));
    for (const [at, value] of expected.entries())
      assert.ok(Math.abs((logits[at] as number) - value) <= 1e-6 * largest, `${logits[at]} for ${value}`);
  }
});

/** The fixture with its program's text changed; the archive's lengths stay as they are. */
function changed(from: string, to: string): Uint8Array {
  assert.equal(from.length, to.length);
  const bytes = Buffer.from(fixtureBytes(file));
  const at = bytes.indexOf(from);
  assert.ok(at > 0);
  bytes.write(to, at);
  return new Uint8Array(bytes);
}

test('what cannot be imported is one sentence with what to do', () => {
  assert.throws(
    () => importPt2(changed('aten.relu.default', 'aten.erfc.default'), source),
    /^DeployError: m\.pt2, operator erfc "relu": this PyTorch operator is not supported\. Build it from the \d+ that are \(docs\/operators\.md lists them\), or leave it outside of the model\.$/,
  );
  assert.throws(
    () =>
      importPt2(
        changed('"training", "arg": {"as_bool": false}', '"training", "arg": {"as_bool": true }'),
        source,
      ),
    /still training\. Call model\.eval\(\) before exporting\./,
  );
  assert.throws(
    () => importPt2(changed('"use_pickle": false', '"use_pickle": true '), source),
    /tensor c1\.0\.weight: the weights are a pickle, which is never opened/,
  );
  assert.throws(() => importPt2(fixtureBytes('digits/digits_torch.onnx'), source), /the archive has no end/);
});

test('an archive that is compressed, and so could unpack to anything, is refused', () => {
  const bytes = zip('m', [{ path: 'models/model.json', bytes: new Uint8Array(100_000) }]);
  assert.throws(() => storedFiles('m.pt2', bytes), /file 0 of the archive is compressed/);
});

test('an old archive, whose weights are a pickle, says how to save it again', () => {
  const bytes = Buffer.from(fixtureBytes(file));
  const name = 'digits_torch/models/model.json';
  for (let at = bytes.indexOf(name); at >= 0; at = bytes.indexOf(name, at + 1))
    bytes.write('a/serialized_exported_program.json'.slice(-name.length), at);
  assert.throws(
    () => importPt2(new Uint8Array(bytes), source),
    /weights are a pickle|holds no exported program/,
  );
});
