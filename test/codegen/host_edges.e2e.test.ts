import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, type TypedArray } from '../../src/graph/graph.ts';
import { interpret } from '../../src/verify/interpreter.ts';
import { runTogether } from './host_models.ts';
import { graphOf, type OneOperator } from './one_operator.ts';

/** Numbers that made-up inputs hardly meet: the ends of int32, divisors of zero, floats that are no integers. */

const ends = Int32Array.of(-2147483648, 2147483647, -1, 0, 1, 7, -7, 65536, -65537);
const bytes = Int8Array.from({ length: 256 }, (_, at) => at - 128);
const odd = Float32Array.of(
  ...[
    Infinity,
    -Infinity,
    Number.NaN,
    3e9,
    -3e9,
    2147483520,
    -0.9,
    -0,
    300.7,
    -70000,
    2147483648,
    -2147483648,
  ],
);

interface Edge extends OneOperator {
  readonly given: readonly TypedArray[];
}

const edges: readonly Edge[] = [
  ...['ADD', 'SUB', 'MUL', 'DIV', 'MAXIMUM', 'MINIMUM'].map(
    (kind): Edge => ({
      name: `${kind.toLowerCase()}_int32`,
      kind,
      inputs: [
        { shape: [9], type: 'int32' },
        { shape: [9, 1], type: 'int32' },
      ],
      outputs: [{ shape: [9, 9], type: 'int32' }],
      given: [ends, ends],
    }),
  ),
  ...[0.001, 0.1, 3].map(
    (scale, at): Edge => ({
      name: `div_${at}`,
      kind: 'DIV',
      options: { activation: 'none' },
      inputs: [
        { shape: [256, 1], scale: 1, zeroPoint: -3 },
        { shape: [256], scale: 1, zeroPoint: 5 },
      ],
      outputs: [{ shape: [256, 256], scale: Math.fround(scale), zeroPoint: 1 }],
      given: [bytes, bytes],
    }),
  ),
  ...(['int8', 'uint8', 'int16', 'int32', 'bool'] as const).map(
    (type): Edge => ({
      name: `cast_float32_to_${type}`,
      kind: 'CAST',
      inputs: [{ shape: [odd.length], type: 'float32' }],
      outputs: [{ shape: [odd.length], type }],
      given: [odd],
    }),
  ),
  ...['EQUAL', 'NOT_EQUAL', 'GREATER', 'GREATER_EQUAL', 'LESS', 'LESS_EQUAL'].map(
    (kind): Edge => ({
      name: `${kind.toLowerCase()}_float32`,
      kind,
      inputs: [
        { shape: [odd.length], type: 'float32' },
        { shape: [odd.length, 1], type: 'float32' },
      ],
      outputs: [{ shape: [odd.length, odd.length], type: 'bool' }],
      given: [odd, odd],
    }),
  ),
];

const models = edges.map((edge) => ({ graph: graphOf(edge), samples: [edge.given.map(bytesOf)] }));

test('what has no value is what the documents say', () => {
  const [, , , quotients] = models.filter(({ graph }) => graph.name.endsWith('_int32'));
  assert.ok(quotients !== undefined);
  const [output] = interpret(quotients.graph, quotients.samples[0] ?? []).outputs;
  const found = new Int32Array(new Uint8Array(output ?? []).buffer);
  // ends[column] / ends[row]: by zero 0, and -2^31 / -1 wraps around.
  assert.deepEqual([...found.subarray(27, 36)], new Array(9).fill(0));
  assert.equal(found[18], -2147483648);
});

for (const target of ['cortex-m0plus', 'cortex-m4', 'cortex-m55'])
  test(`numbers at the edges for ${target}: bit-exact and clean under sanitizers`, async (t) => {
    const outputs = await runTogether(models, target);
    for (const [position, { graph, samples }] of models.entries())
      await t.test(graph.name, () => {
        const expected = samples.flatMap((inputs) => interpret(graph, inputs).outputs);
        assert.deepEqual(Buffer.from(outputs[position] ?? []), Buffer.concat(expected));
      });
  });
