import { z } from 'zod';
import { elementCount } from '../graph/graph.ts';
import { shapeOf, transposed, type Value } from './arrangement.ts';
import { batchNormalization, clamp } from './composed_layers.ts';
import { type Constant, floatConstant, permuted } from './constant.ts';
import {
  alongLast,
  binary,
  concatenation,
  fullyConnected,
  pad,
  reduce,
  reshape,
  unary,
} from './element_layers.ts';
import { NotCovered } from './hdf5.ts';
import { parsed } from './keras_file.ts';
import {
  gruSettings,
  kerasGru,
  kerasLstm,
  kerasSimpleRnn,
  lstmSettings,
  simpleSettings,
} from './keras_recurrent.ts';
import type { Layer } from './network.ts';
import { averagePool, convolution, maxPool, type SlidingWindow } from './sliding_layers.ts';

/** Layers of Keras 3, channels last. Each says exactly which settings it knows: with any other it is NotCovered. */

export interface KerasLayer extends Layer {
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Value[];
  readonly weights: readonly Constant[];
}

type Import = (layer: KerasLayer) => Value;

/** A layer whose settings are of this shape, besides those that all layers have and those that only training reads. */
function known<Settings extends z.ZodRawShape>(
  settings: Settings,
  make: (layer: KerasLayer, config: z.infer<z.ZodObject<Settings>>) => Value,
): Import {
  const schema = z.strictObject(settings);
  return (layer) => {
    const { name: _name, trainable: _trainable, dtype, ...rest } = layer.config;
    parsed(float32, dtype);
    const read = Object.entries(rest).filter(([key]) => !/_(initializer|regularizer|constraint)$/.test(key));
    return make(layer, parsed(schema, Object.fromEntries(read)) as z.infer<z.ZodObject<Settings>>);
  };
}

const float32 = z.union([
  z.literal('float32'),
  z.object({ class_name: z.literal('DTypePolicy'), config: z.object({ name: z.literal('float32') }) }),
]);

const channelsLast = z.literal('channels_last');
const rule = z.enum(['same', 'valid']);
const activation = z.enum(['linear', 'relu', 'relu6', 'sigmoid', 'tanh', 'softmax']);
const whole = z.int().min(1).max(65_535);
const size = z.array(whole).min(1).max(2);

function only(layer: KerasLayer): Value {
  const [input, another] = layer.inputs;
  if (input === undefined || another !== undefined) throw new NotCovered('another number of inputs');
  return input;
}

/** As many weights as the settings ask for. */
function weightsOf(layer: KerasLayer, count: number): readonly Constant[] {
  if (layer.weights.length !== count) throw new NotCovered('another number of weights');
  return layer.weights;
}

/** [N, …, C] as [N, C, …], which moves nothing. */
function channelsFirst(x: Value): Value {
  const rank = x.groups.length;
  return transposed(x, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, at) => at + 1)]);
}

function channelsBack(x: Value): Value {
  const rank = x.groups.length;
  return transposed(x, [0, ...Array.from({ length: rank - 2 }, (_, at) => at + 2), 1]);
}

function activated(layer: KerasLayer, x: Value, kind: z.infer<typeof activation>): Value {
  const named = { ...layer, name: `${layer.name}/${kind}` };
  switch (kind) {
    case 'linear':
      return x;
    case 'relu':
      return unary(named, 'RELU', x);
    case 'relu6':
      return unary(named, 'RELU6', x);
    case 'sigmoid':
      return unary(named, 'LOGISTIC', x);
    case 'tanh':
      return unary(named, 'TANH', x);
    case 'softmax':
      return alongLast(named, 'SOFTMAX', x, -1, { beta: 1 });
  }
}

function requireRank(x: Value, rank: number): void {
  if (x.groups.length !== rank) throw new NotCovered('another number of dimensions');
}

const convolutional = {
  kernel_size: size,
  strides: size,
  padding: rule,
  data_format: channelsLast,
  dilation_rate: size,
  activation,
  use_bias: z.boolean(),
};
type Convolutional = z.infer<z.ZodObject<typeof convolutional>>;

function windowOf(
  config: Pick<Convolutional, 'strides' | 'padding'>,
  kernel: readonly number[],
  dilations: readonly number[],
): SlidingWindow {
  if (config.strides.length !== kernel.length || dilations.length !== kernel.length)
    throw new NotCovered('settings that do not fit each other');
  const pads = config.padding === 'same' ? 'same-upper' : kernel.flatMap(() => [0, 0]);
  return { kernel, strides: config.strides, dilations, pads };
}

/** [h, w, C / groups, O] → [O, C / groups, h, w] */
function filtersFirst(weights: Constant): Constant {
  const rank = weights.shape.length;
  return permuted(weights, [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, at) => at)]);
}

/** [h, w, C, M] → [C × M, 1, h, w] */
function depthwiseFirst(weights: Constant): Constant {
  const rank = weights.shape.length;
  const turned = permuted(weights, [rank - 2, rank - 1, ...Array.from({ length: rank - 2 }, (_, at) => at)]);
  const [channels = 1, multiplier = 1, ...kernel] = turned.shape;
  return { ...turned, shape: [channels * multiplier, 1, ...kernel] };
}

function requireShape({ shape }: Constant, wanted: readonly number[]): void {
  if (shape.join() !== wanted.join()) throw new NotCovered('weights of another shape');
}

function convolutionOf(spatial: number): Import {
  return known({ ...convolutional, filters: whole, groups: whole }, (layer, config) => {
    const x = only(layer);
    requireRank(x, spatial + 2);
    const [kernel, bias = null] = weightsOf(layer, config.use_bias ? 2 : 1);
    const channels = shapeOf(x).at(-1) ?? 0;
    if (kernel === undefined || channels % config.groups !== 0) throw new NotCovered('weights are missing');
    requireShape(kernel, [...config.kernel_size, channels / config.groups, config.filters]);
    const window = windowOf(config, config.kernel_size, config.dilation_rate);
    const given = { weights: filtersFirst(kernel), bias, groups: config.groups };
    return activated(
      layer,
      channelsBack(convolution(layer, channelsFirst(x), window, given)),
      config.activation,
    );
  });
}

function depthwiseOf(spatial: number): Import {
  return known({ ...convolutional, depth_multiplier: whole }, (layer, config) => {
    const x = only(layer);
    requireRank(x, spatial + 2);
    const [kernel, bias = null] = weightsOf(layer, config.use_bias ? 2 : 1);
    const channels = shapeOf(x).at(-1) ?? 0;
    if (kernel === undefined) throw new NotCovered('weights are missing');
    requireShape(kernel, [...config.kernel_size, channels, config.depth_multiplier]);
    const window = windowOf(config, config.kernel_size, config.dilation_rate);
    const given = { weights: depthwiseFirst(kernel), bias, groups: channels };
    return activated(
      layer,
      channelsBack(convolution(layer, channelsFirst(x), window, given)),
      config.activation,
    );
  });
}

function separableOf(spatial: number): Import {
  return known({ ...convolutional, filters: whole, depth_multiplier: whole }, (layer, config) => {
    const x = only(layer);
    requireRank(x, spatial + 2);
    const [depthwise, pointwise, bias = null] = weightsOf(layer, config.use_bias ? 3 : 2);
    const channels = shapeOf(x).at(-1) ?? 0;
    if (depthwise === undefined || pointwise === undefined) throw new NotCovered('weights are missing');
    const ones = config.kernel_size.map(() => 1);
    requireShape(depthwise, [...config.kernel_size, channels, config.depth_multiplier]);
    requireShape(pointwise, [...ones, channels * config.depth_multiplier, config.filters]);
    const window = windowOf(config, config.kernel_size, config.dilation_rate);
    const wide = convolution({ ...layer, name: `${layer.name}/depthwise` }, channelsFirst(x), window, {
      weights: depthwiseFirst(depthwise),
      bias: null,
      groups: channels,
    });
    const point = { kernel: ones, strides: ones, dilations: ones, pads: ones.flatMap(() => [0, 0]) };
    const given = { weights: filtersFirst(pointwise), bias, groups: 1 };
    return activated(layer, channelsBack(convolution(layer, wide, point, given)), config.activation);
  });
}

const dense = known(
  { units: whole, activation, use_bias: z.boolean(), quantization_config: z.null().optional() },
  (layer, config) => {
    const x = only(layer);
    const [kernel, bias = null] = weightsOf(layer, config.use_bias ? 2 : 1);
    if (kernel === undefined) throw new NotCovered('weights are missing');
    requireShape(kernel, [shapeOf(x).at(-1) ?? 0, config.units]);
    if (bias !== null) requireShape(bias, [config.units]);
    return activated(layer, fullyConnected(layer, x, permuted(kernel, [1, 0]), bias), config.activation);
  },
);

const normalization = known(
  {
    axis: z.union([z.int(), z.tuple([z.int()])]),
    momentum: z.number(),
    epsilon: z.number().positive(),
    center: z.boolean(),
    scale: z.boolean(),
    synchronized: z.boolean().optional(),
    renorm: z.literal(false).optional(),
    renorm_clipping: z.null().optional(),
    renorm_momentum: z.number().optional(),
  },
  (layer, { axis, epsilon, center, scale }) => {
    const x = only(layer);
    const rank = x.groups.length;
    const [along] = [axis].flat();
    if (along !== -1 && along !== rank - 1) throw new NotCovered('another axis');
    const channels = shapeOf(x).at(-1) ?? 0;
    const all = weightsOf(layer, 2 + Number(center) + Number(scale));
    for (const weights of all) requireShape(weights, [channels]);
    const whole = (value: number) => floatConstant([channels], new Float32Array(channels).fill(value));
    const gamma = scale ? all[0] : whole(1);
    const beta = center ? all[Number(scale)] : whole(0);
    const [mean, variance] = all.slice(-2);
    if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined)
      throw new NotCovered('weights are missing');
    const given = { scale: gamma, shift: beta, mean, variance, epsilon };
    if (rank < 3) return batchNormalization(layer, x, given);
    return channelsBack(batchNormalization(layer, channelsFirst(x), given));
  },
);

function poolingOf(spatial: number, kind: 'max' | 'average'): Import {
  return known(
    { pool_size: size, strides: size, padding: rule, data_format: channelsLast },
    (layer, config) => {
      const x = only(layer);
      requireRank(x, spatial + 2);
      const window = windowOf(
        config,
        config.pool_size,
        config.pool_size.map(() => 1),
      );
      if (config.pool_size.length !== spatial) throw new NotCovered('settings that do not fit each other');
      const image = channelsFirst(x);
      const pooled =
        kind === 'max'
          ? maxPool(layer, image, window, layer.network.isNonNegative(x.tensor))
          : averagePool(layer, image, window, false);
      return channelsBack(pooled);
    },
  );
}

function globalOf(spatial: number, kind: 'MEAN' | 'REDUCE_MAX'): Import {
  return known({ data_format: channelsLast, keepdims: z.boolean() }, (layer, { keepdims }) => {
    const x = only(layer);
    requireRank(x, spatial + 2);
    return reduce(
      layer,
      kind,
      x,
      Array.from({ length: spatial }, (_, at) => at + 1),
      keepdims,
    );
  });
}

const noise = { seed: z.unknown().optional() };
const none = known({}, only);

function merging(kind: 'ADD' | 'MUL'): Import {
  return known({}, (layer) => {
    const [first, ...others] = layer.inputs;
    if (first === undefined || others.length === 0) throw new NotCovered('another number of inputs');
    const shape = shapeOf(first).join();
    if (others.some((other) => shapeOf(other).join() !== shape)) throw new NotCovered('shapes that differ');
    return others.reduce((sum, other, at) => {
      const name = at === others.length - 1 ? layer.name : `${layer.name}/${at}`;
      return binary({ ...layer, name }, kind, sum, other);
    }, first);
  });
}

/** Inputs are made before the layers. */
export const kerasLayers: ReadonlyMap<string, Import> = new Map<string, Import>([
  ['Activation', known({ activation }, (layer, config) => activated(layer, only(layer), config.activation))],
  ['Add', merging('ADD')],
  ['AveragePooling1D', poolingOf(1, 'average')],
  ['AveragePooling2D', poolingOf(2, 'average')],
  ['BatchNormalization', normalization],
  [
    'Concatenate',
    known({ axis: z.int() }, (layer, { axis }) => {
      const rank = layer.inputs[0]?.groups.length ?? 0;
      if (layer.inputs.length < 2 || axis === 0 || axis === -rank) throw new NotCovered('another axis');
      return concatenation(layer, layer.inputs, axis);
    }),
  ],
  ['Conv1D', convolutionOf(1)],
  ['Conv2D', convolutionOf(2)],
  ['Dense', dense],
  ['DepthwiseConv1D', depthwiseOf(1)],
  ['DepthwiseConv2D', depthwiseOf(2)],
  ['Dropout', known({ rate: z.number(), noise_shape: z.unknown().optional(), ...noise }, only)],
  [
    'Flatten',
    known({ data_format: channelsLast }, (layer) => {
      const x = only(layer);
      const [batch = 1, ...rest] = shapeOf(x);
      return reshape(layer, x, [batch, elementCount(rest)]);
    }),
  ],
  ['GRU', known(gruSettings, (layer, config) => kerasGru(layer, only(layer), config))],
  ['GaussianDropout', known({ rate: z.number(), ...noise }, only)],
  ['GaussianNoise', known({ stddev: z.number(), ...noise }, only)],
  ['GlobalAveragePooling1D', globalOf(1, 'MEAN')],
  ['GlobalAveragePooling2D', globalOf(2, 'MEAN')],
  ['GlobalMaxPooling1D', globalOf(1, 'REDUCE_MAX')],
  ['GlobalMaxPooling2D', globalOf(2, 'REDUCE_MAX')],
  ['Identity', none],
  [
    'LeakyReLU',
    known({ negative_slope: z.number().positive() }, (layer, config) =>
      unary(layer, 'LEAKY_RELU', only(layer), { alpha: config.negative_slope }),
    ),
  ],
  ['LSTM', known(lstmSettings, (layer, config) => kerasLstm(layer, only(layer), config))],
  ['MaxPooling1D', poolingOf(1, 'max')],
  ['MaxPooling2D', poolingOf(2, 'max')],
  ['Multiply', merging('MUL')],
  [
    'ReLU',
    known(
      { max_value: z.number().positive().nullable(), negative_slope: z.literal(0), threshold: z.literal(0) },
      (layer, { max_value: most }) => clamp(layer, only(layer), 0, most ?? Number.POSITIVE_INFINITY),
    ),
  ],
  [
    'Rescaling',
    known({ scale: z.number(), offset: z.number() }, (layer, { scale, offset }) => {
      const scaled = binary(
        { ...layer, name: `${layer.name}/scale` },
        'MUL',
        only(layer),
        floatConstant([], [scale]),
      );
      return offset === 0 ? scaled : binary(layer, 'ADD', scaled, floatConstant([], [offset]));
    }),
  ],
  [
    'Reshape',
    known({ target_shape: z.array(z.int().min(1)).min(1).max(5) }, (layer, config) => {
      const x = only(layer);
      return reshape(layer, x, [shapeOf(x)[0] ?? 1, ...config.target_shape]);
    }),
  ],
  ['SeparableConv1D', separableOf(1)],
  ['SeparableConv2D', separableOf(2)],
  [
    'Softmax',
    known({ axis: z.literal(-1) }, (layer) => alongLast(layer, 'SOFTMAX', only(layer), -1, { beta: 1 })),
  ],
  ['SimpleRNN', known(simpleSettings, (layer, config) => kerasSimpleRnn(layer, only(layer), config))],
  ['SpatialDropout1D', known({ rate: z.number(), noise_shape: z.unknown().optional(), ...noise }, only)],
  [
    'SpatialDropout2D',
    known(
      { rate: z.number(), noise_shape: z.unknown().optional(), data_format: channelsLast, ...noise },
      only,
    ),
  ],
  [
    'ZeroPadding2D',
    known(
      {
        padding: z.tuple([
          z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
          z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
        ]),
        data_format: channelsLast,
      },
      (layer, { padding: [[top, bottom], [left, right]] }) => {
        const x = only(layer);
        requireRank(x, 4);
        return pad(layer, x, [0, top, left, 0, 0, bottom, right, 0], 0);
      },
    ),
  ],
]);
