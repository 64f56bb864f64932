import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { discoverModels } from '../../src/project/discover.ts';
import { loadProject } from '../../src/project/load.ts';
import { parseReport, renderJson } from '../../src/report/json.ts';
import { folderWith } from '../project/folder.ts';
import { sampleReport } from '../report/sample.ts';
import { call } from './terminal.ts';

const digits = join(import.meta.dirname, '..', '..', 'examples', 'digits');

const commands = ['run', 'build', 'tune', 'explain', 'compare', 'doctor', 'init', 'release'];

describe('tinyml-deploy', () => {
  it('explains itself at each level', async () => {
    const { exitCode, stdout } = await call('.', ['--help']);
    assert.equal(exitCode, 0);
    for (const command of commands) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    assert.match(
      stdout,
      /Exit code: 0 pass, 1 the verdict is negative, 2 the input is wrong, 3 a tool failed\./,
    );
    for (const command of commands) {
      const help = await call('.', [command, '--help']);
      assert.equal(help.exitCode, 0);
      assert.match(help.stdout, new RegExp(`^Usage: tinyml-deploy ${command}`));
      assert.match(help.stdout, /--json/);
    }
  });
  it('says its version', async () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(digits, '..', '..', 'package.json'), 'utf8')));
    assert.equal((await call('.', ['--version'])).stdout, `${version}\n`);
  });
  it('answers wrong usage with 2 and one sentence', async () => {
    for (const [parameters, sentence] of [
      [['bild'], /Unknown command "bild"\. Did you mean "build"\?/],
      [['run', '--fast'], /unknown option '--fast'/],
      [['run', '--emulator', 'qmu'], /Allowed choices are auto, renode, qemu, both/],
      [['explain'], /missing required argument 'model'/],
      [['compare', 'a.json'], /missing required argument/],
    ] as const) {
      const { exitCode, stdout, stderr } = await call(digits, parameters);
      assert.equal(exitCode, 2, parameters.join(' '));
      assert.match(stderr, sentence);
      assert.equal(stdout, '');
    }
  });
  it('gives errors as JSON when JSON is asked for', async (t) => {
    const { exitCode, stdout, stderr } = await call(folderWith(t, { 'tinyml.yml': 'modles: []\n' }), [
      'run',
      '--json',
    ]);
    assert.equal(exitCode, 2);
    assert.deepEqual(JSON.parse(stdout), {
      error: {
        kind: 'input',
        what: 'Unknown key "modles".',
        where: { file: 'tinyml.yml', line: 1, column: 1 },
        hint: 'Did you mean "models"? Known here: models, targets, optimize, preserve_input, budgets, emulator, toolchain, time-limit.',
      },
    });
    assert.match(stderr, /^error: tinyml\.yml:1:1: Unknown key "modles"/);
  });
  it('colours only a terminal, and not under NO_COLOR', async (t) => {
    const folder = folderWith(t, {});
    const isColoured = async (isTTY: boolean, environment: Record<string, string>) =>
      (await call(folder, ['run'], { isTTY, environment })).stderr.includes('\u001b[');
    assert.equal(await isColoured(true, {}), true);
    assert.equal(await isColoured(true, { NO_COLOR: '1' }), false);
    assert.equal(await isColoured(false, {}), false);
  });
});

describe('tinyml-deploy run', () => {
  it('refuses an output folder that cannot be written, before any work', async (t) => {
    const folder = folderWith(t, { 'a.tflite': 'not looked at', file: '' });
    const { exitCode, stderr } = await call(folder, ['run', '--out', 'file/below']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /Nothing can be written here \(ENOTDIR\)/);
  });
  it('refuses a folder without models', async (t) => {
    const { exitCode, stderr } = await call(folderWith(t, {}), []);
    assert.equal(exitCode, 2);
    assert.match(stderr, /There is no model \(\.tflite, \.onnx, .*\) in this project/);
  });
  it('refuses a baseline that is no report', async (t) => {
    const folder = folderWith(t, { 'a.tflite': '', 'b.json': '{}' });
    assert.match((await call(folder, ['run', '-b', 'b.json'])).stderr, /b\.json: The file is not a report/);
    assert.match(
      (await call(folder, ['run', '-b', 'c.json'])).stderr,
      /c\.json: The file cannot be read \(ENOENT\)/,
    );
  });
});

describe('tinyml-deploy build', () => {
  it('writes the C library of each model and target', async (t) => {
    const out = folderWith(t, {});
    const { exitCode, stdout } = await call(digits, ['build', 'digits_mlp', '--json', '--out', out]);
    assert.equal(exitCode, 0);
    const { libraries } = z
      .object({
        libraries: z.array(z.object({ target: z.string(), folder: z.string(), files: z.array(z.string()) })),
      })
      .parse(JSON.parse(stdout));
    assert.deepEqual(
      libraries.map(({ target }) => target),
      ['cortex-m0plus', 'cortex-m4f', 'stm32l4r5'],
    );
    for (const { folder, files } of libraries)
      for (const file of files) assert.ok(readFileSync(join(folder, file), 'utf8').length > 0);
    assert.match(
      readFileSync(join(out, 'digits_mlp/cortex-m4f/library/digits_mlp.h'), 'utf8'),
      /digits_mlp_invoke/,
    );
  });
});

describe('tinyml-deploy explain', () => {
  it('shows graph, arena and kernels', async () => {
    const { exitCode, stdout } = await call(digits, [
      'explain',
      'models/digits_mlp.tflite',
      '-t',
      'cortex-m4',
    ]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^models\/digits_mlp\.tflite on Cortex-M4: \d+ layers, [\d,]+ MACs/);
    assert.match(stdout, /^input {3}.*: int8 \[1, 8, 8, 1\], scale 0\.0039/m);
    assert.match(stdout, /│ \d\d_fully_connected │/);
    assert.match(stdout, /^Arena: \d+ B$/m);
    assert.match(stdout, /^ *0 … [\d,]+ {2}[·>█<]+ {2}/m);
  });
  it('gives the plan as JSON', async () => {
    const { stdout } = await call(digits, ['explain', 'digits_cnn', '--json']);
    const plan = z
      .object({
        target: z.string(),
        layers: z.array(z.object({ operator: z.string(), macs: z.number() })),
        arena: z.object({
          bytes: z.number(),
          buffers: z.array(z.object({ offset: z.number(), bytes: z.number() })),
        }),
      })
      .parse(JSON.parse(stdout));
    assert.equal(plan.target, 'cortex-m0plus');
    assert.equal(plan.layers[0]?.operator, 'CONV_2D');
    // 8×8 outputs of 16 channels, 3×3 inputs of 1 channel each.
    assert.equal(plan.layers[0]?.macs, 8 * 8 * 16 * 3 * 3);
    assert.equal(
      Math.max(...plan.arena.buffers.map((buffer) => buffer.offset + buffer.bytes)) <= plan.arena.bytes,
      true,
    );
  });
  it('takes a model outside of the project when a person names it', async (t) => {
    const folder = folderWith(t, {});
    const { exitCode } = await call(folder, ['explain', join(digits, 'models', 'digits_mlp.tflite')]);
    assert.equal(exitCode, 0);
  });
});

describe('the name of a model', () => {
  it('is not taken for a folder of that name', async () => {
    const out = mkdtempSync(join(tmpdir(), 'tinyml-name-'));
    mkdirSync(join(out, 'digits_mlp'));
    const { exitCode, stderr } = await call(out, ['explain', 'digits_mlp', '-C', digits]);
    rmSync(out, { recursive: true });
    assert.equal(exitCode, 0, stderr);
  });
});

describe('--target', () => {
  it('takes one, several with commas, or several times, and leaves the models alone', async () => {
    const built = async (...parameters: string[]) => {
      const out = join(mkdtempSync(join(tmpdir(), 'tinyml-target-')), 'out');
      const { exitCode, stdout } = await call(digits, ['build', '--out', out, '--json', ...parameters]);
      rmSync(dirname(out), { recursive: true });
      assert.equal(exitCode, 0);
      const { libraries } = z
        .object({ libraries: z.array(z.object({ model: z.string(), target: z.string() })) })
        .parse(JSON.parse(stdout));
      return libraries.map(({ model, target }) => `${model} ${target}`);
    };
    const both = ['digits_mlp cortex-m3', 'digits_mlp cortex-m7'];
    assert.deepEqual(await built('-t', 'cortex-m3', 'digits_mlp'), both.slice(0, 1));
    assert.deepEqual(await built('-t', 'cortex-m3,cortex-m7', 'digits_mlp'), both);
    assert.deepEqual(await built('-t', 'cortex-m3', 'digits_mlp', '-t', 'cortex-m7'), both);
  });
});

describe('tinyml-deploy compare', () => {
  it('judges the second report against the first', async (t) => {
    const before = sampleReport();
    const after = { ...before, head: { commit: 'b'.repeat(40) } };
    const folder = folderWith(t, { 'a.json': renderJson(before), 'b.json': renderJson(after) });
    const { exitCode, stdout } = await call(folder, ['compare', 'a.json', 'b.json', '--json']);
    assert.equal(exitCode, 1, 'the sample is over its budgets');
    const report = parseReport(stdout, 'stdout');
    const places = ({ verdict }: typeof report) =>
      verdict.reasons.map(({ model, target, metric, line }) => [model, target, metric, line]);
    assert.deepEqual(places(report), places(before));
    assert.equal(report.baseline.commit, before.head.commit);
    assert.ok(report.rows.every(({ changes }) => changes.every((change) => change.before === change.after)));
    assert.match((await call(folder, ['compare', 'a.json', 'b.json'])).stdout, /are unchanged\./);
    assert.match((await call(folder, ['compare', 'a.json', 'b.json', '--markdown'])).stdout, /^## ❌ Fail/);
  });
});

describe('tinyml-deploy doctor', () => {
  it('names every tool', async () => {
    const { stdout } = await call('.', ['doctor', '--json']);
    const { findings } = z
      .object({ findings: z.array(z.object({ name: z.string() })) })
      .parse(JSON.parse(stdout));
    assert.deepEqual(
      findings.map(({ name }) => name),
      ['node', 'arm-none-eabi-gcc', 'newlib', 'qemu-system-arm', 'renode', 'cc', 'uv', 'git'],
    );
  });
});

describe('tinyml-deploy init', () => {
  it('writes a configuration that loads, whatever the models are called', async (t) => {
    const folder = folderWith(t, {
      'a/m.tflite': '',
      'b/m.tflite': '',
      'c/b/m.tflite': '',
      'x y"z\u001b.tflite': '',
      'int.tflite': '',
    });
    const { exitCode } = await call(folder, ['init']);
    assert.equal(exitCode, 0);
    const { jobs } = loadProject({ folder, knownTargets: ['cortex-m4'], knownToolchains: [] });
    assert.deepEqual(jobs.map(({ model }) => model.file).sort(), discoverModels(folder));
    assert.deepEqual(
      jobs.map(({ model }) => model.name),
      ['m', 'b_m', 'm_2', 'model_int', 'x_y_z'],
    );
    const workflow = readFileSync(join(folder, '.github/workflows/tinyml.yml'), 'utf8');
    assert.match(workflow, /uses: actions\/checkout@[0-9a-f]{40} # v/);
    assert.match(workflow, /pull-requests: write/);
    assert.match(workflow, /uses: tinyml\/deploy-action@v1/);
  });
  it('writes, for forks, the pair of workflows that the examples show', async (t) => {
    const folder = folderWith(t, { 'm.tflite': '' });
    assert.equal((await call(folder, ['init', '--forks'])).exitCode, 0);
    const workflows = join('.github', 'workflows');
    const names = readdirSync(join(folder, workflows)).sort();
    assert.deepEqual(names, ['tinyml-comment.yml', 'tinyml.yml']);
    const examples = join(import.meta.dirname, '..', '..', 'examples', 'forks', workflows);
    for (const name of names)
      assert.equal(
        readFileSync(join(folder, workflows, name), 'utf8'),
        readFileSync(join(examples, name), 'utf8'),
      );
  });
  it('writes nothing where one of the two cannot be written', async (t) => {
    const folder = folderWith(t, { '.github': 'a file' });
    const { exitCode, stderr } = await call(folder, ['init']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /\.github\/workflows: Nothing can be written here/);
    assert.deepEqual(readdirSync(folder), ['.github']);
  });
  it('writes over nothing, unless told to', async (t) => {
    const folder = folderWith(t, { '.github/workflows/tinyml.yml': 'mine' });
    const { exitCode, stderr } = await call(folder, ['init']);
    assert.equal(exitCode, 2);
    assert.match(stderr, /\.github\/workflows\/tinyml\.yml: The file is there already/);
    assert.throws(() => readFileSync(join(folder, 'tinyml.yml')), /ENOENT/);
    writeFileSync(join(folder, 'tinyml.yml'), 'mine');
    assert.equal((await call(folder, ['init', '--force'])).exitCode, 0);
    assert.match(readFileSync(join(folder, 'tinyml.yml'), 'utf8'), /No model was found/);
  });
});
