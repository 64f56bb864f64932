import type { Firmware } from '../build/firmware.ts';
import type { MemoryMap, Region } from '../targets/target.ts';

/** What Renode reads: a platform description and a script. Pure; file names are relative to the run's folder. */

export const renodeFiles = {
  platform: 'platform.repl',
  script: 'run.resc',
  firmware: 'firmware.elf',
  mailbox: 'mailbox.bin',
  uart: 'uart.txt',
  /** Renode's own settings: a user's must not change a run. */
  settings: 'renode.config',
  temporary: 'temporary',
} as const;

const addressSpace = 2 ** 32;
/** What the models of the interrupt controller and of the UART answer to. */
const nvic: Region = { origin: 0xe000_e000, bytes: 0x1000 };
const uartBytes = 0x1000;

/**
 * Renode only warns of an access to an address where nothing is and goes on with 0, and a jump there locks it up. So
 * something is there: it prints kind, address and program counter of the first access and halts the core. Fetching an
 * instruction is a read at the program counter.
 */
const nothing = `
import System
cpu = self.GetMachine()['sysbus.cpu']
pc = cpu.PC.RawValue
kind = 'write' if request.IsWrite else 'jump' if request.Absolute == pc else 'read'
if not cpu.IsHalted:
    System.Console.WriteLine('NOWHERE %s %08x %08x' % (kind, request.Absolute, pc))
cpu.IsHalted = True
`;

/**
 * A machine with nothing but core, memories and UART. Renode's own descriptions of parts have other memory sizes, and
 * some look for register descriptions on the network.
 */
export function platformDescription(cpuType: string, map: MemoryMap): string {
  const memory = (name: string, { origin, bytes }: Region): string =>
    `${name}: Memory.MappedMemory @ sysbus ${hex(origin)}\n    size: ${hex(bytes)}\n`;
  return [
    `nvic: IRQControllers.NVIC @ sysbus ${hex(nvic.origin)}\n    IRQ -> cpu@0\n`,
    `cpu: CPU.CortexM @ sysbus\n    cpuType: "${cpuType}"\n    nvic: nvic\n`,
    memory('flash', map.flash),
    memory('ram', map.ram),
    memory('mailbox', map.mailbox),
    `uart: UART.CMSDK_APB_UART @ sysbus ${hex(map.uart)}\n`,
    [
      'nothing: Python.PythonPeripheral @ {',
      gaps([map.flash, map.ram, map.mailbox, { origin: map.uart, bytes: uartBytes }, nvic])
        .map(({ origin, bytes }) => `        sysbus <${hex(origin)}, +${hex(bytes)}>`)
        .join(';\n'),
      '    }',
      '    size: 0x1000',
      '    initable: false',
      `    script: '''${nothing}'''\n`,
    ].join('\n'),
  ].join('\n');
}

/** What the regions, which do not overlap, leave free of the 32-bit address space. */
function gaps(regions: readonly Region[]): Region[] {
  const found: Region[] = [];
  let end = 0;
  for (const { origin, bytes } of [
    ...regions.toSorted((a, b) => a.origin - b.origin),
    { origin: addressSpace, bytes: 0 },
  ]) {
    if (origin > end) found.push({ origin: end, bytes: origin - end });
    end = origin + bytes;
  }
  return found;
}

/**
 * Loads, hooks the marks, runs until `tinyml_done` or the time limit, prints one RESULT line and quits. Hooks only print
 * and halt: leaving Renode from a hook locks it up. Text for the host goes through System.Console, as a Python block's
 * own print may be lost on the way out.
 */
export function renodeScript(firmware: Firmware, timeLimitMs: number): string {
  const done = firmware.symbols.find(({ name }) => name === 'tinyml_done');
  if (done === undefined) throw new RangeError('the firmware has no tinyml_done');
  const hook = (address: number, statements: string): string =>
    `cpu AddHook ${hex(address)} "import System; ${statements}"`;
  const mark = (address: number): string =>
    hook(address, `System.Console.WriteLine('MARK %08x %d' % (${address}, self.ExecutedInstructions))`);
  return `${[
    // Errors: a warning for each of a million accesses would fill pipe and memory.
    'logLevel 3',
    'mach create "part"',
    `machine LoadPlatformDescription @${renodeFiles.platform}`,
    `sysbus LoadELF @${renodeFiles.firmware}`,
    `sysbus LoadBinary @${renodeFiles.mailbox} ${hex(firmware.map.mailbox.origin)}`,
    `cpu VectorTableOffset ${hex(firmware.map.flash.origin)}`,
    // Files to write are looked for in the installation otherwise.
    `uart CreateFileBackend $ORIGIN/${renodeFiles.uart} true`,
    // Virtual time is otherwise held back to real time, and a short quantum costs most of the speed.
    'emulation SetGlobalAdvanceImmediately true',
    'emulation SetGlobalQuantum "0.01"',
    ...firmware.marks.map(({ address }) => mark(address)),
    hook(done.address, 'self.IsHalted = True'),
    'python """',
    'import System',
    'from Antmicro.Renode.Core import EmulationManager',
    'from Antmicro.Renode.Time import TimeInterval',
    'emulation = EmulationManager.Instance.CurrentEmulation',
    "cpu = [machine for machine in emulation.Machines][0]['sysbus.cpu']",
    'clock = System.Diagnostics.Stopwatch.StartNew()',
    `while not cpu.IsHalted and clock.ElapsedMilliseconds < ${timeLimitMs}:`,
    '    emulation.RunFor(TimeInterval.FromMilliseconds(50))',
    "System.Console.WriteLine('RESULT %s %08x' % ('done' if cpu.IsHalted else 'stopped', cpu.PC.RawValue))",
    'System.Console.Out.Flush()',
    '"""',
    'quit',
  ].join('\n')}\n`;
}

function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}
