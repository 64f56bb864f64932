import type { Measurement } from '../../src/measurement.ts';
import type { Deployment } from '../../src/release/deployment.ts';
import { describeFile } from '../../src/release/file.ts';
import { measurement, nano } from '../report/sample.ts';

/** What is written of one measurement, with stand-ins for the files' content. */
export function deployment(of: Measurement): Deployment {
  const name = `${of.model.name}-${of.target}`;
  return {
    name,
    measurement: of,
    firmware: ['elf', 'bin', 'hex'].map((ending) =>
      describeFile(`${name}.${ending}`, `${ending} of ${name}`),
    ),
    library: describeFile(`${name}.zip`, `library of ${name}`),
  };
}

/** One model on two targets; on the second the compiler's libraries are not needed. */
export function measurements(): Measurement[] {
  const { flash } = measurement();
  return [
    measurement({ target: 'cortex-m0plus' }),
    measurement({ target: 'nrf52840', part: nano, flash: { ...flash, runtime: 0 } }),
  ];
}
