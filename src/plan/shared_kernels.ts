import type { OptimizeSetting } from '../operators/setting.ts';
import type { Layer, SharedKernel } from './plan.ts';

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
 * with short sums, whose outputs cost most, keep a copy of their own; depthwise layers do not gain at all.
 */
function sharingOf(layer: Layer, optimize: OptimizeSetting): Sharing {
  const isV6m = layer.call.kernel.endsWith('_v6m');
  switch (optimize) {
    case 'size':
      return {
        hotShare: Number.POSITIVE_INFINITY,
        fewest: 2,
        shaping: [...shape, ...tile, ...arithmetic, 'line_tie'],
      };
    case 'balanced':
      return isV6m
        ? { hotShare: 0.12, fewest: 2, shaping: fewShaping }
        : { hotShare: 0.05, fewest: 3, shaping };
    case 'speed':
      return { hotShare: isV6m ? 0.02 : 0.005, fewest: 3, shaping };
  }
}

/** Layers whose calls differ in nothing but their tensors. */
type Alike = readonly Layer[];

/**
 * Groups of layers that one copy of the code can serve: those that are alike always do, as that costs next to nothing;
 * others where the setting says that it pays. `own`: steps of layers that must keep a copy of their own (true), or may not
 * (false), whatever the setting says.
 */
export function shareKernels(
  layers: readonly Layer[],
  optimize: OptimizeSetting,
  own: ReadonlyMap<number, boolean> = new Map(),
): SharedKernel[] {
  const total = sum(layers, work);
  const groups = new Map<string, { readonly fewest: number; readonly members: Alike[] }>();
  for (const alike of alikeAmong(layers.filter(({ step }) => own.get(step) !== true))) {
    const [first] = alike;
    const parameters = first === undefined ? null : sharable(first);
    if (first === undefined || parameters === null) continue;
    const { hotShare, fewest, shaping: fields } = sharingOf(first, optimize);
    const isForced = alike.some(({ step }) => own.get(step) === false);
    const isHot = sum(alike, work) >= hotShare * total && gainsFromConstants(first);
    const isAlone = !isForced && (isHot || (optimize !== 'size' && !isDotProduct(first)));
    // Other fields or arguments are another function.
    const key = JSON.stringify([
      first.call.kernel,
      ...(isAlone ? [first.step] : fields.map((field) => parameters[field])),
      Object.entries(parameters).map(([field, value]) => [
        field,
        typeof value === 'number' ? 0 : value.length,
      ]),
      first.call.arguments,
    ]);
    const group = groups.get(key) ?? { fewest: isForced ? 2 : fewest, members: [] };
    group.members.push(alike);
    groups.set(key, group);
  }
  return [...groups.values()]
    .flatMap(({ fewest, members }) => (members.length >= fewest ? [members.flat()] : members))
    .filter((group) => group.length >= 2)
    .map((group) => sharedBy(group.toSorted((a, b) => a.step - b.step)))
    .sort((a, b) => (a.steps[0] ?? 0) - (b.steps[0] ?? 0));
}

function alikeAmong(layers: readonly Layer[]): Alike[] {
  const classes = new Map<string, Layer[]>();
  for (const layer of layers) {
    const key = JSON.stringify([layer.call.kernel, layer.call.arguments, sharable(layer) ?? layer.step]);
    classes.set(key, [...(classes.get(key) ?? []), layer]);
  }
  return [...classes.values()];
}

function gainsFromConstants({ call }: Layer): boolean {
  if (!call.kernel.endsWith('_v6m')) return true;
  const { filter_height, filter_width, input_channels, depth_multiplier } = call.parameters;
  const terms = Number(filter_height ?? 1) * Number(filter_width ?? 1) * Number(input_channels ?? 1);
  return terms < v6mLongSum && depth_multiplier === undefined;
}

/** Kernels that lose little by reading their shape from a table: their inner loops are long. */
function isDotProduct({ call }: Layer): boolean {
  return call.macs > 0;
}

function work({ call, node }: Layer): number {
  return call.macs * (node.operator.kind === 'DEPTHWISE_CONV_2D' ? depthwiseWeight : 1);
}

function sum(layers: readonly Layer[], of: (layer: Layer) => number): number {
  return layers.reduce((total, layer) => total + of(layer), 0);
}

type Parameters = Layer['call']['parameters'];

/** The parameters of a single call, all of whose tensors lie in the arena; null for any other layer. */
function sharable(layer: Layer): Parameters | null {
  const { call, node } = layer;
  const readsConstant = call.arguments.some(
    (argument) => argument.is === 'input' && node.inputs[argument.index]?.data != null,
  );
  if (call.furtherCalls !== undefined || readsConstant) return null;
  return parametersOf(layer);
}

/** What a single call's struct is given, the direction of the walk included. */
export function parametersOf({ call, reverse }: Layer): Parameters {
  return call.walk?.reversible === true ? { ...call.parameters, reverse: reverse ? 1 : 0 } : call.parameters;
}

/** Beyond whole Helium vectors a kernel asks for nothing. */
const factors = [16, 8, 4, 2];

function sharedBy(group: readonly Layer[]): SharedKernel {
  const all = group.map((layer) => sharable(layer) ?? {});
  const [first = {}] = all;
  const fields = Object.keys(first);
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
    steps: group.map(({ step }) => step),
  };
}
