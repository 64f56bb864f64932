import { z } from 'zod';
import { optimizeSettings } from '../operators/setting.ts';
import { activationTypes } from '../quantize/options.ts';
import { rangeMethods } from '../quantize/ranges.ts';
import { targets as knownTargets } from '../targets/index.ts';
import { arithmetics } from './project.ts';

/** tinyml.yml as it is written. `schemas/tinyml.schema.json` is made from this, so descriptions are what an editor shows. */

const size = z
  .union([z.int().positive(), z.string().min(1).max(40)], { error: 'must be a size such as `64 KiB`' })
  .describe('Bytes: `64 KiB`, `1 MiB` or `65536`');

const count = z
  .union([z.int().positive(), z.string().min(1).max(40)], { error: 'must be a count such as `1.5M`' })
  .describe('Executed instructions of one inference: `1.5M`, `900k` or `1,500,000`');

/** Examples, not an enumeration: load.ts answers an unknown name with the nearest one. */
const targetName = z.string().meta({ examples: [...knownTargets.keys()] });

/** Whole number or text, with units that load.ts reads. */
const written = (what: string) =>
  z.union([z.int().nonnegative(), z.string().min(1).max(40)], { error: `must be ${what}` });
const percentage = (example: string) =>
  z
    .string({ error: `must be a percentage such as \`${example}\`` })
    .min(1)
    .max(40);

const growth = {
  percent: percentage('+2%').describe('The most that it may grow over the baseline: `+2%`').optional(),
};
const sizeBounds = z
  .strictObject({
    limit: size.optional(),
    change: written('a growth such as `+1 KiB`')
      .describe('The most bytes that it may grow over the baseline: `+1 KiB`')
      .optional(),
    ...growth,
    share: percentage('80%')
      .describe("The most of the real part's memory that it may take: `80%`; not checked on a generic core")
      .optional(),
  })
  .describe('Several bounds, each of which must hold');
const countBounds = z
  .strictObject({
    limit: count.optional(),
    change: written('a growth such as `+10k`')
      .describe('The most instructions or cycles that it may grow over the baseline: `+10k`')
      .optional(),
    ...growth,
  })
  .describe('Several bounds, each of which must hold');
const energyBounds = z
  .strictObject({
    limit: written('an energy such as `2 mJ`').optional(),
    change: written('a growth such as `+10 uJ`')
      .describe('The most energy that it may grow over the baseline: `+10 uJ`')
      .optional(),
    ...growth,
  })
  .describe('Several bounds, each of which must hold');
const accuracyBounds = z
  .strictObject({
    limit: percentage('95%').describe('The least accuracy: `95%`').optional(),
    change: percentage('-0.5%')
      .describe('The most points that it may fall below the baseline: `-0.5%`')
      .optional(),
  })
  .describe('Several bounds, each of which must hold');
const number = z.union([z.number(), z.string().min(1).max(40)], { error: 'must be a number such as `0.05`' });
const scoreBounds = z
  .strictObject({
    limit: number.describe('The lowest score: `0.7`').optional(),
    change: number.describe('The most that it may fall below the baseline: `-0.01`').optional(),
  })
  .describe('Several bounds, each of which must hold');
const errorBounds = z
  .strictObject({
    limit: number.describe('The highest error: `0.05`').optional(),
    change: number.describe('The most that it may grow over the baseline: `+0.01`').optional(),
    ...growth,
  })
  .describe('Several bounds, each of which must hold');
const changedBounds = z
  .strictObject({
    limit: z.int().nonnegative().describe('So many samples').optional(),
    share: percentage('2%').describe('So many of the samples that are scored: `2%`').optional(),
  })
  .describe('Several bounds, each of which must hold');

const sizes = z.union([z.int().positive(), z.string().min(1).max(40), sizeBounds], {
  error: 'must be a size such as `64 KiB`, or a mapping with `limit`, `change`, `percent` or `share`',
});
const limits = {
  flash: sizes
    .describe('The most flash that the model may add: code, weights, tables and run-time library')
    .optional(),
  ram: sizes
    .describe('The most RAM that the model may add: tensor arena and static data, without stack')
    .optional(),
  stack: sizes.describe('The most stack that one inference may take').optional(),
  instructions: z
    .union([z.int().positive(), z.string().min(1).max(40), countBounds], {
      error: 'must be a count such as `1.5M`, or a mapping with `limit`, `change` or `percent`',
    })
    .describe('The most instructions that one inference may execute: `1.5M`, `900k` or `1,500,000`')
    .optional(),
  cycles: z
    .union([z.int().positive(), z.string().min(1).max(40), countBounds], {
      error:
        'must be a count such as `2M`, a time such as `20 ms @ 80 MHz`, or a mapping with `limit`, `change` or `percent`',
    })
    .describe(
      'The most cycles that one inference may be estimated to take, by the upper end of the estimate: `2M`, or a time at a clock, `20 ms @ 80 MHz`',
    )
    .optional(),
  energy: z
    .union([z.string().min(1).max(40), energyBounds], {
      error: 'must be an energy such as `2 mJ`, or a mapping with `limit`, `change` or `percent`',
    })
    .describe(
      'The most energy that one inference may be estimated to take, by the upper end of the estimate, on a part whose energy per cycle has been measured: `2 mJ`',
    )
    .optional(),
  accuracy: z
    .union([z.string().min(1).max(40), accuracyBounds], {
      error: 'must be a percentage such as `95%`, or a mapping with `limit` or `change`',
    })
    .describe(
      'The least accuracy on the labelled test data, where its metric is a share (top-k, F1, AUC): `95%`',
    )
    .optional(),
  score: z
    .union([z.number(), z.string().min(1).max(40), scoreBounds], {
      error: 'must be a number such as `0.7`, or a mapping with `limit` or `change`',
    })
    .describe('The lowest value of your own program’s metric, where more is better')
    .optional(),
  error: z
    .union([z.number(), z.string().min(1).max(40), errorBounds], {
      error: 'must be a number such as `0.05`, or a mapping with `limit`, `change` or `percent`',
    })
    .describe('The highest mean error, or value of your own program’s metric where less is better: `0.05`')
    .optional(),
  'changed-answers': z
    .union([z.int().nonnegative(), changedBounds], {
      error: 'must be a number of samples such as `5`, or a mapping with `limit` or `share`',
    })
    .describe('The most samples of the test data whose answer may differ from the baseline’s: `5`')
    .optional(),
};

/** Names that people give to what has another one here. */
export const otherNames: Readonly<Record<string, string>> = {
  time: 'write a time and a clock as `cycles: 20 ms @ 80 MHz`',
  latency: 'write a time and a clock as `cycles: 20 ms @ 80 MHz`',
};

const budgets = z
  .strictObject({
    ...limits,
    targets: z
      .record(targetName, z.strictObject(limits))
      .describe('Other limits on single targets, by name')
      .optional(),
  })
  .describe('Limits; a value above one, or an accuracy below it, fails the check');

const path = z.string().min(1).max(1000);

const name = z.string().min(1).max(200);

const dataPaths = z.union([path, z.record(name, path)], {
  error: 'must be a path, or a mapping from the inputs to paths',
});

const testData = z
  .strictObject({
    inputs: dataPaths.describe(
      "A .npy, .npz or .csv file, or a folder of images or recordings; or a mapping from the names of the inputs to these. Integers of the input's type are taken as they are, floats are quantized as the model says",
    ),
    labels: path
      .describe(
        'File of the right class of each sample, shape [N]; not needed where a .npz or .csv has them beside the inputs, or folders are named by class',
      )
      .optional(),
    label: name
      .describe(
        'Name of the labels in the .npz or .csv file (default: `labels`, `label` or `y`, where there is one)',
      )
      .optional(),
    classes: z
      .array(name)
      .min(1)
      .max(10_000)
      .describe(
        'Names of the classes in the order of their numbers, for folders named by class (default: whole numbers as they are, else in alphabetical order)',
      )
      .optional(),
    samples: z
      .int()
      .min(1)
      .max(10_000)
      .describe('How many samples run on the emulated part, spread evenly over the file (default 50)')
      .optional(),
  })
  .describe('Samples that the emulated part must compute exactly as the reference does');

const quantize = z
  .strictObject({
    calibration: dataPaths.describe(
      'Real inputs as floats, scaled as in training: a .npy, .npz or .csv file, or a folder of images or recordings; or a mapping from the names of the inputs to these',
    ),
    samples: z
      .int()
      .min(1)
      .max(10_000)
      .describe('How many samples calibrate, spread evenly over the file (default 200)')
      .optional(),
    range: z
      .enum(['auto', ...rangeMethods])
      .describe(
        'How the range of each tensor is chosen: `min-max`, `percentile` (99.99 %), `mse` (least mean-squared error), or `auto`, whichever keeps most of the outputs on the calibration data (default)',
      )
      .optional(),
    'bias-correction': z
      .union([z.literal('auto'), z.boolean()], { error: 'must be `true`, `false` or `auto`' })
      .describe('Whether biases make up for what rounding the weights takes from the mean (default `false`)')
      .optional(),
    activations: z
      .enum(activationTypes)
      .describe(
        'What activations are rounded to; weights are int8 in any case: `int8` (default), `int16`, or `mixed`, int8 but for those that `max-loss` needs in int16 (docs/quantization.md)',
      )
      .optional(),
    'max-loss': z
      .string({ error: 'must be a loss such as `0.5%` or `40 dB`' })
      .min(1)
      .max(40)
      .describe(
        'What `activations: mixed` may cost against the float network: points of accuracy, `0.5%`, or the signal to noise of the outputs that must be left, `40 dB` (default `1%` where the test data has classes, else `30 dB`)',
      )
      .optional(),
    edges: z
      .enum(['int8', 'int16', 'float32'])
      .describe(
        "Type of the library's inputs and outputs, converted in the library where the network computes in another: `int8`, `int16` or `float32` (default: as the network computes, with scale and zero point in the header)",
      )
      .optional(),
  })
  .describe('How a float model is quantized; ignored for models that are quantized already');

const scaleFactor = z.union([z.number(), z.string().min(1).max(40)], {
  error: 'must be a number or a fraction such as `1/255`',
});
const perChannel = z.union([z.number(), z.array(z.number()).min(1).max(3)], {
  error: 'must be a number, or a list with one for each channel',
});

const preprocessing = z
  .strictObject({
    images: z
      .strictObject({
        scale: scaleFactor.describe('What a pixel, 0 to 255, is multiplied by: `1/255` or `1`'),
        mean: perChannel.describe('What is then subtracted: a number, or one for each channel').optional(),
        std: perChannel.describe('What is then divided by: a number, or one for each channel').optional(),
        size: z
          .tuple([z.int().min(1).max(4096), z.int().min(1).max(4096)], {
            error: 'must be a list of height and width, such as `[96, 96]`',
          })
          .describe('Height and width (default: those of the input)')
          .optional(),
        color: z
          .enum(['rgb', 'bgr', 'grayscale'])
          .describe('Channels (default: `rgb`, or `grayscale` for an input with one channel)')
          .optional(),
        order: z
          .enum(['channels-last', 'channels-first'])
          .describe('Order of the values (default: as the input has it)')
          .optional(),
        resize: z
          .enum(['none', 'nearest', 'bilinear'])
          .describe('What happens to images of another size: `none` refuses them (default)')
          .optional(),
      })
      .describe('How images become inputs: (pixel × scale − mean) / std')
      .optional(),
    audio: z
      .strictObject({
        scale: scaleFactor
          .describe('What a sample, −1 to 1, is multiplied by (default 1); `32768` gives 16-bit integers')
          .optional(),
        rate: z
          .int()
          .min(1)
          .max(1_000_000)
          .describe('Samples per second that every recording must have (default: those of the first one)')
          .optional(),
        fit: z
          .enum(['none', 'pad'])
          .describe(
            'What happens to recordings of another length: `none` refuses them (default), `pad` ends shorter ones in silence and cuts longer ones',
          )
          .optional(),
      })
      .describe('How recordings become inputs that take the wave itself')
      .optional(),
  })
  .describe('How the files of test and calibration data become inputs');

const targets = z.array(targetName).min(1).describe('Names of targets, such as `cortex-m4`');

const setting = z.enum(optimizeSettings);
const optimize = z
  .union([setting, z.record(targetName, setting)], {
    error: `must be one of ${optimizeSettings.join(', ')}, or a mapping from targets to them`,
  })
  .describe(
    'What the generated code is optimized for: `balanced` (default), `size` or `speed`; or a mapping from targets to these, such as `{ cortex-m0plus: size }`',
  );

const preserveInput = z
  .boolean()
  .describe(
    'Whether the input is still in the arena after an inference (default: false; its bytes then serve other tensors as soon as they are read)',
  );

const program = z.union([z.string().min(1).max(1000), z.array(z.string().max(1000)).min(1).max(50)], {
  error: 'must be a program, or a list of a program and its arguments such as `[python3, score.py]`',
});

const accuracy = z
  .strictObject({
    metric: z
      .string()
      .max(40)
      .meta({ examples: ['top-1', 'top-3', 'f1', 'auc', 'mae', 'mse'] })
      .describe(
        '`top-1` (default for labels that are integers), `top-2` and so on, `f1`, `auc`, `mae` (default for labels that are floats) or `mse`',
      )
      .optional(),
    positive: z
      .int()
      .nonnegative()
      .max(65_535)
      .describe('Of `f1`: the class that counts (default: the mean over all classes)')
      .optional(),
    script: program
      .describe(
        'Your own program, in place of `metric`: started in the folder of tinyml.yml with a folder of .npy files as its last argument, it prints a line of JSON (docs/accuracy.md)',
      )
      .optional(),
    'time-limit': z
      .union([z.int().positive(), z.string().min(1).max(40)], { error: 'must be a time such as `5 min`' })
      .describe('How long `script` may run (default 5 min)')
      .optional(),
    samples: z
      .int()
      .min(1)
      .max(10_000_000)
      .describe('How many samples are scored, spread evenly over the test data (default: all)')
      .optional(),
    tolerance: z
      .number()
      .nonnegative()
      .describe(
        'Answers that are values count as changed when they differ by more than this, in units of the output (default 0)',
      )
      .optional(),
  })
  .describe('How the answers to the test data are scored');

const arithmetic = z
  .enum(arithmetics)
  .describe(
    'What a float model computes in: `int8` (default), so that it is quantized first, or `float32`, as it is: its weights as the file has them, and slow on cores without a floating-point unit (docs/float32.md)',
  );

const model = z.strictObject({
  file: path.describe(
    'Path of the .tflite, .onnx, .pt2, .keras or .h5 file, or of the folder of a SavedModel, from the folder that holds tinyml.yml',
  ),
  name: z
    .string()
    .describe('Prefix of the C library: lower case letters, digits and _ (default: from the file name)')
    .optional(),
  targets: targets.optional(),
  optimize: optimize.optional(),
  preserve_input: preserveInput.optional(),
  budgets: budgets.optional(),
  'test-data': testData.optional(),
  accuracy: accuracy.optional(),
  preprocessing: preprocessing.optional(),
  shapes: z
    .record(name, z.array(z.int().min(1).max(1_000_000)).min(1).max(8))
    .describe(
      'Sizes of inputs whose file leaves some open, by name: `{ x: [1, 49, 10, 1] }`, in the order of the file; the batch becomes 1 by itself',
    )
    .optional(),
  dimensions: z
    .record(name, z.int().min(1).max(1_000_000))
    .describe('Sizes of dimensions that are open but have names, as in ONNX: `{ sequence: 16 }`')
    .optional(),
  quantize: quantize.optional(),
  arithmetic: arithmetic.optional(),
});

export const emulatorChoices = ['auto', 'renode', 'qemu', 'both'] as const;

export const configSchema = z
  .strictObject({
    models: z
      .array(model)
      .min(1)
      .max(1000)
      .describe(
        'Models to deploy (default: every .tflite file in the repository; where there is none, every .onnx and .pt2 file; where there is none of those either, every Keras model and SavedModel)',
      )
      .optional(),
    targets: targets.describe('Where models run unless they say otherwise (default: cortex-m4)').optional(),
    optimize: optimize.optional(),
    preserve_input: preserveInput.optional(),
    budgets: budgets.optional(),
    emulator: z
      .enum(emulatorChoices)
      .describe(
        '`auto` takes Renode where it can be had, with QEMU as second opinion where it is installed, else QEMU alone; two must agree to the instruction',
      )
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
