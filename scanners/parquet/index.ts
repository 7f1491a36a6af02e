// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { targetOf } from '../../src/grammar/huggingface.ts';
import { readStruct } from '../../src/grammar/thrift.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';
import type { Span } from '../../src/model/span.ts';
import { readFooter, type Chunk, type Footer } from './footer.ts';

const most = { columns: 2000, links: 100 } as const;

export default scanner({
  id: 'parquet',
  title: 'Apache Parquet tables',
  extensions: ['.parquet'],
  parts: true,
  holds: 'data',
  says: ['region', 'column', 'claim', 'link', 'malformed', 'anomaly', 'gap'],
  recognise({ head, tail, name }) {
    const begins = head[0] === 0x50 && head[1] === 0x41 && head[2] === 0x52 && (head[3] === 0x31 || head[3] === 0x45);
    const end = tail.subarray(-4);
    const ends = end[0] === 0x50 && end[1] === 0x41 && end[2] === 0x52 && (end[3] === 0x31 || end[3] === 0x45);
    if (begins && ends) return 'yes';
    return /\.parquet$/i.test(name) && (begins || ends) ? 'yes' : 'no';
  },
  async *inspect(source) {
    const footer = await readFooter(source);
    yield { kind: 'region', name: 'magic', at: [0, 4] };
    yield { kind: 'region', name: 'metadata', at: [footer.begin, source.size] };
    for (const at of merged(await spans(footer, source))) yield { kind: 'region', name: 'column chunks and indexes', at };
    yield* claims(footer);
    const nulls = new Map<string, number>();
    for (const { chunks } of footer.groups) for (const { path, nulls: some } of chunks) nulls.set(path, (nulls.get(path) ?? 0) + Math.max(0, some));
    for (const { name, type } of footer.columns.slice(0, most.columns)) yield { kind: 'column', name: clip(name), type, rows: footer.rows, nulls: nulls.get(name) ?? 0 };
    yield { kind: 'anomaly', measure: 'rows', value: footer.rows };
    for (const { code, what } of footer.odd) yield { kind: 'malformed', code, what };
    if (footer.columns.length > most.columns) yield { kind: 'malformed', code: 'parquet/wide', what: `the table has ${footer.columns.length} columns, of which ${most.columns} are looked at` };
    yield* elsewhere(footer);
  },
  async *rows(source, _sample, wanted) {
    const footer = await readFooter(source);
    // A decoder would follow what lies: such files have no rows here.
    const lie = footer.odd.find(({ code }) => lies.has(code));
    if (lie !== undefined) throw new Malformed(lie.code, lie.what);
    const { rowsOf } = await import('./rows.ts'); // the decoder's forty modules, which inspecting does without
    yield* rowsOf(source, footer, wanted);
  },
});

const lies: ReadonlySet<string> = new Set(['parquet/offset', 'parquet/rows', 'parquet/values', 'parquet/schema', 'parquet/size']);

function* claims({ createdBy, keys }: Footer): Generator<FactOf<'claim'>> {
  if (createdBy !== undefined) yield { kind: 'claim', field: 'producer', value: clip(createdBy) };
  for (const [key, value] of keys) {
    yield { kind: 'claim', field: 'metadata', value: clip(key) };
    const target = key === 'huggingface' ? targetOf(value) : undefined;
    if (target !== undefined) yield { kind: 'claim', field: 'target', value: clip(target) };
  }
}

/** Columns that are in another file, or encrypted. */
function* elsewhere({ groups }: Footer): Generator<FactOf<'link' | 'gap'>> {
  const files = new Set<string>();
  let encrypted = 0;
  for (const { chunks } of groups) {
    for (const { file, encrypted: closed } of chunks) {
      if (file !== undefined && files.size < most.links) files.add(clip(file));
      if (closed) encrypted += 1;
    }
  }
  for (const target of files) yield { kind: 'link', role: 'external-data', target };
  if (encrypted > 0) yield { kind: 'gap', what: `${encrypted} column chunks are encrypted`, why: 'encrypted', holds: 'data' };
}

/** What column chunks, their indexes, and the copies of metadata that older writers leave behind them take up. */
async function spans({ groups, begin: footer }: Footer, source: ByteSource): Promise<Span[]> {
  const out: Span[] = [];
  const add = (begin: number, end: number): void => {
    if (begin >= 4 && end > begin && end <= footer) out.push([begin, end]);
  };
  const chunks = groups.flatMap((group) => group.chunks).filter(({ file }) => file === undefined);
  const begins = [...new Set(chunks.flatMap(({ begin, beside }) => [begin, ...beside.map(([at]) => at)])), footer].toSorted((a, b) => a - b);
  for (const chunk of chunks) {
    add(chunk.begin, chunk.end);
    for (const [at, length] of chunk.beside) add(at, at + (length ?? (await lengthOf(at, footer, source, true))));
    // Arrow C++ before 18 and Polars: the column's metadata once more, behind its chunk.
    if (chunk.fileOffset >= chunk.end && !begins.includes(chunk.fileOffset) && onlyChunkBefore(chunk, begins)) add(chunk.fileOffset, chunk.fileOffset + (await lengthOf(chunk.fileOffset, footer, source, false)));
  }
  return out;
}

function onlyChunkBefore({ end, fileOffset }: Chunk, begins: readonly number[]): boolean {
  const next = begins.find((at) => at >= end);
  return next !== undefined && fileOffset < next;
}

/** Length of a struct, and for a bloom filter of the bits behind it (BloomFilterHeader: 1 numBytes); 0 when it is none. */
async function lengthOf(at: number, footer: number, source: ByteSource, bloom: boolean): Promise<number> {
  if (at < 4 || at >= footer) return 0;
  try {
    const { value, end } = readStruct(await source.read(at, Math.min(footer - at, 64 << 10)), 'parquet');
    const bits = value.get(1);
    return end + (bloom && (typeof bits === 'bigint' || typeof bits === 'number') ? Math.max(0, Number(bits)) : 0);
  } catch (error) {
    if (error instanceof Malformed) return 0; // then nothing accounts for these bytes, which is said of them
    throw error;
  }
}

function merged(spans: readonly Span[]): Span[] {
  const out: [number, number][] = [];
  for (const [begin, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last !== undefined && begin <= last[1]) last[1] = Math.max(last[1], end);
    else out.push([begin, end]);
  }
  return out;
}
