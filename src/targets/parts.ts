import { cortexM4F } from './cores.ts';
import type { MemoryMap, PartEnergy, Target } from './target.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** The measuring firmware's own UART and mailbox, at addresses that both parts leave free. */
const host = {
  mailbox: { origin: 0x6000_0000, bytes: 16 * MiB },
  uart: 0x5f00_0000,
} as const;

const stm32l4r5: MemoryMap = {
  flash: { origin: 0x0800_0000, bytes: 2 * MiB },
  // SRAM1 192 KiB, SRAM2 64 KiB and SRAM3 384 KiB, contiguous (STM32L4+ reference manual RM0432, memory map).
  ram: { origin: 0x2000_0000, bytes: 640 * KiB },
  ...host,
};

const nrf52840: MemoryMap = {
  flash: { origin: 0x0000_0000, bytes: 1 * MiB },
  ram: { origin: 0x2000_0000, bytes: 256 * KiB },
  ...host,
};

/** A real part is sized by its own map, which Renode runs; QEMU runs the same objects linked for its board. */
function partTarget(name: string, title: string, map: MemoryMap, energy: PartEnergy): Target {
  return {
    name,
    title,
    compilerFlags: cortexM4F.compilerFlags,
    features: cortexM4F.features,
    timing: 'cortex-m4',
    part: { title, flashBytes: map.flash.bytes, ramBytes: map.ram.bytes, energy },
    qemu: cortexM4F.qemu,
    renode: { cpuType: cortexM4F.renodeCpuType, map },
  };
}

export const parts: readonly Target[] = [
  partTarget('stm32l4r5', 'STM32L4R5 (Nucleo-L4R5ZI)', stm32l4r5, {
    // Energy ÷ cycles of the four networks: v0.5 reference, v1.1 Skymizer (mbed) and v1.2 STMicroelectronics.
    picojoules: [322, 365],
    supply: '1.8 V, LDO',
    source: 'MLPerf Tiny v0.5, v1.1 and v1.2 energy results',
  }),
  partTarget('nrf52840', 'nRF52840', nrf52840, {
    // 3.3 mA at 3 V and 64 MHz; not an inference, but neither an idle loop.
    picojoules: [155, 155],
    supply: '3.0 V, DC/DC',
    source: 'nRF52840 product specification, CoreMark from flash',
  }),
];
