import { DeployError } from '../errors.ts';

/** Files of training that hold no graph which could be imported without running the user's code: what to do instead. */

const exportPt2 =
  'Export it where the model is defined: `program = torch.export.export(model.eval(), (example_input,))`, then `torch.export.save(program, "model.pt2")`.';

const exportTflite =
  'Convert it with TensorFlow: `tf.lite.TFLiteConverter.from_keras_model(model).convert()`.';

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
    hint: 'Give the model as .tflite, .onnx or .pt2.',
  },
  {
    extensions: ['.keras', '.h5', '.hdf5', '.pb'],
    what: 'Keras and SavedModel files are not read yet',
    hint: exportTflite,
  },
];

/** The one sentence for a model file that is none of those that are imported. */
export function refuseOtherFormat(bytes: Uint8Array, file: string): DeployError {
  const name = file.toLowerCase();
  const other = others.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
  if (other !== undefined) return new DeployError('input', `${other.what}.`, { file }, other.hint);
  // A pickle starts with its protocol: 0x80 and a small number.
  if (bytes[0] === 0x80 && (bytes[1] ?? 255) <= 5)
    return new DeployError('input', 'this is a pickle, which is never opened.', { file }, exportPt2);
  return new DeployError(
    'input',
    'this is not a model file that is read here.',
    { file },
    'Give a .tflite, .onnx or .pt2 file.',
  );
}
