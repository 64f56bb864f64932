import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { findCompiler } from '../../src/install/compiler_identity.ts';
import { packageVersions } from '../../src/install/debian_packages.ts';
import { temporaryFolder } from '../baseline/repository.ts';

describe('findCompiler', () => {
  it('sees another C library behind the same compiler, and nothing behind a wrapper', async () => {
    const root = temporaryFolder();
    const put = (name: string, text: string): void => {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text, { mode: 0o755 });
    };
    const path = join(root, 'bin');
    assert.deepEqual(await findCompiler(path), { kind: 'missing' });
    put('bin/arm-none-eabi-gcc', 'driver');
    assert.deepEqual(await findCompiler(path), { kind: 'unknown' });
    put('lib/gcc/arm-none-eabi/13.2.1/cc1', 'compiler');
    put('lib/arm-none-eabi/newlib/libc_nano.a', 'library');
    const one = await findCompiler(path);
    assert.equal(one.kind, 'identified');
    assert.deepEqual(await findCompiler(path), one);
    put('lib/arm-none-eabi/newlib/libc_nano.a', 'another library');
    assert.notDeepEqual(await findCompiler(path), one);
  });
});

describe('packageVersions', () => {
  const policy = `gcc:
  Installed: (none)
  Candidate: 15:13.2.rel1-2
  Version table:
     15:13.2.rel1-2 500
newlib:
  Installed: (none)
  Candidate: 4.4.0-2
  Version table:
     4.4.0-2 500
gone:
  Installed: (none)
  Candidate: (none)
  Version table:
`;
  const asked: string[] = [];
  const ask = (dpkg: string | null) => async (program: string) => {
    asked.push(program);
    return program === 'dpkg-query' ? dpkg : policy;
  };

  it('are those that are installed, and those that apt-get would bring, alike', async () => {
    const installed = 'gcc 15:13.2.rel1-2 installed\nnewlib 4.4.0-2 installed\n';
    const here = await packageVersions(['newlib', 'gcc'], false, ask(installed));
    assert.equal(here, 'gcc=15:13.2.rel1-2 newlib=4.4.0-2');
    assert.deepEqual(asked, ['dpkg-query']);
    assert.equal(await packageVersions(['newlib', 'gcc'], true, ask(null)), here);
  });

  it('are not known where one cannot be had', async () => {
    assert.equal(await packageVersions(['gcc'], false, ask(null)), null, 'nothing may be installed');
    assert.equal(await packageVersions(['gcc', 'gone'], true, ask(null)), null);
    const removed = 'gcc 15:13.2.rel1-2 config-files\n';
    assert.equal(await packageVersions(['gcc'], false, ask(removed)), null);
    assert.equal(
      await packageVersions(['gcc'], true, async () => null),
      null,
      'neither dpkg nor apt is here',
    );
  });
});
