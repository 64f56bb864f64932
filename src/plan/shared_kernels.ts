import type { OptimizeSetting } from '../operators/setting.ts';
import { runTimeFields } from './fused_group.ts';
import type { KernelUser, Layer, SharedKernel } from './plan.ts';

/** How eagerly a setting lets layers share code. */
interface Sharing {
  /** A layer with at least this share of the model's estimated work keeps a copy of its own: there constants pay most. */
  readonly hotShare: number;
  /** Fewer layers do not pay for the more general code. */
  readonly fewest: number;
  /** Fields that a kernel's code depends on most; layers that differ in these do not share. */
  readonly shaping: readonly string[];
}

/** Armv6-M: a layer whose sums have at least this many terms gains nothing from a copy of its own. */
const v6mLongSum = 100;
/** A depthwise kernel does little for each input that it loads: instructions per multiply-accumulate, roughly, against a convolution's. */
const depthwiseWeight = 4;

const arithmetic = ['rectified', 'wide', 'line'];
const shape = ['filter_height', 'filter_width', 'dilation_height', 'dilation_width', 'depth_multiplier'];
const tile = [
  'tile_pixels',
  'tile_channels',
  'batches',
  'transposed',
  'plane_row_bytes',
  'output_step_bytes',
];
const fewShaping = [...shape, ...tile, ...arithmetic];
const shaping = [...fewShaping, 'stride_height', 'stride_width', 'line_tie'];

/**
 * Armv6-M has few registers and short offsets: its kernels gain little from constants and take more flash, so only layers
 * with short sums, whose outputs cost most, keep a copy of their own; depthwise layers do not gain at all. For `size` they
 * share over filters of other shapes, too: elsewhere that costs more than the copy.
 */
function sharingOf(layer: Use, optimize: OptimizeSetting): Sharing {
  const { kernel } = layer.call;
  // Known shapes make these small, so only layers that are alike share.
  if (kernel.endsWith('_float32') || kernel.endsWith('_hybrid')) return { hotShare: 0, fewest: 2, shaping };
  const isV6m = kernel.endsWith('_v6m');
  // It holds a field in registers where its size is a constant.
  const isHelium = layer.call.kernel.endsWith('_mve');
  switch (optimize) {
    case 'size':
      return {
        hotShare: Number.POSITIVE_INFINITY,
        fewest: 2,
        shaping: isV6m ? [...tile, ...arithmetic] : fewShaping,
      };
    case 'balanced':
      return isV6m
        ? { hotShare: 0.12, fewest: 2, shaping: fewShaping }
        : layer.call.kernel.endsWith('_v7m')
          ? { hotShare: 0.05, fewest: 2, shaping }
          : { hotShare: isHelium ? 0.03 : 0.05, fewest: 3, shaping };
    case 'speed':
      return { hotShare: isV6m ? 0.02 : 0.005, fewest: 3, shaping };
  }
}

/** A call that may share its kernel: a layer's, or that of a member of a fused one. */
interface Use extends Pick<Layer, 'node' | 'call' | 'reverse'>, KernelUser {
  /** Fields that change from call to call. */
  readonly runTime: readonly string[];
}

/** Uses that differ in nothing but their tensors. */
type Alike = readonly Use[];

/**
 * Groups of layers that one copy of the code can serve: those that are alike always do, as that costs next to nothing;
 * others where the setting says that it pays. `own`: layers, by index of the operator, that must keep a copy of their own
 * (true), or may not (false), whatever the setting says. Members of one fused layer that are alike share within it.
 */
export function shareKernels(
  layers: readonly Layer[],
  optimize: OptimizeSetting,
  own: ReadonlyMap<number, boolean> = new Map(),
): SharedKernel[] {
  const uses = layers.flatMap(usesOf);
  const ownOf = ({ node }: Use): boolean | undefined => own.get(node.operator.index);
  const total = sum(uses, work);
  const groups = new Map<string, { readonly fewest: number; readonly members: Alike[] }>();
  for (const alike of alikeAmong(uses.filter((use) => ownOf(use) !== true))) {
    const [first] = alike;
    const parameters = first === undefined ? null : sharable(first);
    if (first === undefined || parameters === null) continue;
    const { hotShare, fewest, shaping: fields } = sharingOf(first, optimize);
    const isForced = alike.some((use) => ownOf(use) === false);
    const isHot = sum(alike, work) >= hotShare * total && gainsFromConstants(first);
    const isAlone = !isForced && (isHot || (optimize !== 'size' && !isDotProduct(first)));
    // Other fields or arguments are another function.
    const key = JSON.stringify([
      first.call.kernel,
      ...(isAlone ? [first.step, first.member] : fields.map((field) => parameters[field])),
      Object.entries(parameters).map(([field, value]) => [
        field,
        typeof value === 'number' ? 0 : value.length,
      ]),
      first.call.arguments,
      isRun(first),
    ]);
    const group = groups.get(key) ?? { fewest: isForced ? 2 : fewest, members: [] };
    group.members.push(alike);
    groups.set(key, group);
  }
  return [...groups.values()]
    .flatMap(({ fewest, members }) => (members.length >= fewest ? [members.flat()] : members))
    .filter((group) => group.length >= 2 && !isWithinOne(group))
    .map((group) => sharedBy(group.toSorted(byOrder)))
    .sort((a, b) => byOrder(a.users[0], b.users[0]));
}

/** A layer's call; of a fused one those of its members that are told rows as windows or as elements. */
function usesOf(layer: Layer): Use[] {
  const { step, node, call, reverse, fused } = layer;
  if (fused === null) return [{ step, member: null, node, call, reverse, runTime: [] }];
  return fused.members.flatMap((member, index) =>
    member.control !== 'window' && member.control !== 'elements'
      ? []
      : [
          {
            step,
            member: index,
            node: member.node,
            call: member.call,
            reverse: false,
            runTime: runTimeFields(member),
          },
        ],
  );
}

function byOrder(a: KernelUser | undefined, b: KernelUser | undefined): number {
  return (a?.step ?? 0) - (b?.step ?? 0) || (a?.member ?? 0) - (b?.member ?? 0);
}

/** Members of one fused layer whose calls are alike: its own function for them knows more at compile time. */
function isWithinOne(group: readonly Use[]): boolean {
  const [first] = group;
  if (first === undefined || first.member === null) return false;
  return alikeAmong(group).length === 1 && group.every(({ step }) => step === first.step);
}

/** Elementwise in one run, without broadcasting. */
function isRun({ call }: Use): boolean {
  const { shape } = call.parameters;
  return call.parametersType === 'elementwise_parameters' && String(shape).startsWith('1,1,1,');
}

function alikeAmong(uses: readonly Use[]): Alike[] {
  const classes = new Map<string, Use[]>();
  for (const use of uses) {
    const key = JSON.stringify([
      use.call.kernel,
      use.call.arguments,
      sharable(use) ?? [use.step, use.member],
      use.runTime,
    ]);
    classes.set(key, [...(classes.get(key) ?? []), use]);
  }
  return [...classes.values()];
}

function gainsFromConstants({ call }: Use): boolean {
  if (!call.kernel.endsWith('_v6m')) return true;
  const { filter_height, filter_width, input_channels, depth_multiplier } = call.parameters;
  const terms = Number(filter_height ?? 1) * Number(filter_width ?? 1) * Number(input_channels ?? 1);
  return terms < v6mLongSum && depth_multiplier === undefined;
}

/** Kernels that lose little by reading their shape from a table: their inner loops are long. */
function isDotProduct({ call }: Use): boolean {
  return call.macs > 0;
}

function work({ call, node }: Use): number {
  return call.macs * (node.operator.kind === 'DEPTHWISE_CONV_2D' ? depthwiseWeight : 1);
}

function sum(layers: readonly Use[], of: (use: Use) => number): number {
  return layers.reduce((total, layer) => total + of(layer), 0);
}

type Parameters = Layer['call']['parameters'];

/** The parameters of a single call, all of whose tensors lie in the arena; null for any other layer. */
function sharable(use: Use): Parameters | null {
  const { call, node } = use;
  const readsConstant = call.arguments.some(
    (argument) => argument.is === 'input' && node.inputs[argument.index]?.data != null,
  );
  if (call.furtherCalls !== undefined || readsConstant) return null;
  return parametersOf(use);
}

/** What a single call's struct is given, the direction of the walk included. */
export function parametersOf({ call, reverse }: Pick<Layer, 'call' | 'reverse'>): Parameters {
  return call.walk?.reversible === true ? { ...call.parameters, reverse: reverse ? 1 : 0 } : call.parameters;
}

/** Beyond whole Helium vectors a kernel asks for nothing. */
const factors = [16, 8, 4, 2];

function sharedBy(group: readonly Use[]): SharedKernel {
  const all = group.map((use) => sharable(use) ?? {});
  const [first = {}] = all;
  const runTime = runTimeOf(group);
  // The shape is that of the elements.
  const given = runTime.includes('elements') ? ['shape'] : runTime;
  const fields = Object.keys(first).filter((field) => !given.includes(field));
  const isCommon = (field: string): boolean =>
    all.every((parameters) => JSON.stringify(parameters[field]) === JSON.stringify(first[field]));
  const widthOf = (field: string): { readonly factor: number; readonly bytes: 1 | 2 | 4 } => {
    const values = all.flatMap((parameters) => parameters[field] ?? 0);
    const factor = factors.find((candidate) => values.every((value) => value % candidate === 0)) ?? 1;
    const within = (limit: number): boolean =>
      values.every((value) => value / factor >= -limit && value / factor < limit);
    return { factor, bytes: within(2 ** 7) ? 1 : within(2 ** 15) ? 2 : 4 };
  };
  return {
    kernel: group[0]?.call.kernel ?? '',
    parametersType: group[0]?.call.parametersType ?? '',
    common: Object.fromEntries(fields.filter(isCommon).map((field) => [field, first[field] ?? 0])),
    own: fields
      .filter((field) => !isCommon(field))
      .map((field) => {
        const value = first[field] ?? 0;
        return { field, ...widthOf(field), length: typeof value === 'number' ? null : value.length };
      })
      // Without gaps between them.
      .sort((a, b) => b.bytes - a.bytes),
    runTime,
    users: group.map(({ step, member }) => ({ step, member })),
    steps: [...new Set(group.map(({ step }) => step))],
  };
}

/** Members give the heights of their window, and what comes before it where that is ever anything; or how many elements. */
function runTimeOf(group: readonly Use[]): string[] {
  if (group.every(({ member }) => member === null)) return [];
  if (group.some((use) => isRun(use))) return ['elements'];
  const isPadded = group.some(({ call }) => call.parameters.padding_top !== 0);
  return [...(isPadded ? ['padding_top'] : []), 'input_height', 'output_height'];
}
