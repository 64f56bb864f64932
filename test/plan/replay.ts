import { byteLength } from '../../src/graph/graph.ts';
import type { Layer, Plan } from '../../src/plan/plan.ts';

/**
 * Replays a plan byte by byte: every arena byte knows which byte of which tensor it holds, and every read must find what
 * it wants. Knows the kernels only by their C parameters and the order in which the C loops run; shares no code with
 * the planner.
 */
export function replay(plan: Plan): void {
  const arena = new Map<number, string>();
  const offsetOf = (tensor: number): number => {
    const offset = plan.offsets.get(tensor);
    if (offset === undefined) throw new Error(`tensor ${tensor} has no place`);
    return offset;
  };
  const canonical = aliases(plan);
  const name = (tensor: number): number => canonical.get(tensor) ?? tensor;
  const write = (tensor: number, byte: number): void => {
    const at = offsetOf(tensor) + byte;
    if (at >= plan.arenaBytes) throw new Error(`byte ${byte} of tensor ${tensor} lies behind the arena`);
    arena.set(at, `${name(tensor)}:${byte}`);
  };
  const read = (layer: string, tensor: number, byte: number): void => {
    const found = arena.get(offsetOf(tensor) + byte);
    if (found !== `${name(tensor)}:${byte}`)
      throw new Error(`${layer} reads byte ${byte} of tensor ${tensor} and finds ${found ?? 'nothing'}`);
  };
  const whole = (tensor: number, act: (byte: number) => void): void => {
    const bytes = byteLength(plan.graph.tensors[tensor] as Plan['graph']['tensors'][number]);
    for (let byte = 0; byte < bytes; byte += 1) act(byte);
  };
  for (const input of plan.graph.inputs) whole(input, (byte) => write(input, byte));
  for (const layer of plan.layers) {
    const { inputs, outputs } = layer.node.operator;
    const inArena = inputs.filter((tensor) => plan.offsets.has(tensor));
    const [input = -1] = inArena;
    const [output = -1] = outputs;
    scratch(layer, arena);
    if (layer.call.parametersType === 'convolution_parameters')
      convolve(
        layer,
        (byte) => read(layer.symbol, input, byte),
        (byte) => write(output, byte),
      );
    else if (layer.call.inPlace.length > 0) {
      // Element by element: each is read before the same one is written.
      const bytes = byteLength(plan.graph.tensors[output] as Plan['graph']['tensors'][number]);
      for (let byte = 0; byte < bytes; byte += 1) {
        for (const tensor of inArena)
          if (byteLength(plan.graph.tensors[tensor] as Plan['graph']['tensors'][number]) === bytes)
            read(layer.symbol, tensor, byte);
        write(output, byte);
      }
    } else {
      for (const tensor of inArena) whole(tensor, (byte) => read(layer.symbol, tensor, byte));
      for (const tensor of outputs) whole(tensor, (byte) => write(tensor, byte));
      for (const tensor of inArena)
        if (!outputs.includes(tensor) && overlaps(plan, tensor, output))
          throw new Error(`${layer.symbol} writes over its input in an order that is not promised`);
    }
  }
  for (const output of plan.graph.outputs) whole(output, (byte) => read('the caller', output, byte));
}

/** A RESHAPE's output is its input under another name. */
function aliases(plan: Plan): Map<number, number> {
  const layered = new Set(plan.layers.map(({ node }) => node.operator.index));
  const names = new Map<number, number>();
  for (const operator of plan.graph.operators) {
    if (layered.has(operator.index)) continue;
    const [input = -1] = operator.inputs;
    const [output = -1] = operator.outputs;
    names.set(output, names.get(input) ?? input);
  }
  return names;
}

function overlaps(plan: Plan, a: number, b: number): boolean {
  const range = (tensor: number): [number, number] => {
    const start = plan.offsets.get(tensor) ?? 0;
    return [start, start + byteLength(plan.graph.tensors[tensor] as Plan['graph']['tensors'][number])];
  };
  const [[aFrom, aTo], [bFrom, bTo]] = [range(a), range(b)];
  return aFrom < bTo && bFrom < aTo;
}

/** A kernel may write all of its scratch at any time. */
function scratch(layer: Layer, arena: Map<number, string>): void {
  for (let byte = 0; byte < layer.call.scratchBytes; byte += 1)
    arena.set(layer.scratchOffset + byte, `scratch of ${layer.symbol}`);
}

/** The loops of convolution.h, conv_2d_dsp.h and the depthwise kernels. */
function convolve(layer: Layer, read: (byte: number) => void, write: (byte: number) => void): void {
  const p = layer.call.parameters as Readonly<Record<string, number>>;
  const at = (name: string): number => p[name] ?? 0;
  const depthwise = p.depth_multiplier !== undefined;
  const pixels = at('output_height') * at('output_width');
  const tile = depthwise ? 1 : at('tile_pixels');
  const tiles = Array.from({ length: Math.ceil(pixels / tile) }, (_, index) => index * tile);
  if (layer.reverse) tiles.reverse();
  const window = (pixel: number, channel: number): void => {
    const top = Math.floor(pixel / at('output_width')) * at('stride_height') - at('padding_top');
    const left = (pixel % at('output_width')) * at('stride_width') - at('padding_left');
    for (let ky = 0; ky < at('filter_height'); ky += 1)
      for (let kx = 0; kx < at('filter_width'); kx += 1) {
        const y = top + ky * at('dilation_height');
        const x = left + kx * at('dilation_width');
        if (y < 0 || x < 0 || y >= at('input_height') || x >= at('input_width')) continue;
        read((y * at('input_width') + x) * at('input_channels') + channel);
      }
  };
  const inside = (pixel: number): boolean => pixel < pixels;
  for (let batch = 0; batch < at('batches'); batch += 1) {
    const inputStart = batch * at('input_height') * at('input_width') * at('input_channels');
    const outputStart = batch * pixels * at('output_channels');
    const shifted = (pixel: number, channel: number): void => window(pixel, channel + inputStart);
    for (const first of tiles) {
      const here = Array.from({ length: tile }, (_, index) => first + index).filter(inside);
      if (depthwise) {
        const multiplier = at('depth_multiplier');
        for (let channel = 0; channel < at('output_channels'); channel += 1) {
          for (const pixel of here) shifted(pixel, Math.floor(channel / multiplier));
          for (const pixel of here) write(outputStart + pixel * at('output_channels') + channel);
        }
        continue;
      }
      // With Helium, fields of several rows, or that reach over an edge or have gaps, are copied.
      const copies = layer.call.kernel === 'conv_2d_mve' && layer.call.scratchBytes > 0;
      // The pairs of scalar cores: 1x1 fields lie in the input one behind the other, all others are copied, with Armv6-M all.
      const { kernel, scratchBytes } = layer.call;
      const scalarCopies = kernel === 'conv_2d_pair_v6m' || (kernel === 'conv_2d_v7m' && scratchBytes > 0);
      if (copies || scalarCopies || layer.call.kernel === 'conv_2d_dsp') {
        // The fields are copied before the first output.
        for (const pixel of here) for (let c = 0; c < at('input_channels'); c += 1) shifted(pixel, c);
        for (const pixel of here)
          for (let c = 0; c < at('output_channels'); c += 1)
            write(outputStart + pixel * at('output_channels') + c);
        continue;
      }
      // Each group of output channels reads the whole field again.
      for (let channel = 0; channel < at('output_channels'); channel += at('tile_channels')) {
        for (const pixel of here) for (let c = 0; c < at('input_channels'); c += 1) shifted(pixel, c);
        const last = Math.min(channel + at('tile_channels'), at('output_channels'));
        for (let c = channel; c < last; c += 1)
          for (const pixel of here) write(outputStart + pixel * at('output_channels') + c);
      }
    }
  }
}
