import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeTestsIn } from './node_test.ts';
import {
  brokenClaims,
  committedClaims,
  committedPassList,
  onnxWheel,
  passListOf,
  runKnown,
} from './pass_list.ts';

/** ONNX's own tests of its operators, by the reference interpreter, against the committed list. */
test('the node tests of ONNX give what the committed list says, every one of an operator and type that we claim passes, and none gives a wrong result', (t) => {
  const wheel = onnxWheel();
  if (wheel === null) {
    t.skip(
      'SKIPPED: no wheel with the ONNX node tests (pip download onnx==1.21.0; TINYML_ONNX_WHEEL names it)',
    );
    return;
  }
  const committed = committedPassList();
  const tests = nodeTestsIn(wheel);
  const runs = runKnown(tests);
  const wrong = runs.filter(({ result }) => result.is === 'wrong');
  assert.deepEqual(
    wrong.map((run) => `${run.test.name}: ${run.result.why}`),
    [],
  );
  assert.deepEqual(
    passListOf(committed.onnx, tests.length, runs, committedClaims()),
    committed,
    'the list is stale: node test/conformance/update.ts',
  );
  assert.deepEqual(brokenClaims(committedClaims(), runs), [], 'onnx_claims.json');
  const passed = Object.values(committed.passed).flat().length;
  t.diagnostic(`${passed} of ${runs.length} tests of operators that we know pass`);
});
