import { type Conv2dOptions, conv2dGeometry } from '../operators/conv_2d.ts';
import { realsOf } from './constants.ts';
import { multiplyRows } from './dot_product.ts';
import { defineFloat, realRange } from './operator.ts';

/** Each pixel's receptive field is laid out once, zeros where it reaches over an edge, and multiplied with all filters. */
export const conv2d = defineFloat<Conv2dOptions>({
  kind: 'CONV_2D',
  prepare(node) {
    const geometry = conv2dGeometry(node);
    const { batches, inputHeight, inputWidth, inputChannels, filterHeight, filterWidth } = geometry;
    const { filterChannels, outputHeight, outputWidth, outputChannels, groups } = geometry;
    const { strideHeight, strideWidth, dilationHeight, dilationWidth, paddingTop, paddingLeft } = geometry;
    const weights = realsOf(node.inputs[1]);
    const bias = realsOf(node.inputs[2], outputChannels);
    const { low, high } = realRange(node.options.activation);
    const filtersPerGroup = outputChannels / groups;
    const field = new Float64Array(filterHeight * filterWidth * filterChannels);
    return ([input]) => {
      const x = input as Float32Array;
      const result = new Float32Array(batches * outputHeight * outputWidth * outputChannels);
      let at = 0;
      for (let batch = 0; batch < batches; batch++)
        for (let outY = 0; outY < outputHeight; outY++)
          for (let outX = 0; outX < outputWidth; outX++)
            for (let group = 0; group < groups; group++) {
              let to = 0;
              for (let filterY = 0; filterY < filterHeight; filterY++) {
                const y = outY * strideHeight - paddingTop + filterY * dilationHeight;
                for (let filterX = 0; filterX < filterWidth; filterX++) {
                  const column = outX * strideWidth - paddingLeft + filterX * dilationWidth;
                  const isInside = y >= 0 && y < inputHeight && column >= 0 && column < inputWidth;
                  const from =
                    ((batch * inputHeight + y) * inputWidth + column) * inputChannels +
                    group * filterChannels;
                  for (let c = 0; c < filterChannels; c++)
                    field[to++] = isInside ? (x[from + c] as number) : 0;
                }
              }
              const firstFilter = group * filtersPerGroup;
              multiplyRows(weights, field, bias, result, at, firstFilter, filtersPerGroup, low, high);
              at += filtersPerGroup;
            }
      return [result];
    };
  },
});
