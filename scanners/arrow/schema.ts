// SPDX-License-Identifier: Apache-2.0
// Arrow's schema (https://github.com/apache/arrow/blob/main/format/Schema.fbs).
import { Malformed } from '../../src/bytes/errors.ts';
import type { FlatTable } from '../../src/grammar/flatbuffers.ts';

/** Numbers of the union `Type`. */
export const types = {
  null: 1, int: 2, float: 3, binary: 4, utf8: 5, bool: 6, decimal: 7, date: 8, time: 9, timestamp: 10, interval: 11, list: 12, struct: 13, union: 14,
  fixedBinary: 15, fixedList: 16, map: 17, duration: 18, largeBinary: 19, largeUtf8: 20, largeList: 21, runEnd: 22, binaryView: 23, utf8View: 24,
  listView: 25, largeListView: 26,
} as const;

export interface Field {
  readonly name: string;
  readonly type: number;
  /** Bits of an integer, float or decimal; bytes of a fixed binary, elements of a fixed list. */
  readonly width: number;
  readonly signed: boolean;
  /** Unit of a time (0 seconds, 3 nanoseconds), or of a date (0 days, 1 milliseconds). */
  readonly unit: number;
  readonly scale: number;
  /** Mode of a union: 0 sparse, 1 dense. */
  readonly mode: number;
  readonly children: readonly Field[];
  /** Values lie in the dictionary of that id; `type` and `width` are then those of the indexes, `value` the field of the values. */
  readonly dictionary?: { readonly id: bigint; readonly value: Field };
}

export interface Schema {
  readonly fields: readonly Field[];
  readonly bigEndian: boolean;
  readonly metadata: readonly (readonly [key: string, value: string])[];
}

const mostFields = 100_000;
const deepest = 32;

/** Schema: 0 endianness, 1 fields, 2 metadata. */
export function schemaOf(table: FlatTable): Schema {
  const count = { left: mostFields };
  const metadata = [...table.tables(2, 64)].map((pair): [string, string] => [pair.text(0, 256) ?? '', pair.text(1, 4 << 20) ?? '']);
  return { fields: [...table.tables(1, mostFields)].map((field) => fieldOf(field, 0, count)), bigEndian: table.i16(0) === 1, metadata };
}

/** Field: 0 name, 2 and 3 type, 4 dictionary, 5 children. */
function fieldOf(table: FlatTable, depth: number, count: { left: number }): Field {
  count.left -= 1;
  if (depth > deepest || count.left < 0) throw new Malformed('arrow/schema', count.left < 0 ? `schema has more than ${mostFields} fields` : `fields are nested more than ${deepest} levels deep`);
  const type = table.u8(2);
  const detail = table.table(3);
  const field: Field = {
    name: table.text(0, 1024) ?? '', type, ...detailOf(type, detail),
    children: [...table.tables(5, mostFields)].map((child) => fieldOf(child, depth + 1, count)),
  };
  const dictionary = table.table(4);
  if (dictionary === undefined) return field;
  // DictionaryEncoding: 0 id, 1 type of the indexes (32 bits, signed, when absent).
  const index = dictionary.table(1);
  return {
    name: field.name, type: types.int, width: index === undefined ? 32 : index.i32(0), signed: index === undefined || index.bool(1), unit: 0, scale: 0, mode: 0, children: [],
    dictionary: { id: dictionary.i64(0), value: field },
  };
}

function detailOf(type: number, detail: FlatTable | undefined): Pick<Field, 'width' | 'signed' | 'unit' | 'scale' | 'mode'> {
  const plain = { width: 0, signed: true, unit: 0, scale: 0, mode: 0 };
  switch (type) {
    case types.int: return { ...plain, width: detail?.i32(0) ?? 0, signed: detail?.bool(1) ?? false };
    case types.float: return { ...plain, width: [16, 32, 64][detail?.i16(0) ?? 0] ?? 0 };
    case types.decimal: return { ...plain, width: detail?.i32(2, 128) ?? 128, scale: detail?.i32(1) ?? 0 };
    case types.date: return { ...plain, unit: detail?.i16(0, 1) ?? 1 };
    case types.time: return { ...plain, unit: detail?.i16(0, 1) ?? 1, width: detail?.i32(1, 32) ?? 32 };
    case types.timestamp: case types.duration: return { ...plain, unit: detail?.i16(0, type === types.duration ? 1 : 0) ?? 0 };
    case types.interval: return { ...plain, width: [32, 64, 128][detail?.i16(0) ?? 0] ?? 0 };
    case types.fixedBinary: case types.fixedList: return { ...plain, width: detail?.i32(0) ?? 0 };
    case types.union: return { ...plain, mode: detail?.i16(0) ?? 0 };
    default: return plain;
  }
}

/** The word for a column's type, as `column` facts use them. */
export function wordFor(field: Field): string {
  const { type } = field.dictionary?.value ?? field;
  if (type === types.null) return 'null';
  if (type === types.bool) return 'bool';
  if (type === types.int || type === types.duration) return 'int';
  if (type === types.float || type === types.decimal) return 'float';
  if (type === types.struct || type === types.union) return 'object';
  if (([types.list, types.largeList, types.fixedList, types.map, types.listView, types.largeListView] as number[]).includes(type)) return 'list';
  return ([types.binary, types.largeBinary, types.fixedBinary, types.binaryView] as number[]).includes(type) ? 'bytes' : 'string';
}
