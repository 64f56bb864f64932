import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tools = ['make', 'arm-none-eabi-gcc', 'arm-none-eabi-g++', 'qemu-system-arm'];

describe('examples/firmware', () => {
  const work = mkdtempSync(join(tmpdir(), 'tinyml-example-'));
  cpSync(join(root, 'examples', 'firmware'), join(work, 'firmware'), { recursive: true });
  after(() => rmSync(work, { recursive: true }));

  test('links both models into one program that reads every digit', async (t) => {
    const missing = await missingTools();
    if (missing.length > 0) return t.skip(`not installed: ${missing.join(', ')}`);
    const project = join(root, 'examples', 'digits');
    await execa(
      process.execPath,
      [join(root, 'src', 'cli.ts'), 'build', '-C', project, '--target', 'cortex-m4f', '--out', 'libraries'],
      { cwd: work },
    );
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
