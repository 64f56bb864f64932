import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { errorAnnotation, loosenedAnnotations, reportAnnotations } from '../../src/github/annotations.ts';
import { outputsOf } from '../../src/github/outputs.ts';
import { type Reason, type Report, reportSchemaVersion } from '../../src/report/report.ts';

const reason: Reason = {
  kind: 'budget',
  model: 'kws',
  target: 'cortex-m4',
  metric: 'flash',
  bound: 'limit',
  message: 'kws on cortex-m4 takes 70,000 bytes of flash, and the budget is 64 KiB.',
  causes: [],
  file: 'tinyml.yml',
  line: 5,
};

function report(reasons: readonly Reason[]): Report {
  return {
    schemaVersion: reportSchemaVersion,
    tool: { name: 'tinyml-deploy', version: '0' },
    run: { at: '', host: '', reused: 0 },
    head: { commit: null },
    baseline: { commit: null, source: 'none', note: '' },
    verdict: { status: reasons.length === 0 ? 'pass' : 'fail', reasons: [...reasons] },
    notices: [],
    accepted: [],
    rows: [
      {
        model: 'kws',
        target: 'cortex-m4',
        status: 'fail',
        presence: 'both',
        renamedFrom: null,
        changes: [],
        budgets: [],
      },
      {
        model: 'kws',
        target: 'cortex-m7',
        status: 'pass',
        presence: 'both',
        renamedFrom: null,
        changes: [],
        budgets: [],
      },
    ],
    measurements: [],
    baselineMeasurements: [],
    trend: [],
  };
}

describe('annotations of a report', () => {
  it('warn where a budget is loosened, and only there', () => {
    const notices: Report['notices'] = [
      { kind: 'loosened-budget', message: 'Loosened.', rows: [], file: 'tinyml.yml', line: 3 },
      { kind: 'unchecked-budgets', message: 'Unchecked.', rows: [], file: null, line: null },
    ];
    assert.deepEqual(loosenedAnnotations({ ...report([]), notices }, 'ml'), [
      { message: 'Loosened.', title: 'A budget is loosened', file: 'ml/tinyml.yml', startLine: 3 },
    ]);
  });

  it('stand at the line of the budget, from the root of the repository', () => {
    assert.deepEqual(reportAnnotations(report([reason]), 'ml'), [
      { message: reason.message, title: 'kws on cortex-m4', file: 'ml/tinyml.yml', startLine: 5 },
    ]);
    assert.equal(reportAnnotations(report([reason]), '')[0]?.file, 'tinyml.yml');
    assert.deepEqual(reportAnnotations(report([{ ...reason, file: null, line: null }]), ''), [
      { message: reason.message, title: 'kws on cortex-m4' },
    ]);
  });

  it('are ten at most, since GitHub drops the rest', () => {
    const all = reportAnnotations(report(Array.from({ length: 30 }, () => reason)), '');
    assert.equal(all.length, 10);
    assert.equal(all[9]?.message, '21 more reasons are in the report.');
    assert.equal(
      reportAnnotations(report(Array.from({ length: 10 }, () => reason)), '')[9]?.message,
      reason.message,
    );
  });
});

describe('the annotation of an error', () => {
  it('is its place and its sentence', () => {
    const error = new DeployError(
      'input',
      'Unknown key.',
      { file: 'tinyml.yml', line: 3, column: 2 },
      'Remove it.',
    );
    assert.deepEqual(errorAnnotation(error, './ml'), {
      message: 'tinyml.yml:3:2: Unknown key. Remove it.',
      title: 'The input is wrong',
      file: 'ml/tinyml.yml',
      startLine: 3,
      startColumn: 2,
    });
  });

  it('leaves a file outside of the repository to the sentence', () => {
    const error = new DeployError('tool', 'It failed.', { file: '/usr/bin/gcc' });
    assert.deepEqual(errorAnnotation(error, ''), {
      message: '/usr/bin/gcc: It failed.',
      title: 'A tool failed',
    });
  });

  it('says so when it is a defect of ours', () => {
    assert.match(
      errorAnnotation(new TypeError('x is undefined'), '').message,
      /x is undefined\. Please report it/,
    );
  });
});

describe('outputs', () => {
  it('count the failed rows, and are empty where nothing was measured', () => {
    assert.deepEqual(outputsOf(report([reason]), { json: 'r.json', html: 'r.html' }, ''), {
      verdict: 'fail',
      failed: '1',
      'report-json': 'r.json',
      'report-html': 'r.html',
      'comment-url': '',
      flash: '',
      ram: '',
      instructions: '',
      accuracy: '',
    });
  });
});
