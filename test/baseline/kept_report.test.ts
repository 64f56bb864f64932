import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zipSync } from 'fflate';
import type { BaselineIdentity } from '../../src/baseline/identity.ts';
import { packKept, readKept, renderRecord, unpackKept } from '../../src/baseline/kept_report.ts';
import { renderJson } from '../../src/report/json.ts';
import { type Report, reportSchemaVersion } from '../../src/report/report.ts';
import { sampleReport } from '../report/sample.ts';

const commit = 'a'.repeat(40);
const sample = sampleReport();
const identity: BaselineIdentity = {
  commit,
  project: '',
  configuration: '',
  code: 'c0de',
  toolVersion: sample.tool.version,
  reportSchemaVersion,
  compiler: 'gcc 13',
  emulators: { renode: '1.17.0', qemu: '8.2' },
};
const report: Report = {
  ...sample,
  head: { commit },
  measurements: sample.measurements.map((each) => ({ ...each, failures: [] })),
};
const kept = (change: Partial<BaselineIdentity> = {}, of = report) => ({
  report: renderJson(of),
  record: renderRecord({ ...identity, ...change }),
});
const why = (...parameters: Parameters<typeof readKept>): string => {
  const read = readKept(...parameters);
  return read.kind === 'declined' ? read.why : assert.fail('it was taken');
};

describe('a kept report', () => {
  it('is taken where everything is the same', () => {
    const entry = unpackKept(packKept(renderJson(report), identity));
    assert.ok(entry !== null);
    const sameOtherOrder = { ...identity, emulators: { qemu: '8.2', renode: '1.17.0' } };
    assert.deepEqual(readKept(entry, sameOtherOrder), { kind: 'report', report });
  });

  it('is declined where anything differs, in words', () => {
    const cases: readonly [Partial<BaselineIdentity>, string][] = [
      [{ commit: 'b'.repeat(40) }, 'another commit'],
      [{ project: 'ml' }, 'another project'],
      [{ configuration: 'other.yml' }, 'another configuration'],
      [{ code: 'other' }, 'another build of tinyml-deploy'],
      [{ toolVersion: '9.9.9' }, 'another version of tinyml-deploy'],
      [{ compiler: 'gcc 12' }, 'another compiler'],
      [{ emulators: { renode: '1.17.0' } }, 'other emulators'],
    ];
    for (const [change, words] of cases)
      assert.equal(why(kept(change), identity), `it was measured with ${words}`);
  });

  it('is declined with its version where an older tinyml-deploy wrote it', () => {
    const old = { ...kept(), report: JSON.stringify({ ...report, schemaVersion: 2 }) };
    assert.equal(
      why(old, identity),
      `the report has schema version 2; this tinyml-deploy reads ${reportSchemaVersion}`,
    );
    assert.match(why({ ...kept(), record: null }, identity), /does not say what it was measured with/);
  });

  it('is declined when its own words contradict it, or a measurement failed', () => {
    assert.match(why(kept({}, { ...report, head: { commit: 'b'.repeat(40) } }), identity), /another commit/);
    const failed = report.measurements.map((each) => ({
      ...each,
      failures: [{ kind: 'hang' as const, message: 'It hangs.' }],
    }));
    assert.match(why(kept({}, { ...report, measurements: failed }), identity), /had failed/);
    assert.match(why({ report: 'no JSON', record: null }, identity), /not JSON/);
  });

  it('is not unpacked from a bomb, or from what is no archive', () => {
    assert.equal(unpackKept(Buffer.from('no archive')), null);
    assert.equal(unpackKept(zipSync({ 'report.json': new Uint8Array(65 * 1024 * 1024) })), null);
  });
});
