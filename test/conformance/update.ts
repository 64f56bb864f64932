// Writes onnx_node_tests.json anew: TINYML_ONNX_WHEEL=onnx-1.21.0-….whl node test/conformance/update.ts
// A test that passed and is refused now must say why in the commit. What is claimed (onnx_claims.json) is written by hand.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { nodeTestsIn } from './node_test.ts';
import { brokenClaims, committedClaims, onnxWheel, passListFile, passListOf, runKnown } from './pass_list.ts';

const wheel = onnxWheel();
if (wheel === null) throw new Error('TINYML_ONNX_WHEEL must name a wheel of the onnx package up to 1.21');
const version = /^onnx-([\d.]+)-/.exec(basename(wheel))?.[1] ?? '';
const tests = nodeTestsIn(wheel);
const runs = runKnown(tests);
for (const { test, result } of runs)
  if (result.is === 'wrong') console.error(`wrong: ${test.name}: ${result.why}`);
const claims = committedClaims();
for (const broken of brokenClaims(claims, runs)) console.error(`claims: ${broken}`);
const list = passListOf(version, tests.length, runs, claims);
writeFileSync(passListFile, `${JSON.stringify(list, null, 2)}\n`);
console.log(`${Object.values(list.passed).flat().length} of ${runs.length} pass`);
