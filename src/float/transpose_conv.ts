import { elementCount } from '../graph/graph.ts';
import { outputOf } from '../operators/operator.ts';
import { type TransposeConvOptions, transposeConvGeometry } from '../operators/transpose_conv.ts';
import { realsOf } from './constants.ts';
import { defineFloat, realRange } from './operator.ts';

/** Each input pixel adds its filters to the output. */
export const transposeConv = defineFloat<TransposeConvOptions>({
  kind: 'TRANSPOSE_CONV',
  prepare(node) {
    const geometry = transposeConvGeometry(node);
    const { batches, inputHeight, inputWidth, inputChannels, filterHeight, filterWidth } = geometry;
    const { outputHeight, outputWidth, outputChannels, paddingTop, paddingLeft } = geometry;
    const { strideHeight, strideWidth } = node.options;
    const weights = realsOf(node.inputs[1]);
    const bias = realsOf(node.inputs[3], outputChannels);
    const { low, high } = realRange(node.options.activation);
    const sums = new Float64Array(elementCount(outputOf(node).shape));
    return ([, , input]) => {
      const x = input as Float32Array;
      for (let at = 0; at < sums.length; at++) sums[at] = bias[at % outputChannels] as number;
      for (let batch = 0; batch < batches; batch++)
        for (let inY = 0; inY < inputHeight; inY++)
          for (let inX = 0; inX < inputWidth; inX++)
            for (let filterY = 0; filterY < filterHeight; filterY++) {
              const y = inY * strideHeight - paddingTop + filterY;
              if (y < 0 || y >= outputHeight) continue;
              for (let filterX = 0; filterX < filterWidth; filterX++) {
                const column = inX * strideWidth - paddingLeft + filterX;
                if (column < 0 || column >= outputWidth) continue;
                const from = ((batch * inputHeight + inY) * inputWidth + inX) * inputChannels;
                const to = ((batch * outputHeight + y) * outputWidth + column) * outputChannels;
                for (let out = 0; out < outputChannels; out++) {
                  const tap = ((out * filterHeight + filterY) * filterWidth + filterX) * inputChannels;
                  let sum = 0;
                  for (let c = 0; c < inputChannels; c++)
                    sum += (x[from + c] as number) * (weights[tap + c] as number);
                  sums[to + out] = (sums[to + out] as number) + sum;
                }
              }
            }
      return [Float32Array.from(sums, (sum) => (sum < low ? low : sum > high ? high : sum))];
    };
  },
});
