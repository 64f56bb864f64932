import { type DepthwiseConv2dOptions, depthwiseConv2dGeometry } from '../operators/depthwise_conv_2d.ts';
import { realsOf } from './constants.ts';
import { defineFloat, realRange } from './operator.ts';

export const depthwiseConv2d = defineFloat<DepthwiseConv2dOptions>({
  kind: 'DEPTHWISE_CONV_2D',
  prepare(node) {
    const geometry = depthwiseConv2dGeometry(node);
    const { batches, inputHeight, inputWidth, inputChannels, filterHeight, filterWidth } = geometry;
    const { outputHeight, outputWidth, outputChannels, depthMultiplier } = geometry;
    const { strideHeight, strideWidth, dilationHeight, dilationWidth, paddingTop, paddingLeft } = geometry;
    const weights = realsOf(node.inputs[1]);
    const bias = realsOf(node.inputs[2], outputChannels);
    const { low, high } = realRange(node.options.activation);
    const sums = new Float64Array(outputChannels);
    return ([input]) => {
      const x = input as Float32Array;
      const result = new Float32Array(batches * outputHeight * outputWidth * outputChannels);
      let at = 0;
      for (let batch = 0; batch < batches; batch++)
        for (let outY = 0; outY < outputHeight; outY++)
          for (let outX = 0; outX < outputWidth; outX++) {
            sums.set(bias);
            for (let filterY = 0; filterY < filterHeight; filterY++) {
              const y = outY * strideHeight - paddingTop + filterY * dilationHeight;
              if (y < 0 || y >= inputHeight) continue;
              for (let filterX = 0; filterX < filterWidth; filterX++) {
                const column = outX * strideWidth - paddingLeft + filterX * dilationWidth;
                if (column < 0 || column >= inputWidth) continue;
                const from = ((batch * inputHeight + y) * inputWidth + column) * inputChannels;
                const tap = (filterY * filterWidth + filterX) * outputChannels;
                if (depthMultiplier === 1) {
                  for (let c = 0; c < inputChannels; c++)
                    sums[c] = (sums[c] as number) + (x[from + c] as number) * (weights[tap + c] as number);
                  continue;
                }
                let channel = 0;
                for (let c = 0; c < inputChannels; c++) {
                  const value = x[from + c] as number;
                  for (let copy = 0; copy < depthMultiplier; copy++, channel++)
                    sums[channel] = (sums[channel] as number) + value * (weights[tap + channel] as number);
                }
              }
            }
            for (let channel = 0; channel < outputChannels; channel++) {
              const sum = sums[channel] as number;
              result[at++] = sum < low ? low : sum > high ? high : sum;
            }
          }
      return [result];
    };
  },
});
