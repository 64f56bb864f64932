import { type FullyConnectedOptions, fullyConnectedGeometry } from '../operators/fully_connected.ts';
import { realsOf } from './constants.ts';
import { multiplyRows } from './dot_product.ts';
import { defineFloat, realRange } from './operator.ts';

export const fullyConnected = defineFloat<FullyConnectedOptions>({
  kind: 'FULLY_CONNECTED',
  prepare(node) {
    const { batches, depth, outputs } = fullyConnectedGeometry(node);
    const weights = realsOf(node.inputs[1]);
    const bias = realsOf(node.inputs[2], outputs);
    const { low, high } = realRange(node.options.activation);
    const vector = new Float64Array(depth);
    return ([input]) => {
      const x = input as Float32Array;
      const result = new Float32Array(batches * outputs);
      for (let batch = 0; batch < batches; batch++) {
        vector.set(x.subarray(batch * depth, (batch + 1) * depth));
        multiplyRows(weights, vector, bias, result, batch * outputs, 0, outputs, low, high);
      }
      return [result];
    };
  },
});
