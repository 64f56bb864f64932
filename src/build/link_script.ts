import type { MemoryMap, Region } from '../targets/target.ts';

/** Fault handlers run on a stack of their own. */
export const faultStackBytes = 512;

/** Default for the model's stack, in bytes; what an inference really uses is measured. */
export const defaultStackBytes = 8 * 1024;

/**
 * Regions are linked larger than they are, so that firmware that does not fit still gives numbers;
 * `memoryNeeds` (sizes.ts) compares them with the real sizes.
 */
const linkedBytes = 0x0800_0000;

const copiedSections = ['.model.data', '.harness.data', '.runtime.data'];
const clearedSections = ['.model.arena', '.model.bss', '.harness.bss', '.runtime.bss'];

/**
 * The GNU ld script for one memory map. Objects of the model lie in `library/`, those of the harness in
 * `firmware/`; all else is the compiler's run-time library. Every output section belongs to one of them, so
 * that sizes can be read from the ELF's section headers.
 *
 * RAM, from its start: the model's stack (an overflow leaves RAM, where a guard or an emulator sees it), then
 * the fault handlers' stack, the arena, data.
 */
export function linkScript(map: MemoryMap, stackBytes: number): string {
  return `ENTRY(tinyml_reset)

MEMORY
{
  FLASH (rx) : ${region(map.flash)}
  RAM (rwx) : ${region(map.ram)}
}

tinyml_flash_start = ${hex(map.flash.origin)};
tinyml_flash_bytes = ${hex(map.flash.bytes)};
tinyml_ram_start = ${hex(map.ram.origin)};
tinyml_ram_bytes = ${hex(map.ram.bytes)};
tinyml_mailbox = ${hex(map.mailbox.origin)};
tinyml_mailbox_bytes = ${hex(map.mailbox.bytes)};
tinyml_uart = ${hex(map.uart)};

SECTIONS
{
  .harness.vectors : { KEEP(*(.tinyml.vectors)) } > FLASH
  .harness.text : { firmware/*.o(.text .text.*) } > FLASH
  .harness.rodata :
  {
    firmware/*.o(.rodata .rodata.*)
    . = ALIGN(4);
    tinyml_copied = .;
${copiedSections.map((name) => `    LONG(LOADADDR(${name})) LONG(ADDR(${name})) LONG(SIZEOF(${name}))`).join('\n')}
    tinyml_copied_end = .;
    tinyml_cleared = .;
${clearedSections.map((name) => `    LONG(ADDR(${name})) LONG(SIZEOF(${name}))`).join('\n')}
    tinyml_cleared_end = .;
  } > FLASH

  .model.text : { library/*.o(.text .text.*) } > FLASH
  .model.weights : { library/*.o(.rodata.*_weights .rodata.*_bias) } > FLASH
  .model.tables : { library/*.o(.rodata .rodata.*) } > FLASH
  .runtime.text : { *(.text .text.* .glue_7 .glue_7t .vfp11_veneer .v4_bx) } > FLASH
  .runtime.rodata : { *(.rodata .rodata.*) } > FLASH

  .harness.stack ${hex(map.ram.origin)} (NOLOAD) :
  {
    tinyml_stack_bottom = .;
    . += ${stackBytes};
    tinyml_stack_top = .;
    . += ${faultStackBytes};
    tinyml_fault_stack_top = .;
  } > RAM

  .model.data : { library/*.o(.data .data.*) . = ALIGN(4); } > RAM AT > FLASH
  .harness.data : { firmware/*.o(.data .data.*) . = ALIGN(4); } > RAM AT > FLASH
  .runtime.data : { *(.data .data.*) . = ALIGN(4); } > RAM AT > FLASH

  .model.arena (NOLOAD) : { library/*.o(.bss.*_arena) . = ALIGN(4); } > RAM
  .model.bss (NOLOAD) : { library/*.o(.bss .bss.* COMMON) . = ALIGN(4); } > RAM
  .harness.bss (NOLOAD) : { firmware/*.o(.bss .bss.* COMMON) . = ALIGN(4); } > RAM
  .runtime.bss (NOLOAD) : { *(.bss .bss.* COMMON) . = ALIGN(4); } > RAM

  /DISCARD/ : { *(.ARM.exidx .ARM.exidx.* .ARM.extab .ARM.extab.* .eh_frame .comment .init .fini .init_array .fini_array) }
}
`;
}

function region(of: Region): string {
  return `ORIGIN = ${hex(of.origin)}, LENGTH = ${hex(Math.max(of.bytes, linkedBytes))}`;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
