import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { execa } from 'execa';
import { modelFlags } from '../../src/build/compile.ts';
import { writeWhole } from '../../src/cli/files.ts';
import { generateLibrary, loadGraph } from '../../src/pipeline.ts';
import { findTarget } from '../../src/targets/index.ts';
import { kernelTexts } from '../codegen/host.ts';
import { crossCompiler } from '../tools.ts';

const folder = await mkdtemp(join(tmpdir(), 'tinyml-levels-'));
after(() => rm(folder, { recursive: true, force: true }));

const models = join(import.meta.dirname, '..', '..', 'examples', 'digits', 'models');

// A product is also built for the debugger, and with other levels than the one that is measured.
for (const name of ['cortex-m0plus', 'cortex-m3', 'cortex-m4f', 'cortex-m55'])
  test(`${name}: the library compiles without a warning at every level`, async (t) => {
    const toolchain = await crossCompiler(t);
    if (toolchain === null) return;
    const target = findTarget(name);
    for (const optimize of ['balanced', 'size', 'speed'] as const) {
      const graph = await loadGraph(models, { file: 'digits_cnn.tflite', name: 'digits_cnn' });
      const { sources } = generateLibrary(graph, target, await kernelTexts(), { optimize });
      for (const { path, text } of sources.library) await writeWhole(join(folder, path), text);
      for (const level of ['-O0', '-Og', '-Os', '-O3']) {
        const flags = modelFlags(target, '-O2').map((flag) => (flag === '-O2' ? level : flag));
        const compiled: { readonly exitCode?: number; readonly stderr: string } = await execa(
          toolchain.gcc,
          [...flags, '-c', 'digits_cnn.c', '-o', 'digits_cnn.o'],
          { cwd: folder, reject: false },
        );
        assert.equal(compiled.exitCode, 0, `${optimize} at ${level}: ${compiled.stderr}`);
      }
    }
  });
