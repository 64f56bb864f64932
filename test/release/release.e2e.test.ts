import assert from 'node:assert/strict';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { unzipSync } from 'fflate';
import { examineTools, missingTools } from '../../src/install/host_tools.ts';
import { parseReport } from '../../src/report/json.ts';
import { folderWith } from '../project/folder.ts';

const root = join(import.meta.dirname, '..', '..');
const digits = join(root, 'examples', 'digits');

const missing = missingTools(await examineTools());
const skip =
  missing.length > 0 ? `not on this machine: ${missing.map(({ name }) => name).join(', ')}` : false;

/** The command line as a process of its own, with the real compiler and QEMU; from this tree or a copy of it. */
function release(
  folder: string,
  environment: Record<string, string> = {},
  tool = root,
  options: readonly string[] = [],
) {
  const parameters = [join(tool, 'src', 'cli.ts'), 'release', '--out', 'out', '--json', ...options];
  return execa(process.execPath, parameters, { cwd: folder, reject: false, env: environment });
}

/** A repository of one commit with one small model. */
async function project(t: TestContext, budget = '64 KiB'): Promise<string> {
  const folder = folderWith(t, {
    'tinyml.yml': `targets: [cortex-m0plus, stm32l4r5]\nemulator: qemu\nbudgets: { flash: ${budget} }\nmodels: [{ file: m.tflite }]\n`,
    '.gitignore': 'out\n',
  });
  copyFileSync(join(digits, 'models', 'digits_mlp.tflite'), join(folder, 'm.tflite'));
  const git = (...parameters: string[]) =>
    execa('git', ['-c', 'user.name=n', '-c', 'user.email=n@example.com', ...parameters], {
      cwd: folder,
      env: { GIT_COMMITTER_DATE: '2026-03-04T05:06:07Z', GIT_AUTHOR_DATE: '2026-03-04T05:06:07Z' },
    });
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--no-gpg-sign', '--message', 'first');
  return folder;
}

/** What ships, in a folder of another name and depth. */
function copyOfTool(t: TestContext): string {
  const copy = join(folderWith(t, { 'somewhere/else/file': '' }), 'somewhere', 'else', 'tool');
  for (const part of ['src', 'runtime', 'package.json', 'LICENSE'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

describe('tinyml-deploy release, with real tools', { skip }, () => {
  it('writes the same bytes from two folders, by two installations, in two time zones', async (t) => {
    const [here, there] = [await project(t), await project(t)];
    const first = await release(here, { TZ: 'Pacific/Kiritimati', LC_ALL: 'C' });
    assert.equal(first.exitCode, 0, first.stderr);
    const second = await release(there, { TZ: 'America/Los_Angeles', LC_ALL: 'C.UTF-8' }, copyOfTool(t));
    assert.equal(second.exitCode, 0, second.stderr);

    const names = readdirSync(join(here, 'out')).sort();
    assert.deepEqual(names, [
      'NOTES.md',
      'SHA256SUMS',
      'bom.cdx.json',
      ...['m-cortex-m0plus', 'm-stm32l4r5'].flatMap((name) =>
        ['bin', 'elf', 'hex', 'zip'].map((ending) => `${name}.${ending}`),
      ),
      'report.html',
      'report.json',
    ]);
    assert.deepEqual(readdirSync(join(there, 'out')).sort(), names);
    for (const name of names) {
      const [one, other] = [here, there].map((folder) => readFileSync(join(folder, 'out', name)));
      assert.ok(one !== undefined && other !== undefined && one.length > 0);
      assert.ok(one.equals(other), `${name} differs`);
      assert.ok(!one.includes(here), `${name} holds the folder's name`);
    }
    const { run } = parseReport(readFileSync(join(here, 'out', 'report.json'), 'utf8'), 'report.json');
    assert.equal(run.at, '2026-03-04T05:06:07.000Z');
  });

  it('gives checksums that sha256sum accepts, images that are the ELF, and a library that compiles', async (t) => {
    const folder = await project(t);
    const { exitCode, stderr } = await release(folder);
    assert.equal(exitCode, 0, stderr);
    const out = join(folder, 'out');
    const check = await execa('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: out });
    assert.equal(
      check.stdout.split('\n').length,
      readdirSync(out).length - 2,
      'all but itself and the notes',
    );

    // The raw image and the Intel HEX are two spellings of what the ELF loads.
    for (const name of ['m-cortex-m0plus', 'm-stm32l4r5']) {
      const back = join(folder, `${name}.back`);
      await execa('arm-none-eabi-objcopy', ['-I', 'ihex', '-O', 'binary', `${name}.hex`, back], { cwd: out });
      const raw = readFileSync(join(out, `${name}.bin`));
      assert.ok(raw.equals(readFileSync(back)), `${name}.hex and ${name}.bin differ`);
      const stack = raw.readUInt32LE(0);
      assert.equal(stack >>> 24, 0x20, 'a Cortex-M image starts with an address in RAM');
    }

    for (const [path, bytes] of Object.entries(unzipSync(readFileSync(join(out, 'm-cortex-m0plus.zip'))))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    const library = join(folder, 'm-cortex-m0plus');
    assert.match(readFileSync(join(library, 'LICENSE'), 'utf8'), /Apache License/);
    const sources = readdirSync(library).filter((name) => name.endsWith('.c'));
    assert.deepEqual(sources.sort(), ['m.c', 'm_weights.c']);
    const flags = ['-mcpu=cortex-m0plus', '-mthumb', '-O2', '-std=c11', '-Wall', '-Wextra', '-Werror', '-c'];
    await execa('arm-none-eabi-gcc', [...flags, ...sources], { cwd: library });
  });

  it('replaces the release of before, and leaves it alone when the verdict is negative', async (t) => {
    const folder = await project(t, '1 KiB');
    const refused = await release(folder);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /No release was written/);
    assert.equal(parseReport(refused.stdout, 'stdout').verdict.status, 'fail');
    assert.deepEqual(readdirSync(folder).sort(), ['.git', '.gitignore', 'm.tflite', 'tinyml.yml']);

    const config = readFileSync(join(folder, 'tinyml.yml'), 'utf8');
    const write = (text: string) => writeFileSync(join(folder, 'tinyml.yml'), text);
    const wide = config.replace('1 KiB', '64 KiB');
    write(wide);
    assert.equal((await release(folder)).exitCode, 0);
    write(wide.replace('[cortex-m0plus, stm32l4r5]', '[cortex-m4]'));
    assert.equal((await release(folder)).exitCode, 0);
    const elves = () => readdirSync(join(folder, 'out')).filter((name) => name.endsWith('.elf'));
    assert.deepEqual(elves(), ['m-cortex-m4.elf'], 'nothing of the other targets is left');
    write(config);
    assert.equal((await release(folder)).exitCode, 1);
    assert.deepEqual(elves(), ['m-cortex-m4.elf']);
    assert.deepEqual(readdirSync(folder).sort(), ['.git', '.gitignore', 'm.tflite', 'out', 'tinyml.yml']);
  });

  it('compares with the report of an earlier release, and says when files differ from the commit', async (t) => {
    const folder = await project(t);
    const first = await release(folder);
    assert.deepEqual([first.exitCode, first.stderr], [0, '']);
    copyFileSync(join(folder, 'out', 'report.json'), join(folder, 'before.json'));
    writeFileSync(join(folder, 'tinyml.yml'), `# More.\n${readFileSync(join(folder, 'tinyml.yml'), 'utf8')}`);
    const second = await release(folder, {}, root, ['--baseline', 'before.json']);
    assert.equal(second.exitCode, 0);
    assert.match(second.stderr, /^Files differ from the commit/);
    assert.match(readFileSync(join(folder, 'out', 'NOTES.md'), 'utf8'), /unchanged/i);
  });

  it('leaves nothing behind when it is cancelled', { timeout: 60_000 }, async (t) => {
    const folder = await project(t);
    const temporary = folderWith(t, {});
    const running = release(folder, { TMPDIR: temporary });
    while (!readdirSync(temporary).some((name) => name.startsWith('tinyml-release-'))) await delay(10);
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 130, stderr);
    assert.deepEqual(readdirSync(folder).sort(), ['.git', '.gitignore', 'm.tflite', 'tinyml.yml']);
    assert.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith('tinyml-release-')),
      [],
    );
  });
});
