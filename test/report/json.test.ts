import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseReport, renderJson } from '../../src/report/json.ts';
import { sampleReport } from './sample.ts';

const refused = (text: string, pattern: RegExp) =>
  assert.throws(() => parseReport(text, 'a.json'), { name: 'DeployError', kind: 'input', message: pattern });

describe('the report as JSON', () => {
  it('reads back what was written', () => {
    assert.deepEqual(parseReport(renderJson(sampleReport()), 'a.json'), sampleReport());
  });
  it('refuses what is no report, in one sentence', () => {
    refused('', /^a\.json: The file is not JSON\. Give a report\.json that tinyml-deploy wrote\.$/);
    refused('[]', /not a report of tinyml-deploy/);
    refused('{"schemaVersion":"1"}', /not a report of tinyml-deploy/);
    refused(
      JSON.stringify({ ...sampleReport(), schemaVersion: 2 }),
      /^a\.json: The report has schema version 2; this tinyml-deploy reads 4\. Measure that commit again with this version\.$/,
    );
    const damaged = { ...sampleReport(), rows: [{ ...sampleReport().rows[0], status: 'maybe' }] };
    refused(JSON.stringify(damaged), /The field rows\.0\.status of the report is wrong/);
    refused(JSON.stringify({ ...sampleReport(), surprise: 1 }), /is wrong: .*surprise/);
  });
});
