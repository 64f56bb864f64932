import Table from 'cli-table3';
import pc from 'picocolors';
import { printable } from '../errors.ts';
import { bytesPerElement, type Tensor, tensorAt } from '../graph/graph.ts';
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

/** What `explain --json` prints. */
export interface PlanSummary {
  readonly model: string;
  readonly file: string;
  readonly target: string;
  readonly inputs: readonly TensorSummary[];
  readonly outputs: readonly TensorSummary[];
  readonly layers: readonly LayerSummary[];
  readonly arena: { readonly bytes: number; readonly buffers: readonly ArenaBuffer[] };
}

interface TensorSummary {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly scale: number | null;
  readonly zeroPoint: number | null;
}

export function planSummary(plan: Plan): PlanSummary {
  const { graph } = plan;
  return {
    model: graph.name,
    file: graph.source.file,
    target: plan.target.name,
    inputs: graph.inputs.map((index) => tensorSummary(tensorAt(graph, index))),
    outputs: graph.outputs.map((index) => tensorSummary(tensorAt(graph, index))),
    layers: plan.layers.map(layerSummary),
    arena: { bytes: plan.arenaBytes, buffers: plan.buffers },
  };
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

function layerSummary({ symbol, node, call, fused }: Layer): LayerSummary {
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
    weights: sizeOf('weights'),
    tables: sizeOf('table'),
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
export function describePlan(plan: Plan, colour: boolean): string {
  const { bold, dim } = pc.createColors(colour);
  const summary = planSummary(plan);
  const total = (of: (layer: LayerSummary) => number) =>
    summary.layers.reduce((sum, layer) => sum + of(layer), 0);
  const weights = total((layer) => layer.weights);
  const tables = total((layer) => layer.tables);
  const title = `${printable(summary.file)} on ${plan.target.title}: ${counted(summary.layers.length, 'layer')}, ${grouped(total((layer) => layer.macs))} MACs, ${bytes(weights)} of weights, ${bytes(tables)} of tables`;
  return [
    bold(title),
    '',
    ...summary.inputs.map((tensor) => `input   ${tensorText(tensor)}`),
    ...summary.outputs.map((tensor) => `output  ${tensorText(tensor)}`),
    '',
    layerTable(summary.layers),
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

function layerTable(layers: readonly LayerSummary[]): string {
  const table = new Table({
    head: ['Layer', 'Kernel', 'Input', 'Output', 'MACs', 'Weights, B', 'Tables, B', 'Scratch, B'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const layer of layers) {
    table.push([
      layer.layer.replace(/^layer_/, ''),
      layer.fused === null ? layer.kernel : rowsText(layer.fused),
      layer.inputs.map((shape) => shape.join('×')).join(', '),
      layer.output.join('×'),
      grouped(layer.macs),
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
      ]);
  }
  return table.toString();
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
