import type { Firmware } from '../build/firmware.ts';
import { memoryNeeds, tooBig } from '../build/sizes.ts';
import type { Cycles } from '../cycles/estimate.ts';
import type { Run } from '../emulate/emulator.ts';
import { symbolize } from '../emulate/symbolize.ts';
import type { Graph } from '../graph/graph.ts';
import type { Accuracy, Answers, Failure, Measurement, Verification } from '../measurement.ts';
import type { Plan } from '../plan/plan.ts';
import { siliconError } from '../targets/silicon.ts';
import type { Part, PartEnergy } from '../targets/target.ts';
import { timings } from '../targets/timing.ts';

/** Everything that one job found out, on its way into one record. */
export interface Findings {
  /** Path of the model in the repository. */
  readonly file: string;
  readonly graph: Graph;
  readonly plan: Plan;
  readonly tuned: Measurement['tuned'];
  /** Linked for the part, or the generic core: the sizes are its. */
  readonly firmware: Firmware;
  /** The first is the one that is reported, others are second opinions. */
  readonly runs: readonly Run[];
  /** One per run. */
  readonly verifications: readonly Verification[];
  /** null without labels. */
  readonly accuracy?: Accuracy | null;
  /** null without test data. */
  readonly answers?: Answers | null;
  readonly compiler: Measurement['compiler'];
}

/** The record of one job. Pure. */
export function measurementOf(findings: Findings): Measurement {
  const { graph, plan, firmware, runs, verifications } = findings;
  const [run] = runs;
  const [verification = null] = verifications;
  const { flash, ram, target } = firmware;
  const firmwareRam = ram.arena + ram.data + ram.harness;
  return {
    model: {
      name: graph.name,
      file: findings.file,
      sha256: graph.source.sha256,
      bytes: graph.source.bytes,
      ...(graph.fixed === undefined ? {} : { fixed: graph.fixed.map((each) => ({ ...each })) }),
    },
    target: target.name,
    optimize: plan.optimize,
    tuned: findings.tuned,
    part: partOf(target.part),
    flash: {
      total: flash.code + flash.weights + flash.tables + flash.runtime,
      code: flash.code,
      weights: flash.weights,
      tables: flash.tables,
      runtime: flash.runtime,
      firmware: flash.code + flash.weights + flash.tables + flash.runtime + flash.harness,
    },
    ram: {
      total: ram.arena + ram.data,
      arena: ram.arena,
      data: ram.data,
      stack: run?.stackBytes ?? null,
      firmware: firmwareRam,
    },
    instructions: instructionsOf(runs),
    ...estimatesOf(findings),
    layers: layersOf(findings),
    shared: plan.shared.map(({ kernel, steps }, index) => ({
      kernel,
      layers: [...steps],
      code: firmware.shared[index]?.code ?? 0,
    })),
    arena: plan.buffers.map(({ label, offset, bytes, firstStep, lastStep }) => ({
      label,
      offset,
      bytes,
      firstStep,
      lastStep,
    })),
    sections: firmware.sections.map(({ name, bytes, memory }) => ({ name, bytes, memory })),
    verification,
    accuracy: findings.accuracy ?? null,
    answers: findings.answers ?? null,
    emulations: runs.map(({ emulator, counts, blindTo }) => ({
      emulator: emulator.name,
      version: emulator.version,
      instructions: counts[0]?.total ?? null,
      blindTo: [...blindTo],
    })),
    compiler: findings.compiler,
    failures: [
      ...sizeFailures(plan, firmware),
      ...runs.flatMap((each) => endingFailures(each, firmware)),
      ...verifications.flatMap((each, index) => mismatchFailures(each, runs[index])),
      ...disagreements(runs),
    ],
  };
}

function partOf(part: Part | null): Measurement['part'] {
  return part === null ? null : { title: part.title, flashBytes: part.flashBytes, ramBytes: part.ramBytes };
}

/** The run whose counts are reported: the first that could count. */
function counted(runs: readonly Run[]): Run | undefined {
  return runs.find(({ counts, ending }) => ending.kind === 'done' && counts.length > 0);
}

function instructionsOf(runs: readonly Run[]): Measurement['instructions'] {
  const totals = counted(runs)?.counts.map(({ total }) => total) ?? [];
  const [total] = totals;
  return total === undefined ? null : { total, min: Math.min(...totals), max: Math.max(...totals) };
}

function estimated(runs: readonly Run[]): Run['cycles'] {
  return runs.find(({ cycles, ending }) => ending.kind === 'done' && cycles !== undefined)?.cycles;
}

function estimatesOf({ firmware, runs }: Findings): Pick<Measurement, 'cycles' | 'energy'> {
  const { timing, part } = firmware.target;
  const cycles = estimated(runs);
  if (cycles === undefined || timing === undefined) return { cycles: null, energy: null };
  const { estimate, low, high } = cycles;
  const energy = part?.energy;
  return {
    cycles: { estimate, low, high, source: timings[timing].source, error: siliconError(timing) },
    energy: energy === undefined ? null : energyOf({ estimate, low, high }, energy),
  };
}

/** Cycles × pJ, in nJ. */
function energyOf(
  { estimate, low, high }: Cycles,
  { picojoules: [least, most], supply, source }: PartEnergy,
): Measurement['energy'] {
  return {
    estimate: Math.round((estimate * (least + most)) / 2 / 1000),
    low: Math.floor((low * least) / 1000),
    high: Math.ceil((high * most) / 1000),
    supply,
    source,
  };
}

function layersOf({ graph, plan, firmware, runs }: Findings): Measurement['layers'] {
  const counts = new Map(counted(runs)?.counts[0]?.layers.map((each) => [each.symbol, each.instructions]));
  const cycles = estimated(runs);
  return plan.layers.map((layer, step) => {
    const size = firmware.layers[step];
    const symbol = `${graph.name}_${layer.symbol}`;
    return {
      symbol: layer.symbol,
      operator: layer.node.operator.kind,
      index: layer.node.operator.index,
      inputs: layer.node.inputs.flatMap((tensor) =>
        tensor === null || tensor.data !== null ? [] : [makerOf(plan, tensor.index, step)],
      ),
      outputShape: [...(layer.node.outputs[0]?.shape ?? [])],
      macs: layer.call.macs,
      code: size?.code ?? 0,
      weights: size?.weights ?? 0,
      tables: size?.tables ?? 0,
      instructions: counts.get(symbol) ?? null,
      // The first stretch comes before the first layer.
      cycles: cycles?.stretches[step + 1]?.estimate ?? null,
    };
  });
}

/** The last layer before `step` that wrote the bytes of a tensor, which aliases share; -1: the caller did. */
function makerOf({ layers, buffers }: Plan, tensor: number, step: number): number {
  const shared = buffers.find(({ tensors }) => tensors.includes(tensor))?.tensors ?? [tensor];
  return layers
    .slice(0, step)
    .findLastIndex(({ node }) => node.outputs.some(({ index }) => shared.includes(index)));
}

function sizeFailures(plan: Plan, firmware: Firmware): Failure[] {
  const { part } = plan.target;
  if (part === null) return [];
  const clauses = tooBig(memoryNeeds(firmware));
  if (clauses.length === 0) return [];
  return [
    {
      kind: 'does-not-fit',
      message: `The firmware does not fit ${part.title}: it ${clauses.join(' and ')}.`,
    },
  ];
}

function endingFailures({ emulator, ending, lastLayer }: Run, firmware: Firmware): Failure[] {
  const layer = lastLayer === null ? '' : ` in ${lastLayer}`;
  const place = (pc: number | null): string => {
    if (pc === null) return layer;
    const symbol = symbolize(firmware, pc);
    return `${layer} at ${hex(pc)}${symbol === null || symbol === lastLayer ? '' : ` (${symbol})`}`;
  };
  switch (ending.kind) {
    case 'done':
      return [];
    case 'fault': {
      const access = ending.address === null ? '' : `, address ${hex(ending.address)}`;
      return [{ kind: 'fault', message: `${ending.fault}${access}${place(ending.pc)} (${emulator.name}).` }];
    }
    case 'stack-overflow':
      return [
        {
          kind: 'stack-overflow',
          message: `The stack of ${firmware.stackBytes} bytes overflowed${place(ending.pc)} (${emulator.name}).`,
        },
      ];
    case 'hang':
      return [
        {
          kind: 'hang',
          message: `The firmware did not end within the time limit${place(ending.pc)} (${emulator.name}).`,
        },
      ];
    case 'no-output':
      return [
        { kind: 'no-output', message: `The firmware ended without its result${layer} (${emulator.name}).` },
      ];
  }
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(8, '0')}`;
}

function mismatchFailures({ mismatch }: Verification, run: Run | undefined): Failure[] {
  if (mismatch === null) return [];
  const { sample, tensor, index, expected, actual, firstLayer } = mismatch;
  const layer = firstLayer === null ? '' : ` The first layer that differs is ${firstLayer}.`;
  return [
    {
      kind: 'mismatch',
      message: `Output ${tensor}[${index}] is ${actual} where the reference gives ${expected} (${sample}, ${run?.emulator.name ?? 'emulator'}).${layer}`,
    },
  ];
}

/** Two emulators that ran to the end must agree on every instruction of every layer and inference, and on every bit of the outputs. */
function disagreements(runs: readonly Run[]): Failure[] {
  const done = runs.filter(({ ending, counts }) => ending.kind === 'done' && counts.length > 0);
  const [first, ...others] = done;
  if (first === undefined) return [];
  return others.flatMap((other) => {
    const at = first.counts.findIndex(
      (count, index) => JSON.stringify(count) !== JSON.stringify(other.counts[index]),
    );
    if (at === -1) return differentOutputs(first, other);
    const [a, b] = [first.counts[at], other.counts[at]];
    const layer = a?.layers.find(
      ({ instructions }, index) => instructions !== b?.layers[index]?.instructions,
    );
    return [
      {
        kind: 'emulators-differ' as const,
        message:
          `${first.emulator.name} counts ${a?.total} instructions for inference ${at} where ${other.emulator.name} counts ${b?.total}` +
          `${layer === undefined ? '' : `, first in ${layer.symbol}`}.`,
      },
    ];
  });
}

/** Float32 outputs are within a bound of the reference; of one firmware they must be the same everywhere. */
function differentOutputs(first: Run, other: Run): Failure[] {
  const at = first.outputs.findIndex(
    (bytes, index) => Buffer.compare(bytes, other.outputs[index] ?? Buffer.alloc(0)) !== 0,
  );
  if (at === -1) return [];
  const message = `${first.emulator.name} and ${other.emulator.name} give different outputs for inference ${at}.`;
  return [{ kind: 'emulators-differ', message }];
}
