import type { OptimizeSetting } from '../src/operators/setting.ts';
import { type Peers, peerResult } from './peers.ts';
import type { OurResult } from './results.ts';

/**
 * What we set out to reach. On Cortex-M4F, M7 and M33 in numbers; on the others as a share of what TensorFlow Lite Micro
 * with CMSIS-NN executes there. Speed is held with `speed`, bytes with `size`; `balanced` may take 15% more instructions
 * and must keep to the same bytes.
 */
interface Goal {
  readonly instructions: number;
  readonly ramBytes: number;
  readonly flashBytes: number;
}

const goals: Readonly<Record<string, Goal>> = {
  kws_ref_model: { instructions: 4_100_000, ramBytes: 9_000, flashBytes: 40_000 },
  vww_96_int8: { instructions: 8_000_000, ramBytes: 38_000, flashBytes: 55_000 },
  pretrainedResnet_quant: { instructions: 15_500_000, ramBytes: 34_500, flashBytes: 92_000 },
  ad01_int8: { instructions: 400_000, ramBytes: 900, flashBytes: 276_000 },
};

/** Percent of the instructions of TFLM + CMSIS-NN. */
const shares: Readonly<Record<string, { readonly all: number; readonly [model: string]: number }>> = {
  'cortex-m3': { all: 65, vww_96_int8: 45 },
  'cortex-m0plus': { all: 50, vww_96_int8: 30, ad01_int8: 60, pretrainedResnet_quant: 55 },
  'cortex-m55': { all: 70, vww_96_int8: 50 },
};

/** Percent of the instructions with `speed`. */
const balancedPercent = 115;
/** Stack beyond this counts as RAM: scratch may not hide there. */
const freeStackBytes = 600;

export function goalOf(
  { model, target, optimize }: Pick<OurResult, 'model' | 'target' | 'optimize'>,
  peers: Peers,
): Partial<Goal> | null {
  const goal = goals[model];
  if (goal === undefined) return null;
  const share = shares[target];
  const theirs = peerResult(peers, { model, target }, 'tflm-cmsis-nn')?.instructions;
  const instructions =
    share === undefined
      ? goal.instructions
      : theirs === undefined
        ? undefined
        : Math.floor((theirs * (share[model] ?? share.all)) / 100);
  const bytes = { ramBytes: ramGoal(model, target, goal), flashBytes: goal.flashBytes };
  const speed = (percent: number) =>
    instructions === undefined ? {} : { instructions: Math.floor((instructions * percent) / 100) };
  const held: Readonly<Record<OptimizeSetting, Partial<Goal>>> = {
    speed: speed(100),
    size: bytes,
    balanced: { ...speed(balancedPercent), ...bytes },
  };
  return held[optimize];
}

function ramGoal(model: string, target: string, { ramBytes }: Goal): number {
  return model === 'ad01_int8' && target === 'cortex-m4f' ? 800 : ramBytes;
}

/** Arena, and the stack that no inference should need. */
export function goalRam({ arenaBytes, stackBytes }: OurResult): number | null {
  return stackBytes === null ? null : arenaBytes + Math.max(0, stackBytes - freeStackBytes);
}
