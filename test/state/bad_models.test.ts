import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { importTflite } from '../../src/import/tflite.ts';
import { type BuiltModel, type BuiltOperator, type BuiltTensor, buildModel } from '../import/build_model.ts';
import { stateDescriptions } from './models.ts';

/** What we refuse of models that keep state, each in one sentence that names the place. */
function refused(what: string, model: BuiltModel, sentence: RegExp): void {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => importTflite(buildModel(model), { file: 'bad.tflite', name: 'bad' }),
      (error) => {
        assert.ok(error instanceof DeployError && error.kind === 'input');
        assert.match(error.message, sentence);
        return true;
      },
    );
  });
}

function described(name: string): BuiltModel {
  const model = stateDescriptions[name];
  assert.ok(model !== undefined, name);
  return model;
}

function withOperator(name: string, change: (operator: BuiltOperator) => Partial<BuiltOperator>): BuiltModel {
  const model = described(name);
  return { ...model, operators: model.operators.map((operator) => ({ ...operator, ...change(operator) })) };
}

function withInput(name: string, position: number, tensor: number): BuiltModel {
  return withOperator(name, ({ inputs }) => ({ inputs: inputs.with(position, tensor) }));
}

function withTensor(name: string, at: number, change: Partial<BuiltTensor>): BuiltModel {
  const model = described(name);
  return {
    ...model,
    tensors: model.tensors.map((tensor, index) => (index === at ? { ...tensor, ...change } : tensor)),
  };
}

const lstm = 'lstm_time_major';
refused('peepholes', withInput(lstm, 9, 9), /LSTM #0: an LSTM with peephole connections is not supported/);
refused('a projection', withInput(lstm, 16, 1), /an LSTM with a projection is not supported/);
refused('layer normalization', withInput(lstm, 20, 9), /an LSTM with layer normalization is not supported/);
refused('coupled gates', withInput(lstm, 1, -1), /whose input and forget gates are coupled/);
refused(
  'a cell gate without tanh',
  withOperator(lstm, ({ options }) => ({
    options: { type: 71, fields: options?.fields.with(0, { field: 0, int8: 1 }) ?? [] },
  })),
  /the activation of the cell gate is not tanh/,
);
refused(
  'cells whose scale is no power of two',
  withTensor(lstm, 14, { scales: [Math.fround(0.0003)] }),
  /tensor t14: the cell state's scale 0\.0003\d* is not a power of two/,
);
refused('cells of 8 bits', withTensor(lstm, 14, { type: 9 }), /type int8 is not supported here/);
refused(
  'a hidden state that is forgotten',
  withTensor(lstm, 13, { isVariable: false }),
  /LSTM #0, tensor t13: (input 18 is no variable tensor|nothing computes this input)/,
);
refused(
  'twenty inputs',
  withOperator(lstm, ({ inputs }) => ({ inputs: inputs.slice(0, 20) })),
  /it has 20 inputs, expected 24/,
);

const svdf = 'svdf_int16';
refused(
  'state of another size',
  withTensor(svdf, 4, { shape: [1, 40] }),
  /SVDF #0, tensor state: the shape is \[1, 40\], expected \[1, 48\]/,
);
refused(
  'filters that do not divide by the rank',
  withOperator(svdf, () => ({ options: { type: 6, fields: [{ field: 0, int32: 4 }] } })),
  /6 filters do not divide into outputs of rank 4/,
);
refused(
  'a rank of zero',
  withOperator(svdf, () => ({ options: { type: 6, fields: [{ field: 0, int32: 0 }] } })),
  /do not divide into outputs of rank 0/,
);
refused(
  'a variable tensor that another operator reads',
  {
    ...described(svdf),
    operators: [
      ...described(svdf).operators,
      { code: 22, inputs: [4], outputs: [6], options: { type: 17, fields: [] } },
    ],
    tensors: [...described(svdf).tensors, { name: 'copy', shape: [48], type: 7, scales: [1] }],
    outputs: [5, 6],
  },
  /RESHAPE #1, tensor state: this operator cannot read a variable tensor/,
);
refused(
  'more state than any microcontroller has',
  withTensor(svdf, 4, { shape: [1, 1 << 30] }),
  /tensor state: the shape \[1, 1073741824\] takes 2147483648 bytes, more than/,
);

const variable = 'variable_call_once';
refused(
  'a subgraph that computes first values',
  {
    ...described(variable),
    others:
      described(variable).others?.map((other) => ({
        ...other,
        tensors: [...other.tensors, { name: 'sum', shape: [1, 7], scales: [1 / 16], zeroPoints: [5] }],
        operators: [
          other.operators[0] as BuiltOperator,
          { code: 0, inputs: [1, 1], outputs: [2], options: { type: 11, fields: [] } },
          { code: 144, inputs: [0, 2], outputs: [] },
        ],
      })) ?? [],
  },
  /ADD #1 of an initialization subgraph: only constants can be assigned/,
);
refused(
  'first values of another size',
  {
    ...described(variable),
    others:
      described(variable).others?.map((other) => ({
        ...other,
        tensors: other.tensors.map((tensor) =>
          tensor.data === undefined ? tensor : { ...tensor, shape: [1, 3], data: tensor.data.subarray(0, 3) },
        ),
      })) ?? [],
  },
  /tensor memory: a variable tensor of 7 bytes cannot start from 3 bytes/,
);
refused(
  'a subgraph that is not there',
  { ...described(variable), others: [] },
  /the model is damaged or cut off: it has no subgraph 1/,
);
refused(
  'values that are set after they were read',
  {
    ...described(variable),
    operators: [...described(variable).operators.slice(1), described(variable).operators[0] as BuiltOperator],
  },
  /CALL_ONCE #5: variables are used before their first values are set/,
);
refused(
  'a handle that nothing made',
  {
    ...described('variable'),
    operators: described('variable').operators.filter(({ code }) => code !== 142),
  },
  /READ_VARIABLE #0: input 0 is no variable of this subgraph/,
);
