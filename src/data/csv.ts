import { parse } from 'csv-parse/sync';
import { DeployError, printable } from '../errors.ts';
import type { DataArray, DataType } from './array.ts';
import { readData } from './read_data.ts';

const mostFileBytes = 32 * 1024 * 1024;
const longestRecord = 1024 * 1024;

/** A table of numbers: a row for each sample. */
export interface CsvFile {
  /** Names of the columns; null: the file has no header. */
  readonly header: readonly string[] | null;
  /** All columns but those named, in the order of the file. */
  columnsWithout(names: readonly string[]): DataArray;
  /** One column, by its name; integers where all are whole. */
  column(name: string): DataArray;
}

/**
 * Reads a .csv file: comma-separated numbers, a first line that is none of numbers names the columns. Throws DeployError
 * (kind `input`), with the line, for anything else.
 */
export function openCsv(folder: string, file: string): CsvFile {
  const records = recordsOf(readData(folder, file, mostFileBytes), file);
  const [first] = records;
  if (first === undefined)
    throw refused(file, 'The file is empty.', 'Give a line of numbers for each sample.');
  const isHeader = first.some((text) => !isNumber(text));
  const header = isHeader ? first.map((name) => name.trim()) : null;
  const twice = header?.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined)
    throw refused(file, `Two columns are called ${printable(JSON.stringify(twice))}.`, 'Rename one of them.');
  const lines = isHeader ? records.slice(1) : records;
  if (lines.length === 0)
    throw refused(file, 'There is a header but no sample.', 'Give a line of numbers for each sample.');
  const values = (columns: readonly number[]): Float64Array => {
    const numbers = new Float64Array(lines.length * columns.length);
    lines.forEach((line, row) => {
      columns.forEach((column, at) => {
        const text = line[column] ?? '';
        if (!isNumber(text))
          throw new DeployError(
            'input',
            `${printable(JSON.stringify(text), 40)} in column ${column + 1} is not a number.`,
            { file, line: row + (isHeader ? 2 : 1) },
            'Write numbers such as -1.5e3; leave out or number what is not numeric.',
          );
        numbers[row * columns.length + at] = Number(text);
      });
    });
    return numbers;
  };
  const array = (type: DataType, numbers: Float64Array, width: number): DataArray => ({
    file,
    type,
    shape: width === 1 ? [lines.length] : [lines.length, width],
    arrangement: 'flat',
    row: (index) => [...numbers.subarray(index * width, (index + 1) * width)],
    close: () => {},
  });
  return {
    header,
    columnsWithout: (names) => {
      const columns = [...first.keys()].filter((column) => !names.includes(header?.[column] ?? ''));
      if (columns.length === 0)
        throw refused(file, 'There is no column beside the labels.', 'Add the columns of the input.');
      return array('f8', values(columns), columns.length);
    },
    column: (name) => {
      const column = header?.indexOf(name) ?? -1;
      if (column < 0)
        throw refused(
          file,
          `There is no column ${printable(JSON.stringify(name))}.`,
          header === null ? 'Its first line has to name the columns.' : `Columns: ${shown(header)}.`,
        );
      const numbers = values([column]);
      return array(numbers.every(Number.isSafeInteger) ? 'i8' : 'f8', numbers, 1);
    },
  };
}

function recordsOf(bytes: Buffer, file: string): string[][] {
  try {
    return parse(bytes, {
      bom: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: longestRecord,
    });
  } catch (error) {
    const { lines } = error as { lines?: unknown };
    const message = error instanceof Error ? printable(error.message, 160).replace(/\.?$/, '.') : '';
    throw new DeployError(
      'input',
      `This is not a table of comma-separated numbers. ${message}`.trim(),
      { file, ...(typeof lines === 'number' && lines >= 1 ? { line: lines } : {}) },
      'Every line needs equally many numbers, separated by commas.',
    );
  }
}

function refused(file: string, what: string, hint: string): DeployError {
  return new DeployError('input', what, { file }, hint);
}

/** Decimal numbers only: an empty field, NaN or 0x10 is none. */
function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text));
}

function shown(names: readonly string[]): string {
  const most = 12;
  const text = names
    .slice(0, most)
    .map((name) => printable(name, 40))
    .join(', ');
  return names.length > most ? `${text}, …` : text;
}
