import { DeployError } from '../../src/errors.ts';
import { prepareFloat } from '../../src/float/interpreter.ts';
import { isFloat } from '../../src/graph/float.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { importKeras } from '../../src/import/keras.ts';
import { importOnnx } from '../../src/import/onnx.ts';
import { importPt2 } from '../../src/import/pt2.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { optimize } from '../../src/optimize/optimize.ts';
import { parseConfig } from '../../src/project/config.ts';
import { checkedFloat } from '../../src/quantize/quantize.ts';

/** Something that reads bytes of a stranger. Add one by adding a line, and a folder of the same name below corpus/. */
export interface FuzzTarget {
  /** May throw a DeployError of kind `input`, and nothing else. */
  run(bytes: Uint8Array): void;
  /** Files below test/fixtures to start from, besides the corpus. */
  readonly seeds: readonly string[];
  /** What the format knows by name. */
  readonly words: readonly string[];
  /** Part of the paths of the code whose blocks are followed; absent: /src/. */
  readonly code?: string;
}

export const fuzzTargets: Readonly<Record<string, FuzzTarget>> = {
  tflite: {
    run: (bytes) => prepare(importTflite(bytes, { file: 'model.tflite', name: 'model' })),
    seeds: [
      'digits/digits_keras_int8.tflite',
      'ops/conv1d.tflite',
      'ops/dwconv_same.tflite',
      'ops/layer_norm.tflite',
      'ops/strided_slice.tflite',
      'ops/elu.tflite',
    ],
    words: ['TFL3', 'serving_default', 'min_runtime_version'],
  },
  onnx: {
    run: (bytes) => prepare(importOnnx(bytes, { file: 'model.onnx', name: 'model' }, new Map())),
    seeds: [
      'digits/digits_torch.onnx',
      'digits/digits_torch_legacy.onnx',
      'digits/digits_qdq_int8.onnx',
      'digits/digits_qop_int8.onnx',
    ],
    words: [
      ...[
        'Conv',
        'ConvTranspose',
        'Gemm',
        'MatMul',
        'Relu',
        'Clip',
        'MaxPool',
        'AveragePool',
        'ReduceMean',
        'Add',
      ],
      ...[
        'Mul',
        'Softmax',
        'Reshape',
        'Transpose',
        'Concat',
        'Slice',
        'Pad',
        'Gather',
        'Resize',
        'Constant',
        'LSTM',
      ],
      ...[
        'QuantizeLinear',
        'DequantizeLinear',
        'QLinearConv',
        'BatchNormalization',
        'Flatten',
        'Squeeze',
        'Split',
      ],
      ...['kernel_shape', 'strides', 'pads', 'dilations', 'group', 'axis', 'axes', 'auto_pad', 'SAME_UPPER'],
      ...['ai.onnx', 'com.microsoft', 'location', 'offset', 'length'],
    ],
  },
  pt2: {
    run: (bytes) => prepare(importPt2(bytes, { file: 'model.pt2', name: 'model' })),
    seeds: [
      'pt2/conv2d_same_dilated.pt2',
      'pt2/layer_norm.pt2',
      'pt2/slice.pt2',
      'pt2/cat_channels.pt2',
      'pt2/two_outputs.pt2',
    ],
    words: [
      ...[
        'torch.ops.aten.',
        'conv2d.default',
        'linear.default',
        'relu.default',
        'mean.dim',
        'add.Tensor',
        'batch_norm',
      ],
      ...[
        'as_tensor',
        'as_int',
        'as_ints',
        'as_none',
        'as_bool',
        'sizes',
        'strides',
        'storage_offset',
        '"',
        '{}',
        '[]',
      ],
      ...['-1', '0', '1e400', 'null', 'true', '9007199254740993', '__proto__'],
    ],
  },
  keras: {
    // null: TensorFlow is asked instead, in a process of its own.
    run: (bytes) => {
      const graph = importKeras(bytes, { file: 'model.keras', name: 'model' });
      if (graph !== null) prepare(graph);
    },
    seeds: [
      'keras/branches.keras',
      'keras/noisy.keras',
      'keras/sequence.keras',
      'keras/shared_layer.keras',
      'keras/two_inputs.keras',
      'keras/unknown.keras',
    ],
    words: [
      ...['"class_name"', '"config"', '"module"', 'keras.layers', '"registered_name"', '"inbound_nodes"'],
      ...['__keras_tensor__', '"keras_history"', '"Conv2D"', '"Dense"', '"GRU"', '"LSTM"', '"Reshape"'],
      ...['"batch_shape"', '"kernel_size"', '"strides"', '"padding"', '"units"', '"filters"', '"axis"'],
      ...['SNOD', 'TREE', 'HEAP', 'GCOL', '[', ']', '{', '}', 'null', 'true', '-1', '0', '1e400', '65535'],
    ],
  },
  config: {
    run: (bytes) => {
      parseConfig(new TextDecoder().decode(bytes), 'tinyml.yml');
    },
    seeds: [],
    words: [
      ...[
        'version: 1',
        'models:',
        'targets:',
        'budgets:',
        'flash:',
        'quantize:',
        'calibration:',
        'testdata:',
        'name:',
      ],
      ...[
        '- ',
        '&a ',
        '*a',
        '<<: ',
        '!!binary ',
        '? ',
        '|',
        '>',
        '"',
        '{',
        '}',
        '[',
        ']',
        '__proto__',
        '\n',
        '  ',
      ],
    ],
  },
};

/** What every command does with an imported graph before it is asked for data. */
function prepare(graph: Graph): void {
  if (isFloat(graph)) prepareFloat(checkedFloat(graph));
  else optimize(graph);
}

/** null where the target took the bytes or refused them in one sentence; else what it did instead. */
export function misbehaviour(target: FuzzTarget, bytes: Uint8Array): string | null {
  try {
    target.run(bytes);
    return null;
  } catch (error) {
    if (!(error instanceof DeployError))
      return `threw ${error instanceof Error ? error.stack : String(error)}`;
    if (error.kind !== 'input') return `blamed a tool: ${error.message}`;
    return error.message.includes('\n') ? `said more than one line: ${JSON.stringify(error.message)}` : null;
  }
}
