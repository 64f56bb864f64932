import type { Layer } from './plan.ts';

/**
 * Layers that call one compiled copy of a kernel. What all of them have in common stays a compile-time constant; the
 * fields that differ come from a small table of each layer.
 */
export interface SharedKernel {
  readonly kernel: string;
  readonly parametersType: string;
  readonly common: Readonly<Record<string, number>>;
  /** Names of the fields that differ, in the kernel's order. */
  readonly own: readonly string[];
  /** Those of them that need 32 bits. */
  readonly words: readonly string[];
  /** Steps of the layers, ascending. */
  readonly steps: readonly number[];
}

/** A layer with at least this share of the model's estimated work keeps a copy of its own: there constants pay most. */
const hotShare = 0.05;
/** Fewer layers do not pay for the more general code. */
const fewest = 3;
/**
 * Armv6-M has few registers and short offsets: its kernels gain little from constants and take more flash, so only layers
 * with short sums, whose outputs cost most, keep a copy of their own; depthwise layers do not gain at all.
 */
const v6m = { hotShare: 0.12, fewest: 2, longSum: 100 };
/** A depthwise kernel does little for each input that it loads: instructions per multiply-accumulate, roughly, against a convolution's. */
const depthwiseWeight = 4;
/** What the kernel's code depends on most; layers that differ in these do not share. */
const shaping = [
  'filter_height',
  'filter_width',
  'dilation_height',
  'dilation_width',
  'depth_multiplier',
  'tile_pixels',
  'tile_channels',
  'batches',
  'wide',
  'rectified',
  'line',
];
const shapingButV6m = ['stride_height', 'stride_width', 'line_tie'];

/** Groups of small convolutions that one copy of the code can serve. */
export function shareKernels(layers: readonly Layer[]): SharedKernel[] {
  const total = layers.reduce((sum, layer) => sum + work(layer), 0);
  const groups = new Map<string, Layer[]>();
  for (const layer of layers) {
    const parameters = sharable(layer);
    if (parameters === null || isHot(layer, parameters, total)) continue;
    const fields = isV6m(layer) ? shaping : [...shaping, ...shapingButV6m];
    // Other fields or arguments are another function.
    const key = JSON.stringify([
      layer.call.kernel,
      ...fields.map((field) => parameters[field]),
      Object.keys(parameters).sort(),
      layer.call.arguments,
    ]);
    groups.set(key, [...(groups.get(key) ?? []), layer]);
  }
  return [...groups.values()].filter(isWorthIt).map(sharedBy);
}

function isV6m({ call }: Layer): boolean {
  return call.kernel.endsWith('_v6m');
}

function isHot(layer: Layer, parameters: Readonly<Record<string, number>>, total: number): boolean {
  if (!isV6m(layer)) return work(layer) >= hotShare * total;
  const { filter_height = 1, filter_width = 1, input_channels = 1, depth_multiplier } = parameters;
  const isLong = filter_height * filter_width * input_channels >= v6m.longSum;
  return !isLong && depth_multiplier === undefined && work(layer) >= v6m.hotShare * total;
}

function isWorthIt(group: readonly Layer[]): boolean {
  return group.length >= (group.every(isV6m) ? v6m.fewest : fewest);
}

function work({ call, node }: Layer): number {
  return call.macs * (node.operator.kind === 'DEPTHWISE_CONV_2D' ? depthwiseWeight : 1);
}

/** The parameters of a single convolution call whose every field fits the table; null for any other layer. */
function sharable(layer: Layer): Readonly<Record<string, number>> | null {
  const { call } = layer;
  if (call.parametersType !== 'convolution_parameters' || call.furtherCalls !== undefined) return null;
  const entries = Object.entries({ ...call.parameters, reverse: layer.reverse ? 1 : 0 });
  const fits = entries.every(([, value]) => typeof value === 'number');
  return fits ? (Object.fromEntries(entries) as Record<string, number>) : null;
}

function sharedBy(group: readonly Layer[]): SharedKernel {
  const all = group.map((layer) => sharable(layer) ?? {});
  const [first = {}] = all;
  const fields = Object.keys(first);
  const isCommon = (field: string): boolean => all.every((parameters) => parameters[field] === first[field]);
  const fitsHalf = (field: string): boolean =>
    all.every(({ [field]: value = 0 }) => value >= -32_768 && value <= 32_767);
  const own = fields.filter((field) => !isCommon(field));
  return {
    kernel: group[0]?.call.kernel ?? '',
    parametersType: group[0]?.call.parametersType ?? '',
    common: Object.fromEntries(fields.filter(isCommon).map((field) => [field, first[field] as number])),
    own,
    words: own.filter((field) => !fitsHalf(field)),
    steps: group.map(({ step }) => step),
  };
}
