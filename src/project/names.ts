import { identifierOf } from '../graph/name.ts';
import { savedModelFile } from '../import/extensions.ts';

/** Every symbol of ours starts with this; a model of that name could collide with one. */
const ours = /^tinyml_/;

/** True for what may stand in tinyml.yml as a name: a C prefix that identifierOf leaves as it is. */
export function isModelName(name: string): boolean {
  return identifierOf(name) === name && !ours.test(name);
}

/** `models/My Model (v2).tflite` → `my_model_v2`: always a name that isModelName accepts. A SavedModel has its folder's name. */
export function modelName(file: string): string {
  const inFolder = `/${savedModelFile}`;
  const name = identifierOf(file.endsWith(inFolder) ? file.slice(0, -inFolder.length) : file);
  return ours.test(name) ? identifierOf(`model_${name}`) : name;
}
