import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { zipSync } from 'fflate';
import { importModelFile } from '../../src/import/import_model.ts';
import { shared, withShared } from '../shared.ts';

const twoLines = /torch\.export\.export\(model\.eval\(\), \(example_input,\)\)`, then `torch\.export\.save\(/;
const weights =
  '\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01(X\x06\x00\x00\x00weightq\x02ctorch._utils\n_rebuild_tensor_v2\nq\x03((X\x07\x00\x00\x00storageq\x04ctorch\nFloatStorage\nq\x05';

test('files of training without a graph say what they are and how to export', async (t) => {
  const read = reader(t, { 'w.pt': 'x', 'm.pkl': 'x', 'm.xyz': 'x', 'frozen.pb': 'x', 'w.safetensors': 'x' });
  await assert.rejects(read('w.pt'), /never opened, but no graph\./);
  await assert.rejects(read('w.pt'), twoLines);
  await assert.rejects(read('w.safetensors'), /weights, but no graph/);
  await assert.rejects(read('m.pkl'), /a pickle can run code when it is opened, so it never is/);
  await assert.rejects(read('frozen.pb'), /no SavedModel.*`model\.export\("folder"\)`/);
  await assert.rejects(
    read('m.xyz'),
    /Give a model \(\.tflite, \.onnx, \.pt2, \.keras, \.h5 or SavedModel\)\./,
  );
});

test('a state dict is told from a pickled model and from TorchScript, by either ending', async (t) => {
  const read = reader(t, {
    'weights.pt': zip({ 'w/data.pkl': weights, 'w/data/0': '\0\0\0\0', 'w/version': '3' }),
    'old.pth': weights,
    'whole.pth': zip({ 'm/data.pkl': `\x80\x02c__main__\nNet\nq\x00)\x81${weights.slice(2)}` }),
    'checkpoint.ckpt': zip({ 'm/data.pkl': `${weights}cpytorch_lightning.callbacks\nEarlyStopping\n` }),
    'script.pt': zip({ 's/code/__torch__.py': 'class Net(Module):', 's/data.pkl': weights }),
    'exported.pt': zip({ 'e/models/model.json': '{}' }),
  });
  for (const file of ['weights.pt', 'old.pth']) {
    await assert.rejects(read(file), /this is a state dict of PyTorch: weights without a graph\./);
    await assert.rejects(read(file), twoLines);
  }
  await assert.rejects(
    read('whole.pth'),
    /pickled PyTorch object \(__main__\.Net\): opening it would run code/,
  );
  await assert.rejects(read('checkpoint.ckpt'), /\(pytorch_lightning\.callbacks\.EarlyStopping\)/);
  await assert.rejects(read('script.pt'), /this is TorchScript: its graph is code.*torch\.export\.save/);
  await assert.rejects(read('exported.pt'), /torch\.export wrote, under another ending\. Rename it/);
});

test('a pickle that would run code when it is opened runs nothing', async (t) => {
  // os.system("touch ran"), as `pickle.loads` would do it.
  const read = reader(t, {
    'evil.pt': '\x80\x02cposix\nsystem\nq\x00X\x09\x00\x00\x00touch ranq\x01\x85q\x02Rq\x03.',
    'evil.bytes': '\x80\x04cposix\nsystem\n.',
  });
  await assert.rejects(read('evil.pt'), /never opened/);
  await assert.rejects(read('evil.bytes'), /this is a pickle, which is never opened/);
});

test('a real state dict is recognised', async (t) => {
  if (!withShared(t)) return;
  const bytes = readFileSync(join(shared, 'models/digits/digits_torch_state_dict.pt'));
  await assert.rejects(reader(t, { 'digits.pt': bytes })('digits.pt'), /this is a state dict of PyTorch/);
});

function zip(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).map(([name, text]) => [name, Buffer.from(text, 'latin1')] as const);
  return zipSync(Object.fromEntries(entries), { level: 0 });
}

function reader(t: TestContext, files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = mkdtempSync(join(tmpdir(), 'tinyml-refused-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
  return (file: string) => importModelFile(folder, { file, name: 'm' });
}
