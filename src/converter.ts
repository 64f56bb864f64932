import { join } from 'node:path';
import { DeployError } from './errors.ts';
import type { ModelConverter } from './import/convert.ts';
import { type ConversionStore, tensorflowConverter } from './import/tensorflow_converter.ts';
import { type ArchiveStore, readMirror, toolCacheFolder } from './install/download.ts';
import type { Host } from './install/renode_release.ts';
import { provideUv } from './install/uv.ts';
import { provideEnvironment } from './install/uv_environment.ts';
import { runtimeFolder } from './runtime_folder.ts';

export interface ConverterRequest {
  /** Whether TensorFlow may be installed, into the tool cache. */
  readonly install: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly host: Host;
  /** The user's home folder. */
  readonly home: string;
  readonly store?: ArchiveStore;
  /** Keeps what was converted; null: nothing is taken from earlier runs. */
  readonly kept: ConversionStore | null;
  /** Whether the models come from somebody who may not run anything here: a fork. */
  readonly isUntrusted: boolean;
  readonly signal?: AbortSignal;
}

/** The Pythons for which every locked package has a wheel. */
const python = '>=3.11,<3.14';

/** TensorFlow, which converts Keras models and SavedModels; set up the first time that there is such a model. */
export function supplyConverter(request: ConverterRequest): ModelConverter {
  const { environment, host, install } = request;
  const cacheFolder = toolCacheFolder(environment, request.home);
  const path = environment.PATH ?? '';
  const signal = request.signal === undefined ? {} : { signal: request.signal };
  const uv = async (): Promise<string> => {
    if (!install)
      throw new DeployError(
        'tool',
        'TensorFlow, which converts this model, is not set up on this machine.',
        {},
        'Run once with leave to install it, or convert the model where it was trained and give the .tflite.',
      );
    const store = request.store === undefined ? {} : { store: request.store };
    return await provideUv({
      host,
      path,
      install,
      cacheFolder,
      ...readMirror(environment),
      ...store,
      ...signal,
    });
  };
  return tensorflowConverter({
    folder: join(runtimeFolder(), 'convert'),
    path,
    kept: request.kept,
    refusal: request.isUntrusted ? fromFork : null,
    python: (requirements, onStep) =>
      provideEnvironment(
        { title: 'TensorFlow', requirements, python },
        { uv, cacheFolder, environment, platform: host.platform, onStep, ...signal },
      ),
    ...signal,
  });
}

const fromFork = {
  what: 'this model has to be converted by TensorFlow, which is not started on what a fork brings.',
  hint: 'A maintainer can allow it by `convert-from-forks: true`, or the pull request can bring the converted .tflite.',
};
