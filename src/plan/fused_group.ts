import type { Graph, Tensor } from '../graph/graph.ts';
import type { Constant, KernelCall, Lowering, Node, Walk, WalkStep } from '../operators/operator.ts';
import { packBuffers } from './conflicts.ts';
import {
  endRead,
  firstEnd,
  firstRead,
  type Pace,
  pacesOf,
  type RowCall,
  type RowMember,
  type RowNeed,
  readsFromStart,
  rowCalls,
} from './rows.ts';

/** Layers that run as one, band of rows by band of rows: what lies between them is never there as a whole. */

/** How a kernel is told which rows to make. */
export type RowControl =
  /** Fields `padding_top`, `input_height` and `output_height`. */
  | 'window'
  /** The innermost of four extents: elements. */
  | 'elements'
  /** Field `count`: elements. */
  | 'count'
  /** Fields `first_row` and `rows`; the answer comes with the last row. */
  | 'gather';

export interface FusedMember extends RowMember {
  readonly node: Node;
  readonly call: KernelCall;
  readonly variant: string | null;
  readonly control: RowControl;
  /** Bytes of one row of the output; of all of it where rows are gathered. */
  readonly rowBytes: number;
  /** Where its rows are, in the group's workspace, and how many fit; null for the group's output. */
  readonly buffer: { readonly offset: number; readonly rows: number } | null;
  /** Where its scratch is, in the group's workspace. */
  readonly scratchOffset: number;
  readonly pace: Pace;
  /** Whether rows stay in the buffer while new ones are made. */
  readonly keepsRows: boolean;
  /** Positions of the inputs whose rows every call finds at the start of their buffers. */
  readonly readsFromStart: readonly number[];
  /** How many rows each call makes, where that is always the same; else null. */
  readonly rowsPerCall: number | null;
}

export interface FusedGroup {
  readonly members: readonly FusedMember[];
  /** Rows of the last member in one round. */
  readonly bandRows: number;
  /** Rows of the last member that the first round is for; not above 0 where earlier members start alone. */
  readonly firstEnd: number;
  /** Bytes of arena for all rows and scratch between the group's inputs and its output. */
  readonly workspaceBytes: number;
}

/** What a kernel is told at run time about its rows: C name of the field (an element for a list), and of the parameter. */
export type RowField =
  | 'padding_top'
  | 'input_height'
  | 'output_height'
  | 'elements'
  | 'count'
  | 'first_row'
  | 'rows';

/** Whether some row reads beyond the last one of the input. */
function reachesOver({ rows }: FusedMember, need: RowNeed): boolean {
  return (rows - 1) * need.stride - need.padding + need.span > need.rows;
}

/** What changes from call to call; all else is a compile-time constant. */
export function runTimeFields(member: FusedMember): RowField[] {
  const [need] = member.needs;
  const isFixed = member.rowsPerCall !== null;
  switch (member.control) {
    case 'window':
      return [
        ...(need !== undefined && need.padding > 0 ? (['padding_top'] as const) : []),
        ...(need !== undefined && reachesOver(member, need) ? (['input_height'] as const) : []),
        ...(isFixed ? [] : (['output_height'] as const)),
      ];
    case 'elements':
      return isFixed ? [] : ['elements'];
    case 'count':
      return isFixed ? [] : ['count'];
    case 'gather':
      return ['first_row', ...(isFixed ? [] : (['rows'] as const))];
  }
}

/** A layer as it would run alone. */
export interface SingleStep {
  readonly node: Node;
  readonly call: KernelCall;
  readonly variant: string | null;
}

/** An operator of the graph and what it becomes. */
export interface Lowered {
  readonly node: Node;
  readonly lowering: Lowering;
  readonly variant: string | null;
}

/** A group as a layer: what it is made of, its call as the planner and the reports see it, and what it costs. */
export interface FusedStep extends SingleStep {
  readonly fused: FusedGroup;
  /** Multiply-accumulates that the bands waste (an odd pixel is computed like a pair), bytes moved, and calls. */
  readonly waste: { readonly macs: number; readonly movedBytes: number; readonly calls: number };
}

/** Kernels of `convolution_parameters` that compute any run of rows. */
const rowKernels = new Set([
  'conv_2d',
  'conv_2d_dsp',
  'conv_2d_stacked_dsp',
  'conv_2d_mve',
  'conv_2d_v6m',
  'conv_2d_v7m',
  'conv_2d_pair_v6m',
  'depthwise_conv_2d',
  'depthwise_conv_2d_dsp',
  'depthwise_conv_2d_mve',
  'depthwise_conv_2d_lanes_mve',
  'depthwise_conv_2d_v6m',
  'depthwise_conv_2d_v7m',
]);
const elementKernels = new Set([
  'add',
  'add_line',
  'add_mve',
  'sub',
  'mul',
  'maximum',
  'minimum',
  'squared_difference',
]);
const averageKernels = new Set(['average_pool_2d', 'average_pool_2d_mve']);
const poolKernels = new Set([...averageKernels, 'max_pool_2d']);

/** A member before it is known what it reads from. */
type Draft = Pick<FusedMember, 'node' | 'call' | 'variant' | 'control' | 'rows' | 'rowBytes'> & {
  readonly needs: readonly Omit<RowNeed, 'source'>[];
};

/** A member before anything has a place. */
type Placeless = Omit<Draft, 'needs'> & RowMember;

/** The layer as a member of a group; null where its kernel can't compute rows by themselves. */
function draftOf({ node, lowering, variant }: Lowered): Draft | null {
  if ('alias' in lowering) return null;
  const call = lowering;
  const step = { node, call, variant };
  const [output] = node.outputs;
  if (output === undefined || node.outputs.length !== 1 || call.furtherCalls !== undefined) return null;
  if (!isImage(output)) return null;
  const p = call.parameters as Readonly<Record<string, number>>;
  const of = (field: string): number => p[field] ?? 0;
  const image = node.inputs[0] ?? null;
  const isWindow = call.parametersType === 'convolution_parameters' && rowKernels.has(call.kernel);
  const isPool = call.parametersType === 'pool_parameters' && poolKernels.has(call.kernel);
  if (isWindow || isPool) {
    // A kernel that pairs pixels reads the one before the last.
    if (!isImage(image) || of('batches') !== 1) return null;
    const need = {
      position: 0,
      rows: of('input_height'),
      rowBytes: rowBytesOf(image),
    };
    if (isPool && averageKernels.has(call.kernel) && coversAll(p)) {
      const gather: KernelCall = gatherCall(call, p);
      return {
        ...step,
        call: gather,
        control: 'gather',
        rows: of('input_height'),
        rowBytes: of('channels'),
        needs: [{ ...need, stride: 1, span: 1, padding: 0 }],
      };
    }
    if (of('output_width') < 2) return null;
    const span = (of('filter_height') - 1) * (p.dilation_height ?? 1) + 1;
    return {
      ...step,
      control: 'window',
      rows: of('output_height'),
      rowBytes: rowBytesOf(output),
      needs: [{ ...need, stride: of('stride_height'), span, padding: of('padding_top') }],
    };
  }
  const wholeRows = {
    ...step,
    rows: output.shape[1] ?? 1,
    rowBytes: rowBytesOf(output),
  };
  const same = (position: number) => ({
    position,
    rows: wholeRows.rows,
    rowBytes: wholeRows.rowBytes,
    stride: 1,
    span: 1,
    padding: 0,
  });
  const isAlike = (tensor: Tensor | null): boolean =>
    isImage(tensor) && String(tensor.shape) === String(output.shape);
  if (call.parametersType === 'elementwise_parameters' && elementKernels.has(call.kernel)) {
    if (!node.inputs.every(isAlike) || String(call.parameters.strides_1) !== '0,0,0,1') return null;
    if (String(call.parameters.strides_2) !== '0,0,0,1') return null;
    return { ...wholeRows, control: 'elements', needs: [same(0), same(1)] };
  }
  if (call.kernel === 'look_up' && isAlike(image))
    return { ...wholeRows, control: 'count', needs: [same(0)] };
  return null;
}

/** Bytes, [1, H, W, C], made at run time. */
function isImage(tensor: Tensor | null): tensor is Tensor {
  return (
    tensor !== null &&
    tensor.data === null &&
    tensor.type === 'int8' &&
    tensor.shape.length === 4 &&
    tensor.shape[0] === 1
  );
}

function rowBytesOf({ shape: [, , width = 1, channels = 1] }: Tensor): number {
  return width * channels;
}

/** One output pixel, the mean of all inputs. */
function coversAll(p: Readonly<Record<string, number>>): boolean {
  const of = (field: string): number => p[field] ?? 0;
  return (
    of('output_height') === 1 &&
    of('output_width') === 1 &&
    of('filter_height') - of('padding_top') >= of('input_height') &&
    of('filter_width') - of('padding_left') >= of('input_width')
  );
}

/** The mean as a kernel that takes rows as they come: sums of 32 bits by channel stay in its scratch. */
function gatherCall(call: KernelCall, p: Readonly<Record<string, number>>): KernelCall {
  const { walk: _, ...rest } = call;
  return {
    ...rest,
    kernel: 'average_pool_rows',
    parametersType: 'average_pool_rows_parameters',
    arguments: [{ is: 'input', index: 0 }, { is: 'output', index: 0 }, { is: 'scratch' }],
    parameters: {
      height: p.input_height ?? 0,
      width: p.input_width ?? 0,
      channels: p.channels ?? 0,
      output_min: p.output_min ?? 0,
      output_max: p.output_max ?? 0,
    },
    scratchBytes: 4 * (p.channels ?? 0),
  };
}

/**
 * The layers as one, in rounds of `bandRows` rows; null where they do not form a group: each must be able to compute
 * rows by themselves, and what lies between them may be read by them alone.
 */
export function fuse(graph: Graph, lowered: readonly Lowered[], bandRows: number): FusedStep | null {
  const drafts = lowered.map(draftOf);
  const made = new Map<number, number>();
  const members: Placeless[] = [];
  for (const [at, draft] of drafts.entries()) {
    if (draft === null || (draft.control === 'gather' && at !== drafts.length - 1)) return null;
    members.push({
      ...draft,
      needs: draft.needs.map((need) => ({
        ...need,
        source: made.get(draft.node.operator.inputs[need.position] ?? -1) ?? null,
      })),
    });
    made.set(draft.node.operator.outputs[0] ?? -1, at);
  }
  if (members.length < 2 || !isClosed(graph, members)) return null;
  const paces = pacesOf(members);
  if (paces === null) return null;
  const calls = rowCalls(members, paces, bandRows);
  const { buffers, scratch, bytes } = workspaceOf(members, calls);
  const fusedMembers: FusedMember[] = members.map((member, index) => {
    const counts = new Set(calls.filter((each) => each.member === index).map(({ count }) => count));
    const [only = null] = counts;
    return {
      ...member,
      buffer: buffers[index] ?? null,
      scratchOffset: scratch[index] ?? 0,
      readsFromStart: member.needs
        .filter((need) => need.source !== null && readsFromStart(calls, index, need))
        .map(({ position }) => position),
      keepsRows: calls.some(({ member: of, first, keptFrom }) => of === index && keptFrom < first),
      pace: paces[index] ?? { rate: 1, lead: 0 },
      rowsPerCall: counts.size === 1 ? only : null,
    };
  });
  const node = groupNode(members);
  return {
    node,
    variant: null,
    call: {
      kernel: 'rows',
      parametersType: '',
      arguments: [],
      parameters: {},
      constants: members.flatMap(({ call }, index) =>
        call.constants.map((constant): Constant => ({ ...constant, name: `${index}_${constant.name}` })),
      ),
      scratchBytes: bytes,
      inPlace: [],
      walk: walkOf(members, calls, node),
      macs: members.reduce((sum, { call }) => sum + call.macs, 0),
    },
    fused: { members: fusedMembers, bandRows, firstEnd: firstEnd(paces, bandRows), workspaceBytes: bytes },
    waste: wasteOf(members, calls),
  };
}

/** Every output but the last is read, by later members only. */
function isClosed(graph: Graph, members: readonly Placeless[]): boolean {
  const inside = new Set(members.map(({ node }) => node.operator));
  return members.slice(0, -1).every(({ node }) => {
    const tensor = node.operator.outputs[0] ?? -1;
    const readers = graph.operators.filter(({ inputs }) => inputs.includes(tensor));
    return (
      readers.length > 0 && readers.every((reader) => inside.has(reader)) && !graph.outputs.includes(tensor)
    );
  });
}

/** What the group is to the rest of the plan: it reads what its members read from outside, and writes the last one's output. */
function groupNode(members: readonly Placeless[]): Node {
  const outside = [
    ...new Set(
      members.flatMap(({ node, needs }) =>
        needs.flatMap(({ source, position }) =>
          source === null ? [node.operator.inputs[position] ?? -1] : [],
        ),
      ),
    ),
  ];
  const [first] = members;
  const last = members.at(-1);
  if (first === undefined || last === undefined) throw new Error('a group has members');
  const tensors = new Map(
    members.flatMap(({ node }) =>
      node.inputs.flatMap((tensor) => (tensor === null ? [] : [[tensor.index, tensor]])),
    ),
  );
  return {
    operator: {
      index: first.node.operator.index,
      kind: members.map(({ node }) => node.operator.kind).join(' + '),
      inputs: outside,
      outputs: last.node.operator.outputs,
      options: {},
    },
    options: {},
    inputs: outside.map((index) => tensors.get(index) ?? null),
    outputs: last.node.outputs,
    rounding: first.node.rounding,
    file: first.node.file,
  };
}

interface Workspace {
  readonly buffers: readonly ({ readonly offset: number; readonly rows: number } | null)[];
  readonly scratch: readonly number[];
  readonly bytes: number;
}

/** Places for the rows of each member, as many as are ever there at once, and for scratch: bytes are shared where no call needs both. */
function workspaceOf(members: readonly Placeless[], calls: readonly RowCall[]): Workspace {
  const last = members.length - 1;
  const rows = members.map((_, index) =>
    index === last
      ? 0
      : Math.max(
          ...calls
            .filter(({ member }) => member === index)
            .map(({ first, count, keptFrom }) => first + count - keptFrom),
        ),
  );
  // Buffers first, then scratch, by member.
  const sizes = [
    ...members.map(({ rowBytes }, index) => (rows[index] ?? 0) * rowBytes),
    ...members.map(({ call }) => call.scratchBytes),
  ];
  const groups = calls.map(({ member, made }) => {
    const alive = members.flatMap((_, index) => {
      if (index === last) return [];
      const isRead = members[member]?.needs.some(({ source }) => source === index) === true;
      return index === member || isRead || isHeld(members, index, made) ? [index] : [];
    });
    // Sums that are gathered live from the first row to the last.
    const gathers = members.flatMap(({ control }, index) =>
      control === 'gather' ? [members.length + index] : [],
    );
    return [...new Set([...alive, members.length + member, ...gathers])];
  });
  const packed = packBuffers(sizes, groups);
  return {
    buffers: members.map((_, index) =>
      index === last ? null : { offset: packed.offsets[index] ?? 0, rows: rows[index] ?? 0 },
    ),
    scratch: members.map((_, index) => packed.offsets[members.length + index] ?? 0),
    bytes: packed.bytes,
  };
}

/** Whether rows of a member are there that some other one has still to read. */
function isHeld(members: readonly RowMember[], index: number, made: readonly number[]): boolean {
  return members.some(({ needs }, by) =>
    needs.some(
      (need) =>
        need.source === index &&
        firstRead(need, made[by] ?? 0) < (made[index] ?? 0) &&
        (made[by] ?? 0) < (members[by]?.rows ?? 0),
    ),
  );
}

/** The order in which the group reads its first input and writes its output, row by row. */
function walkOf(members: readonly Placeless[], calls: readonly RowCall[], node: Node): Walk {
  const tensor = node.operator.inputs[0];
  const last = members.length - 1;
  const steps: WalkStep[] = [];
  const nothing = { readFrom: Number.POSITIVE_INFINITY, readTo: Number.NEGATIVE_INFINITY };
  const silence = { writeFrom: Number.NEGATIVE_INFINITY, writeTo: Number.NEGATIVE_INFINITY };
  for (const { member, first, count } of calls) {
    const of = members[member];
    if (of === undefined) continue;
    const end = first + count;
    const reads = of.needs
      .filter(({ source, position }) => source === null && of.node.operator.inputs[position] === tensor)
      .map((need) => ({
        readFrom: firstRead(need, first) * need.rowBytes,
        readTo: endRead(need, end) * need.rowBytes,
      }));
    const writes =
      member !== last
        ? []
        : of.control !== 'gather'
          ? [{ writeFrom: first * of.rowBytes, writeTo: end * of.rowBytes }]
          : end === of.rows
            ? [{ writeFrom: 0, writeTo: of.rowBytes }]
            : [];
    const [write] = writes;
    // Element by element: each is read before the same one is written.
    if (write !== undefined && (of.control === 'elements' || of.control === 'count') && reads.length === 1)
      steps.push({ ...(reads[0] as (typeof reads)[number]), ...write });
    else {
      for (const each of writes) steps.push({ ...nothing, ...each });
      for (const each of reads) steps.push({ ...each, ...silence });
    }
  }
  return { input: 0, steps, withinStep: 'channelwise', reversible: false };
}

/** Kernels that compute pixels in pairs compute an odd last one as a pair too. */
function wasteOf(members: readonly Placeless[], calls: readonly RowCall[]): FusedStep['waste'] {
  let macs = 0;
  let movedBytes = 0;
  for (const { member, first, count, keptFrom } of calls) {
    const of = members[member];
    if (of === undefined) continue;
    if (member !== members.length - 1 && keptFrom < first) movedBytes += (first - keptFrom) * of.rowBytes;
    const width = Number(of.call.parameters.output_width ?? 0);
    if (Number(of.call.parameters.tile_pixels ?? 1) === 2 && (count * width) % 2 === 1)
      macs += of.call.macs / (of.rows * width);
  }
  return { macs, movedBytes, calls: calls.length };
}
