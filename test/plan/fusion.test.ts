import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimize } from '../../src/optimize/optimize.ts';
import { packBuffers } from '../../src/plan/conflicts.ts';
import type { FusedGroup, FusedMember } from '../../src/plan/fused_group.ts';
import { makePlan, unfused } from '../../src/plan/make_plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { endRead, firstEnd, firstRead, pacesOf, type RowMember, rowCalls } from '../../src/plan/rows.ts';
import { findTarget } from '../../src/targets/index.ts';
import { randomOf } from '../random/network.ts';
import { sharedModel, withShared } from '../shared.ts';
import { replay } from './replay.ts';

/** ResNet's first layers on Cortex-M4: convolutions, strides and two residual additions in one group. */
function resnet(): { readonly plan: Plan; readonly group: FusedGroup } {
  const plan = makePlan(optimize(sharedModel('pretrainedResnet_quant')), findTarget('cortex-m4'));
  const group = plan.layers[0]?.fused;
  assert.ok(group != null, 'the first layers are fused');
  return { plan, group };
}

/** The plan with another group, or another first layer, in place of its own. */
function withGroup(plan: Plan, change: Partial<FusedGroup>): Plan {
  return {
    ...plan,
    layers: plan.layers.map((layer) =>
      layer.fused === null ? layer : { ...layer, fused: { ...layer.fused, ...change } },
    ),
  };
}

function withMember(plan: Plan, group: FusedGroup, index: number, change: Partial<FusedMember>): Plan {
  return withGroup(plan, {
    members: group.members.map((member, at) => (at === index ? { ...member, ...change } : member)),
  });
}

test('the replay notices what is wrong in a fused layer', (t) => {
  if (!withShared(t)) return;
  const { plan, group } = resnet();
  replay(plan);
  const notices = (what: string, damaged: Plan) =>
    assert.throws(() => replay(damaged), Error, `${what} goes unnoticed`);
  for (const [index, member] of group.members.entries()) {
    const { buffer, pace, keepsRows, readsFromStart, rowsPerCall } = member;
    const isLast = index === group.members.length - 1;
    if (!isLast)
      notices(
        `one row too late in member ${index}`,
        withMember(plan, group, index, { pace: { ...pace, lead: pace.lead - 1 } }),
      );
    if (keepsRows)
      notices(`rows that go too early in ${index}`, withMember(plan, group, index, { keepsRows: false }));
    if (buffer !== null && keepsRows) {
      // Both hold rows from call to call.
      const other = group.members.find((each) => each.keepsRows && each !== member);
      notices(
        `the rows of ${index} on those of another`,
        withMember(plan, group, index, { buffer: { ...buffer, offset: other?.buffer?.offset ?? 0 } }),
      );
    }
    if (keepsRows && readsFromStart.length === 0 && index > 0)
      notices(
        `a start that is none in ${index}`,
        withMember(plan, group, index, { readsFromStart: member.needs.map(({ position }) => position) }),
      );
    if (rowsPerCall !== null)
      notices(`other counts in ${index}`, withMember(plan, group, index, { rowsPerCall: rowsPerCall + 1 }));
  }
  const [output = -1] = plan.layers[0]?.node.operator.outputs ?? [];
  const moved = new Map(plan.offsets).set(output, (plan.offsets.get(output) ?? 0) + 1024);
  notices('an output over rows that are still read', { ...plan, offsets: moved });
});

test('each row is made once, after all rows that it reads, and never more than a band of them', () => {
  const random = randomOf(11);
  for (let round = 0; round < 200; round += 1) {
    let rows = 5 + random(40);
    const members: RowMember[] = [];
    for (let member = 0; member < 2 + random(6); member += 1) {
      const [stride, span] = [1 + random(2), 1 + random(4)];
      const padding = random(span);
      const made = Math.floor((rows + padding + random(span) - span) / stride) + 1;
      if (made < 1) break;
      const source = member === 0 ? null : member - 1;
      members.push({
        rows: made,
        needs: [{ position: 0, source, stride, span, padding, rows, rowBytes: 8 }],
      });
      rows = made;
    }
    if (members.length < 2) continue;
    const paces = pacesOf(members);
    assert.ok(paces !== null);
    const band = 1 + random(4);
    const made = members.map(() => 0);
    for (const { member, first, count } of rowCalls(members, paces, band)) {
      assert.equal(first, made[member], `round ${round}: rows of ${member} in their order`);
      assert.ok(count <= band * (paces[member]?.rate ?? 0), `round ${round}: ${count} rows at once`);
      for (const need of members[member]?.needs ?? []) {
        const reads = endRead(need, first + count);
        if (need.source !== null)
          assert.ok(reads <= (made[need.source] ?? 0), `round ${round}: row ${reads} of ${need.source}`);
        assert.ok(firstRead(need, first) <= reads);
      }
      made[member] = first + count;
    }
    assert.equal(made.at(-1), members.at(-1)?.rows, `round ${round}: all rows of the last member`);
    assert.ok(firstEnd(paces, band) <= band);
  }
});

test('buffers that are needed together share no byte, and others do', () => {
  const random = randomOf(3);
  let shared = 0;
  for (let round = 0; round < 100; round += 1) {
    const sizes = Array.from({ length: 2 + random(8) }, () => random(200));
    const together = Array.from({ length: 3 }, () => sizes.flatMap((_, at) => (random(2) === 0 ? [at] : [])));
    const { offsets, bytes } = packBuffers(sizes, together);
    for (const group of together)
      for (const a of group)
        for (const b of group) {
          if (a >= b || sizes[a] === 0 || sizes[b] === 0) continue;
          const [from, other] = [offsets[a] ?? 0, offsets[b] ?? 0];
          assert.ok(from + (sizes[a] ?? 0) <= other || other + (sizes[b] ?? 0) <= from, `round ${round}`);
        }
    assert.ok(offsets.every((offset, at) => offset + (sizes[at] ?? 0) <= bytes || sizes[at] === 0));
    if (bytes < sizes.reduce((sum, size) => sum + size, 0)) shared += 1;
  }
  assert.ok(shared > 50, `${shared} packings share bytes`);
});

test('a plan without fusion has the same kernels, one layer each', (t) => {
  if (!withShared(t)) return;
  const { plan } = resnet();
  const single = unfused(plan);
  assert.ok(single.layers.every(({ fused }) => fused === null));
  const members = plan.layers.flatMap(({ fused, call }) =>
    fused === null ? [call.kernel] : fused.members.map((member) => member.call.kernel),
  );
  assert.deepEqual(
    single.layers.map(({ call }) => call.kernel),
    members,
  );
});

test('what a setting may waste decides what is fused', (t) => {
  if (!withShared(t)) return;
  const graph = optimize(sharedModel('kws_ref_model'));
  const bytes = (fuse: number) => makePlan(graph, findTarget('cortex-m4'), { fuse }).arenaBytes;
  const [none, some, all] = [bytes(0), bytes(0.03), bytes(0.25)];
  assert.ok(all < some && some < none, `${all}, ${some}, ${none} bytes`);
});
