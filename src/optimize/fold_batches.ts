import { type Graph, type Operator, tensorAt } from '../graph/graph.ts';
import { type BatchedBlocks, batchedBlocksOf } from '../operators/batched_blocks.ts';
import { type Conv2dOptions, conv2dGeometry } from '../operators/conv_2d.ts';
import type { SlidingWindow } from '../operators/convolution.ts';
import { type DepthwiseConv2dOptions, depthwiseConv2dGeometry } from '../operators/depthwise_conv_2d.ts';
import { type Node, nodeOf } from '../operators/operator.ts';
import { everyFieldMeets } from './fold_padding.ts';
import { hasOneQuantization, readersOf } from './readers.ts';

/**
 * Makes one convolution that skips pixels of SPACE_TO_BATCH_ND, a convolution of each batch, and BATCH_TO_SPACE_ND, as
 * converters write a dilated one: neither batched image is ever made. Exact: each output is the same sum, and what lies
 * around the image is the zero point in both.
 */
export function foldBatches(graph: Graph): Graph {
  for (const apart of graph.operators) {
    const rewritten = apart.kind === 'SPACE_TO_BATCH_ND' ? withoutBatches(graph, apart) : null;
    if (rewritten !== null) return foldBatches(rewritten);
  }
  return graph;
}

type Convolution = Operator<Conv2dOptions | DepthwiseConv2dOptions>;

/** null where the batches have to stay: something else reads them, or they are not those of a dilated convolution. */
function withoutBatches(graph: Graph, apart: Operator): Graph | null {
  const convolution = onlyReader(graph, apart);
  if (convolution?.kind !== 'CONV_2D' && convolution?.kind !== 'DEPTHWISE_CONV_2D') return null;
  const together = onlyReader(graph, convolution);
  if (together?.kind !== 'BATCH_TO_SPACE_ND') return null;
  const dilated = dilatedConvolution(graph, apart, convolution as Convolution, together);
  if (dilated === null) return null;
  return {
    ...graph,
    operators: graph.operators
      .filter((operator) => operator !== apart && operator !== together)
      .map((operator) => (operator === convolution ? dilated : operator)),
  };
}

/** The one operator that reads the operator's output, as its first input alone. */
function onlyReader(graph: Graph, { outputs }: Operator): Operator | null {
  const [output = -1] = outputs;
  const [reader, ...others] = readersOf(graph, output) ?? [];
  if (reader === undefined || others.length > 0) return null;
  return reader.inputs.indexOf(output) === 0 && reader.inputs.lastIndexOf(output) === 0 ? reader : null;
}

function dilatedConvolution(
  graph: Graph,
  apart: Operator,
  convolution: Convolution,
  together: Operator,
): Operator | null {
  const [from = -1] = apart.inputs;
  const [to = -1] = together.outputs;
  const isMoved = (a: number, b: number): boolean =>
    hasOneQuantization(tensorAt(graph, a), tensorAt(graph, b));
  if (!isMoved(from, apart.outputs[0] ?? -1) || !isMoved(convolution.outputs[0] ?? -1, to)) return null;
  if (tensorAt(graph, from).shape.length !== 4) return null;
  const before = batchedBlocksOf(nodeOf(graph, apart), 'input');
  const after = batchedBlocksOf(nodeOf(graph, together), 'output');
  const { options } = convolution;
  const isSameBlock = before.block.height === after.block.height && before.block.width === after.block.width;
  if (!isSameBlock || options.strideHeight !== 1 || options.strideWidth !== 1) return null;
  const inner = windowOf(nodeOf(graph, convolution));
  const vertical = around(before, after, 'height', {
    taps: inner.filterHeight,
    dilation: options.dilationHeight,
    padding: inner.paddingTop,
  });
  const horizontal = around(before, after, 'width', {
    taps: inner.filterWidth,
    dilation: options.dilationWidth,
    padding: inner.paddingLeft,
  });
  const surround = {
    top: vertical.before,
    bottom: vertical.after,
    left: horizontal.before,
    right: horizontal.after,
  };
  // A convolution cannot leave pixels of its image out.
  if (Object.values(surround).some((edge) => edge < 0)) return null;
  const dilated: Convolution = {
    ...convolution,
    inputs: [from, ...convolution.inputs.slice(1)],
    outputs: [to],
    options: {
      ...options,
      padding: 'valid',
      dilationHeight: options.dilationHeight * before.block.height,
      dilationWidth: options.dilationWidth * before.block.width,
      surround,
    },
  };
  return everyFieldMeets(windowOf(nodeOf(graph, dilated))) ? dilated : null;
}

/** Zeros before and after the image that give the dilated convolution the fields and outputs of that of the batches. */
function around(
  apart: BatchedBlocks,
  together: BatchedBlocks,
  side: 'height' | 'width',
  { taps, dilation, padding }: { readonly taps: number; readonly dilation: number; readonly padding: number },
): { readonly before: number; readonly after: number } {
  const block = apart.block[side];
  const before = apart.before[side] + padding * block - together.before[side];
  const spanned = together.wide[side] + (taps - 1) * dilation * block;
  return { before, after: spanned - apart.wide[side] - before };
}

function windowOf(node: Node): SlidingWindow {
  return node.operator.kind === 'CONV_2D'
    ? conv2dGeometry(node as Node<Conv2dOptions>)
    : depthwiseConv2dGeometry(node as Node<DepthwiseConv2dOptions>);
}
