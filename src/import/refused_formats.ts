import { DeployError, printable } from '../errors.ts';
import { modelKinds } from './extensions.ts';
import { isZip, storedFiles } from './zip.ts';

/** Files of training that hold no graph which could be imported without running the user's code: what to do instead. */

const exportPt2 =
  'Export it where the model is defined: `program = torch.export.export(model.eval(), (example_input,))`, then `torch.export.save(program, "model.pt2")`.';

interface OtherFormat {
  readonly extensions: readonly string[];
  readonly what: string;
  readonly hint: string;
}

const others: readonly OtherFormat[] = [
  {
    extensions: ['.pt', '.pth', '.ckpt', '.bin'],
    what: 'a PyTorch file of this kind holds weights or a pickle, which is never opened, but no graph',
    hint: exportPt2,
  },
  {
    extensions: ['.safetensors'],
    what: 'this file holds weights, but no graph',
    hint: exportPt2,
  },
  {
    extensions: ['.pkl', '.pickle', '.joblib'],
    what: 'a pickle can run code when it is opened, so it never is',
    hint: `Give a ${modelKinds}.`,
  },
  {
    extensions: ['.pb'],
    what: 'this is no SavedModel, which is a folder with a file saved_model.pb',
    hint: 'Export one by `model.export("folder")` in Keras, or by `tf.saved_model.save(model, "folder")`, and name the folder.',
  },
];

/** The one sentence for a model file that is none of those that are imported. */
export function refuseOtherFormat(bytes: Uint8Array, file: string): DeployError {
  const torch = torchFile(bytes, file);
  if (torch !== null) return new DeployError('input', `${torch.what}.`, { file }, torch.hint);
  const name = file.toLowerCase();
  const other = others.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
  if (other !== undefined) return new DeployError('input', `${other.what}.`, { file }, other.hint);
  if (isPickle(bytes))
    return new DeployError('input', 'this is a pickle, which is never opened.', { file }, exportPt2);
  return new DeployError(
    'input',
    'this is not a model file that is read here.',
    { file },
    `Give a ${modelKinds}.`,
  );
}

/** A pickle starts with its protocol: 0x80 and a small number. */
function isPickle(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80 && (bytes[1] ?? 255) <= 5;
}

type Answer = Pick<OtherFormat, 'what' | 'hint'>;

/** Which of its files PyTorch wrote here; null where it wrote none. Nothing is unpickled: the pickle's text is looked at. */
function torchFile(bytes: Uint8Array, file: string): Answer | null {
  if (!isZip(bytes)) return isPickle(bytes) ? pickled(bytes) : null;
  let entries: ReadonlyMap<string, Uint8Array>;
  try {
    entries = storedFiles(file, bytes);
  } catch (error) {
    if (error instanceof DeployError) return null;
    throw error;
  }
  const has = (pattern: RegExp) => [...entries.keys()].some((entry) => pattern.test(entry));
  if (has(/(^|\/)models\/[^/]+\.json$/))
    return {
      what: 'this is a model that torch.export wrote, under another ending',
      hint: 'Rename it to end in .pt2.',
    };
  if (has(/(^|\/)code\/.+\.py$/))
    return {
      what: 'this is TorchScript: its graph is code that PyTorch would have to run',
      hint: exportPt2,
    };
  const pickle = [...entries].find(([entry]) => /(^|\/)data\.pkl$/.test(entry))?.[1];
  return pickle === undefined ? null : pickled(pickle);
}

/** Modules that a file of nothing but tensors, numbers and containers names. */
const plainModules =
  /^(collections|torch|torch\._utils|torch\._tensor|torch\.storage|torch\.serialization|numpy|numpy\..*|_codecs|builtins|__builtin__)$/;

/** Of what PyTorch has pickled: weights alone, or objects whose classes would have to be imported, and so run. */
function pickled(pickle: Uint8Array): Answer | null {
  const text = new TextDecoder('latin1').decode(pickle.subarray(0, longestLook));
  // The opcode GLOBAL: `c`, a module and a name, each to the end of its line.
  const globals = [...text.matchAll(/c([A-Za-z_][\w.]*)\n([A-Za-z_][\w.]*)\n/g)];
  const isTorch = globals.some(([, module = '']) => module === 'torch' || module.startsWith('torch.'));
  const own = globals.find(([, module = '']) => !plainModules.test(module));
  if (own !== undefined && isTorch)
    return {
      what: `this is a pickled PyTorch object (${printable(`${own[1]}.${own[2]}`, 80)}): opening it would run code, so it never is`,
      hint: exportPt2,
    };
  if (!isTorch) return null;
  return {
    what: 'this is a state dict of PyTorch: weights without a graph',
    hint: exportPt2,
  };
}

const longestLook = 4 * 1024 * 1024;
