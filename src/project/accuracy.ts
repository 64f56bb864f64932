import {
  type AccuracyMetric,
  type AccuracySettings,
  defaultAccuracy,
  defaultScriptSeconds,
} from '../accuracy/settings.ts';
import { DeployError, printable } from '../errors.ts';
import type { ConfigFile } from './config.ts';
import type { ConfigModel } from './schema.ts';
import { parseSeconds } from './units.ts';

/** `accuracy:` of a model; null where it says nothing. `path`: [`models`, 2]. Throws DeployError (kind `input`). */
export function accuracyOf(
  source: ConfigFile,
  { accuracy, 'test-data': testData }: ConfigModel,
  path: readonly PropertyKey[],
): AccuracySettings | null {
  if (accuracy === undefined) return null;
  const at = [...path, 'accuracy'];
  const wrong = (key: string, what: string, hint: string) =>
    new DeployError('input', what, source.yaml.place([...at, key]), hint);
  if (testData === undefined)
    throw new DeployError(
      'input',
      'There is no test data to score.',
      source.yaml.place(at),
      'Give `test-data:` with `inputs` and `labels`.',
    );
  const { metric, positive, script, samples, tolerance } = accuracy;
  if (script !== undefined && metric !== undefined)
    throw wrong('metric', 'There are both `metric` and `script`.', 'Keep one of them.');
  if (positive !== undefined && metric !== 'f1')
    throw wrong('positive', '`positive` belongs to `metric: f1`.', 'Set that metric, or remove it.');
  if (accuracy['time-limit'] !== undefined && script === undefined)
    throw wrong('time-limit', '`time-limit` belongs to `script`.', 'Remove it.');
  const parsed = metric === undefined ? null : parseMetric(metric, positive ?? null);
  if (metric !== undefined && parsed === null)
    throw wrong(
      'metric',
      `"${printable(metric, 40)}" is no metric.`,
      'Known: top-1, top-2 and so on, f1, auc, mae, mse; or name your own program with `script:`.',
    );
  const limit = accuracy['time-limit'];
  return {
    metric:
      script === undefined
        ? parsed
        : {
            kind: 'script',
            command: typeof script === 'string' ? [script] : script,
            timeLimitSeconds:
              limit === undefined
                ? defaultScriptSeconds
                : parseSeconds(limit, source.yaml.place([...at, 'time-limit'])),
          },
    samples: samples ?? defaultAccuracy.samples,
    tolerance: tolerance ?? defaultAccuracy.tolerance,
  };
}

function parseMetric(text: string, positive: number | null): AccuracyMetric | null {
  const [, k] = /^top-([1-9]\d{0,3})$/.exec(text) ?? [];
  if (k !== undefined) return { kind: 'top', k: Number(k) };
  switch (text) {
    case 'f1':
      return { kind: 'f1', positive };
    case 'auc':
    case 'mae':
    case 'mse':
      return { kind: text };
    default:
      return null;
  }
}
