import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/project/config.ts';

const parse = (text: string) => parseConfig(text, 'tinyml.yml').config;
const message = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'DeployError');
    return error.message;
  }
  return assert.fail('accepted');
};

describe('parseConfig', () => {
  it('reads every key', () => {
    const config = parse(`
targets: [cortex-m4, cortex-m0]
emulator: both
toolchain: 14.3
time-limit: 2 min
budgets:
  flash: 64 KiB
  targets:
    cortex-m0: { instructions: 3M }
models:
  - file: a.tflite
    name: first
    targets: [cortex-m7]
    budgets: { ram: 16384 }
    test-data: { inputs: x.npy, labels: y.npy, samples: 7 }
`);
    assert.equal(config.models?.[0]?.['test-data']?.samples, 7);
    assert.equal(config.budgets?.targets?.['cortex-m0']?.instructions, '3M');
  });
  it('takes an empty file as the defaults', () => {
    assert.deepEqual(parse(''), {});
    assert.deepEqual(parse('# nothing yet\n'), {});
  });

  it('answers an unknown key with its place and the nearest known key', () => {
    assert.match(
      message('targets: [cortex-m4]\nmodles:\n  - file: a.tflite\n'),
      /^tinyml\.yml:2:1: Unknown key "modles"\. Did you mean "models"\?/,
    );
    assert.match(
      message('models:\n  - file: a.tflite\n    budgets:\n      flsh: 64 KiB\n'),
      /^tinyml\.yml:4:7: Unknown key "flsh"\. Did you mean "flash"\? Known here: flash, ram, stack, instructions, cycles, energy, accuracy, score, error, changed-answers, targets\.$/,
    );
    assert.match(
      message('budgets:\n  targets:\n    cortex-m4: { rom: 1 }\n'),
      /^tinyml\.yml:3:18: Unknown key "rom"\. Did you mean "ram"\?/,
    );
  });
  it('answers an unknown bound with its place and the nearest one', () => {
    assert.match(
      message('budgets:\n  flash:\n    limt: 64 KiB\n'),
      /^tinyml\.yml:3:5: Unknown key "limt"\. Did you mean "limit"\? Known here: limit, change, percent, share\.$/,
    );
    assert.match(
      message('budgets: { accuracy: { percent: -1% } }\n'),
      /^tinyml\.yml:1:24: Unknown key "percent"\. .*Known here: limit, change\.$/,
    );
    assert.match(
      message('budgets: { ram: { percent: 2 } }\n'),
      /^tinyml\.yml:1:28: `budgets\.ram\.percent` must be a percentage such as `\+2%`\.$/,
    );
  });
  it('says how a budget on time is written', () => {
    for (const name of ['time', 'latency'])
      assert.match(
        message(
          `models:\n  - file: a\n    budgets: { targets: { cortex-m4: { ${name}: 20 ms @ 80 MHz } } }\n`,
        ),
        new RegExp(
          `^tinyml\\.yml:3:40: There is no budget on \`${name}\`: write .*cycles: 20 ms @ 80 MHz.* Metrics with budgets: flash, ram, stack, instructions, cycles, energy, accuracy, score, error, changed-answers\\.$`,
        ),
      );
    assert.match(message('energy: 1\n'), /^tinyml\.yml:1:1: Unknown key "energy"/);
  });
  it('reports the first of several errors', () => {
    assert.match(
      message('emulator: qmeu\nmodles: []\n'),
      /^tinyml\.yml:1:11: `emulator` must be one of auto/,
    );
  });
  it('answers a wrong type with what is wanted', () => {
    assert.match(message('targets: cortex-m4\n'), /^tinyml\.yml:1:10: `targets` must be a list/);
    assert.match(message('- a\n'), /^tinyml\.yml:1:1: The file must be a mapping/);
    assert.match(message('models: []\n'), /`models` must not be empty/);
    assert.match(message('models:\n  - a.tflite\n'), /^tinyml\.yml:2:5: `models\.0` must be a mapping/);
    assert.match(message('models:\n  - name: a\n'), /^tinyml\.yml:2:5: `models\.0\.file` must be text/);
    assert.match(message('budgets: { flash: [1] }\n'), /^tinyml\.yml:1:19: `budgets\.flash` must be a size/);
    assert.match(
      message('models: [{ file: a, test-data: { inputs: x, samples: 0 } }]'),
      /samples` must be at least 1/,
    );
  });
  it('gives the place of broken YAML', () => {
    assert.match(
      message('models:\n  - file: "a\n'),
      /^tinyml\.yml:3:1: Not valid YAML: Missing closing "quote\./,
    );
    assert.match(
      message('targets: [a]\ntargets: [b]\n'),
      /^tinyml\.yml:2:1: Not valid YAML: Map keys must be unique\.$/,
    );
    assert.match(message('targets: !!js/function x\n'), /^tinyml\.yml:1:10: Not valid YAML: Unresolved tag/);
  });

  it('follows an alias and gives the place of what it stands for', () => {
    assert.match(
      message('budgets: &b\n  flsh: 1\nmodels:\n  - file: a\n    budgets: *b\n'),
      /^tinyml\.yml:2:3: Unknown key "flsh"/,
    );
  });
  it('stops a billion laughs', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let index = 0; index < 12; index++) {
      const [before, name] = ['abcdefghijklm'[index], 'abcdefghijklm'[index + 1]];
      lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
    }
    assert.match(message(lines.join('\n')), /nested or repeated by aliases beyond all reason/);
  });
  it('stops bottomless nesting and huge files', () => {
    assert.match(
      message('['.repeat(200_000)),
      /^tinyml\.yml(:\d+:\d+)?: (The YAML is nested|Not valid YAML)/,
    );
    assert.match(message(`#${'x'.repeat(300_000)}`), /larger than 256 KiB/);
  });
  it('is not misled by names of object properties', () => {
    assert.match(message('__proto__: { emulator: qemu }\n'), /Unknown key "__proto__"/);
    assert.match(message('constructor: 1\n'), /^tinyml\.yml:1:1: Unknown key "constructor"/);
  });
  it('prints hostile keys on one line', () => {
    assert.match(message('"a\\nb\\e[31m": 1\n'), /Unknown key "a\\u\{a\}b\\u\{1b\}\[31m"/);
  });
});
