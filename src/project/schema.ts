import { z } from 'zod';
import { targets as knownTargets } from '../targets/index.ts';

/** tinyml.yml as it is written. `schemas/tinyml.schema.json` is made from this, so descriptions are what an editor shows. */

const size = z
  .union([z.int().positive(), z.string().min(1).max(40)], { error: 'must be a size such as `64 KiB`' })
  .describe('Bytes: `64 KiB`, `1 MiB` or `65536`');

const count = z
  .union([z.int().positive(), z.string().min(1).max(40)], { error: 'must be a count such as `1.5M`' })
  .describe('Executed instructions of one inference: `1.5M`, `900k` or `1,500,000`');

/** Examples, not an enumeration: load.ts answers an unknown name with the nearest one. */
const targetName = z.string().meta({ examples: [...knownTargets.keys()] });

const limits = {
  flash: size
    .describe('The most flash that the model may add: code, weights, tables and run-time library')
    .optional(),
  ram: size
    .describe('The most RAM that the model may add: tensor arena and static data, without stack')
    .optional(),
  instructions: count.optional(),
};

const budgets = z
  .strictObject({
    ...limits,
    targets: z
      .record(targetName, z.strictObject(limits))
      .describe('Other limits on single targets, by name')
      .optional(),
  })
  .describe('Limits; a value above one fails the check');

const path = z.string().min(1).max(1000);

const testData = z
  .strictObject({
    inputs: path.describe(
      '.npy file of shape [N, ...input shape]: the exact integers, or floats that are quantized as the model says',
    ),
    labels: path.describe('.npy file of shape [N]: the right class of each sample').optional(),
    samples: z
      .int()
      .min(1)
      .max(10_000)
      .describe('How many samples run on the emulated part, spread evenly over the file (default 50)')
      .optional(),
  })
  .describe('Samples that the emulated part must compute exactly as the reference does');

const targets = z.array(targetName).min(1).describe('Names of targets, such as `cortex-m4`');

const model = z.strictObject({
  file: path.describe('Path of the .tflite file, from the folder that holds tinyml.yml'),
  name: z
    .string()
    .describe('Prefix of the C library: lower case letters, digits and _ (default: from the file name)')
    .optional(),
  targets: targets.optional(),
  budgets: budgets.optional(),
  'test-data': testData.optional(),
});

export const emulatorChoices = ['auto', 'renode', 'qemu', 'both'] as const;

export const configSchema = z
  .strictObject({
    models: z
      .array(model)
      .min(1)
      .max(1000)
      .describe('Models to deploy (default: every .tflite file in the repository)')
      .optional(),
    targets: targets.describe('Where models run unless they say otherwise (default: cortex-m4)').optional(),
    budgets: budgets.optional(),
    emulator: z
      .enum(emulatorChoices)
      .describe('`auto` takes Renode where it can be had, with QEMU as second opinion where it is installed, else QEMU alone; two must agree to the instruction')
      .optional(),
    toolchain: z
      .union([z.string().min(1).max(40), z.number()])
      .describe('`system`, or the version of a pinned Arm GNU toolchain such as `"14.3"`')
      .optional(),
    'time-limit': z
      .union([z.int().positive(), z.string().min(1).max(40)], { error: 'must be a time such as `60 s`' })
      .describe('Wall-clock limit of one emulation: `60 s`, `2 min` (default 60 s)')
      .optional(),
  })
  .describe('Configuration of tinyml-deploy');

export type Config = z.infer<typeof configSchema>;
export type ConfigBudgets = z.infer<typeof budgets>;
export type ConfigModel = z.infer<typeof model>;
