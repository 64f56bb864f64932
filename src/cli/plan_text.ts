import Table from 'cli-table3';
import pc from 'picocolors';
import type { Firmware, LayerSize } from '../build/firmware.ts';
import { printable } from '../errors.ts';
import { bytesPerElement, type FixedSize, type Tensor, tensorAt } from '../graph/graph.ts';
import type { Constant } from '../operators/operator.ts';
import type { FusedMember } from '../plan/fused_group.ts';
import type { ArenaBuffer, Layer, Plan } from '../plan/plan.ts';
import { bytes, counted, grouped } from '../report/numbers.ts';

/** A plan for people and for programs. */

const constantBytes: Readonly<Record<Constant['type'], number>> = {
  int8: bytesPerElement.int8,
  uint8: bytesPerElement.uint8,
  int16: bytesPerElement.int16,
  int32: bytesPerElement.int32,
  float32: bytesPerElement.float32,
};

interface LayerSummary {
  readonly layer: string;
  readonly operator: string;
  readonly kernel: string;
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
  readonly macs: number;
  /** Bytes of its own code in flash; null where no compiler was there. */
  readonly code: number | null;
  /** Which of the operator's variants it is; null where there is no choice. */
  readonly variant: string | null;
  /** Bytes of weights and biases, and of other constants, in flash. */
  readonly weights: number;
  readonly tables: number;
  /** Bytes of arena that only this layer uses. */
  readonly scratch: number;
  /** What a fused layer is made of; null for any other. */
  readonly fused: FusedSummary | null;
}

interface FusedSummary {
  /** Rows of the output that one round makes. */
  readonly bandRows: number;
  readonly members: readonly MemberSummary[];
}

interface MemberSummary {
  readonly operator: string;
  readonly kernel: string;
  readonly output: readonly number[];
  readonly macs: number;
  /** Rows of its output that are in the arena at once. */
  readonly rows: number;
}

interface SharedSummary {
  readonly kernel: string;
  /** Positions of the layers that call this copy. */
  readonly layers: readonly number[];
  readonly code: number | null;
}

/** What `explain --json` prints. */
export interface PlanSummary {
  readonly model: string;
  readonly file: string;
  readonly target: string;
  readonly optimize: Plan['optimize'];
  readonly inputs: readonly TensorSummary[];
  readonly outputs: readonly TensorSummary[];
  /** Dimensions of the inputs that the file leaves open. */
  readonly fixed: readonly FixedSize[];
  readonly layers: readonly LayerSummary[];
  /** Copies of kernels that several layers call. */
  readonly shared: readonly SharedSummary[];
  /** Bytes of flash; `outside`: code of no layer, such as the call of all layers. null where no compiler was there. */
  readonly flash: {
    readonly total: number;
    readonly code: number;
    readonly weights: number;
    readonly tables: number;
    readonly runtime: number;
    readonly outside: number;
  } | null;
  readonly arena: { readonly bytes: number; readonly buffers: readonly ArenaBuffer[] };
}

interface TensorSummary {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly scale: number | null;
  readonly zeroPoint: number | null;
}

export function planSummary(plan: Plan, firmware: Firmware | null): PlanSummary {
  const { graph } = plan;
  return {
    model: graph.name,
    file: graph.source.file,
    target: plan.target.name,
    optimize: plan.optimize,
    inputs: graph.inputs.map((index) => tensorSummary(tensorAt(graph, index))),
    outputs: graph.outputs.map((index) => tensorSummary(tensorAt(graph, index))),
    fixed: graph.fixed ?? [],
    layers: plan.layers.map((layer, step) => layerSummary(layer, firmware?.layers[step] ?? null)),
    shared: plan.shared.map(({ kernel, steps }, index) => ({
      kernel,
      layers: steps,
      code: firmware?.shared[index]?.code ?? null,
    })),
    flash: firmware === null ? null : flashSummary(firmware),
    arena: { bytes: plan.arenaBytes, buffers: plan.buffers },
  };
}

function flashSummary({ flash, layers, shared }: Firmware): NonNullable<PlanSummary['flash']> {
  const { code, weights, tables, runtime } = flash;
  const known = [...layers, ...shared].reduce((sum, each) => sum + each.code, 0);
  return { total: code + weights + tables + runtime, code, weights, tables, runtime, outside: code - known };
}

function tensorSummary({ name, type, shape, quantization }: Tensor): TensorSummary {
  return {
    name,
    type,
    shape,
    scale: quantization?.scales[0] ?? null,
    zeroPoint: quantization?.zeroPoints[0] ?? null,
  };
}

function layerSummary({ symbol, node, call, fused, variant }: Layer, size: LayerSize | null): LayerSummary {
  const sizeOf = (role: Constant['role']) =>
    call.constants
      .filter((constant) => constant.role === role)
      .reduce((sum, { type, values }) => sum + constantBytes[type] * values.length, 0);
  return {
    layer: symbol,
    operator: node.operator.kind,
    kernel: call.kernel,
    inputs: node.inputs.flatMap((input) => (input === null || input.data !== null ? [] : [input.shape])),
    output: node.outputs[0]?.shape ?? [],
    macs: call.macs,
    code: size?.code ?? null,
    variant,
    weights: size?.weights ?? sizeOf('weights'),
    // With the table of what differs from the layers that share its kernel.
    tables: size?.tables ?? sizeOf('table'),
    scratch: call.scratchBytes,
    fused: fused === null ? null : { bandRows: fused.bandRows, members: fused.members.map(memberSummary) },
  };
}

function memberSummary({ node, call, buffer, rows }: FusedMember): MemberSummary {
  return {
    operator: node.operator.kind,
    kernel: call.kernel,
    output: node.outputs[0]?.shape ?? [],
    macs: call.macs,
    rows: buffer?.rows ?? rows,
  };
}

/** What `explain` prints: inputs and outputs, a table of layers, a map of the arena over time. */
export function describePlan(plan: Plan, firmware: Firmware | null, colour: boolean): string {
  const { bold, dim } = pc.createColors(colour);
  const summary = planSummary(plan, firmware);
  const total = (of: (layer: LayerSummary) => number) =>
    summary.layers.reduce((sum, layer) => sum + of(layer), 0);
  const weights = total((layer) => layer.weights);
  const tables = total((layer) => layer.tables);
  const title = `${printable(summary.file)} on ${plan.target.title}: ${counted(summary.layers.length, 'layer')}, ${grouped(total((layer) => layer.macs))} MACs, ${bytes(weights)} of weights, ${bytes(tables)} of tables${summary.flash === null ? '' : `, ${bytes(summary.flash.total)} of flash`}`;
  return [
    bold(title),
    '',
    ...summary.inputs.map((tensor) => `input   ${tensorText(tensor)}`),
    ...summary.outputs.map((tensor) => `output  ${tensorText(tensor)}`),
    ...summary.fixed.map(fixedText),
    '',
    layerTable(summary),
    '',
    bold(`Arena: ${bytes(plan.arenaBytes)}`),
    arenaMap(plan),
    dim('One column per layer, > before the first and < after the last; a block lives where it is marked.'),
  ].join('\n');
}

function tensorText({ name, type, shape, scale, zeroPoint }: TensorSummary): string {
  const quantization = scale === null ? '' : `, scale ${scale}, zero point ${zeroPoint}`;
  return `${printable(name, 60)}: ${type} [${shape.join(', ')}]${quantization}`;
}

function fixedText({ input, dimension, name, size, by }: FixedSize): string {
  const what = by === 'batch' ? 'the batch' : name === '' ? `dimension ${dimension}` : printable(name, 60);
  const why = by === 'batch' ? ': one inference at a time' : ', as tinyml.yml says';
  return `fixed   ${what} of ${printable(input, 60)} to ${size}${why}`;
}

function layerTable({ layers, shared, flash }: PlanSummary): string {
  const table = new Table({
    head: ['Layer', 'Kernel', 'Input', 'Output', 'MACs', 'Code, B', 'Weights, B', 'Tables, B', 'Scratch, B'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const layer of layers) {
    table.push([
      layer.layer.replace(/^layer_/, ''),
      layer.fused === null ? layer.kernel : rowsText(layer.fused),
      layer.inputs.map((shape) => shape.join('×')).join(', '),
      layer.output.join('×'),
      grouped(layer.macs),
      sizeText(layer.code),
      grouped(layer.weights),
      grouped(layer.tables),
      grouped(layer.scratch),
    ]);
    for (const { operator, kernel, output, macs, rows } of layer.fused?.members ?? [])
      table.push([
        `   ${operator.toLowerCase()}`,
        kernel,
        counted(rows, 'row'),
        output.join('×'),
        grouped(macs),
        '',
        '',
        '',
        '',
      ]);
  }
  const number = (step: number) => /\d+/.exec(layers[step]?.layer ?? '')?.[0] ?? String(step);
  for (const { kernel, layers: steps, code } of shared)
    table.push([
      'shared',
      kernel,
      { colSpan: 3, content: `called by ${steps.map(number).join(', ')}` },
      sizeText(code),
      '',
      '',
      '',
    ]);
  if (flash !== null) {
    const { code, weights, tables, outside, runtime } = flash;
    if (runtime > 0)
      table.push([{ colSpan: 5, content: 'run-time library of the compiler' }, grouped(runtime), '', '', '']);
    table.push([{ colSpan: 5, content: 'outside of layers' }, grouped(outside), '', '', '']);
    table.push([
      { colSpan: 5, content: 'flash' },
      grouped(code + runtime),
      grouped(weights),
      grouped(tables),
      '',
    ]);
  }
  return table.toString();
}

function sizeText(size: number | null): string {
  return size === null ? '—' : grouped(size);
}

/** A fused layer never holds what lies between its members as a whole. */
function rowsText({ members, bandRows }: FusedSummary): string {
  return `${counted(members.length, 'layer')} by ${counted(bandRows, 'row')}`;
}

/** Models of more layers than this get no drawing: it would not fit a terminal. */
const widestMap = 120;

/** One line per block, highest address first: where it is, and the layers during which its bytes are taken. */
function arenaMap({ buffers, layers }: Plan): string {
  const isDrawn = layers.length <= widestMap;
  const rows = buffers.toSorted((a, b) => b.offset - a.offset || a.firstStep - b.firstStep);
  const places = rows.map(({ offset, bytes: size }) => `${grouped(offset)} … ${grouped(offset + size)}`);
  const width = Math.max(0, ...places.map((place) => place.length));
  return rows
    .map(({ firstStep, lastStep, label }, index) => {
      const marks = Array.from({ length: layers.length + 2 }, (_, column) => {
        const step = column - 1;
        if (step < firstStep || step > lastStep) return '·';
        return step < 0 ? '>' : step >= layers.length ? '<' : '█';
      });
      const life = isDrawn ? marks.join('') : `${firstStep} to ${lastStep}`;
      return `${(places[index] ?? '').padStart(width)}  ${life}  ${printable(label, 60)}`;
    })
    .join('\n');
}
