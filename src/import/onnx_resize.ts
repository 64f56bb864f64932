import { printable } from '../errors.ts';
import { nearest } from '../operators/resize_nearest_neighbor.ts';
import { sameList, shapeOf, type Value } from './arrangement.ts';
import { multipliedAlong, named } from './composed_layers.ts';
import { floatConstant, mostElements } from './constant.ts';
import { binary, type Operand, resize, resolvedAxis } from './element_layers.ts';
import { refused } from './network.ts';
import { attributeFloat, attributeInteger, attributeIntegers, attributeText } from './onnx_file.ts';
import { type OnnxOperator, optionalConstant, value } from './onnx_inputs.ts';
import { type AxisResize, type Taps, tapsOf, wholePositions } from './resized_axis.ts';
import { taken } from './taken_elements.ts';

/** Resize and Upsample: TFLite's operators where these do just the same, else positions taken or a matrix for each dimension. */

const mostPositions = 2 ** 16;
const modes = ['nearest', 'linear', 'cubic'];
const coordinateModes = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_crop_and_resize',
];

export function resizeNode(operator: OnnxOperator): Operand {
  const x = value(operator, 0);
  const axes = axesToResize(operator, x);
  const image = imageOperator(operator, x, axes);
  if (image !== null) return image;
  return axes.reduce((resized: Value, axis, at) => {
    const layer = at === axes.length - 1 ? operator : named(operator, `along_${at}`);
    return alongOne({ ...operator, name: layer.name }, resized, axis);
  }, x);
}

interface Along extends AxisResize {
  readonly axis: number;
}

/** What is resized at all, and how. */
function axesToResize(operator: OnnxOperator, x: Value): readonly Along[] {
  const { node } = operator;
  const shape = shapeOf(x);
  const isUpsample = node.kind === 'Upsample';
  const axes = (attributeIntegers(node, 'axes') ?? [...shape.keys()]).map((axis) =>
    resolvedAxis(operator, axis, shape.length),
  );
  const region = isUpsample ? null : optionalConstant(operator, 1, 'the region');
  const scales = optionalConstant(operator, isUpsample ? 1 : 2, 'the scales');
  const sizes = isUpsample ? null : optionalConstant(operator, 3, 'the sizes');
  const isSized = sizes !== null && sizes.values.length > 0;
  const given = isSized ? sizes.values : scales?.values;
  if (given === undefined || given.length !== axes.length)
    throw refused(operator, 'its sizes or scales do not fit the input', 'Export the model again.');
  const mode = attributeText(node, 'mode', 'nearest');
  const coordinates = isUpsample
    ? 'asymmetric'
    : attributeText(node, 'coordinate_transformation_mode', 'half_pixel');
  if (!modes.includes(mode) || !coordinateModes.includes(coordinates))
    throw refused(
      operator,
      `resizing by ${printable(mode, 40)}, ${printable(coordinates, 40)} is not supported`,
      `Supported: ${modes.join(', ')} with ${coordinateModes.join(', ')}.`,
    );
  const ratios = axes.map((axis, at) =>
    isSized ? (given[at] as number) / (shape[axis] as number) : (given[at] as number),
  );
  const policy = attributeText(node, 'keep_aspect_ratio_policy', 'stretch');
  const keeps = isSized && policy !== 'stretch';
  const common = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return axes.flatMap((axis, at) => {
    const input = shape[axis] as number;
    const scale = keeps ? common : (ratios[at] as number);
    const output = keeps
      ? Math.floor(scale * input + 0.5)
      : isSized
        ? (given[at] as number)
        : Math.floor(scale * input);
    if (!(scale > 0) || !(output >= 1) || output > mostPositions)
      throw refused(operator, `${input} elements cannot become ${output}`, 'Export the model again.');
    const resized: Along = {
      axis,
      mode,
      coordinates,
      nearest: isUpsample ? 'floor' : attributeText(node, 'nearest_mode', 'round_prefer_floor'),
      input,
      output,
      scale,
      region: [region?.values[at] ?? 0, region?.values[at + axes.length] ?? 1],
      cubic: attributeFloat(node, 'cubic_coeff_a', -0.75),
      antialias: attributeInteger(node, 'antialias', 0) !== 0,
      excludesOutside: attributeInteger(node, 'exclude_outside', 0) !== 0,
    };
    const isSame = scale === 1 && output === input && coordinates !== 'tf_crop_and_resize';
    return isSame ? [] : [resized];
  });
}

/** TFLite's operator on height and width of [N, C, H, W], where it gives the same; null where not. */
function imageOperator(operator: OnnxOperator, x: Value, axes: readonly Along[]): Value | null {
  const shape = shapeOf(x);
  if (shape.length !== 4 || axes.length === 0 || axes.some(({ axis }) => axis < 2)) return null;
  const size = [2, 3].map((axis) => axes.find((each) => each.axis === axis)?.output ?? shape[axis]) as [
    number,
    number,
  ];
  const [first] = axes as [Along, ...Along[]];
  const isExact = axes.every(({ scale, input, output }) => scale * input === output);
  if (!isExact) return null;
  if (first.mode === 'nearest') {
    const options = [
      { alignCorners: false, halfPixelCenters: false },
      { alignCorners: false, halfPixelCenters: true },
      { alignCorners: true, halfPixelCenters: false },
    ].find((each) =>
      axes.every((along) => {
        const positions = Array.from({ length: along.output }, (_, at) =>
          nearest(at, along.input, along.output, each),
        );
        return sameList(positions, wholePositions(tapsOf(along)) ?? []);
      }),
    );
    return options === undefined ? null : resize(operator, 'RESIZE_NEAREST_NEIGHBOR', x, size, options);
  }
  const { coordinates } = first;
  const isBilinear =
    first.mode === 'linear' &&
    ['half_pixel', 'half_pixel_symmetric', 'pytorch_half_pixel', 'align_corners', 'asymmetric'].includes(
      coordinates,
    ) &&
    axes.every(({ output }) => output > 1) &&
    axes.every(({ antialias, scale }) => !antialias || scale >= 1);
  if (!isBilinear) return null;
  return resize(operator, 'RESIZE_BILINEAR', x, size, {
    alignCorners: coordinates === 'align_corners',
    halfPixelCenters: coordinates.includes('half_pixel'),
  });
}

function alongOne(operator: OnnxOperator, x: Value, along: Along): Value {
  const taps = tapsOf(along);
  const positions = wholePositions(taps);
  if (positions !== null) return taken(operator, x, along.axis, positions);
  if (along.output * along.input > mostElements)
    throw refused(
      operator,
      `${along.input} elements interpolated to ${along.output} are not supported`,
      'Resize smaller images.',
    );
  const matrix = floatConstant([along.output, along.input], weightsOf(taps, along.input));
  const outside = taps.map((each) => Number(each === null));
  if (!outside.includes(1)) return multipliedAlong(operator, x, along.axis, matrix);
  const fill = attributeFloat(operator.node, 'extrapolation_value', 0);
  const inside = multipliedAlong(named(operator, 'inside'), x, along.axis, matrix);
  if (fill === 0) return inside;
  const shape = shapeOf(inside).map((size, axis) => (axis === along.axis ? size : 1));
  const filled = floatConstant(
    shape,
    outside.map((each) => each * fill),
  );
  return binary(operator, 'ADD', inside, filled);
}

function weightsOf(taps: readonly Taps[], input: number): Float32Array {
  const weights = new Float32Array(taps.length * input);
  for (const [row, each] of taps.entries())
    for (const [column, weight] of each ?? []) weights[row * input + column] = weight;
  return weights;
}
