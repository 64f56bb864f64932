import type { Graph } from '../graph/graph.ts';
import type { KernelCall, Node } from '../operators/operator.ts';
import type { OptimizeSetting } from '../operators/setting.ts';
import type { Target } from '../targets/target.ts';
import type { FusedGroup } from './fused_group.ts';

/** A piece of the tensor arena: a tensor's bytes or a kernel's scratch. */
export interface ArenaBuffer {
  /** Tensor indices that share these bytes (aliases and in-place chains); empty for scratch. */
  readonly tensors: readonly number[];
  readonly label: string;
  /** Bytes from the start of the arena. */
  readonly offset: number;
  readonly bytes: number;
  /** Steps (indices of layers) at which the bytes are first and last needed, inclusive; -1: filled before the first layer; layers.length: read after the last. */
  readonly firstStep: number;
  readonly lastStep: number;
}

/** One function of the generated library. */
export interface Layer {
  /** Position in the library, from 0. */
  readonly step: number;
  readonly node: Node;
  /** `layer_00_conv_2d`, without the model's prefix. */
  readonly symbol: string;
  readonly call: KernelCall;
  /** Which of the operator's variants computes it; null where there is no choice. */
  readonly variant: string | null;
  /** The layers that run as this one, band of rows by band of rows; null where it is one operator. */
  readonly fused: FusedGroup | null;
  /** The kernel walks from the last output to the first, so that its output may lie above the input it takes over. */
  readonly reverse: boolean;
  /** Arena offset of the kernel's scratch; 0 when it needs none. */
  readonly scratchOffset: number;
}

/**
 * Layers that call one compiled copy of a kernel. What all of them have in common stays a compile-time constant; the
 * fields that differ come from a small table of each layer.
 */
export interface SharedKernel {
  readonly kernel: string;
  readonly parametersType: string;
  readonly common: KernelCall['parameters'];
  /** The fields that differ, widest first. */
  readonly own: readonly OwnField[];
  /** Fields that every caller gives as arguments, because members of fused layers change them from call to call. */
  readonly runTime: readonly string[];
  /** Who calls it, in the order of the layers. */
  readonly users: readonly KernelUser[];
  /** Steps of the layers, ascending. */
  readonly steps: readonly number[];
}

export interface KernelUser {
  readonly step: number;
  /** Which member of a fused layer; null for a layer by itself. */
  readonly member: number | null;
}

export interface OwnField {
  readonly field: string;
  /** The tables hold multiples of this power of two, so that the compiler knows what every layer's value divides by. */
  readonly factor: number;
  /** Bytes of a signed number that holds every layer's, divided by the factor. */
  readonly bytes: 1 | 2 | 4;
  /** Numbers of an array field; null for a plain one. */
  readonly length: number | null;
}

/** What is decided before any C is written: which kernel computes each node and where each tensor lives. */
export interface Plan {
  readonly graph: Graph;
  readonly target: Target;
  readonly optimize: OptimizeSetting;
  readonly layers: readonly Layer[];
  /** No layer is in two of them; one that is in none has a copy of its kernel for itself. */
  readonly shared: readonly SharedKernel[];
  readonly buffers: readonly ArenaBuffer[];
  readonly arenaBytes: number;
  /** Arena offset by tensor index, for tensors that live in the arena. */
  readonly offsets: ReadonlyMap<number, number>;
}

/** Tensors start at multiples of this, so that kernels may load words. */
export const arenaAlignment = 16;
