/** Kinds of model files, the best one first where the same model is there in several. */
export const modelExtensions = ['.tflite', '.onnx', '.pt2'] as const;

export type ModelExtension = (typeof modelExtensions)[number];

/** Of a path, whatever its case; null where no importer reads such files. */
export function modelExtension(path: string): ModelExtension | null {
  const name = path.toLowerCase();
  return modelExtensions.find((extension) => name.endsWith(extension)) ?? null;
}
