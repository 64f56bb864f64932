import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { installMissingTools, type Machine } from '../../src/install/apt.ts';
import { diagnose } from '../../src/install/doctor.ts';
import {
  type Ask,
  examineTools,
  hostTools,
  missingTools,
  type ToolState,
} from '../../src/install/host_tools.ts';

const without = (...missing: string[]): ToolState[] =>
  hostTools.map((tool) => ({ tool, version: missing.includes(tool.name) ? null : '12.3.4' }));

/** A machine on which apt-get brings everything, unless told otherwise. */
function machine(
  missing: string[],
  fields: Partial<Machine> & { programs?: string[]; stays?: boolean } = {},
) {
  const ran: string[] = [];
  const states = [without(...missing), without(...(fields.stays === true ? missing : []))];
  const made: Machine = {
    examine: async () => states.shift() ?? [],
    has: async (program) => (fields.programs ?? ['apt-get', 'sudo']).includes(program),
    isRoot: false,
    run: async (program, args) => {
      ran.push([program, ...args].join(' '));
      return null;
    },
    ...fields,
  };
  return { made, ran };
}

const all = ['arm-none-eabi-gcc', 'newlib', 'qemu-system-arm', 'renode', 'cc', 'uv', 'git'];

async function install(mayInstall: boolean, of: Machine): Promise<string[]> {
  const said: string[] = [];
  await installMissingTools({ mayInstall, say: (line) => said.push(line) }, of);
  return said;
}

describe('installMissingTools', () => {
  it('does nothing where nothing is missing', async () => {
    const { made, ran } = machine([]);
    assert.deepEqual(await install(true, made), []);
    assert.deepEqual(ran, []);
  });
  it('updates, then installs what is missing, by sudo, and says so before', async () => {
    const { made, ran } = machine(all);
    const said = await install(true, made);
    assert.deepEqual(ran, [
      'sudo apt-get update -qq',
      'sudo apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 ' +
        'gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm gcc libc6-dev git',
    ]);
    assert.equal(said[0], 'Missing: arm-none-eabi-gcc, newlib, qemu-system-arm, cc, git.');
    assert.deepEqual(
      said.slice(1),
      ran.map((command) => `Running: ${command}`),
    );
  });
  it('needs no sudo as root, and no QEMU where Renode is', async () => {
    const { made, ran } = machine(['newlib', 'qemu-system-arm'], { isRoot: true, programs: ['apt-get'] });
    await install(true, made);
    assert.match(ran[1] ?? '', /^apt-get install .* libnewlib-arm-none-eabi$/);
  });
  it('names each missing tool and its commands, when it may not install or cannot', async () => {
    for (const [may, programs] of [
      [false, ['apt-get', 'sudo']],
      [true, []],
      [true, ['apt-get']],
    ] as const) {
      const { made, ran } = machine(all, { programs: [...programs] });
      await assert.rejects(install(may, made), (error) => {
        assert.ok(error instanceof DeployError);
        assert.equal(error.kind, 'tool');
        assert.equal(error.what, 'arm-none-eabi-gcc, newlib, qemu-system-arm are missing.');
        for (const text of [
          'Debian, Ubuntu: sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi',
          'macOS: brew install --cask gcc-arm-embedded',
          'Windows: winget install Arm.GnuArmEmbeddedToolchain',
          'Debian, Ubuntu: sudo apt-get install qemu-system-arm',
          'macOS: brew install qemu',
        ])
          assert.ok(error.hint.includes(text), text);
        return true;
      });
      assert.deepEqual(ran, []);
    }
  });
  it('only mentions what a run can do without', async () => {
    const said = await install(false, machine(['cc']).made);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^cc is missing: it builds QEMU's counting plugin/);
  });
  it('passes on why apt-get failed', async () => {
    const { made } = machine(all, {
      run: async (_, args) => (args.includes('update') ? 'no network' : 'E: Unable to fetch'),
    });
    await assert.rejects(install(true, made), /`sudo apt-get install .*` failed: E: Unable to fetch/);
  });
  it('does not believe that it worked', async () => {
    await assert.rejects(
      install(true, machine(['newlib'], { stays: true }).made),
      /newlib is missing\. Install it:/,
    );
  });
});

describe('examineTools', () => {
  const answers: Readonly<Record<string, string>> = {
    'arm-none-eabi-gcc --version': 'arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205\nCopyright',
    'arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -print-file-name=libc_nano.a': 'libc_nano.a',
    'qemu-system-arm --version': 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)',
    'git --version': 'git version 2.39.5',
  };
  const ask: Ask = async (program, args) => answers[[program, ...args].join(' ')] ?? null;

  it('reads versions, and sees a compiler without its library', async () => {
    const states = await examineTools(ask);
    assert.deepEqual(
      states.map(({ tool, version }) => `${tool.name} ${version}`),
      [
        'arm-none-eabi-gcc 12.2.1',
        'newlib null',
        'qemu-system-arm 7.2.22',
        'renode null',
        'cc null',
        'uv null',
        'git 2.39.5',
      ],
    );
    assert.deepEqual(
      missingTools(states).map(({ name }) => name),
      ['newlib'],
    );
  });
});

describe('diagnose', () => {
  it('tells what stops a run from what only takes something away', async () => {
    const findings = await diagnose('18.1.0', async () => without('newlib', 'cc'));
    assert.deepEqual(
      findings.map(({ name, status }) => `${name} ${status}`),
      [
        'node missing',
        'arm-none-eabi-gcc ok',
        'newlib missing',
        'qemu-system-arm ok',
        'renode ok',
        'cc absent',
        'uv ok',
        'git ok',
      ],
    );
    assert.equal(findings[2]?.install?.macos, 'brew install --cask gcc-arm-embedded');
  });
  it('does not take a compiler that is too old for one that is there', async () => {
    const states = without().map((state) =>
      state.tool.name === 'arm-none-eabi-gcc' ? { ...state, version: '7.3.1' } : state,
    );
    const finding = (await diagnose('24.0.0', async () => states))[1];
    assert.deepEqual([finding?.version, finding?.status], ['7.3.1', 'missing']);
    assert.match(finding?.purpose ?? '', /10 or newer/);
    assert.match(finding?.install?.debian ?? '', /gcc-arm-none-eabi/);
  });
  it('needs one emulator of the two', async () => {
    const status = async (...missing: string[]) =>
      (await diagnose('24.0.0', async () => without(...missing)))
        .filter(({ name }) => name === 'qemu-system-arm' || name === 'renode')
        .map((finding) => finding.status);
    assert.deepEqual(await status('renode'), ['ok', 'absent']);
    assert.deepEqual(await status('qemu-system-arm', 'renode'), ['missing', 'missing']);
  });
});
