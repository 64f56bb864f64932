import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkScript } from '../../src/build/link_script.ts';
import { findTarget } from '../../src/targets/index.ts';

test('regions start where the part has them and are linked larger, so that too much still gives numbers', () => {
  const script = linkScript(findTarget('nrf52840').renode.map, 8192);
  assert.match(script, /FLASH \(rx\) : ORIGIN = 0x00000000, LENGTH = 0x08000000/);
  assert.match(script, /RAM \(rwx\) : ORIGIN = 0x20000000, LENGTH = 0x08000000/);
});

test('the harness learns the real map by symbols', () => {
  const script = linkScript(findTarget('cortex-m33').qemu.map, 8192);
  assert.match(script, /^tinyml_uart = 0x50200000;$/m);
  assert.match(script, /^tinyml_mailbox = 0x80000000;$/m);
  assert.match(script, /^tinyml_ram_start = 0x38000000;$/m);
  assert.match(script, /^tinyml_ram_bytes = 0x00400000;$/m);
});

test('the stack has the size asked for and lies at the very start of RAM', () => {
  const script = linkScript(findTarget('cortex-m4').qemu.map, 4096);
  assert.match(
    script,
    /\.harness\.stack 0x20000000 \(NOLOAD\) :\s*\{\s*tinyml_stack_bottom = \.;\s*\. \+= 4096;/,
  );
});

test('equal maps give equal scripts', () => {
  const map = findTarget('cortex-m4').qemu.map;
  assert.equal(linkScript(map, 8192), linkScript(structuredClone(map), 8192));
});
