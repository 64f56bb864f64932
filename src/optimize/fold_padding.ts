import { type Graph, type Operator, tensorAt } from '../graph/graph.ts';
import { type Conv2dOptions, conv2dGeometry } from '../operators/conv_2d.ts';
import type { SlidingWindow } from '../operators/convolution.ts';
import { type DepthwiseConv2dOptions, depthwiseConv2dGeometry } from '../operators/depthwise_conv_2d.ts';
import { type Node, nodeOf } from '../operators/operator.ts';
import { edgesOf } from '../operators/padded_edges.ts';
import type { Surround } from '../operators/padding.ts';
import { hasOneQuantization, readersOf } from './readers.ts';

/**
 * Lets convolutions pad by themselves where a PAD stands before them, as converters write asymmetric padding: the padded
 * copy is never made. Exact: both fill with the zero point, which adds nothing to a sum.
 */
export function foldPadding(graph: Graph): Graph {
  for (const pad of graph.operators) {
    const rewritten = pad.kind === 'PAD' ? withoutPad(graph, pad) : null;
    if (rewritten !== null) return foldPadding(rewritten);
  }
  return graph;
}

/** null where the PAD has to stay: something else reads it, or a field may lie outside of the image as a whole. */
function withoutPad(graph: Graph, pad: Operator): Graph | null {
  const [from = -1] = pad.inputs;
  const [padded = -1] = pad.outputs;
  const surround = surroundOf(graph, pad);
  const readers = readersOf(graph, padded);
  if (surround === null || readers === null || readers.length === 0) return null;
  if (!hasOneQuantization(tensorAt(graph, from), tensorAt(graph, padded))) return null;
  const folded = readers.map((reader) => surrounded(graph, reader, { from, padded, surround }));
  if (!folded.every((reader) => reader !== null)) return null;
  return {
    ...graph,
    operators: graph.operators
      .filter((operator) => operator !== pad)
      .map((operator) => folded[readers.indexOf(operator)] ?? operator),
  };
}

/** null unless only height and width of an image [N, H, W, C] are padded. */
function surroundOf(graph: Graph, pad: Operator): Surround | null {
  const { before, after } = edgesOf(nodeOf(graph, pad));
  const [batches, top, left, channels] = before;
  const [batchesAfter, bottom, right, channelsAfter] = after;
  if (before.length !== 4 || top === undefined || left === undefined) return null;
  if (bottom === undefined || right === undefined) return null;
  if (batches !== 0 || batchesAfter !== 0 || channels !== 0 || channelsAfter !== 0) return null;
  return { top, bottom, left, right };
}

type Convolution = Operator<Conv2dOptions | DepthwiseConv2dOptions>;

function surrounded(
  graph: Graph,
  reader: Operator,
  { from, padded, surround }: { from: number; padded: number; surround: Surround },
): Operator | null {
  if (reader.kind !== 'CONV_2D' && reader.kind !== 'DEPTHWISE_CONV_2D') return null;
  const [image, ...parameters] = reader.inputs;
  if (image !== padded || parameters.includes(padded)) return null;
  const { options } = reader as Convolution;
  const inner = options.surround;
  const folded: Convolution = {
    ...reader,
    inputs: [from, ...parameters],
    options: {
      ...options,
      surround: {
        top: surround.top + (inner?.top ?? 0),
        bottom: surround.bottom + (inner?.bottom ?? 0),
        left: surround.left + (inner?.left ?? 0),
        right: surround.right + (inner?.right ?? 0),
      },
    },
  };
  const node = nodeOf(graph, folded);
  const window: SlidingWindow =
    reader.kind === 'CONV_2D'
      ? conv2dGeometry(node as Node<Conv2dOptions>)
      : depthwiseConv2dGeometry(node as Node<DepthwiseConv2dOptions>);
  return everyFieldMeets(window) ? folded : null;
}

/** Kernels and planner count on it that each field has an element of the image. */
export function everyFieldMeets(window: SlidingWindow): boolean {
  const meets = (
    outputs: number,
    at: { stride: number; taps: number; dilation: number; before: number; input: number },
  ): boolean =>
    Array.from({ length: outputs }, (_, output) => output * at.stride - at.before).every((first) =>
      Array.from({ length: at.taps }, (_, tap) => first + tap * at.dilation).some(
        (position) => position >= 0 && position < at.input,
      ),
    );
  return (
    meets(window.outputHeight, {
      stride: window.strideHeight,
      taps: window.filterHeight,
      dilation: window.dilationHeight,
      before: window.paddingTop,
      input: window.inputHeight,
    }) &&
    meets(window.outputWidth, {
      stride: window.strideWidth,
      taps: window.filterWidth,
      dilation: window.dilationWidth,
      before: window.paddingLeft,
      input: window.inputWidth,
    })
  );
}
