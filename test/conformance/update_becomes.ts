// Writes onnx_becomes.json anew: TINYML_ONNX_WHEEL=onnx-1.21.0-….whl node test/conformance/update_becomes.ts
import { writeFileSync } from 'node:fs';
import { becomesFile, becomesOf } from './becomes.ts';
import { nodeTestsIn } from './node_test.ts';
import { onnxWheel, runKnown } from './pass_list.ts';

const wheel = onnxWheel();
if (wheel === null) throw new Error('TINYML_ONNX_WHEEL must name a wheel of the onnx package up to 1.21');
const becomes = becomesOf(runKnown(nodeTestsIn(wheel)));
writeFileSync(becomesFile, `${JSON.stringify(becomes, null, 2)}\n`);
console.log(`${Object.keys(becomes).length} operators`);
