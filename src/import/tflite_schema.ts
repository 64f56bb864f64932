import type { ElementType } from '../graph/graph.ts';

/** Positions of the fields in the tables of TFLite's schema.fbs (version 3), as far as we read them. */

export const modelFields = { operatorCodes: 1, subgraphs: 2, buffers: 4, signatures: 7 } as const;
export const signatureFields = { inputs: 0, outputs: 1, subgraph: 4 } as const;
export const tensorMapFields = { name: 0, tensor: 1 } as const;
export const operatorCodeFields = { deprecatedBuiltinCode: 0, customCode: 1, builtinCode: 3 } as const;
export const subgraphFields = { tensors: 0, inputs: 1, outputs: 2, operators: 3 } as const;
export const tensorFields = {
  shape: 0,
  type: 1,
  buffer: 2,
  name: 3,
  quantization: 4,
  isVariable: 5,
  sparsity: 6,
  shapeSignature: 7,
  externalBuffer: 10,
} as const;
export const quantizationFields = { scale: 2, zeroPoint: 3, detailsType: 4, quantizedDimension: 6 } as const;
export const operatorFields = { opcodeIndex: 0, inputs: 1, outputs: 2, builtinOptions: 4 } as const;
/** `offset` and `size` (64-bit) point to data behind the flatbuffer, for models of 2 GB and more. */
export const bufferFields = { data: 0, offset: 1, size: 2 } as const;

export const fileIdentifier = 'TFL3';
export const customOperatorCode = 32;

/** TensorType by number: its name, and ours where we have one. */
export const tensorTypes: readonly { readonly name: string; readonly type: ElementType | null }[] = [
  { name: 'float32', type: 'float32' },
  { name: 'float16', type: null },
  { name: 'int32', type: 'int32' },
  { name: 'uint8', type: 'uint8' },
  { name: 'int64', type: 'int64' },
  { name: 'string', type: null },
  { name: 'bool', type: 'bool' },
  { name: 'int16', type: 'int16' },
  { name: 'complex64', type: null },
  { name: 'int8', type: 'int8' },
  { name: 'float64', type: null },
  { name: 'complex128', type: null },
  { name: 'uint64', type: null },
  { name: 'resource', type: null },
  { name: 'variant', type: null },
  { name: 'uint32', type: null },
  { name: 'uint16', type: null },
  { name: 'int4', type: null },
  { name: 'bfloat16', type: null },
];

/** BuiltinOperator names in the order of their codes. */
const builtinOperatorNames =
  'ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE ' +
  'EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D ' +
  'LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 ' +
  'RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM ' +
  'EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND ' +
  'TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE BIDIRECTIONAL_SEQUENCE_RNN ' +
  'EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM ARG_MAX ' +
  'MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV ' +
  'SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT ' +
  'REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV ' +
  'REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU ' +
  'SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS WHERE RANK ELU ' +
  'REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE ' +
  'NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL ' +
  'PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS ' +
  'HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE ' +
  'READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM ' +
  'MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX ' +
  'UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT ' +
  'STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM ' +
  'STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE STABLEHLO_BROADCAST_IN_DIM ' +
  'STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE STABLEHLO_ABS ' +
  'STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG STABLEHLO_MINIMUM ' +
  'STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT STABLEHLO_SELECT ' +
  'STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT ' +
  'STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA ' +
  'STABLEHLO_DOT_GENERAL STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER ' +
  'STABLEHLO_TRANSPOSE DILATE STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE ' +
  'STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT STABLEHLO_CASE';

const names = builtinOperatorNames.split(' ');

export function builtinOperatorName(code: number): string {
  return names[code] ?? `BUILTIN_${code}`;
}
