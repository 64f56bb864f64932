/** Kinds of model files that are read here, the best one first where the same model is there in several. */
const nativeExtensions = ['.tflite', '.onnx', '.pt2'] as const;

/** A SavedModel is a folder; this file of it stands for all. */
export const savedModelFile = 'saved_model.pb';

/** Kinds that TensorFlow converts. */
const convertedExtensions = ['.keras', '.h5', '.hdf5', savedModelFile] as const;

export type NativeExtension = (typeof nativeExtensions)[number];
export type ConvertedExtension = (typeof convertedExtensions)[number];
export type ModelExtension = NativeExtension | ConvertedExtension;

export const modelExtensions: readonly ModelExtension[] = [...nativeExtensions, ...convertedExtensions];

/** For messages: all kinds of files that a model can be in. */
export const modelKinds = 'model (.tflite, .onnx, .pt2, .keras, .h5 or SavedModel)';

/** Of a path, whatever its case; null where no importer reads such files. */
export function modelExtension(path: string): ModelExtension | null {
  const name = path.toLowerCase();
  if (name === savedModelFile || name.endsWith(`/${savedModelFile}`) || name.endsWith(`\\${savedModelFile}`))
    return savedModelFile;
  return (
    modelExtensions.find((extension) => extension !== savedModelFile && name.endsWith(extension)) ?? null
  );
}

export function isConverted(extension: ModelExtension): extension is ConvertedExtension {
  return convertedExtensions.some((each) => each === extension);
}
