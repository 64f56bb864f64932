import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { DeployError, printable } from '../errors.ts';
import { type Graph, tensorAt } from '../graph/graph.ts';
import { lastLines } from '../install/last_lines.ts';
import type { ScriptSamples, ScriptScore } from './evaluate.ts';
import type { AccuracyMetric } from './settings.ts';
import { type TestSet, truthOf } from './test_set.ts';
import { writeNpy } from './write_npy.ts';

/** Where the user's own program runs, and whether it may. */
export interface ScriptPlace {
  /** The project's folder. */
  readonly folder: string;
  /** Takes the arrays; removed afterwards. */
  readonly workFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** False on a pull request from a fork. */
  readonly isAllowed: boolean;
  readonly signal?: AbortSignal;
}

/** What a program needs to run at all: no token, and nothing else of a workflow's. */
const passedOn = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'PATHEXT',
  'VIRTUAL_ENV',
];

const result = z.strictObject({
  name: z.string().min(1).max(60),
  value: z.number(),
  higher_is_better: z.boolean(),
  unit: z.literal('%').optional(),
});

/**
 * Runs the user's program with a folder as its last argument: `output_0.npy` … and `input_0.npy` … with the values of each
 * output and input, [samples, ...shape], float32; `labels.npy` where there are labels. Its last line is the result as JSON.
 * Throws DeployError where it may not run, fails, takes too long, or prints anything else.
 */
export async function runScript(
  graph: Graph,
  { command, timeLimitSeconds }: AccuracyMetric & { readonly kind: 'script' },
  samples: ScriptSamples,
  { labels }: Pick<TestSet, 'labels'>,
  place: ScriptPlace,
): Promise<ScriptScore> {
  const [program = '', ...given] = command;
  const shown = printable(command.join(' '), 80);
  if (!place.isAllowed)
    throw new DeployError(
      'input',
      `The program that scores this model (${shown}) does not run on a pull request from a fork.`,
      { file: graph.source.file },
      'A maintainer can allow it by `score-from-forks: true` (docs/accuracy.md).',
    );
  await rm(place.workFolder, { recursive: true, force: true });
  await mkdir(place.workFolder, { recursive: true });
  try {
    writeSamples(graph, samples, labels, place.workFolder);
    const ran = await execa(program, [...given, place.workFolder], {
      cwd: place.folder,
      env: Object.fromEntries(
        passedOn.flatMap((name) => {
          const value = place.environment[name];
          return value === undefined ? [] : [[name, value]];
        }),
      ),
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      timeout: timeLimitSeconds * 1000,
      maxBuffer: 1_000_000,
      ...(place.signal === undefined ? {} : { cancelSignal: place.signal }),
    });
    if (ran.timedOut)
      throw new DeployError(
        'input',
        `The program that scores this model (${shown}) did not end within ${timeLimitSeconds} s.`,
        { file: graph.source.file },
        'Raise `accuracy: time-limit:`, or score fewer samples.',
      );
    if (ran.failed)
      throw new DeployError(
        'input',
        `The program that scores this model (${shown}) failed${ran.exitCode === undefined ? '' : ` with exit code ${ran.exitCode}`}.`,
        { file: graph.source.file },
        `It ended with:\n${lastLines(ran.stderr || ran.stdout, 12) || `  ${printable(ran.shortMessage ?? '', 200)}`}`,
      );
    return parseResult(ran.stdout, shown, graph);
  } finally {
    await rm(place.workFolder, { recursive: true, force: true });
  }
}

function writeSamples(
  graph: Graph,
  { inputs, outputs, indices }: ScriptSamples,
  labels: TestSet['labels'],
  folder: string,
): void {
  const write = (name: string, tensors: readonly number[], values: ScriptSamples['inputs']) => {
    for (const [position, index] of tensors.entries())
      writeNpy(
        join(folder, `${name}_${position}.npy`),
        'float32',
        withoutBatch(tensorAt(graph, index).shape),
        { length: indices.length, at: (index) => values(index)[position] },
      );
  };
  write('output', graph.outputs, outputs);
  write('input', graph.inputs, inputs);
  if (labels === null) return;
  const { elements, areIntegers } = labels;
  writeNpy(join(folder, 'labels.npy'), areIntegers ? 'int32' : 'float64', elements === 1 ? [] : [elements], {
    length: indices.length,
    at: (index) => truthOf(labels, indices[index] as number) ?? [],
  });
}

function withoutBatch(shape: readonly number[]): readonly number[] {
  return shape[0] === 1 ? shape.slice(1) : shape;
}

function parseResult(stdout: string, shown: string, graph: Graph): ScriptScore {
  const line = stdout.trim().split('\n').at(-1)?.trim() ?? '';
  const parsed = result.safeParse(jsonOf(line));
  if (!parsed.success)
    throw new DeployError(
      'input',
      `The program that scores this model (${shown}) did not end with a line of JSON with \`name\`, \`value\` and \`higher_is_better\`, but with: ${printable(line, 100) || 'nothing'}.`,
      { file: graph.source.file },
      'Print for example {"name": "IoU", "value": 0.713, "higher_is_better": true}.',
    );
  const { name, value, higher_is_better: isMore, unit } = parsed.data;
  // Percentages of which less is better are errors like any other.
  const isPercent = unit === '%' && isMore;
  return {
    name: printable(name, 50).slice(0, 60),
    unit: isPercent ? 'percent' : 'number',
    better: isMore ? 'more' : 'less',
    value,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
