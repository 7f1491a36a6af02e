// SPDX-License-Identifier: Apache-2.0
// Parquet's file metadata (https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift), read by hand:
// what lies about lengths and counts must be known before a decoder gets it.
import { clip } from '../../src/bytes/clip.ts';
import { LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { readStruct, structOf, structsOf, textOf, wholeOf, type Struct } from '../../src/grammar/thrift.ts';

/** Metadata of real files of thousands of row groups and columns stay below. */
const longest = 64 << 20;

/** One column of one row group. */
export interface Chunk {
  readonly path: string;
  readonly begin: number;
  readonly end: number;
  readonly uncompressed: number;
  readonly values: number;
  readonly nulls: number;
  readonly codec: number;
  /** Another file that its bytes are said to be in. */
  readonly file: string | undefined;
  readonly fileOffset: number;
  readonly encrypted: boolean;
  /** Indexes and bloom filters that belong to it: where they are said to lie. */
  readonly beside: readonly (readonly [begin: number, length: number | undefined])[];
}

export interface Group {
  readonly rows: number;
  readonly chunks: readonly Chunk[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
  /** It holds no other column and repeats nothing: as many values as rows. */
  readonly flat: boolean;
}

export interface Footer {
  /** Where the metadata begin, and their bytes with length and magic behind. */
  readonly begin: number;
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** How often a leaf's values may repeat within each other (its largest repetition level), by path. */
  readonly repeats: ReadonlyMap<string, number>;
  readonly groups: readonly Group[];
  readonly createdBy: string | undefined;
  readonly keys: readonly (readonly [key: string, value: string])[];
  /** What is wrong and can be lived with. */
  readonly odd: readonly { readonly code: string; readonly what: string }[];
}

/** Reads the last eight bytes (length, magic) and the metadata before them. */
export async function readFooter(source: ByteSource): Promise<Footer> {
  if (source.size < 12) throw new Malformed('parquet/truncated', `file of ${source.size} bytes is too short for a footer`, 0);
  const tail = Buffer.from(await source.read(source.size - 8, 8));
  const magic = tail.toString('latin1', 4);
  if (magic === 'PARE') throw new Unsupported('the footer is encrypted', 'encrypted');
  if (magic !== 'PAR1') throw new Malformed('parquet/magic', `the last four bytes are ${JSON.stringify(magic)}, not PAR1`, source.size - 4);
  const length = tail.readUInt32LE(0);
  if (length > source.size - 12) throw new Malformed('parquet/footer-length', `metadata of ${length} bytes do not fit between the magic at 0 and ${source.size - 8}`, source.size - 8);
  if (length > longest) throw new LimitReached('footer', `metadata of ${length} bytes, allowed ${longest}`);
  const begin = source.size - 8 - length;
  const bytes = new Uint8Array(await source.read(begin, length + 8));
  const { value, end } = readStruct(bytes.subarray(0, length), 'parquet');
  const odd: { code: string; what: string }[] = [];
  const say = (code: string, what: string): void => void (odd.length < 64 && odd.push({ code: `parquet/${code}`, what: clip(what) }));
  if (end < length) say('footer-slack', `metadata end after ${end} of the ${length} bytes they are said to have`);
  const { columns, repeats } = schemaOf(structsOf(value, 2), say);
  const groups = structsOf(value, 4).map((group) => groupOf(group, source.size, begin, say));
  const rows = wholeOf(value, 3) ?? -1;
  check(rows, columns, groups, say);
  return {
    begin, bytes, rows: Math.max(0, rows), columns, repeats, groups, odd, createdBy: textOf(value, 6),
    keys: structsOf(value, 5).slice(0, 64).map((one) => [textOf(one, 1) ?? '', textOf(one, 2) ?? '']),
  };
}

type Say = (code: string, what: string) => void;

/** The schema is a tree laid flat, depth first: each element says how many children follow. The first one is the root. */
function schemaOf(elements: readonly Struct[], say: Say): Pick<Footer, 'columns' | 'repeats'> {
  const columns: Column[] = [];
  const repeats = new Map<string, number>();
  const root = elements[0];
  if (root === undefined) {
    say('schema', 'there is no schema');
    return { columns, repeats };
  }
  const open = [{ left: wholeOf(root, 5) ?? 0, path: '', level: 0 }];
  let told = false;
  for (const element of elements.slice(1)) {
    while (open.at(-1)?.left === 0) open.pop();
    const group = open.at(-1);
    if (group === undefined || open.length > 64) {
      if (!told) say('schema', group === undefined ? `the schema has ${elements.length} elements, more than its groups say` : 'the schema is nested more than 64 levels deep');
      told = true;
      break;
    }
    group.left -= 1;
    const name = textOf(element, 4) ?? '';
    const children = wholeOf(element, 5) ?? 0;
    const repeated = wholeOf(element, 3) === 2;
    if (children < 0 || children > elements.length) say('schema', `group ${name} says that it has ${children} children, of ${elements.length} elements`);
    if (open.length === 1) columns.push({ name, type: typeOf(element, children), flat: children === 0 && !repeated });
    const path = open.length === 1 ? name : `${group.path}.${name}`;
    const level = group.level + (repeated ? 1 : 0);
    if (children > 0) open.push({ left: Math.min(children, elements.length), path, level });
    else repeats.set(path, level);
  }
  if (!told && open.some(({ left }) => left > 0)) say('schema', `the schema ends with ${open.reduce((sum, { left }) => sum + left, 0)} elements missing`);
  return { columns, repeats };
}

/** Field 1 is the physical type, 3 the repetition, 6 the converted and 10 the logical type. */
function typeOf(element: Struct, children: number): string {
  const logical = structOf(element, 10);
  const converted = wholeOf(element, 6);
  if (children > 0) return converted === 3 || logical?.has(3) === true ? 'list' : 'object';
  if (wholeOf(element, 3) === 2) return 'list';
  const physical = wholeOf(element, 1);
  if (physical === 0) return 'bool';
  if (physical === 4 || physical === 5 || converted === 5 || logical?.has(5) === true) return 'float';
  if (physical === 6 || physical === 7) return converted === 0 || converted === 4 || converted === 19 || logical?.has(1) === true || logical?.has(4) === true ? 'string' : 'bytes';
  // Dates and times read as text.
  return physical === 3 || converted === 6 || converted === 9 || converted === 10 || logical?.has(6) === true || logical?.has(8) === true ? 'string' : 'int';
}

/** RowGroup: 1 columns, 2 bytes, 3 rows. ColumnChunk: 1 file, 2 offset, 3 metadata, 4-7 indexes, 8 encryption. */
function groupOf(group: Struct, size: number, footer: number, say: Say): Group {
  const chunks = structsOf(group, 1).map((chunk): Chunk => {
    const meta = structOf(chunk, 3) ?? new Map();
    const path = (Array.isArray(meta.get(3)) ? (meta.get(3) as readonly unknown[]) : []).slice(0, 64).map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString('utf8') : '?')).join('.');
    const dictionary = wholeOf(meta, 11);
    const data = wholeOf(meta, 9) ?? -1;
    const begin = dictionary !== undefined && dictionary > 0 && dictionary < data ? dictionary : data;
    const compressed = wholeOf(meta, 7) ?? -1;
    const file = textOf(chunk, 1);
    const name = clip(path, 64);
    if (structOf(chunk, 8) === undefined && file === undefined && (begin < 4 || compressed < 0 || begin + compressed > footer || data < begin || data > begin + compressed)) {
      say('offset', `column ${name} lies at ${begin}..${begin + compressed} with its first page at ${data}, and the data at 4..${footer} of ${size}`);
    }
    const uncompressed = wholeOf(meta, 6) ?? -1;
    if (uncompressed < 0 || (compressed > 0 && uncompressed > compressed * 100_000)) say('size', `column ${name} unpacks from ${compressed} to ${uncompressed} bytes, as it says`);
    const place = (at: number, length: number): readonly [number, number | undefined][] => {
      const begin = wholeOf(chunk, at);
      return begin === undefined || begin <= 0 ? [] : [[begin, wholeOf(chunk, length)]];
    };
    const bloom = wholeOf(meta, 14);
    return {
      path, begin, end: begin + compressed, uncompressed, values: wholeOf(meta, 5) ?? -1, nulls: wholeOf(structOf(meta, 12) ?? new Map(), 3) ?? 0,
      codec: wholeOf(meta, 4) ?? -1, file, fileOffset: wholeOf(chunk, 2) ?? 0, encrypted: structOf(chunk, 8) !== undefined || chunk.has(9),
      beside: [...place(4, 5), ...place(6, 7), ...(bloom === undefined ? [] : [[bloom, wholeOf(meta, 15)] as const])],
    };
  });
  return { rows: wholeOf(group, 3) ?? -1, chunks };
}

/** Counts that must agree with each other. */
function check(rows: number, columns: readonly Column[], groups: readonly Group[], say: Say): void {
  if (rows < 0) say('rows', 'the number of rows is missing or negative');
  const sum = groups.reduce((total, group) => total + Math.max(0, group.rows), 0);
  if (sum !== rows) say('rows', `${groups.length} row groups have ${sum} rows, the file says ${rows}`);
  const flat = new Set(columns.filter((column) => column.flat).map(({ name }) => name));
  groups.forEach((group, index) => {
    if (group.rows < 0) say('rows', `row group ${index} says that it has ${group.rows} rows`);
    for (const chunk of group.chunks) {
      if (flat.has(chunk.path) && chunk.values !== group.rows) say('values', `column ${clip(chunk.path, 64)} of row group ${index} has ${chunk.values} values for ${group.rows} rows`);
      if (chunk.uncompressed >= 0 && chunk.values > 0 && chunk.values > 8 * 65_536 * Math.max(1, chunk.end - chunk.begin)) say('values', `column ${clip(chunk.path, 64)} has ${chunk.values} values in ${chunk.end - chunk.begin} bytes`);
    }
  });
  const sorted = groups.flatMap(({ chunks }) => chunks).filter(({ file }) => file === undefined).toSorted((a, b) => a.begin - b.begin);
  for (let i = 1; i < sorted.length; i += 1) {
    const [before, chunk] = [sorted[i - 1]!, sorted[i]!];
    if (chunk.begin < before.end) {
      say('overlap', `columns ${clip(before.path, 64)} and ${clip(chunk.path, 64)} share the bytes ${chunk.begin}..${Math.min(before.end, chunk.end)}`);
      break;
    }
  }
}
