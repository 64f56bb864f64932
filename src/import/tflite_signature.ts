import { damaged, stringField, type Table, tableVector, uint32Field } from './flatbuffer.ts';
import { modelFields, signatureFields, tensorMapFields } from './tflite_schema.ts';

const mostSignatures = 1000;
const longestName = 1024;

/**
 * What the first signature of a subgraph calls the subgraph's inputs and outputs, by tensor index: the names of training,
 * where the tensors themselves are called `serving_default_x:0` and `StatefulPartitionedCall:0`. Empty where no signature
 * is of this subgraph. Throws DeployError.
 */
export function signatureNames(model: Table, subgraph: number): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const signature = tableVector(model, modelFields.signatures, 'signature', mostSignatures).find(
    (each) => uint32Field(each, signatureFields.subgraph, 0) === subgraph,
  );
  if (signature === undefined) return names;
  for (const field of [signatureFields.inputs, signatureFields.outputs])
    for (const item of tableVector(signature, field, 'entry of a signature', mostSignatures)) {
      const tensor = uint32Field(item, tensorMapFields.tensor, 0);
      const name = stringField(item, tensorMapFields.name, 'a name in a signature', longestName);
      if (name.includes('\0')) throw damaged(model.file, 'a name in a signature holds a zero');
      // One tensor may be given out under two names.
      if (name !== '' && !names.has(tensor)) names.set(tensor, name);
    }
  return names;
}
