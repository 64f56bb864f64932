import { movedTensors, requireMovable } from './movement.ts';
import { inputOf, type Node, type OptionsReader, outputOf } from './operator.ts';
import { constantIntegers, invalid, requireCounts, requireShape } from './requirements.ts';

/** What RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR share. */
export interface ResizeOptions {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** `first` is the position of align_corners, which half_pixel_centers follows. */
export function readResizeOptions(first: number): (options: OptionsReader) => ResizeOptions {
  return (options) => ({ alignCorners: options.bool(first), halfPixelCenters: options.bool(first + 1) });
}

export interface ResizeGeometry {
  readonly batches: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly channels: number;
}

export function resizeGeometry(node: Node): ResizeGeometry {
  const [batches = 1, inputHeight = 1, inputWidth = 1, channels = 1] = inputOf(node, 0).shape;
  const [, outputHeight = 1, outputWidth = 1] = outputOf(node).shape;
  return { batches, inputHeight, inputWidth, outputHeight, outputWidth, channels };
}

export function checkResize(node: Node<ResizeOptions>): void {
  requireCounts(node, [2, 2], 1);
  const { input, output } = movedTensors(node);
  requireMovable(node, input, output, [4, 4]);
  const [height = 0, width = 0, ...more] = constantIntegers(node, 1);
  if (more.length > 0) throw invalid(node, 'the size is not two numbers', inputOf(node, 1));
  requireShape(node, output, [input.shape[0] as number, height, width, input.shape[3] as number]);
  if (node.options.alignCorners && node.options.halfPixelCenters)
    throw invalid(node, 'align_corners and half_pixel_centers exclude each other');
}
