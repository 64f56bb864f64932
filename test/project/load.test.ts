import assert from 'node:assert/strict';
import { symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { loadProject, type ProjectRequest } from '../../src/project/load.ts';
import { folderWith } from './folder.ts';

const known = { knownTargets: ['cortex-m0', 'cortex-m4', 'nrf52840'], knownToolchains: ['14.3'] };

function load(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  request: Partial<ProjectRequest> = {},
) {
  return loadProject({ folder: folderWith(t, files), ...known, ...request });
}

function refused(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  pattern: RegExp,
  request: Partial<ProjectRequest> = {},
) {
  assert.throws(
    () => load(t, files, request),
    (error) => {
      assert.ok(error instanceof DeployError, String(error));
      assert.equal(error.kind, 'input');
      assert.match(error.message, pattern);
      assert.ok(!error.message.includes('\n'));
      return true;
    },
  );
}

describe('without tinyml.yml', () => {
  it('every model goes to cortex-m4', (t) => {
    const project = load(t, { 'models/b.tflite': '', 'a.tflite': '' });
    assert.equal(project.configFile, null);
    assert.deepEqual(
      project.jobs.map(({ model, target }) => [model.name, model.file, target]),
      [
        ['a', 'a.tflite', 'cortex-m4'],
        ['b', 'models/b.tflite', 'cortex-m4'],
      ],
    );
    assert.deepEqual([project.emulator, project.toolchain, project.timeLimitSeconds], ['auto', 'system', 60]);
  });
  it('no model at all is an error', (t) => {
    refused(t, { 'readme.md': '' }, /There is no model \(.*\) in this project/);
  });
  it('two models with one name are an error that names both', (t) => {
    refused(
      t,
      { 'a/m.tflite': '', 'b/m.tflite': '' },
      /Two models have the name "m": a\/m\.tflite and b\/m\.tflite/,
    );
  });
});

describe('with tinyml.yml', () => {
  it('spells out every job with its budgets, the most specific first', (t) => {
    const project = load(t, {
      'a.tflite': '',
      'b.tflite': '',
      'tinyml.yml': `targets: [cortex-m4, cortex-m0]
budgets:
  flash: 64 KiB
  ram: 16 KiB
  targets:
    cortex-m0: { flash: 32 KiB }
models:
  - file: a.tflite
  - file: b.tflite
    name: other
    targets: [cortex-m0, nrf52840]
    budgets:
      flash: 10 KiB
      instructions: 1.5M
      targets: { nrf52840: { flash: 20 KiB } }
`,
    });
    assert.deepEqual(
      project.jobs.map((job) => [
        job.model.name,
        job.target,
        job.budgets.map(({ metric, amount, written, line }) => `${metric} ${amount} "${written}" :${line}`),
      ]),
      [
        ['a', 'cortex-m4', ['flash 65536 "64 KiB" :3', 'ram 16384 "16 KiB" :4']],
        ['a', 'cortex-m0', ['flash 32768 "32 KiB" :6', 'ram 16384 "16 KiB" :4']],
        [
          'other',
          'cortex-m0',
          ['flash 10240 "10 KiB" :13', 'ram 16384 "16 KiB" :4', 'instructions 1500000 "1.5M" :14'],
        ],
        [
          'other',
          'nrf52840',
          ['flash 20480 "20 KiB" :15', 'ram 16384 "16 KiB" :4', 'instructions 1500000 "1.5M" :14'],
        ],
      ],
    );
  });
  it('inherits each bound by itself, the closest first', (t) => {
    const project = load(t, {
      'a.tflite': '',
      'tinyml.yml': `targets: [cortex-m4, nrf52840]
budgets:
  flash: { limit: 64 KiB, percent: +2%, share: 80% of part }
  accuracy: 95%
  stack: 1 KiB
models:
  - file: a.tflite
    budgets:
      flash: 32 KiB
      accuracy: { change: -0.5% }
      targets:
        nrf52840: { flash: { percent: 1% }, instructions: { change: +10k } }
`,
    });
    assert.deepEqual(
      project.jobs.map(({ budgets }) =>
        budgets.map(
          ({ metric, bound, amount, written, line }) => `${metric} ${bound} ${amount} "${written}" :${line}`,
        ),
      ),
      [
        [
          'flash limit 32768 "32 KiB" :9',
          'flash percent 2 "+2%" :3',
          'flash share 80 "80% of part" :3',
          'stack limit 1024 "1 KiB" :5',
          'accuracy limit 95 "95%" :4',
          'accuracy change -0.5 "-0.5%" :10',
        ],
        [
          'flash limit 32768 "32 KiB" :9',
          'flash percent 1 "1%" :12',
          'flash share 80 "80% of part" :3',
          'stack limit 1024 "1 KiB" :5',
          'instructions change 10000 "+10k" :12',
          'accuracy limit 95 "95%" :4',
          'accuracy change -0.5 "-0.5%" :10',
        ],
      ],
    );
  });
  it('answers a bound in place of a limit with the mapping that was meant', (t) => {
    for (const [written, meant] of [
      ['flash: +2%', 'flash: \\{ percent: \\+2% \\}'],
      ['flash: { change: +2% }', 'flash: \\{ percent: \\+2% \\}'],
      ['ram: { percent: +1 KiB }', 'ram: \\{ change: \\+1 KiB \\}'],
      ['ram: +1 KiB', 'ram: \\{ change: \\+1 KiB \\}'],
      ['flash: 80% of part', 'flash: \\{ share: 80% of part \\}'],
      ['accuracy: -1%', 'accuracy: \\{ change: -1% \\}'],
    ])
      refused(
        t,
        { 'a.tflite': '', 'tinyml.yml': `budgets:\n  ${written}\n` },
        new RegExp(`^tinyml\\.yml:2:\\d+: .*\\. Write \`${meant}\`\\.$`),
      );
  });
  it('finds models itself where none is listed', (t) => {
    const project = load(t, { 'a.tflite': '', 'tinyml.yml': 'targets: [nrf52840]\ntoolchain: 14.3\n' });
    assert.deepEqual(
      project.jobs.map(({ target }) => target),
      ['nrf52840'],
    );
    assert.equal(project.toolchain, '14.3');
  });
  it('reads test data', (t) => {
    const project = load(t, {
      'a.tflite': '',
      'x.npy': '',
      'tinyml.yml': 'models: [{ file: a.tflite, test-data: { inputs: ./x.npy } }]',
    });
    assert.deepEqual(project.jobs[0]?.model.testData, {
      inputs: 'x.npy',
      labels: null,
      label: null,
      classes: null,
      samples: 50,
    });
  });

  const listing = (model: string) => ({ 'a.tflite': '', 'tinyml.yml': `models:\n  - ${model}\n` });

  it('a model that is missing', (t) => {
    refused(t, listing('file: b.tflite'), /^tinyml\.yml:2:11: The model "b\.tflite" does not exist/);
  });
  it('a model that is a folder', (t) => {
    refused(t, { 'd/a.tflite': '', 'tinyml.yml': 'models: [{ file: d }]' }, /The model "d" is not a file/);
  });
  it('a path out of the folder', (t) => {
    refused(t, listing('file: ../a.tflite'), /^tinyml\.yml:2:11: The model "\.\.\/a\.tflite" is outside of/);
    refused(t, listing('file: /etc/passwd'), /outside of the project's folder/);
    refused(
      t,
      listing('{ file: a.tflite, test-data: { inputs: ../../x.npy } }'),
      /^tinyml\.yml:2:44: The test data .* is outside/,
    );
  });
  it('a link out of the folder', (t) => {
    const outside = folderWith(t, { 'a.tflite': '' });
    const folder = folderWith(t, { 'tinyml.yml': 'models: [{ file: l.tflite }]' });
    symlinkSync(join(outside, 'a.tflite'), join(folder, 'l.tflite'));
    assert.throws(
      () => loadProject({ folder, ...known }),
      /"l\.tflite" is a link that leads out of the project/,
    );
  });
  it('two models with one name, given or derived', (t) => {
    refused(
      t,
      {
        'a.tflite': '',
        'b.tflite': '',
        'tinyml.yml': 'models:\n  - file: a.tflite\n  - { file: b.tflite, name: a }\n',
      },
      /^tinyml\.yml:3:5: Two models have the name "a": a\.tflite and b\.tflite/,
    );
  });
  it('missing test data and labels', (t) => {
    refused(
      t,
      listing('{ file: a.tflite, test-data: { inputs: x.npy } }'),
      /^tinyml\.yml:2:\d+: The test data "x\.npy" does not exist/,
    );
    refused(
      t,
      { ...listing('{ file: a.tflite, test-data: { inputs: x.npy, labels: y.npy } }'), 'x.npy': '' },
      /^tinyml\.yml:2:\d+: The file of labels "y\.npy" does not exist/,
    );
  });
  it('an unknown target, wherever it is named', (t) => {
    refused(
      t,
      { 'a.tflite': '', 'tinyml.yml': 'targets: [cortex-m4, cortexm0]' },
      /^tinyml\.yml:1:22: Unknown target "cortexm0"\. Did you mean "cortex-m0"\? Known: /,
    );
    refused(
      t,
      listing('{ file: a.tflite, targets: [nrf52] }'),
      /^tinyml\.yml:2:33: Unknown target "nrf52"\. Did you mean "nrf52840"\?/,
    );
    refused(
      t,
      { 'a.tflite': '', 'tinyml.yml': 'budgets: { targets: { cortex-m: { flash: 1 } } }' },
      /^tinyml\.yml:1:23: Unknown target "cortex-m"/,
    );
    refused(t, { 'a.tflite': '' }, /^Unknown target "x"\./, { targets: ['x'] });
  });
  it('a target twice', (t) => {
    refused(
      t,
      { 'a.tflite': '', 'tinyml.yml': 'targets: [cortex-m4, cortex-m4]' },
      /:1:22: The target "cortex-m4" is listed twice/,
    );
  });
  it('names that cannot be C', (t) => {
    for (const name of ['"my model"', '"a\\"b"', '"a\\nb"', 'int', 'x'.repeat(10_000), '""', 'Größe'])
      refused(
        t,
        listing(`{ file: a.tflite, name: ${name} }`),
        /^tinyml\.yml:2:\d+: ".*" cannot be the name of a C library\. Use/,
      );
  });
  it('an unknown toolchain', (t) => {
    refused(
      t,
      { 'a.tflite': '', 'tinyml.yml': 'toolchain: 9.9' },
      /^tinyml\.yml:1:12: Unknown toolchain "9\.9"\. Known: system, 14\.3/,
    );
  });
  it('a budget that is not understood', (t) => {
    refused(
      t,
      { 'a.tflite': '', 'tinyml.yml': 'budgets:\n  flash: 64 KB\n' },
      /^tinyml\.yml:2:10: "64 KB" is not understood\. "KB" means/,
    );
  });
  it('tinyml.yml and tinyml.yaml together', (t) => {
    refused(t, { 'a.tflite': '', 'tinyml.yml': '', 'tinyml.yaml': '' }, /both tinyml\.yml and tinyml\.yaml/);
  });
  it('a configuration that is asked for and missing', (t) => {
    refused(t, { 'a.tflite': '' }, /The configuration "other\.yml" does not exist/, {
      configFile: 'other.yml',
    });
  });
});

describe('asking for single models', () => {
  const files = {
    'a.tflite': '',
    'b.tflite': '',
    'c.tflite': '',
    'tinyml.yml': 'models: [{ file: a.tflite, name: first }, { file: b.tflite }]',
  };
  const names = (t: TestContext, models: string[]) =>
    load(t, files, { models }).jobs.map(({ model }) => model.name);

  it('by name, by file, or a file that is not listed', (t) => {
    assert.deepEqual(names(t, ['first']), ['first']);
    assert.deepEqual(names(t, ['./b.tflite', 'a.tflite']), ['b', 'first']);
    assert.deepEqual(names(t, ['c.tflite']), ['c']);
  });
  it('answers an unknown name with the nearest', (t) => {
    refused(t, files, /There is no model "frist"\. Did you mean "first"\?/, { models: ['frist'] });
    refused(t, files, /The model "d\.tflite" does not exist/, { models: ['d.tflite'] });
  });
});

describe('a huge tinyml.yml', () => {
  it('is refused by its size, before a byte of it is read', (t) => {
    const folder = folderWith(t, { 'tinyml.yml': '' });
    truncateSync(join(folder, 'tinyml.yml'), 2 ** 40);
    assert.throws(() => loadProject({ folder, ...known }), /tinyml\.yml: The file is larger than 256 KiB/);
  });
});

describe('what code is optimized for', () => {
  const files = {
    'a.tflite': '',
    'b.tflite': '',
    'tinyml.yml': `targets: [cortex-m4, cortex-m0]
optimize: { cortex-m0: size }
models:
  - file: a.tflite
  - file: b.tflite
    optimize: speed
`,
  };
  const settings = (t: TestContext, request: Partial<ProjectRequest> = {}) =>
    load(t, files, request).jobs.map(({ model, target, optimize }) => `${model.name} ${target} ${optimize}`);

  it('is said by the model, else by the project, for all targets or for one', (t) => {
    assert.deepEqual(settings(t), [
      'a cortex-m4 balanced',
      'a cortex-m0 size',
      'b cortex-m4 speed',
      'b cortex-m0 speed',
    ]);
  });
  it('the command line says it for all', (t) => {
    assert.deepEqual(
      [...new Set(settings(t, { optimize: 'size' }).map((job) => job.split(' ').at(-1)))],
      ['size'],
    );
  });
  it('another word, or a target that does not exist, is refused with its place', (t) => {
    refused(
      t,
      { 'a.tflite': '', 'tinyml.yml': 'optimize: fast\n' },
      /tinyml\.yml:1:11: `optimize` must be one of balanced, size, speed/,
    );
    refused(
      t,
      { 'a.tflite': '', 'tinyml.yml': 'optimize: { cortex-m0: fast }\n' },
      /`optimize\.cortex-m0` must be one of balanced, size, speed/,
    );
    refused(
      t,
      { 'a.tflite': '', 'tinyml.yml': 'optimize: { cortex-m9: size }\n' },
      /tinyml\.yml:1:13: Unknown target "cortex-m9"/,
    );
  });
});
