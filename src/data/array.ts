/** Element types of data files by NumPy's names: bytes of one element, and how to read it. */
export const dataTypes = {
  b1: { bytes: 1, read: (view: DataView, at: number) => (view.getUint8(at) === 0 ? 0 : 1) },
  i1: { bytes: 1, read: (view: DataView, at: number) => view.getInt8(at) },
  u1: { bytes: 1, read: (view: DataView, at: number) => view.getUint8(at) },
  i2: { bytes: 2, read: (view: DataView, at: number) => view.getInt16(at, true) },
  u2: { bytes: 2, read: (view: DataView, at: number) => view.getUint16(at, true) },
  i4: { bytes: 4, read: (view: DataView, at: number) => view.getInt32(at, true) },
  u4: { bytes: 4, read: (view: DataView, at: number) => view.getUint32(at, true) },
  i8: { bytes: 8, read: (view: DataView, at: number) => Number(view.getBigInt64(at, true)) },
  f4: { bytes: 4, read: (view: DataView, at: number) => view.getFloat32(at, true) },
  f8: { bytes: 8, read: (view: DataView, at: number) => view.getFloat64(at, true) },
} as const;

export type DataType = keyof typeof dataTypes;

export function isDataType(text: string): text is DataType {
  return Object.hasOwn(dataTypes, text);
}

export function isFloatType(type: DataType): boolean {
  return type === 'f4' || type === 'f8';
}

/** Values of many samples, from whatever file they are in; read one sample at a time, so that a large file costs no memory. */
export interface DataArray {
  /** Path from the project's folder, for errors. */
  readonly file: string;
  readonly type: DataType;
  /** [N, ...shape of one sample] */
  readonly shape: readonly number[];
  /**
   * Absent: the shape says which element is which. `flat`: rows have no shape of their own (columns of a table), any shape
   * of as many elements is theirs. `made`: rows were made for this very input, in its order.
   */
  readonly arrangement?: 'flat' | 'made';
  /** Elements of sample `index`, row-major. */
  row(index: number): readonly number[];
  close(): void;
}

/** The samples of all inputs of a model, and what is right for each. */
export interface Dataset {
  readonly count: number;
  /** One for each input of the model, in its order. */
  readonly inputs: readonly DataArray[];
  /** [N] or [N, ...]; null: none. */
  readonly labels: DataArray | null;
  /** Names of the classes by number, where the data has names. */
  readonly classes: readonly string[] | null;
  /** What a person calls sample `index`: the path of its file from the project's folder; null: it has only its number. */
  nameOf(index: number): string | null;
  close(): void;
}
