import { abs } from './abs.ts';
import { add } from './add.ts';
import { argMax } from './arg_max.ts';
import { argMin } from './arg_min.ts';
import { type Forms, type OperatorForm, withForms } from './arithmetic.ts';
import { assignVariable } from './assign_variable.ts';
import { averagePool2d } from './average_pool_2d.ts';
import { batchMatMul } from './batch_matmul.ts';
import { batchToSpaceNd } from './batch_to_space_nd.ts';
import { broadcastTo } from './broadcast_to.ts';
import { cast } from './cast.ts';
import { comparisons } from './comparisons.ts';
import { concatenation } from './concatenation.ts';
import { conv2d } from './conv_2d.ts';
import { depthToSpace } from './depth_to_space.ts';
import { depthwiseConv2d } from './depthwise_conv_2d.ts';
import { dequantize } from './dequantize.ts';
import { div } from './div.ts';
import { expandDims } from './expand_dims.ts';
import { float32Forms } from './float32/index.ts';
import { fullyConnected } from './fully_connected.ts';
import { gather } from './gather.ts';
import { gatherNd } from './gather_nd.ts';
import { hardSwish } from './hard_swish.ts';
import { hybridForms } from './hybrid/index.ts';
import { int16x8Forms } from './int16x8/index.ts';
import { int32Forms } from './int32/index.ts';
import { l2Normalization } from './l2_normalization.ts';
import { leakyRelu } from './leaky_relu.ts';
import { logSoftmax } from './log_softmax.ts';
import { logicalNot } from './logical_not.ts';
import { logistic } from './logistic.ts';
import { maxPool2d } from './max_pool_2d.ts';
import { maximum } from './maximum.ts';
import { mean } from './mean.ts';
import { minimum } from './minimum.ts';
import { mirrorPad } from './mirror_pad.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { onceForms } from './once/index.ts';
import type { OperatorDefinition } from './operator.ts';
import { pack } from './pack.ts';
import { pad } from './pad.ts';
import { padV2 } from './pad_v2.ts';
import { prelu } from './prelu.ts';
import { quantize } from './quantize.ts';
import { readVariable } from './read_variable.ts';
import { realFunctions } from './real_functions.ts';
import { reduceMax } from './reduce_max.ts';
import { reduceMin } from './reduce_min.ts';
import { reduceAll, reduceAny } from './reduce_truths.ts';
import { relu } from './relu.ts';
import { relu6 } from './relu6.ts';
import { reshape } from './reshape.ts';
import { resizeBilinear } from './resize_bilinear.ts';
import { resizeNearestNeighbor } from './resize_nearest_neighbor.ts';
import { reverseV2 } from './reverse_v2.ts';
import { rsqrt } from './rsqrt.ts';
import { select, selectV2 } from './select.ts';
import { slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { spaceToBatchNd } from './space_to_batch_nd.ts';
import { spaceToDepth } from './space_to_depth.ts';
import { split } from './split.ts';
import { splitV } from './split_v.ts';
import { squaredDifference } from './squared_difference.ts';
import { squeeze } from './squeeze.ts';
import { stridedSlice } from './strided_slice.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';
import { svdf } from './svdf.ts';
import { table } from './table.ts';
import { tanh } from './tanh.ts';
import { tile } from './tile.ts';
import { transpose } from './transpose.ts';
import { transposeConv } from './transpose_conv.ts';
import { uint8Forms } from './uint8/index.ts';
import { unidirectionalSequenceLstm } from './unidirectional_sequence_lstm.ts';
import { unpack } from './unpack.ts';

const listed: readonly OperatorDefinition[] = [
  abs,
  add,
  argMax,
  argMin,
  assignVariable,
  averagePool2d,
  batchMatMul,
  batchToSpaceNd,
  broadcastTo,
  cast,
  concatenation,
  conv2d,
  depthToSpace,
  depthwiseConv2d,
  dequantize,
  div,
  expandDims,
  fullyConnected,
  gather,
  gatherNd,
  hardSwish,
  l2Normalization,
  leakyRelu,
  logicalNot,
  logistic,
  logSoftmax,
  maximum,
  maxPool2d,
  mean,
  minimum,
  mirrorPad,
  mul,
  neg,
  pack,
  pad,
  padV2,
  prelu,
  quantize,
  readVariable,
  reduceAll,
  reduceAny,
  reduceMax,
  reduceMin,
  relu,
  relu6,
  reshape,
  resizeBilinear,
  resizeNearestNeighbor,
  reverseV2,
  rsqrt,
  select,
  selectV2,
  slice,
  softmax,
  spaceToBatchNd,
  spaceToDepth,
  split,
  splitV,
  squaredDifference,
  squeeze,
  stridedSlice,
  sub,
  sum,
  svdf,
  table,
  tanh,
  tile,
  transpose,
  transposeConv,
  unidirectionalSequenceLstm,
  unpack,
  ...comparisons,
  ...realFunctions,
];

const formTables: readonly (readonly [keyof Forms, ReadonlyMap<string, OperatorForm>])[] = [
  ['float32', float32Forms],
  ['int16x8', int16x8Forms],
  ['hybrid', hybridForms],
  ['uint8', uint8Forms],
  ['int32', int32Forms],
  ['once', onceForms],
];

/** What an operator is in the other arithmetics than its own file's. */
export function formsOf(kind: string): Forms {
  return Object.fromEntries(
    formTables.flatMap(([arithmetic, forms]) => {
      const form = forms.get(kind);
      return form === undefined ? [] : [[arithmetic, form]];
    }),
  );
}

const definitions = listed.map((definition) => withForms(definition, formsOf(definition.kind)));

/** Every operator that we compute, by TFLite name. */
export const operators: ReadonlyMap<string, OperatorDefinition> = new Map(
  definitions.map((definition) => [definition.kind, definition]),
);

/** The same by BuiltinOperator code. */
export const operatorsByCode: ReadonlyMap<number, OperatorDefinition> = new Map(
  definitions.filter(({ code }) => code >= 0).map((definition) => [definition.code, definition]),
);

/** The definition of an operator kind that the importer has accepted. */
export function operatorOf(kind: string): OperatorDefinition {
  const definition = operators.get(kind);
  if (definition === undefined) throw new RangeError(`operator ${kind} is not in the table`);
  return definition;
}
