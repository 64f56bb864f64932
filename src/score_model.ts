import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Evaluation, evaluate, type RunMany } from './accuracy/evaluate.ts';
import { realValues } from './accuracy/predict.ts';
import { runScript } from './accuracy/script.ts';
import { defaultAccuracy } from './accuracy/settings.ts';
import type { TestSet } from './accuracy/test_set.ts';
import { buildHostProgram } from './build/host_program.ts';
import { generate } from './codegen/generate.ts';
import { DeployError } from './errors.ts';
import { bytesOf, type Graph, tensorAt } from './graph/graph.ts';
import { makePlan } from './plan/make_plan.ts';
import type { ModelEntry } from './project/project.ts';
import { openTestData } from './project/testdata.ts';
import { findTarget } from './targets/index.ts';

/** How programs of the user's are started. */
export interface Programs {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** False for what a fork brings. */
  readonly isAllowed: boolean;
}

export interface ScoreRequest {
  /** The project's folder. */
  readonly folder: string;
  readonly entry: ModelEntry;
  /** As the file has it, and as it is compiled: both give the same bits. */
  readonly imported: Graph;
  readonly graph: Graph;
  /** The network that was quantized; null: none was. */
  readonly float: Graph | null;
  /** Takes what is built and exchanged; removed afterwards. */
  readonly workFolder: string;
  readonly runtimeFolder: string;
  /** Text of runtime/kernels/*.h by file name. */
  readonly kernels: ReadonlyMap<string, string>;
  readonly programs: Programs | undefined;
  readonly signal?: AbortSignal;
}

/** Its kernels are plain C, for any machine. */
const hostTarget = 'cortex-m3';

/** Scores a model on its test data; null where it has none. Throws DeployError. */
export async function scoreModel(
  request: ScoreRequest,
  onProgress: (part: number) => void,
): Promise<Evaluation | null> {
  const { folder, entry, imported, float, workFolder, programs } = request;
  const { testData, preprocessing } = entry;
  if (testData === null) return null;
  const signal = request.signal === undefined ? {} : { signal: request.signal };
  const set = openTestData(folder, testData, imported, preprocessing);
  const plan = makePlan(request.graph, findTarget(hostTarget));
  let isWritten = false;
  let floatSet: (TestSet & { close(): void }) | null = null;
  try {
    floatSet = float === null ? null : openFloat(request, float, set);
    return await evaluate(
      {
        graph: imported,
        set,
        settings: entry.accuracy ?? defaultAccuracy,
        macs: plan.layers.reduce((sum, { call }) => sum + call.macs, 0),
        float: float === null || floatSet === null ? null : { graph: float, set: floatSet },
        host: async (): Promise<RunMany | null> => {
          const options = {
            folder: join(workFolder, 'host'),
            runtimeFolder: request.runtimeFolder,
            ...signal,
          };
          isWritten = true;
          const program = await buildHostProgram(generate(plan, request.kernels), options);
          return program === null ? null : program.run;
        },
        script: (graph, metric, samples) => {
          isWritten = true;
          return runScript(graph, metric, samples, set, {
            folder,
            workFolder: join(workFolder, 'score'),
            environment: programs?.environment ?? {},
            isAllowed: programs?.isAllowed === true,
            ...signal,
          });
        },
        ...signal,
      },
      onProgress,
    );
  } finally {
    set.close();
    floatSet?.close();
    // Nothing is waited for where nothing was written: what is wrong with the data is told at once.
    if (isWritten) await rm(workFolder, { recursive: true, force: true });
  }
}

/** The test data as the float network takes it; data in the quantized model's own integers stands for their real values. */
function openFloat(
  { folder, entry, imported }: ScoreRequest,
  float: Graph,
  set: TestSet,
): TestSet & { close(): void } {
  if (entry.testData !== null)
    try {
      return openTestData(folder, entry.testData, float, entry.preprocessing);
    } catch (error) {
      if (!(error instanceof DeployError)) throw error;
    }
  return {
    ...set,
    inputs: (index) =>
      set.inputs(index).map((bytes, position) => {
        const tensor = tensorAt(imported, imported.inputs[position] ?? -1);
        return bytesOf(Float32Array.from(realValues(tensor, bytes)));
      }),
    close: () => {},
  };
}
