import { byteLength } from '../../src/graph/graph.ts';
import type { Layer, Plan } from '../../src/plan/plan.ts';
import { inputSurvives } from '../../src/plan/survival.ts';

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
  const state = plan.graph.tensors
    .filter(({ index, initialState }) => initialState !== undefined && plan.offsets.has(index))
    .map(({ index }) => index);
  for (const tensor of [...plan.graph.inputs, ...state]) whole(tensor, (byte) => write(tensor, byte));
  for (const layer of plan.layers) {
    const { inputs, outputs } = layer.node.operator;
    const inArena = inputs.filter((tensor) => plan.offsets.has(tensor));
    const [input = -1] = inArena;
    const [output = -1] = outputs;
    if (layer.fused !== null) {
      replayFused(plan, layer, layer.fused, arena, name);
      continue;
    }
    scratch(layer, arena);
    if (layer.call.parametersType === 'convolution_parameters')
      convolve(
        { ...layer, parameters: layer.call.parameters as Readonly<Record<string, number>> },
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
      // State is written where it was read.
      for (const tensor of inArena)
        if (state.includes(tensor)) whole(tensor, (byte) => read(layer.symbol, tensor, byte));
      for (const tensor of inArena)
        if (output !== -1 && !outputs.includes(tensor) && overlaps(plan, tensor, output))
          throw new Error(`${layer.symbol} writes over its input in an order that is not promised`);
    }
  }
  for (const input of plan.graph.inputs)
    if (inputSurvives(plan, input)) whole(input, (byte) => read('the next inference', input, byte));
  for (const tensor of state) whole(tensor, (byte) => read('the next inference', tensor, byte));
  for (const output of plan.graph.outputs) whole(output, (byte) => read('the caller', output, byte));
}

/** A RESHAPE's output is its input under another name. */
function aliases(plan: Plan): Map<number, number> {
  const layered = new Set(
    plan.layers.flatMap(({ node, fused }) =>
      fused === null ? [node.operator.index] : fused.members.map((member) => member.node.operator.index),
    ),
  );
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
function convolve(
  layer: Pick<Layer, 'call' | 'reverse'> & { readonly parameters: Readonly<Record<string, number>> },
  read: (byte: number) => void,
  write: (byte: number) => void,
): void {
  const p = layer.parameters;
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
    if (layer.call.kernel === 'depthwise_conv_2d_planes_dsp') {
      // Four channels are copied whole, then written one after the other.
      for (let first = 0; first < at('output_channels'); first += 4) {
        const group = [0, 1, 2, 3].map((index) => first + index).filter((c) => c < at('output_channels'));
        for (const channel of group) for (let pixel = 0; pixel < pixels; pixel += 1) shifted(pixel, channel);
        for (const channel of group)
          for (let pixel = 0; pixel < pixels; pixel += 1)
            write(outputStart + pixel * at('output_channels') + channel);
      }
      continue;
    }
    if (layer.call.kernel === 'conv_2d_winograd_dsp') {
      // Two tiles of 2x2 outputs side by side, from four rows of six pixels.
      for (let y = 0; y < at('output_height'); y += 2)
        for (let x = 0; x < at('output_width'); x += 4) {
          const here = [0, 1, 2, 3]
            .flatMap((column) => [0, 1].map((row) => ({ row: y + row, column: x + column })))
            .filter(({ row, column }) => row < at('output_height') && column < at('output_width'))
            .map(({ row, column }) => row * at('output_width') + column);
          for (const pixel of here) for (let c = 0; c < at('input_channels'); c += 1) shifted(pixel, c);
          for (const pixel of here)
            for (let c = 0; c < at('output_channels'); c += 1)
              write(outputStart + pixel * at('output_channels') + c);
        }
      continue;
    }
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
      const copies = layer.call.kernel === 'conv_2d_mve' && Number(layer.call.parameters.filter_height) > 1;
      // The pairs of scalar cores: 1x1 fields lie in the input one behind the other, all others are copied, with Armv6-M all.
      const { kernel, scratchBytes } = layer.call;
      const scalarCopies = kernel === 'conv_2d_pair_v6m' || (kernel === 'conv_2d_v7m' && scratchBytes > 0);
      if (
        copies ||
        scalarCopies ||
        kernel === 'conv_2d_dsp' ||
        kernel === 'conv_2d_wide_dsp' ||
        kernel === 'conv_2d_stacked_dsp'
      ) {
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

/**
 * A fused layer, call by call as its C makes them: rows of every member into its own buffer, rows that are read again moved
 * to its start, the last member's rows to their place in the output.
 */
function replayFused(
  plan: Plan,
  layer: Layer,
  { members, bandRows, firstEnd }: NonNullable<Layer['fused']>,
  arena: Map<number, string>,
  name: (tensor: number) => number,
): void {
  const { symbol, scratchOffset: workspace } = layer;
  const workspaceEnd = workspace + layer.call.scratchBytes;
  const made = members.map(() => 0);
  const from = members.map(() => 0);
  const last = members.length - 1;
  const rowsOf = (at: number): number => members[at]?.rows ?? 0;
  const place = (tensor: number): number => {
    const offset = plan.offsets.get(tensor);
    if (offset === undefined) throw new Error(`tensor ${tensor} has no place`);
    return offset;
  };
  const put = (at: number, tag: string, limit: number): void => {
    if (at < 0 || at >= limit) throw new Error(`${symbol} writes byte ${at} of an arena, beyond ${limit}`);
    arena.set(at, tag);
  };
  for (let end = firstEnd; (made[last] ?? 0) < rowsOf(last); end += bandRows) {
    if (end > rowsOf(last) + bandRows) throw new Error(`${symbol} does not end`);
    for (const [index, member] of members.entries()) {
      const done = made[index] ?? 0;
      const count = Math.min(end * member.pace.rate + member.pace.lead, member.rows) - done;
      if (count <= 0) continue;
      const { inputs, outputs } = member.node.operator;
      const output = outputs[0] ?? -1;
      if (member.rowsPerCall !== null && member.rowsPerCall !== count)
        throw new Error(`${symbol} makes ${count} rows of member ${index}, not ${member.rowsPerCall}`);
      for (const need of member.needs) {
        const first = Math.max(0, done * need.stride - need.padding);
        if (member.readsFromStart.includes(need.position) && first !== from[need.source ?? -1])
          throw new Error(`${symbol} does not read from the start of what member ${index} reads`);
      }
      // The rows that members still read stay.
      if (member.buffer !== null) {
        const start = workspace + member.buffer.offset;
        const reads = members.flatMap((other, by) =>
          other.needs
            .filter((need) => other.node.operator.inputs[need.position] === output)
            .map((need) => Math.max(0, (made[by] ?? 0) * need.stride - need.padding)),
        );
        const first = member.keepsRows ? Math.min(done, ...reads) : done;
        const shift = (first - (from[index] ?? 0)) * member.rowBytes;
        if (shift < 0) throw new Error(`${symbol} wants rows of member ${index} that are gone`);
        for (let byte = 0; byte < (done - first) * member.rowBytes; byte += 1)
          put(start + byte, arena.get(start + byte + shift) ?? 'nothing', workspaceEnd);
        from[index] = first;
      }
      // A kernel may write all of its scratch at any time; sums that are gathered stay in it.
      const sums = workspace + member.scratchOffset;
      for (let byte = 0; byte < member.call.scratchBytes; byte += 1) {
        const tag = `scratch of member ${index}`;
        if (member.control === 'gather' && done > 0 && arena.get(sums + byte) !== tag)
          throw new Error(`${symbol} finds ${arena.get(sums + byte)} where it gathers sums`);
        put(sums + byte, tag, workspaceEnd);
      }
      const read = (position: number, byte: number): void => {
        const tensor = inputs[position] ?? -1;
        const source = members.findIndex(({ node }) => node.operator.outputs[0] === tensor);
        const of = members[source];
        const at =
          of?.buffer == null
            ? place(tensor) + byte
            : workspace + of.buffer.offset + byte - (from[source] ?? 0) * of.rowBytes;
        const found = arena.get(at);
        if (found !== `${name(tensor)}:${byte}`)
          throw new Error(
            `${symbol} reads byte ${byte} of tensor ${tensor} for member ${index} and finds ${found ?? 'nothing'}`,
          );
      };
      const write = (byte: number): void => {
        const tag = `${name(output)}:${byte}`;
        if (member.buffer === null) put(place(output) + byte, tag, plan.arenaBytes);
        else
          put(
            workspace + member.buffer.offset + byte - (from[index] ?? 0) * member.rowBytes,
            tag,
            workspaceEnd,
          );
      };
      fusedCall(member, done, count, read, write);
      made[index] = done + count;
    }
  }
}

/** One call of one member: rows [first, first + count) in the order of its kernel's loops. */
function fusedCall(
  member: NonNullable<Layer['fused']>['members'][number],
  first: number,
  count: number,
  read: (position: number, byte: number) => void,
  write: (byte: number) => void,
): void {
  const { call, rowBytes } = member;
  const p = call.parameters as Readonly<Record<string, number>>;
  const at = (field: string): number => p[field] ?? 0;
  switch (member.control) {
    case 'window': {
      // As the C computes its arguments: pointers move to the first row that is read, the edges come nearer.
      const top = first * at('stride_height') - at('padding_top');
      const row = Math.max(0, top);
      const channels = at('input_channels') || at('channels');
      const skipped = row * at('input_width') * channels;
      const parameters = {
        ...p,
        padding_top: row - top,
        input_height: at('input_height') - row,
        output_height: count,
      };
      const readRow = (byte: number): void => read(0, skipped + byte);
      const writeRow = (byte: number): void => write(first * rowBytes + byte);
      if (call.parametersType === 'convolution_parameters')
        convolve({ call, reverse: false, parameters }, readRow, writeRow);
      else pool(parameters, readRow, writeRow);
      return;
    }
    case 'elements':
    case 'count':
      for (let byte = first * rowBytes; byte < (first + count) * rowBytes; byte += 1) {
        for (const { position } of member.needs) read(position, byte);
        write(byte);
      }
      return;
    case 'gather': {
      const pixels = at('width') * at('channels');
      for (let byte = first * pixels; byte < (first + count) * pixels; byte += 1) read(0, byte);
      if (first + count === at('height'))
        for (let channel = 0; channel < at('channels'); channel += 1) write(channel);
      return;
    }
  }
}

/** The loops of the pooling kernels. */
function pool(
  p: Readonly<Record<string, number>>,
  read: (byte: number) => void,
  write: (byte: number) => void,
): void {
  const at = (field: string): number => p[field] ?? 0;
  for (let y = 0; y < at('output_height'); y += 1)
    for (let x = 0; x < at('output_width'); x += 1)
      for (let c = 0; c < at('channels'); c += 1) {
        const top = y * at('stride_height') - at('padding_top');
        const left = x * at('stride_width') - at('padding_left');
        for (let iy = Math.max(0, top); iy < Math.min(at('input_height'), top + at('filter_height')); iy += 1)
          for (
            let ix = Math.max(0, left);
            ix < Math.min(at('input_width'), left + at('filter_width'));
            ix += 1
          )
            read((iy * at('input_width') + ix) * at('channels') + c);
        write((y * at('output_width') + x) * at('channels') + c);
      }
}
