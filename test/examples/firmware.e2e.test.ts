import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { generate } from '../../src/codegen/generate.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { makePlan } from '../../src/plan/make_plan.ts';
import { findTarget } from '../../src/targets/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tools = ['make', 'arm-none-eabi-gcc', 'arm-none-eabi-g++', 'qemu-system-arm'];

describe('examples/firmware', () => {
  const work = mkdtempSync(join(tmpdir(), 'tinyml-example-'));
  cpSync(join(root, 'examples', 'firmware'), join(work, 'firmware'), { recursive: true });
  after(() => rmSync(work, { recursive: true }));

  test('links both models into one program that reads every digit', async (t) => {
    const missing = await missingTools();
    if (missing.length > 0) return t.skip(`not installed: ${missing.join(', ')}`);
    for (const name of ['digits_cnn', 'digits_mlp'])
      writeLibrary(name, join(work, 'libraries', name, 'cortex-m4f'));
    const { stdout, exitCode, stderr } = await execa('make', ['-s', 'run', 'LIBRARIES=../libraries'], {
      cwd: join(work, 'firmware'),
      stdin: 'ignore',
      reject: false,
      timeout: 60_000,
    });
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      stdout.split(/\r?\n/).filter((line) => line.startsWith('label')),
      ['3', '7', '0'].map((digit) => `label ${digit}  digits_cnn ${digit}  digits_mlp ${digit}`),
    );
  });

  test('says what to do first where the libraries are not there', async (t) => {
    const missing = await missingTools();
    if (missing.length > 0) return t.skip(`not installed: ${missing.join(', ')}`);
    const { stderr, exitCode } = await execa('make', ['-s', 'LIBRARIES=nowhere'], {
      cwd: join(work, 'firmware'),
      reject: false,
    });
    assert.equal(exitCode, 2);
    assert.match(stderr, /Run `tinyml-deploy build --target cortex-m4f` in \.\.\/digits first/);
  });
});

async function missingTools(): Promise<string[]> {
  const found = await Promise.all(tools.map((tool) => execa(tool, ['--version'], { reject: false })));
  return tools.filter((_, index) => found[index]?.exitCode !== 0);
}

function writeLibrary(name: string, folder: string): void {
  const kernelFolder = join(root, 'runtime', 'kernels');
  const kernels = new Map(
    readdirSync(kernelFolder).map((file) => [file, readFileSync(join(kernelFolder, file), 'utf8')]),
  );
  const bytes = readFileSync(join(root, 'examples', 'digits', 'models', `${name}.tflite`));
  const graph = importTflite(bytes, { name, file: `models/${name}.tflite` });
  for (const { path, text } of generate(makePlan(graph, findTarget('cortex-m4f')), kernels).library) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
