import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { EmulatorChoice } from '../src/project/project.ts';
import { prepareTools, type ToolRequest } from '../src/tools.ts';
import { countingQemu, crossCompiler } from './tools.ts';

const home = mkdtempSync(join(tmpdir(), 'tinyml-home-'));
after(() => rmSync(home, { recursive: true, force: true }));

/** On a machine without Renode, where nothing may be installed. */
function request(
  emulator: EmulatorChoice,
  more: Partial<ToolRequest> = {},
): ToolRequest & { readonly said: string[] } {
  const said: string[] = [];
  return {
    project: { emulator, toolchain: 'system', jobs: [] },
    install: false,
    environment: { PATH: '', XDG_CACHE_HOME: join(home, 'cache') },
    host: { platform: 'linux', arch: 'x64' },
    home,
    say: (sentence) => said.push(sentence),
    said,
    ...more,
  };
}

describe('the tools of a run', () => {
  it('take QEMU where `auto` finds no Renode, and say why', async (test) => {
    if ((await crossCompiler(test)) === null || (await countingQemu(test, home)) === null) return;
    const auto = request('auto');
    const tools = await prepareTools(auto);
    assert.deepEqual(
      tools.emulators.map(({ name }) => name),
      ['qemu'],
    );
    assert.match(auto.said.join('\n'), /^QEMU is taken instead of Renode\. Renode is not installed\./m);
    assert.ok(tools.kernels.has('conv_2d.h'));
    const qemu = request('qemu');
    await prepareTools(qemu);
    assert.ok(!qemu.said.join('\n').includes('Renode'), 'nobody asked for Renode');
  });

  it('say which target has no second opinion, as Renode is too old for it', async (test) => {
    if ((await crossCompiler(test)) === null || (await countingQemu(test, home)) === null) return;
    const bin = join(home, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'renode'), '#!/bin/sh\necho Renode v1.16.1\n', { mode: 0o755 });
    const model = { name: 'm', file: 'm.tflite', testData: null };
    const jobs = ['cortex-m4', 'cortex-m55'].map((target) => ({
      model,
      target,
      optimize: 'balanced' as const,
      preserveInput: false,
      tuned: null,
      budgets: [],
    }));
    const both = request('both', {
      project: { emulator: 'both', toolchain: 'system', jobs },
      environment: { PATH: bin, XDG_CACHE_HOME: join(home, 'cache') },
    });
    await prepareTools(both);
    assert.deepEqual(both.said, ['Renode 1.16.1 does not run cortex-m55 right: QEMU alone judges it.']);
  });

  for (const emulator of ['renode', 'both'] as const) {
    it(`are an error where \`${emulator}\` finds no Renode`, async () => {
      await assert.rejects(
        prepareTools(request(emulator)),
        /^DeployError: Renode is not installed\. Run without/,
      );
    });
  }

  it('are an error where the toolchain is pinned and cannot be had', async (test) => {
    if ((await countingQemu(test, home)) === null) return;
    const pinned = { emulator: 'qemu', toolchain: '14.3', jobs: [] } as const;
    const host = { platform: 'darwin', arch: 'arm64' };
    await assert.rejects(
      prepareTools(request('qemu', { project: pinned, host })),
      /no pinned Arm GNU toolchain 14\.3 for darwin arm64/,
    );
  });
});
