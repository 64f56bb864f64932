import type { Firmware } from '../build/firmware.ts';

/** The function that holds an address, e.g. `kws_layer_03_conv_2d+0x1c`; null outside of all functions. */
export function symbolize(firmware: Pick<Firmware, 'symbols'>, address: number): string | null {
  const owner = functionAt(firmware, address);
  if (owner === null) return null;
  const offset = address - owner.address;
  return offset === 0 ? owner.name : `${owner.name}+0x${offset.toString(16)}`;
}

/** The layer whose own code holds an address; null in shared functions and elsewhere. */
export function layerAt(firmware: Pick<Firmware, 'symbols' | 'layers'>, address: number): string | null {
  const owner = functionAt(firmware, address);
  const layer = firmware.layers.find(
    // A layer's own name, the compiler's copies of it, and what a fused layer calls for its members.
    ({ symbol }) =>
      owner?.name === symbol || owner?.name.startsWith(`${symbol}.`) || owner?.name.startsWith(`${symbol}_`),
  );
  return layer?.symbol ?? null;
}

function functionAt(
  firmware: Pick<Firmware, 'symbols'>,
  address: number,
): Firmware['symbols'][number] | null {
  return (
    firmware.symbols.find(
      (symbol) => address >= symbol.address && address < symbol.address + Math.max(symbol.bytes, 1),
    ) ?? null
  );
}
