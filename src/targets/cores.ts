import type { CoreFeatures } from '../operators/operator.ts';
import type { MemoryMap, QemuBoard, Target } from './target.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

const features = {
  v6m: { dsp: false, fpu: false, mve: false, unaligned: false, v6m: true },
  v7m: { dsp: false, fpu: false, mve: false, unaligned: true, v6m: false },
  dsp: { dsp: true, fpu: false, mve: false, unaligned: true, v6m: false },
  dspFpu: { dsp: true, fpu: true, mve: false, unaligned: true, v6m: false },
  helium: { dsp: true, fpu: true, mve: true, unaligned: true, v6m: false },
} as const satisfies Record<string, CoreFeatures>;

/** MPS2 with the AN385 (Cortex-M3) or AN386 (Cortex-M4F) image: code SSRAM, data SSRAM, PSRAM. */
const mps2: MemoryMap = {
  flash: { origin: 0x0000_0000, bytes: 4 * MiB },
  ram: { origin: 0x2000_0000, bytes: 4 * MiB },
  mailbox: { origin: 0x2100_0000, bytes: 16 * MiB },
  uart: 0x4000_4000,
};

/** AN500 (Cortex-M7) has its PSRAM elsewhere. */
const an500: MemoryMap = { ...mps2, mailbox: { origin: 0x6000_0000, bytes: 16 * MiB } };

/** AN505 (Cortex-M33) starts in the secure state: code, data and UART by their secure aliases. */
const an505: MemoryMap = {
  flash: { origin: 0x1000_0000, bytes: 4 * MiB },
  ram: { origin: 0x3800_0000, bytes: 4 * MiB },
  mailbox: { origin: 0x8000_0000, bytes: 16 * MiB },
  uart: 0x5020_0000,
};

/**
 * MPS3 with the AN547 image (Cortex-M55). Its ITCM is 512 KiB, too small for the weights of some models, so
 * code and constants take the 4 MiB SRAM and RAM is a piece of the DDR.
 */
const an547: MemoryMap = {
  flash: { origin: 0x2100_0000, bytes: 4 * MiB },
  ram: { origin: 0x6000_0000, bytes: 4 * MiB },
  mailbox: { origin: 0x6100_0000, bytes: 16 * MiB },
  uart: 0x4930_3000,
};

/** The core looks for its vector table at 0, which is ITCM. */
const an547Board: QemuBoard = { machine: 'mps3-an547', map: an547, resetVector: 0 };

/** -mcpu=cortex-m4 with the single-precision unit; the two real parts have it too. */
export const cortexM4F = {
  compilerFlags: ['-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv4-sp-d16'],
  features: features.dspFpu,
  qemu: { machine: 'mps2-an386', map: mps2 },
  /** Renode's `cortex-m4` has the FPU and refuses FPv5; its `cortex-m4f` takes instructions of the M7. */
  renodeCpuType: 'cortex-m4',
} as const;

/** Cores without a size: their memory is as big as the emulated board's, and they fail only by budget. */
export const cores: readonly Target[] = [
  {
    name: 'cortex-m0',
    title: 'Cortex-M0',
    compilerFlags: ['-mcpu=cortex-m0', '-mthumb', '-mfloat-abi=soft'],
    features: features.v6m,
    part: null,
    timing: 'cortex-m0',
    // QEMU's only Cortex-M0 has 16 KiB of RAM. Armv6-M code runs unchanged on the M3 board; that it is
    // Armv6-M code is checked in the ELF.
    qemu: { machine: 'mps2-an385', map: mps2 },
    renode: { cpuType: 'cortex-m0', map: mps2 },
  },
  {
    name: 'cortex-m0plus',
    title: 'Cortex-M0+',
    compilerFlags: ['-mcpu=cortex-m0plus', '-mthumb', '-mfloat-abi=soft'],
    features: features.v6m,
    part: null,
    timing: 'cortex-m0plus',
    qemu: { machine: 'mps2-an385', map: mps2 },
    renode: { cpuType: 'cortex-m0+', map: mps2 },
  },
  {
    name: 'cortex-m3',
    title: 'Cortex-M3',
    compilerFlags: ['-mcpu=cortex-m3', '-mthumb', '-mfloat-abi=soft'],
    features: features.v7m,
    part: null,
    timing: 'cortex-m3',
    qemu: { machine: 'mps2-an385', map: mps2 },
    renode: { cpuType: 'cortex-m3', map: mps2 },
  },
  {
    name: 'cortex-m4',
    title: 'Cortex-M4',
    compilerFlags: ['-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=soft'],
    features: features.dsp,
    part: null,
    timing: 'cortex-m4',
    qemu: { machine: 'mps2-an386', map: mps2 },
    renode: { cpuType: 'cortex-m4', map: mps2 },
  },
  {
    name: 'cortex-m4f',
    title: 'Cortex-M4F',
    compilerFlags: cortexM4F.compilerFlags,
    features: cortexM4F.features,
    part: null,
    timing: 'cortex-m4',
    qemu: cortexM4F.qemu,
    renode: { cpuType: cortexM4F.renodeCpuType, map: mps2 },
  },
  {
    name: 'cortex-m7',
    title: 'Cortex-M7',
    compilerFlags: ['-mcpu=cortex-m7', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv5-d16'],
    features: features.dspFpu,
    part: null,
    timing: 'cortex-m7',
    qemu: { machine: 'mps2-an500', map: an500 },
    renode: { cpuType: 'cortex-m7', map: an500 },
  },
  {
    name: 'cortex-m33',
    title: 'Cortex-M33',
    compilerFlags: ['-mcpu=cortex-m33', '-mthumb', '-mfloat-abi=hard', '-mfpu=fpv5-sp-d16'],
    features: features.dspFpu,
    part: null,
    timing: 'cortex-m33',
    qemu: { machine: 'mps2-an505', map: an505 },
    renode: { cpuType: 'cortex-m33', map: an505 },
  },
  {
    name: 'cortex-m55',
    title: 'Cortex-M55',
    compilerFlags: ['-mcpu=cortex-m55', '-mthumb', '-mfloat-abi=hard', '-mfpu=auto'],
    features: features.helium,
    part: null,
    qemu: an547Board,
    renode: { cpuType: 'cortex-m55', map: an547, since: '1.17.0' },
  },
];
