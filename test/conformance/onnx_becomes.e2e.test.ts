import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomesOf, committedBecomes } from './becomes.ts';
import { nodeTestsIn } from './node_test.ts';
import { onnxWheel, runKnown } from './pass_list.ts';

test('the committed list says what each ONNX operator becomes', (t) => {
  const wheel = onnxWheel();
  if (wheel === null) {
    t.skip(
      'SKIPPED: no wheel with the ONNX node tests (pip download onnx==1.21.0; TINYML_ONNX_WHEEL names it)',
    );
    return;
  }
  assert.deepEqual(
    becomesOf(runKnown(nodeTestsIn(wheel))),
    committedBecomes(),
    'the list is stale: node test/conformance/update_becomes.ts',
  );
});
