import type { OptionsReader } from '../operators/operator.ts';
import { float32Field, int8Field, int32Field, int32Vector, type Table } from './flatbuffer.ts';

/** An operator's builtin options; a table that is not there gives the schema's defaults. */
export function optionsReader(table: Table | null): OptionsReader {
  return {
    int8: (field, fallback = 0) => (table === null ? fallback : int8Field(table, field, fallback)),
    int32: (field, fallback = 0) => (table === null ? fallback : int32Field(table, field, fallback)),
    float32: (field, fallback = 0) => (table === null ? fallback : float32Field(table, field, fallback)),
    bool: (field, fallback = false) =>
      table === null ? fallback : int8Field(table, field, fallback ? 1 : 0) !== 0,
    int32Vector: (field) => (table === null ? [] : int32Vector(table, field, `a list in ${table.what}`)),
  };
}
