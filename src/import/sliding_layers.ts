import { elementCount } from '../graph/graph.ts';
import { outputPositions, type Padding, paddingBefore } from '../operators/padding.ts';
import { arranged, reshaped, shapeOf, type Value } from './arrangement.ts';
import { type Constant, floatConstant, mostElements, permuted, rowMajorStrides } from './constant.ts';
import { binary, pad, reshape, slice } from './element_layers.ts';
import { type Layer, refused } from './network.ts';
import { taken } from './taken_elements.ts';

/** Convolutions and poolings of files with channels first, [N, C, H, W] or [N, C, L], as TFLite's with channels last. */

const nhwc = [0, 2, 3, 1];

/** How files give a sliding window: one number per spatial dimension. */
export interface SlidingWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before each spatial dimension, then after each; or a rule. */
  readonly pads: readonly number[] | 'same-upper' | 'same-lower';
  /** The last window may reach over the edge. */
  readonly ceil?: boolean;
}

/** One spatial dimension, all known. */
interface Axis {
  readonly input: number;
  readonly filter: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  /** May be negative where the last elements are never read. */
  readonly after: number;
  /** The same as the file asks for it, without what `ceil` adds. */
  readonly askedAfter: number;
  readonly output: number;
}

/** The input as [N, C, H, W] with a height of 1 where the file has one spatial dimension. */
function twoDimensional(layer: Layer, x: Value): Value {
  const shape = shapeOf(x);
  const [batch = 1, channels = 1, length = 1] = shape;
  const wide = shape.length === 4 ? x : shape.length === 3 ? reshaped(x, [batch, channels, 1, length]) : null;
  if (wide !== null) return wide;
  throw refused(
    layer,
    `a sliding window over a tensor of shape [${shape.join(', ')}] is not supported`,
    'One and two spatial dimensions are: [N, C, L] and [N, C, H, W].',
  );
}

function axesOf(layer: Layer, x: Value, window: SlidingWindow): readonly [Axis, Axis] {
  const spatial = shapeOf(x).slice(2);
  const missing = 2 - window.kernel.length;
  const at = (list: readonly number[], position: number, fallback: number): number =>
    position < missing ? fallback : (list[position - missing] ?? fallback);
  const axes = spatial.map((input, position): Axis => {
    const filter = at(window.kernel, position, 1);
    const stride = at(window.strides, position, 1);
    const dilation = at(window.dilations, position, 1);
    if (
      ![filter, stride, dilation].every((value) => Number.isInteger(value) && value >= 1 && value < 2 ** 16)
    )
      throw refused(layer, 'the window, its strides or dilations make no sense', 'Export the model again.');
    const extent = (filter - 1) * dilation + 1;
    if (typeof window.pads === 'string') {
      const output = Math.ceil(input / stride);
      const total = Math.max(0, (output - 1) * stride + extent - input);
      const before = window.pads === 'same-upper' ? Math.floor(total / 2) : Math.ceil(total / 2);
      const after = total - before;
      return { input, filter, stride, dilation, before, after, askedAfter: after, output };
    }
    const count = window.kernel.length;
    const before = at(window.pads.slice(0, count), position, 0);
    const askedAfter = at(window.pads.slice(count), position, 0);
    const room = input + before + askedAfter - extent;
    let output = (window.ceil === true ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window that would start behind the image and its first padding is none (as in PyTorch).
    if (window.ceil === true && (output - 1) * stride >= input + before) output--;
    if (
      ![before, askedAfter].every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 16) ||
      output < 1
    )
      throw refused(
        layer,
        `a window of ${extent} does not fit into ${input} elements with padding ${before} and ${askedAfter}`,
        'Export the model again, or with a larger input.',
      );
    const after = (output - 1) * stride + extent - input - before;
    return { input, filter, stride, dilation, before, after, askedAfter, output };
  });
  return axes as unknown as readonly [Axis, Axis];
}

/** TFLite's padding that gives just these windows; null when only explicit padding does. */
function paddingRule(axes: readonly Axis[]): Padding | null {
  const fits = (padding: Padding): boolean =>
    axes.every(
      (axis) =>
        outputPositions(padding, axis) === axis.output &&
        axis.before === (padding === 'valid' ? 0 : paddingBefore(axis, axis.output)),
    );
  return fits('valid') ? 'valid' : fits('same') ? 'same' : null;
}

/** Adds rows and columns, given in [N, H, W, C], so that a window without padding does the rest. */
function padded(layer: Layer, input: number, axes: readonly Axis[], fill: 'zero' | 'edge'): number {
  if (axes.some(({ before }) => before < 0))
    throw refused(layer, 'negative padding is not supported', 'Slice the input in the model instead.');
  const { network, name } = layer;
  const [vertical, horizontal] = axes.map(({ before, after }) => [before, Math.max(0, after)]);
  const edges = [0, 0, ...(vertical ?? []), ...(horizontal ?? []), 0, 0];
  if (edges.every((edge) => edge === 0)) return input;
  const { shape } = network.tensor(input);
  const grown = shape.map(
    (size, axis) => size + (edges[2 * axis] as number) + (edges[2 * axis + 1] as number),
  );
  const paddings = network.integers(`${name}/paddings`, edges, [4, 2]);
  const output = { name: `${name}/pad`, shape: grown };
  return fill === 'zero'
    ? network.emit('PAD', [input, paddings], null, output)
    : network.emit('MIRROR_PAD', [input, paddings], { repeatsEdge: true }, output);
}

/** [N, C, H, W] over a tensor [N, H, W, C], or [N, C, L] as the file had it. */
function result(tensor: number, shape: readonly number[], rank: number): Value {
  const value = arranged(tensor, shape, nhwc);
  const [batch = 1, channels = 1, , length = 1] = shape;
  return rank === 4 ? value : (reshaped(value, [batch, channels, length]) as Value);
}

/** `weights` [O, C / groups, h, w] or [O, C / groups, l]; `bias` [O]. */
export function convolution(
  layer: Layer,
  x: Value,
  window: SlidingWindow,
  {
    weights,
    bias,
    groups,
  }: { readonly weights: Constant; readonly bias: Constant | null; readonly groups: number },
): Value {
  const { network, name } = layer;
  const image = twoDimensional(layer, x);
  const [batch = 1, channels = 1] = shapeOf(image);
  const [outputs = 0, filterChannels = 0, ...kernel] = weights.shape;
  if (
    kernel.length !== shapeOf(x).length - 2 ||
    filterChannels * groups !== channels ||
    outputs % groups !== 0
  )
    throw refused(
      layer,
      `weights of shape [${weights.shape.join(', ')}] in ${groups} groups do not fit an input of shape [${shapeOf(x).join(', ')}]`,
      'Export the model again.',
    );
  requireBias(layer, bias, outputs);
  const axes = axesOf(layer, image, { ...window, kernel });
  const [vertical, horizontal] = axes;
  const rule = paddingRule(axes);
  const input = network.arrange(image, nhwc);
  const source = rule === null ? padded(layer, input, axes, 'zero') : input;
  const oihw = { ...weights, shape: [outputs, filterChannels, vertical.filter, horizontal.filter] };
  const isDepthwise = groups > 1 && groups === channels;
  const filters = permuted(oihw, isDepthwise ? [1, 2, 3, 0] : [0, 2, 3, 1]);
  const inputs = [source, network.constant(`${name}/weights`, filters)];
  if (bias !== null) inputs.push(network.constant(`${name}/bias`, bias));
  const options = {
    padding: rule ?? 'valid',
    strideWidth: horizontal.stride,
    strideHeight: vertical.stride,
    activation: 'none',
    dilationWidth: horizontal.dilation,
    dilationHeight: vertical.dilation,
  };
  const output = { name, shape: [batch, vertical.output, horizontal.output, outputs] };
  const tensor = network.emit(isDepthwise ? 'DEPTHWISE_CONV_2D' : 'CONV_2D', inputs, options, output);
  return result(tensor, [batch, outputs, vertical.output, horizontal.output], shapeOf(x).length);
}

function requireBias(layer: Layer, bias: Constant | null, outputs: number): void {
  if (bias === null || (bias.is === 'float' && bias.values.length === outputs)) return;
  throw refused(
    layer,
    `the bias has ${bias.values.length} elements, expected ${outputs}`,
    'Export the model again.',
  );
}

/** `weights` [C, O / groups, h, w]; the file's output padding adds rows and columns at the end. */
export function transposedConvolution(
  layer: Layer,
  x: Value,
  window: SlidingWindow & { readonly outputPadding: readonly number[] },
  given: { readonly weights: Constant; readonly bias: Constant | null; readonly groups: number },
): Value {
  const { weights, bias, groups } = given;
  const image = twoDimensional(layer, x);
  const shape = shapeOf(image);
  const [, channels = 1, ...spatial] = shape;
  const [weightChannels, partOutputs = 0, ...kernel] = weights.shape;
  const missing = 2 - kernel.length;
  if (typeof window.pads === 'string')
    throw refused(layer, 'auto_pad is not supported here', 'Give the padding in numbers.');
  if (weightChannels !== channels || kernel.length !== shapeOf(x).length - 2 || channels % groups !== 0)
    throw refused(
      layer,
      `weights of shape [${weights.shape.join(', ')}] in ${groups} groups do not fit an input of shape [${shapeOf(x).join(', ')}]`,
      'Export the model again.',
    );
  requireBias(layer, bias, partOutputs * groups);
  const pads = window.pads;
  const axes = spatial.map((input, axis): TransposedAxis => {
    const from = axis - missing;
    const filter = from < 0 ? 1 : (kernel[from] ?? 1);
    const stride = from < 0 ? 1 : (window.strides[from] ?? 1);
    const dilation = from < 0 ? 1 : (window.dilations[from] ?? 1);
    const before = from < 0 ? 0 : (pads[from] ?? 0);
    const after = from < 0 ? 0 : (pads[from + kernel.length] ?? 0);
    const extra = from < 0 ? 0 : (window.outputPadding[from] ?? 0);
    const full = (input - 1) * stride + (filter - 1) * dilation + 1;
    return { input, filter, stride, dilation, before, output: full + extra - before - after, full };
  });
  const numbers = axes.flatMap(({ output, stride, dilation }) => [output, stride, dilation]);
  if (numbers.some((each) => !Number.isInteger(each) || each < 1) || axes.some(({ before }) => before < 0))
    throw refused(layer, 'its window, strides or padding make no sense', 'Export the model again.');
  const isPlain = groups === 1 && axes.every(({ dilation }) => dilation === 1);
  const isInside = axes.every(({ before, output, full }) => before + output <= full);
  const result =
    isPlain && (isInside || isSameTransposed(axes))
      ? transposedByOperator(layer, image, axes as [TransposedAxis, TransposedAxis], weights, bias)
      : transposedByStuffing(layer, image, axes as [TransposedAxis, TransposedAxis], given);
  if (shapeOf(x).length === 4) return result;
  const [batch = 1, outputs = 1, , length = 1] = shapeOf(result);
  return reshaped(result, [batch, outputs, length]) as Value;
}

interface TransposedAxis {
  readonly input: number;
  readonly filter: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly output: number;
  /** Without any padding. */
  readonly full: number;
}

function isSameTransposed(axes: readonly TransposedAxis[]): boolean {
  return axes.every(
    (axis) =>
      axis.output === axis.input * axis.stride &&
      axis.before === paddingBefore({ ...axis, input: axis.output }, axis.input),
  );
}

function transposedByOperator(
  layer: Layer,
  image: Value,
  axes: readonly [TransposedAxis, TransposedAxis],
  weights: Constant,
  bias: Constant | null,
): Value {
  const { network, name } = layer;
  const [vertical, horizontal] = axes;
  const [batch = 1, channels = 1] = shapeOf(image);
  const outputs = weights.shape[1] ?? 0;
  const isSame = isSameTransposed(axes);
  const sizes = axes.map(({ output, full }) => (isSame ? output : full));
  const filters = permuted(
    { ...weights, shape: [channels, outputs, vertical.filter, horizontal.filter] },
    [1, 2, 3, 0],
  );
  const whole = [batch, sizes[0] as number, sizes[1] as number, outputs];
  const inputs = [
    network.integers(`${name}/shape`, whole),
    network.constant(`${name}/weights`, filters),
    network.arrange(image, nhwc),
  ];
  if (bias !== null) inputs.push(network.constant(`${name}/bias`, bias));
  const options = {
    padding: isSame ? 'same' : 'valid',
    strideWidth: horizontal.stride,
    strideHeight: vertical.stride,
    activation: 'none',
  };
  const tensor = network.emit('TRANSPOSE_CONV', inputs, options, { name, shape: whole });
  const begin = [0, vertical.before, horizontal.before, 0];
  const size = [batch, vertical.output, horizontal.output, outputs];
  const cut =
    isSame || elementCount(whole) === elementCount(size)
      ? tensor
      : network.emit(
          'SLICE',
          [tensor, network.integers(`${name}/begin`, begin), network.integers(`${name}/size`, size)],
          null,
          { name: `${name}/cut`, shape: size },
        );
  return result(cut, [batch, outputs, vertical.output, horizontal.output], 4);
}

/**
 * With groups, dilation, or output beyond the last window: zeros between the input's elements, then the convolution with the
 * weights turned round.
 */
function transposedByStuffing(
  layer: Layer,
  image: Value,
  axes: readonly [TransposedAxis, TransposedAxis],
  {
    weights,
    bias,
    groups,
  }: { readonly weights: Constant; readonly bias: Constant | null; readonly groups: number },
): Value {
  const [batch = 1, channels = 1, height = 1, width = 1] = shapeOf(image);
  const [vertical, horizontal] = axes;
  const part = (what: string): Layer => ({ ...layer, name: `${layer.name}/${what}` });
  const rows = reshape(part('rows'), image, [batch, channels, height, 1, width]);
  const below = pad(part('zeros_below'), rows, [...Array<number>(8).fill(0), vertical.stride - 1, 0], 0);
  const columns = reshape(part('columns'), below, [batch, channels, height * vertical.stride, width, 1]);
  const beside = pad(part('zeros_beside'), columns, [...Array<number>(9).fill(0), horizontal.stride - 1], 0);
  const stuffed = reshape(part('stuffed'), beside, [
    batch,
    channels,
    height * vertical.stride,
    width * horizontal.stride,
  ]);
  const cut = slice(
    part('cut'),
    stuffed,
    axes.map(({ input, stride }, at) => ({ axis: at + 2, from: 0, to: (input - 1) * stride + 1, step: 1 })),
  );
  const reach = axes.map(({ filter, dilation }) => (filter - 1) * dilation);
  const before = axes.map((axis, at) => (reach[at] as number) - axis.before);
  const after = axes.map(
    ({ input, stride, output }, at) =>
      output + (reach[at] as number) - (before[at] as number) - ((input - 1) * stride + 1),
  );
  return convolution(
    layer,
    cut,
    {
      kernel: axes.map(({ filter }) => filter),
      strides: [1, 1],
      dilations: axes.map(({ dilation }) => dilation),
      pads: [...before, ...after],
    },
    { weights: turnedRound(weights, groups, axes), bias, groups },
  );
}

/** [C, O / groups, h, w] as [O, C / groups, h, w] with rows and columns from the end. */
function turnedRound(
  weights: Constant,
  groups: number,
  [{ filter: height }, { filter: width }]: readonly [TransposedAxis, TransposedAxis],
): Constant {
  const [channels = 1, outputs = 1] = weights.shape;
  const inputs = channels / groups;
  const shape = [outputs * groups, inputs, height, width];
  const strides = rowMajorStrides(shape);
  const values = new Float32Array(elementCount(shape));
  for (let channel = 0; channel < channels; channel++)
    for (let output = 0; output < outputs; output++)
      for (let place = 0; place < height * width; place++) {
        const group = Math.floor(channel / inputs);
        const to =
          (group * outputs + output) * (strides[0] as number) + (channel % inputs) * (strides[1] as number);
        values[to + height * width - 1 - place] = weights.values[
          (channel * outputs + output) * height * width + place
        ] as number;
      }
  return floatConstant(shape, values);
}

/** Pooling over three dimensions is that over the last two, then that over the first: [N, C, D, H, W]. */
function inTwoSteps(
  layer: Layer,
  x: Value,
  window: SlidingWindow,
  poolTwo: (layer: Layer, x: Value, window: SlidingWindow) => Value,
): Value {
  const [batch = 1, channels = 1, depth = 1, height = 1, width = 1] = shapeOf(x);
  const part = (what: string): Layer => ({ ...layer, name: `${layer.name}/${what}` });
  const of = (list: readonly number[], from: number, to: number) => list.slice(from, to);
  const { kernel, strides, dilations, pads } = window;
  const padsOf = (from: number, to: number) =>
    typeof pads === 'string' ? pads : [...of(pads, from, to), ...of(pads, from + 3, to + 3)];
  const flat = reshape(part('slices'), x, [batch, channels * depth, height, width]);
  const planes = poolTwo(part('planes'), flat, {
    ...window,
    kernel: of(kernel, 1, 3),
    strides: of(strides, 1, 3),
    dilations: of(dilations, 1, 3),
    pads: padsOf(1, 3),
  });
  const [, , rows = 1, columns = 1] = shapeOf(planes);
  const lines = reshape(part('lines'), planes, [batch, channels, depth, rows * columns]);
  const first = padsOf(0, 1);
  const pooled = poolTwo(layer, lines, {
    ...window,
    kernel: [...of(kernel, 0, 1), 1],
    strides: [...of(strides, 0, 1), 1],
    dilations: [...of(dilations, 0, 1), 1],
    pads: typeof first === 'string' ? first : [first[0] ?? 0, 0, first[1] ?? 0, 0],
  });
  return reshape(part('volume'), pooled, [batch, channels, shapeOf(pooled)[2] ?? 1, rows, columns]);
}

export function maxPool(layer: Layer, x: Value, window: SlidingWindow, isNonNegative: boolean): Value {
  if (shapeOf(x).length === 5)
    return inTwoSteps(layer, x, window, (part, two, given) => maxPool(part, two, given, isNonNegative));
  const { image, axes, rule, input } = pooled(layer, x, window);
  const isDilated = axes.some(({ filter, dilation }) => filter > 1 && dilation > 1);
  // Beyond the edge lies what is never the maximum: 0 behind a ReLU, else the edge's own values mirrored, which the window has too.
  const isWide = axes.some(({ filter, before, after }) => 2 * Math.max(before, after) > filter);
  if (isDilated || (rule === null && !isNonNegative && isWide))
    return maxByTaps(layer, image, axes, shapeOf(x).length);
  const source = rule === null ? padded(layer, input, axes, isNonNegative ? 'zero' : 'edge') : input;
  return pool(layer, 'MAX_POOL_2D', source, image, axes, rule, shapeOf(x).length);
}

const mostTaps = 64;

/** Along each dimension the maximum of as many shifted copies as the window has elements; one outside is one inside again. */
function maxByTaps(layer: Layer, image: Value, axes: readonly [Axis, Axis], rank: number): Value {
  if (axes.some(({ filter }) => filter > mostTaps))
    throw refused(layer, `a window of more than ${mostTaps} is not supported here`, 'Pool in smaller steps.');
  const value = axes.reduce((x: Value, { input, filter, stride, dilation, before, output }, at) => {
    const taps = Array.from({ length: filter }, (_, tap) => tap);
    const positions = Array.from({ length: output }, (_, to) => {
      const all = taps.map((tap) => to * stride - before + tap * dilation);
      const inside = all.find((position) => position >= 0 && position < input);
      if (inside === undefined)
        throw refused(layer, 'a window lies in the padding alone', 'Pad less than the window is wide.');
      return all.map((position) => (position >= 0 && position < input ? position : inside));
    });
    return taps
      .map((tap) =>
        taken(
          { ...layer, name: `${layer.name}/tap_${at}_${tap}` },
          x,
          at + 2,
          positions.map((each) => each[tap] as number),
        ),
      )
      .reduce((a, b, tap) => binary({ ...layer, name: `${layer.name}/most_${at}_${tap}` }, 'MAXIMUM', a, b));
  }, image);
  if (rank === 4) return value;
  const [batch = 1, channels = 1, , length = 1] = shapeOf(value);
  return reshape({ ...layer, name: `${layer.name}/line` }, value, [batch, channels, length]);
}

/** Elements of the file's window that count, of each output position. */
function countsAlong(
  { input, filter, stride, dilation, before, askedAfter, output }: Axis,
  countsPadding: boolean,
) {
  const least = countsPadding ? -before : 0;
  const most = input + (countsPadding ? askedAfter : 0);
  return Array.from({ length: output }, (_, at) => {
    const first = at * stride - before;
    const from = Math.max(0, Math.ceil((least - first) / dilation));
    const to = Math.min(filter, Math.ceil((most - first) / dilation));
    return Math.max(0, to - from);
  });
}

export function averagePool(layer: Layer, x: Value, window: SlidingWindow, countsPadding: boolean): Value {
  if (shapeOf(x).length === 5)
    return inTwoSteps(layer, x, window, (part, two, given) => averagePool(part, two, given, countsPadding));
  const { network, name } = layer;
  const { image, axes, rule, input } = pooled(layer, x, window);
  const rank = shapeOf(x).length;
  const [vertical, horizontal] = axes;
  const isDilated = axes.some(({ filter, dilation }) => filter > 1 && dilation > 1);
  // TFLite divides by the elements inside the image.
  const isPadded = axes.some(({ before, after }) => before > 0 || after > 0);
  if (!isDilated && rule !== null && (!countsPadding || !isPadded))
    return pool(layer, 'AVERAGE_POOL_2D', input, image, axes, rule, rank);
  const size = vertical.filter * horizontal.filter;
  const whole = isDilated
    ? summed(layer, image, axes, 1 / size)
    : pool(layer, 'AVERAGE_POOL_2D', padded(layer, input, axes, 'zero'), image, axes, null, 4);
  const counts = axes.map((axis) => countsAlong(axis, countsPadding));
  const factors = (counts[0] ?? []).flatMap((rows) =>
    (counts[1] ?? []).map((columns) => size / (rows * columns)),
  );
  if (!factors.every(Number.isFinite))
    throw refused(layer, 'a window lies in the padding alone', 'Pad less than the window is wide.');
  const [batch = 1, channels = 1] = shapeOf(image);
  const shape = [batch, vertical.output, horizontal.output, channels];
  const area = [batch, channels, vertical.output, horizontal.output];
  const summedTensor = network.arrange(whole, nhwc);
  if (factors.every((factor) => factor === 1)) return result(summedTensor, area, rank);
  const factor = network.constant(
    `${name}/counts`,
    floatConstant([1, vertical.output, horizontal.output, 1], factors),
  );
  const tensor = network.emit(
    'MUL',
    [summedTensor, factor],
    { activation: 'none' },
    { name: `${name}/mul`, shape },
  );
  return result(tensor, area, rank);
}

/** Each window's elements times one factor, summed; padding is 0. [N, C, H, W]. */
function summed(layer: Layer, image: Value, axes: readonly [Axis, Axis], factor: number): Value {
  const [, channels = 1] = shapeOf(image);
  const kernel = axes.map(({ filter }) => filter);
  const shape = [channels, 1, ...kernel];
  if (elementCount(shape) > mostElements)
    throw refused(layer, `a window of ${kernel.join(' × ')} is too large`, 'Pool in smaller steps.');
  const pads = [...axes.map(({ before }) => before), ...axes.map(({ after }) => Math.max(0, after))];
  return convolution(
    { ...layer, name: `${layer.name}/sum` },
    image,
    {
      kernel,
      strides: axes.map(({ stride }) => stride),
      dilations: axes.map(({ dilation }) => dilation),
      pads,
    },
    {
      weights: floatConstant(shape, new Float32Array(elementCount(shape)).fill(factor)),
      bias: null,
      groups: channels,
    },
  );
}

/** The sum over each window, as a convolution with ones; padding is 0. */
export function sumPool(layer: Layer, x: Value, window: SlidingWindow): Value {
  if (shapeOf(x).length === 5) return inTwoSteps(layer, x, window, sumPool);
  const image = twoDimensional(layer, x);
  const sums = summed(layer, image, axesOf(layer, image, window), 1);
  if (shapeOf(x).length === 4) return sums;
  const [batch = 1, channels = 1, , length = 1] = shapeOf(sums);
  return reshape({ ...layer, name: `${layer.name}/line` }, sums, [batch, channels, length]);
}

function pooled(layer: Layer, x: Value, window: SlidingWindow) {
  const image = twoDimensional(layer, x);
  const axes = axesOf(layer, image, window);
  return { image, axes, rule: paddingRule(axes), input: layer.network.arrange(image, nhwc) };
}

function pool(
  layer: Layer,
  kind: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D',
  input: number,
  image: Value,
  [vertical, horizontal]: readonly [Axis, Axis],
  rule: Padding | null,
  rank: number,
): Value {
  const { network, name } = layer;
  const [batch = 1, channels = 1] = shapeOf(image);
  const options = {
    padding: rule ?? 'valid',
    strideWidth: horizontal.stride,
    strideHeight: vertical.stride,
    filterWidth: horizontal.filter,
    filterHeight: vertical.filter,
    activation: 'none',
  };
  const shape = [batch, vertical.output, horizontal.output, channels];
  const tensor = network.emit(kind, [input], options, { name, shape });
  return result(tensor, [batch, channels, vertical.output, horizontal.output], rank);
}
