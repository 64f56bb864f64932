import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { z } from 'zod';
import { judge, noBaseline } from '../../src/judge/judge.ts';
import type { Measurement } from '../../src/measurement.ts';
import { renderBillOfMaterials } from '../../src/release/bill_of_materials.ts';
import { context } from '../report/sample.ts';
import { deployment, measurements } from './sample.ts';

const render = (of: readonly Measurement[], commit: string | null = context.headCommit) =>
  renderBillOfMaterials(
    judge(of, noBaseline(''), [], { ...context, headCommit: commit }),
    of.map(deployment),
  );

const component = z.object({
  type: z.string(),
  'bom-ref': z.string(),
  name: z.string(),
  version: z.string().optional(),
  hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional(),
  get components() {
    return z.array(component).optional();
  },
});
const bill = z.object({
  serialNumber: z.string(),
  components: z.array(component),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});
const parse = (text: string) => bill.parse(JSON.parse(text));

describe('the bill of materials', () => {
  it("holds to CycloneDX's own schema, also without a commit and with unusual names", async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    const [first, second] = measurements();
    assert.ok(first !== undefined && second !== undefined);
    const odd = { ...first, model: { ...first.model, file: 'models/"<ü>\u0007 .tflite' } };
    for (const text of [render([first, second]), render([odd], null), render([])])
      assert.equal(await validator.validate(text), null);
    assert.notEqual(await validator.validate(render([first]).replace('"CycloneDX"', '"Else"')), null);
  });
  it('names model, compiler and, where they are linked in, run-time libraries of each firmware', () => {
    const { components, dependencies } = parse(render(measurements()));
    const compiler = 'compiler:arm-none-eabi-gcc 12.2.1';
    const of = (ref: string) => dependencies.find((each) => each.ref === ref)?.dependsOn;
    assert.deepEqual(of('release'), ['kws-cortex-m0plus', 'kws-nrf52840']);
    assert.deepEqual(of('kws-cortex-m0plus'), ['model:kws', compiler, 'runtime:arm-none-eabi-gcc 12.2.1']);
    assert.deepEqual(of('kws-nrf52840'), ['model:kws', compiler]);
    const find = (ref: string) => components.find((each) => each['bom-ref'] === ref);
    assert.equal(find(compiler)?.version, '12.2.1');
    assert.deepEqual(find('model:kws')?.hashes, [{ alg: 'SHA-256', content: 'ab'.repeat(32) }]);
    assert.equal(components.filter(({ type }) => type === 'machine-learning-model').length, 1);
  });
  it('gives the hash of every file', () => {
    const [first] = measurements();
    assert.ok(first !== undefined);
    const { firmware, library } = deployment(first);
    const files = parse(render([first])).components.flatMap((each) => each.components ?? []);
    assert.deepEqual(
      files.map(({ name, hashes }) => [name, hashes?.[0]?.content]),
      [...firmware, library].map(({ name, sha256 }) => [name, sha256]),
    );
  });
  it('is the same for the same content, serial number included, and another for another', () => {
    assert.equal(render(measurements()), render(measurements()));
    const serial = (text: string) => parse(text).serialNumber;
    assert.notEqual(serial(render(measurements())), serial(render(measurements().slice(1))));
  });
});
