import { realInterpolations } from '../../float/resize_bilinear.ts';
import type { Constant, KernelCall, Node } from '../operator.ts';
import { type ResizeOptions, resizeGeometry } from '../resize.ts';
import { resizeBilinear } from '../resize_bilinear.ts';
import { floatConstant } from './constants.ts';
import { floatForm } from './form.ts';

function lower(node: Node): KernelCall {
  const { options } = node as Node<ResizeOptions>;
  const { batches, inputHeight, inputWidth, outputHeight, outputWidth, channels } = resizeGeometry(node);
  const tables = (name: 'row' | 'column', input: number, output: number, step: number): Constant[] => {
    const places = realInterpolations(input, output, options);
    const starts = places.flatMap(({ lower: first, upper: second }) => [first * step, second * step]);
    return [
      { name: `${name}s`, role: 'table', type: 'int32', values: starts },
      floatConstant(
        `${name}_fractions`,
        places.map(({ fraction }) => fraction),
      ),
    ];
  };
  const constants = [
    ...tables('row', inputHeight, outputHeight, inputWidth * channels),
    ...tables('column', inputWidth, outputWidth, channels),
  ];
  return {
    kernel: 'resize_bilinear_float32',
    parametersType: 'resize_bilinear_float32_parameters',
    arguments: [
      { is: 'input', index: 0 },
      { is: 'output', index: 0 },
      ...constants.map(({ name }) => ({ is: 'constant' as const, name })),
    ],
    constants,
    parameters: {
      batches,
      input_size: inputHeight * inputWidth * channels,
      output_height: outputHeight,
      output_width: outputWidth,
      channels,
    },
    scratchBytes: 0,
    inPlace: [],
    macs: 0,
  };
}

export const resizeBilinearFloat32 = floatForm(resizeBilinear, lower);
