import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { withWorktree } from '../src/baseline/worktree.ts';
import { judge } from '../src/judge/judge.ts';
import { type ChangeRequest, keepReport, type MeasuredChange, measureChange } from '../src/measure_change.ts';
import { loadProject } from '../src/project/load.ts';
import { targets } from '../src/targets/index.ts';
import { supplyTools } from '../src/tool_identity.ts';
import { toolVersion } from '../src/version.ts';
import { newRepository, type Repository, temporaryFolder } from './baseline/repository.ts';
import { memoryStore } from './cache/memory_store.ts';
import { mlperfTiny, shared } from './shared.ts';
import { crossCompiler } from './tools.ts';

// Head and base measured by the real compiler and QEMU, in real git repositories.

const digits = join(import.meta.dirname, '..', 'examples', 'digits', 'models');
const toolCache = temporaryFolder();

/** The compiler on the PATH, in a folder of its own in which each start of it leaves a line. */
interface RecordingCompiler {
  readonly path: string;
  starts(): number;
}

async function recordingCompiler(): Promise<RecordingCompiler> {
  const found = await execa('sh', ['-c', 'readlink -f "$(command -v arm-none-eabi-gcc)"']);
  const bin = dirname(found.stdout);
  const root = temporaryFolder();
  const log = join(root, 'starts');
  writeFileSync(log, '');
  mkdirSync(join(root, 'bin'));
  // Beside a compiler lie its parts, which tell which one it is.
  for (const folder of [
    'lib/gcc/arm-none-eabi',
    'libexec/gcc/arm-none-eabi',
    'lib/arm-none-eabi',
    'arm-none-eabi',
  ]) {
    const real = join(dirname(bin), folder);
    if (!existsSync(real)) continue;
    mkdirSync(dirname(join(root, folder)), { recursive: true });
    symlinkSync(real, join(root, folder));
  }
  for (const program of ['gcc', 'ar', 'objcopy', 'as', 'ld']) {
    const name = `arm-none-eabi-${program}`;
    const script = `#!/bin/sh\necho "${program} $*" >> '${log}'\nexec '${join(bin, name)}' "$@"\n`;
    writeFileSync(join(root, 'bin', name), script, { mode: 0o755 });
  }
  const others = (process.env.PATH ?? '').split(delimiter);
  return {
    path: [join(root, 'bin'), ...others].join(delimiter),
    starts: () => readFileSync(log, 'utf8').split('\n').length - 1,
  };
}

/** The process's own PATH is what programs are looked up in. */
async function withPath<Result>(path: string, use: () => Promise<Result>): Promise<Result> {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    return await use();
  } finally {
    process.env.PATH = before;
  }
}

function putModel(repository: Repository, model: string, as = 'digits.tflite'): void {
  copyFileSync(join(digits, model), join(repository.folder, as));
}

/** base: the MLP; head: the CNN. */
function change(): { repository: Repository; base: string } {
  const repository = newRepository();
  putModel(repository, 'digits_mlp.tflite');
  const base = repository.commit('base', { 'tinyml.yml': 'targets: [cortex-m4]\nemulator: qemu\n' });
  putModel(repository, 'digits_cnn.tflite');
  repository.commit('head');
  return { repository, base };
}

async function request(
  folder: string,
  base: string,
  more: Partial<ChangeRequest> = {},
): Promise<ChangeRequest> {
  const load = (of: string) =>
    loadProject({ folder: of, knownTargets: [...targets.keys()], knownToolchains: [] });
  const project = load(folder);
  const supply = await supplyTools({
    project,
    install: false,
    environment: { ...process.env, XDG_CACHE_HOME: toolCache, RUNNER_TOOL_CACHE: '' },
    host: { platform: process.platform, arch: process.arch },
    home: homedir(),
    say: () => {},
  });
  return {
    project,
    configFile: undefined,
    base: { kind: 'commit', commit: base, how: 'the base' },
    isBaseOnDefaultBranch: true,
    loadProject: load,
    supply,
    options: { outputFolder: temporaryFolder(), parallel: 2 },
    results: null,
    reports: null,
    keepsFiles: true,
    onProgress: () => {},
    say: (sentence) => assert.fail(sentence),
    ...more,
  };
}

/** Compilers and emulators are started in the folder of their job. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        return [readlinkSync(`/proc/${id}/cwd`)];
      } catch {
        return [];
      }
    })
    .filter((place) => place === folder || place.startsWith(`${folder}/`));
}

const reportOf = ({ measurements, limits, baseline, reused, trend, identity }: MeasuredChange) =>
  judge(measurements, baseline, limits, {
    toolVersion: toolVersion(),
    run: { at: '2026-01-01T00:00:00.000Z', host: 'test' },
    headCommit: identity?.commit ?? null,
    configFile: 'tinyml.yml',
    reused,
    trend,
  });

async function isReady(t: TestContext): Promise<boolean> {
  if ((await crossCompiler(t)) === null) return false;
  if (!(await execa('qemu-system-arm', ['--version'], { reject: false })).failed) return true;
  t.skip('SKIPPED: qemu-system-arm is not installed');
  return false;
}

describe('measureChange', { timeout: 600_000 }, () => {
  it('starts no compiler where an earlier run measured the same, and gives the same', async (t) => {
    if (!(await isReady(t))) return;
    const compiler = await recordingCompiler();
    await withPath(compiler.path, async () => {
      const { repository, base } = change();
      const results = memoryStore();
      const first = await measureChange(await request(repository.folder, base, { results }));
      assert.equal(first.reused, 0);
      assert.equal(first.baseline.source, 'rebuilt');
      assert.equal(first.baseline.commit, base);
      const [now] = first.measurements;
      const [before] = first.baseline.measurements;
      assert.notEqual(now?.model.sha256, before?.model.sha256, 'two models, or this says nothing');
      const starts = compiler.starts();
      assert.ok(starts > 4, `${starts} starts`);

      const again = await request(repository.folder, base, { results });
      const second = await measureChange(again);
      assert.equal(compiler.starts(), starts, 'no compiler was started');
      assert.equal(second.reused, 1);
      assert.equal(second.baseline.source, 'cache');
      assert.deepEqual(second.measurements, first.measurements);
      assert.deepEqual(second.baseline.measurements, first.baseline.measurements);
      const job = join(again.options.outputFolder, 'digits', 'cortex-m4');
      for (const file of ['firmware.elf', 'library/digits.c', 'library/digits.h'])
        assert.ok(existsSync(join(job, file)), file);

      writeFileSync(
        join(repository.folder, 'tinyml.yml'),
        'targets: [cortex-m4]\nemulator: qemu\noptimize: size\n',
      );
      const other = await measureChange(await request(repository.folder, base, { results }));
      assert.equal(other.reused, 0, 'another setting is another result');
      assert.ok(compiler.starts() > starts);
      assert.equal(other.identity, null, 'a changed file: these are not the commit’s figures');
    });
  });

  it('takes the kept report of exactly the base commit, with its trend, and no other', async (t) => {
    if (!(await isReady(t))) return;
    const { repository, base } = change();
    const reports = memoryStore();
    const results = memoryStore();
    repository.git('checkout', '--quiet', base);
    const onMain = await measureChange(
      await request(repository.folder, base, {
        base: { kind: 'none', why: 'this is the first push of the branch' },
        results,
      }),
    );
    assert.deepEqual(onMain.trend, []);
    assert.ok(onMain.identity !== null);
    const trend = [{ commit: '1'.repeat(40), at: null, rows: [] }];
    const report = { ...reportOf(onMain), trend };
    assert.equal(await keepReport(reports, onMain.identity, report), '');
    assert.equal(reports.entries.size, 1);

    repository.git('checkout', '--quiet', 'main');
    const found = await measureChange(await request(repository.folder, base, { reports, results }));
    assert.deepEqual([found.baseline.source, found.baseline.commit], ['cache', base]);
    assert.equal(found.baseline.note, 'It is the base.');
    assert.deepEqual(found.baseline.measurements, onMain.measurements);
    assert.deepEqual(
      found.trend.map(({ commit }) => commit),
      ['1'.repeat(40), base],
    );

    const other = repository.commit('another head');
    repository.commit('and one more');
    const elsewhere = await measureChange(await request(repository.folder, other, { reports, results }));
    assert.equal(elsewhere.baseline.commit, other);
    assert.notEqual(elsewhere.baseline.measurements[0]?.model.sha256, onMain.measurements[0]?.model.sha256);
  });

  it('takes the artifact of the base’s run, and says why it did not', async (t) => {
    if (!(await isReady(t))) return;
    const { repository, base } = change();
    const results = memoryStore();
    repository.git('checkout', '--quiet', base);
    const onMain = await measureChange(
      await request(repository.folder, base, { base: { kind: 'none', why: 'nothing' }, results }),
    );
    assert.ok(onMain.identity !== null);
    const { renderJson } = await import('../src/report/json.ts');
    const { renderRecord } = await import('../src/baseline/kept_report.ts');
    repository.git('checkout', '--quiet', 'main');
    const asked: string[] = [];
    const with_ = async (kept: { report: string; record: string | null }) =>
      await measureChange(
        await request(repository.folder, base, {
          results,
          artifactsOf: async function* (commit) {
            asked.push(commit);
            yield kept;
          },
        }),
      );
    const kept = { report: renderJson(reportOf(onMain)), record: renderRecord(onMain.identity) };
    const good = await with_(kept);
    assert.deepEqual([good.baseline.source, good.baseline.commit], ['artifact', base]);
    assert.deepEqual(asked, [base]);

    const old = { ...kept, report: JSON.stringify({ ...JSON.parse(kept.report), schemaVersion: 2 }) };
    const declined = await with_(old);
    assert.equal(declined.baseline.commit, base);
    assert.notEqual(declined.baseline.source, 'artifact');
    assert.match(
      declined.baseline.note,
      /^It is the base\. An earlier report was not taken: the report has schema version 2/,
    );
    const foreign = { ...kept, record: renderRecord({ ...onMain.identity, compiler: 'another' }) };
    assert.match((await with_(foreign)).baseline.note, /measured with another compiler/);
  });

  it('measures everything anew where other tools were installed than announced', async (t) => {
    if (!(await isReady(t))) return;
    const { repository, base } = change();
    copyFileSync(join(digits, 'digits_mlp.tflite'), join(repository.folder, 'second.tflite'));
    const results = memoryStore();
    const of = await request(repository.folder, base, { results });
    const onlyOne = { ...of.project, jobs: of.project.jobs.slice(0, 1) };
    await measureChange({ ...of, project: onlyOne });
    const kept = results.entries.size;
    const said: string[] = [];
    const supply = { ...of.supply, isAsIdentified: async () => false };
    const measured = await measureChange({ ...of, supply, say: (sentence) => said.push(sentence) });
    assert.deepEqual([measured.reused, measured.measurements.length], [0, 2], 'one of two was kept');
    assert.deepEqual(said, ['Other tools were installed than announced, so everything is measured by them.']);
    assert.equal(results.entries.size, kept, 'nothing is kept under the announced tools');
    assert.equal(measured.identity, null);
  });

  it('follows a renamed model by its content', async (t) => {
    if (!(await isReady(t))) return;
    const repository = newRepository();
    putModel(repository, 'digits_mlp.tflite', 'old_name.tflite');
    const base = repository.commit('base', { 'tinyml.yml': 'emulator: qemu\n' });
    renameSync(join(repository.folder, 'old_name.tflite'), join(repository.folder, 'new_name.tflite'));
    repository.commit('head');
    const measured = await measureChange(await request(repository.folder, base));
    assert.deepEqual(measured.baseline.renames, [{ target: 'cortex-m4', from: 'old_name', to: 'new_name' }]);
    const [row, ...more] = reportOf(measured).rows;
    assert.deepEqual([row?.renamedFrom, row?.presence, more.length], ['old_name', 'both', 0]);
    const flash = row?.changes.find(({ metric }) => metric === 'flash');
    assert.equal(flash?.before, flash?.after, 'the name costs nothing');
  });

  it('says in one sentence that the base’s model is only a pointer of Git LFS', async (t) => {
    if (!(await isReady(t))) return;
    const repository = newRepository();
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4'.repeat(64)}\nsize 12345\n`;
    const base = repository.commit('base', {
      'digits.tflite': pointer,
      '.gitattributes': '*.tflite filter=lfs diff=lfs merge=lfs -text\n',
      'tinyml.yml': 'emulator: qemu\n',
    });
    repository.commit('head', { '.gitattributes': '' });
    putModel(repository, 'digits_mlp.tflite');
    repository.commit('a model');
    const measured = await measureChange(await request(repository.folder, base));
    assert.equal(measured.measurements.length, 1);
    assert.equal(measured.baseline.source, 'none');
    assert.match(measured.baseline.note, /^The base commit [0-9a-f]{12} could not be measured: .*Git LFS/);
    assert.equal(measured.baseline.note.split('\n').length, 1);
  });

  it('leaves neither worktree nor process when it is cancelled', async (t) => {
    if (!(await isReady(t))) return;
    if (!existsSync('/proc/self/cwd')) {
      t.skip('SKIPPED: there is no /proc here to see processes in');
      return;
    }
    const { repository, base } = change();
    const interruption = new AbortController();
    const outputFolder = temporaryFolder();
    const seen: string[] = [];
    const of = await request(repository.folder, base, {
      onProgress: ({ stage }) => {
        if (stage !== 'compile') return;
        setTimeout(() => {
          seen.push(...processesIn(outputFolder), ...processesIn(`${outputFolder}-base`));
          interruption.abort();
        }, 100);
      },
    });
    await assert.rejects(
      measureChange({ ...of, options: { ...of.options, outputFolder, signal: interruption.signal } }),
      /cancelled/,
    );
    assert.equal(repository.git('worktree', 'list').split('\n').length, 1);
    await delay(200);
    assert.notEqual(seen.length, 0, 'a compiler was at work');
    assert.deepEqual(processesIn(outputFolder), []);
    assert.deepEqual(processesIn(`${outputFolder}-base`), []);
  });

  it('says in one sentence that the disk is full, of the base in a note, of the head as an error', async (t) => {
    if (!(await isReady(t))) return;
    const small = temporaryFolder();
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], {
      reject: false,
    });
    if (mounted.failed) {
      t.skip(`SKIPPED: no file system can be mounted here to be full: ${mounted.stderr}`);
      return;
    }
    const before = process.env.TMPDIR;
    try {
      const { repository, base } = change();
      // A model as large as the disk.
      const of = await request(repository.folder, base);
      await assert.rejects(
        measureChange({ ...of, options: { ...of.options, outputFolder: join(small, 'out') } }),
        /^DeployError: The disk is full\. Free some room and run again\.$/,
      );
      const rest = await execa('sh', ['-c', `head -c 65536 /dev/zero > '${join(small, 'rest')}'`], {
        reject: false,
      });
      assert.match(rest.stderr, /No space left/);
      process.env.TMPDIR = small;
      // Where the compiler too has no room, the head fails; the worktree alone is a note.
      await assert.rejects(
        withWorktree(repository.folder, base, async () => assert.fail('it was checked out')),
        (error: Error) =>
          error.message ===
          `The base commit ${base.slice(0, 12)}… could not be checked out: the disk is full. Free some room and run again.`,
      );
      assert.equal(repository.git('worktree', 'list').split('\n').length, 1);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      await execa('umount', [small]);
    }
  });

  it('does not let a broken base stop the head, nor a broken head wait for the base', async (t) => {
    if (!(await isReady(t))) return;
    const repository = newRepository();
    const broken = repository.commit('broken', {
      'digits.tflite': 'no model',
      'tinyml.yml': 'emulator: qemu\n',
    });
    putModel(repository, 'digits_mlp.tflite');
    const good = repository.commit('good');
    const onBroken = await measureChange(await request(repository.folder, broken));
    assert.equal(onBroken.measurements.length, 1);
    assert.match(onBroken.baseline.note, /could not be measured: digits\.tflite/);
    repository.git('checkout', '--quiet', broken);
    await assert.rejects(measureChange(await request(repository.folder, good)), /digits\.tflite/);
    assert.equal(repository.git('worktree', 'list').split('\n').length, 1);
  });

  it('throws what went wrong, and not that the other was stopped for it', async (t) => {
    if (!(await isReady(t))) return;
    const repository = newRepository();
    putModel(repository, 'digits_cnn.tflite');
    const base = repository.commit('base', { 'tinyml.yml': 'emulator: qemu\n' });
    repository.commit('head', { 'README.md': 'x' });
    const loadProject = () => assert.fail('a defect of ours');
    await assert.rejects(
      measureChange(await request(repository.folder, base, { loadProject })),
      /a defect of ours/,
    );
  });

  it('ends an unchanged run of 4 models on 3 targets in under 10 s', async (t) => {
    if (!(await isReady(t))) return;
    if (!existsSync(shared)) {
      t.skip('SKIPPED: the folder shared/ with the four models is not beside the repository');
      return;
    }
    const compiler = await recordingCompiler();
    await withPath(compiler.path, async () => {
      const repository = newRepository();
      for (const model of mlperfTiny)
        copyFileSync(join(shared, 'models', `${model}.tflite`), join(repository.folder, `${model}.tflite`));
      const config = 'targets: [cortex-m4, cortex-m7, cortex-m33]\nemulator: qemu\n';
      const base = repository.commit('base', { 'tinyml.yml': config });
      repository.commit('head', { 'README.md': 'Nothing that matters.' });
      const results = memoryStore();
      await measureChange(await request(repository.folder, base, { results }));
      const starts = compiler.starts();
      const begin = performance.now();
      const second = await measureChange(await request(repository.folder, base, { results }));
      const seconds = (performance.now() - begin) / 1000;
      t.diagnostic(`12 jobs and their baseline in ${seconds.toFixed(2)} s`);
      assert.equal(second.reused, 12);
      assert.equal(compiler.starts(), starts);
      assert.ok(seconds < 10, `${seconds} s`);
    });
  });
});
