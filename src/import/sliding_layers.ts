import { elementCount } from '../graph/graph.ts';
import { outputPositions, type Padding, paddingBefore } from '../operators/padding.ts';
import { arranged, reshaped, shapeOf, type Value } from './arrangement.ts';
import { type Constant, floatConstant, permuted } from './constant.ts';
import { type Layer, refused } from './network.ts';

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

/** `weights` [C, O, h, w], one group; the file's output padding adds rows and columns at the end. */
export function transposedConvolution(
  layer: Layer,
  x: Value,
  window: SlidingWindow & { readonly outputPadding: readonly number[] },
  {
    weights,
    bias,
    groups,
  }: { readonly weights: Constant; readonly bias: Constant | null; readonly groups: number },
): Value {
  const { network, name } = layer;
  const image = twoDimensional(layer, x);
  const shape = shapeOf(image);
  const [batch = 1, channels = 1, ...spatial] = shape;
  const [weightChannels, outputs = 0, ...kernel] = weights.shape;
  const missing = 2 - kernel.length;
  if (groups !== 1 || weightChannels !== channels || window.dilations.some((dilation) => dilation !== 1))
    throw refused(
      layer,
      'a transposed convolution with groups or dilation is not supported',
      'Use an upsampling followed by a convolution.',
    );
  if (typeof window.pads === 'string')
    throw refused(layer, 'auto_pad is not supported here', 'Give the padding in numbers.');
  requireBias(layer, bias, outputs);
  const pads = window.pads;
  const axes = spatial.map((input, axis) => {
    const from = axis - missing;
    const filter = from < 0 ? 1 : (kernel[from] ?? 1);
    const stride = from < 0 ? 1 : (window.strides[from] ?? 1);
    const before = from < 0 ? 0 : (pads[from] ?? 0);
    const after = from < 0 ? 0 : (pads[from + kernel.length] ?? 0);
    const extra = from < 0 ? 0 : (window.outputPadding[from] ?? 0);
    const output = (input - 1) * stride + filter + extra - before - after;
    return { input, filter, stride, dilation: 1, before, output, full: (input - 1) * stride + filter };
  });
  const [vertical, horizontal] = axes as [(typeof axes)[0], (typeof axes)[0]];
  if (axes.some(({ output, stride, before }) => output < 1 || stride < 1 || before < 0))
    throw refused(layer, 'its window, strides or padding make no sense', 'Export the model again.');
  const isSame = axes.every(
    (axis) =>
      axis.output === axis.input * axis.stride &&
      axis.before === paddingBefore({ ...axis, input: axis.output }, axis.input),
  );
  const sizes = axes.map(({ output, full }) => (isSame ? output : full));
  if (!isSame && axes.some(({ before, output, full }) => before + output > full))
    throw refused(
      layer,
      'output padding beyond the last window is not supported',
      'Choose kernel = 2 × stride.',
    );
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
  return result(cut, [batch, outputs, vertical.output, horizontal.output], shapeOf(x).length);
}

export function maxPool(layer: Layer, x: Value, window: SlidingWindow, isNonNegative: boolean): Value {
  const { image, axes, rule, input } = pooled(layer, x, window);
  // Beyond the edge lies what is never the maximum: 0 behind a ReLU, else the edge's own values mirrored, which the window has too.
  if (
    rule === null &&
    !isNonNegative &&
    axes.some(({ filter, before, after }) => 2 * Math.max(before, after) > filter)
  )
    throw refused(layer, 'padding of more than half of the window is not supported', 'Pad less.');
  const source = rule === null ? padded(layer, input, axes, isNonNegative ? 'zero' : 'edge') : input;
  return pool(layer, 'MAX_POOL_2D', source, image, axes, rule, shapeOf(x).length);
}

export function averagePool(layer: Layer, x: Value, window: SlidingWindow, countsPadding: boolean): Value {
  const { network, name } = layer;
  const { image, axes, rule, input } = pooled(layer, x, window);
  const rank = shapeOf(x).length;
  const [vertical, horizontal] = axes;
  // TFLite divides by the elements inside the image.
  const isPadded = axes.some(({ before, after }) => before > 0 || after > 0);
  if (rule !== null && (!countsPadding || !isPadded))
    return pool(layer, 'AVERAGE_POOL_2D', input, image, axes, rule, rank);
  const whole = pool(layer, 'AVERAGE_POOL_2D', padded(layer, input, axes, 'zero'), image, axes, null, rank);
  const counts = axes.map((axis) =>
    Array.from({ length: axis.output }, (_, at) => {
      const first = at * axis.stride - axis.before;
      const least = countsPadding ? -axis.before : 0;
      const most = axis.input + (countsPadding ? axis.askedAfter : 0);
      return Math.min(first + axis.filter, most) - Math.max(first, least);
    }),
  );
  const size = vertical.filter * horizontal.filter;
  const factors = (counts[0] ?? []).flatMap((rows) =>
    (counts[1] ?? []).map((columns) => size / (rows * columns)),
  );
  if (factors.every((factor) => factor === 1)) return whole;
  const shape = [1, vertical.output, horizontal.output, 1];
  const factor = network.constant(`${name}/counts`, floatConstant(shape, factors));
  const [batch = 1, channels = 1] = shapeOf(image);
  const tensor = network.emit(
    'MUL',
    [whole.tensor, factor],
    { activation: 'none' },
    {
      name: `${name}/mul`,
      shape: [batch, vertical.output, horizontal.output, channels],
    },
  );
  return result(tensor, [batch, channels, vertical.output, horizontal.output], rank);
}

function pooled(layer: Layer, x: Value, window: SlidingWindow) {
  if (window.dilations.some((dilation) => dilation !== 1))
    throw refused(layer, 'pooling with dilation is not supported', 'Pool without dilation.');
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
