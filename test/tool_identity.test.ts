import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { supplyTools } from '../src/tool_identity.ts';
import { temporaryFolder } from './baseline/repository.ts';

const renode = 'Renode v1.17.0.12345\n  build: abc\n';
const qemu = 'QEMU emulator version 8.2.2 (Debian 1:8.2.2+ds-0ubuntu1.7)\nCopyright\n';
const policy = (names: readonly string[]): string =>
  names.map((name) => `${name}:\n  Installed: (none)\n  Candidate: 1:8.2.2+ds-0ubuntu1.7\n`).join('');

/** A machine on which these programs answer so. */
async function identityOf(
  answers: Readonly<Record<string, string>>,
  change: { readonly emulator?: 'auto' | 'qemu' | 'both'; readonly toolchain?: string } = {},
) {
  const started: string[] = [];
  const home = temporaryFolder();
  const supply = await supplyTools(
    {
      project: { emulator: 'auto', toolchain: '14.3', jobs: [], ...change },
      install: true,
      environment: { PATH: '' },
      host: { platform: 'linux', arch: 'x64' },
      home,
      say: () => {},
    },
    async (program, args) => {
      started.push(program);
      if (program === 'apt-cache') return policy(args.slice(1));
      return answers[program] ?? null;
    },
  );
  assert.ok(supply.identity !== null);
  assert.ok(!started.some((program) => program.includes('gcc')), started.join(' '));
  return supply.identity;
}

describe('the identity of tools that are not installed', () => {
  it('is what is pinned', async () => {
    const { compiler, emulators } = await identityOf({});
    assert.match(compiler, /^pinned [0-9a-f]{64}$/);
    assert.match(emulators.renode ?? '', /^pinned [0-9a-f]{64}$/);
    assert.equal(emulators.qemu, undefined, 'Renode is enough');
  });

  it('is what apt-get would bring, and the same once it did', async () => {
    const before = await identityOf({}, { emulator: 'qemu', toolchain: 'system' });
    assert.match(before.compiler, /^binutils-arm-none-eabi=\S+ gcc-arm-none-eabi=\S+ /);
    const after = await identityOf({ 'qemu-system-arm': qemu }, { emulator: 'qemu', toolchain: 'system' });
    assert.deepEqual(after.emulators, { qemu: '1:8.2.2+ds-0ubuntu1.7' });
    assert.deepEqual(before, after);
  });

  it('holds both emulators where both are there', async () => {
    const { emulators } = await identityOf({ renode, 'qemu-system-arm': qemu });
    assert.deepEqual(emulators, { renode, qemu: '1:8.2.2+ds-0ubuntu1.7' });
  });
});
