/** Models that only the framework that wrote them can read: it converts them to a float .tflite, in a process of its own. */

/** The files of such a model, the one that it is named after first; paths from its folder, with `/`. */
export interface TrainedModel {
  /** Its path as the user knows it. */
  readonly file: string;
  readonly kind: 'keras' | 'savedmodel';
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface ModelConverter {
  /** The model as a float .tflite. `onStep` is told in a few words what is done now. Throws DeployError. */
  convert(model: TrainedModel, onStep: (step: string) => void): Promise<Uint8Array>;
}
