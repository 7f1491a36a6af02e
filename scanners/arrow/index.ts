// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { FlatBuffer } from '../../src/grammar/flatbuffers.ts';
import { targetOf } from '../../src/grammar/huggingface.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type RowBatch, type Sample, type Wanted } from '../../src/model/scanner.ts';
import { lengthOf, mostEmptyRows, nullsOf, readBatch, type Dictionary } from './batch.ts';
import { frameOf, magic, messageAt, messages, type Block, type Frame, type Message } from './messages.ts';
import { schemaOf, wordFor, type Field, type Schema } from './schema.ts';

const mostColumns = 2000;
const batchRows = 1024;

/** Arrow IPC streams and files (Feather 2), as the `datasets` library keeps its tables. */
export default scanner({
  id: 'arrow',
  title: 'Apache Arrow IPC: streams, files, Feather 2, Hugging Face datasets',
  extensions: ['.arrow', '.feather', '.ipc'],
  holds: 'data',
  says: ['region', 'column', 'claim', 'malformed', 'anomaly'],
  recognise,
  async *inspect(source) {
    const frame = await frameOf(source);
    const told = new Told();
    let schema = frame.footer?.schema === undefined ? undefined : schemaOf(frame.footer.schema);
    let inStream: Schema | undefined;
    let rows = 0;
    let nulls = (schema?.fields ?? []).map(() => 0);
    let end = frame.begin;
    const seen = new Set<number>();
    for await (const message of messages(source, frame)) {
      source.budget.tick();
      seen.add(message.at);
      end = message.end;
      if (message.type === 1 && inStream === undefined) {
        inStream = schemaOf(message.header);
        if (schema === undefined) nulls = inStream.fields.map(() => 0);
        else if (namesOf(schema) !== namesOf(inStream)) told.say('footer-difference', 'the schema in the footer is not the one that the stream begins with');
        schema ??= inStream;
      } else if (message.type === 3 && schema !== undefined) {
        const length = lengthOf(message.header);
        if (length < 0) told.say('batch', `batch at ${message.at} has ${length} rows`);
        rows += Math.max(0, length);
        nullsOf(message.header, schema.fields).forEach((count, i) => (nulls[i]! += Math.max(0, count)));
        const packed = message.header.field(3) !== undefined;
        if (!packed && length > 8 * (message.end - message.body) + mostEmptyRows) throw new Malformed('arrow/batch', `batch at ${message.at} has ${length} rows in ${message.end - message.body} bytes`, message.at);
        if (message.end === message.body && length > 0 && schema.fields.length > 0) told.say('batch', `batch at ${message.at} has ${length} rows and no bytes`);
      } else if (message.type === 1) told.say('schema', `a second schema begins at ${message.at}`);
    }
    if (schema === undefined) throw new Malformed('arrow/schema', 'there is no schema', frame.begin);
    yield* regions(frame, await endOf(source, end, frame), source.size);
    for (const [key, value] of schema.metadata) {
      yield { kind: 'claim', field: 'metadata', value: clip(key) };
      const target = key === 'huggingface' ? targetOf(value) : undefined;
      if (target !== undefined) yield { kind: 'claim', field: 'target', value: clip(target) };
    }
    for (const [index, field] of schema.fields.slice(0, mostColumns).entries()) yield { kind: 'column', name: clip(field.name), type: wordFor(field), rows, nulls: nulls[index]! };
    yield { kind: 'anomaly', measure: 'rows', value: rows };
    if (schema.fields.length > mostColumns) told.say('wide', `the table has ${schema.fields.length} columns, of which ${mostColumns} are looked at`);
    for (const { at } of frame.footer === undefined ? [] : [...frame.footer.dictionaries, ...frame.footer.batches]) {
      if (!seen.has(at)) told.say('footer-difference', `the footer names a message at ${at}, where a reader of the stream sees none`);
    }
    yield* told.facts;
  },
  async *rows(source, _sample, wanted) {
    yield* rowsOf(source, wanted);
  },
});

function recognise({ head, name }: Sample): 'no' | 'maybe' | 'yes' {
  const first = head[0];
  if (first === 0x41) return asBuffer(head.subarray(0, 8)).toString('latin1') === `${magic}\0\0` ? 'yes' : 'no';
  if (first !== 0xff || head.length < 48 || head[1] !== 0xff || head[2] !== 0xff || head[3] !== 0xff) return 'no';
  const length = Buffer.from(head.buffer, head.byteOffset + 4, 4).readInt32LE(0);
  if (length < 16 || length > 64 << 20) return 'no';
  try {
    const message = new FlatBuffer(head.subarray(8, Math.min(head.length, 8 + length)), 'arrow').root();
    return message.u8(1) === 1 && message.field(2) !== undefined ? 'yes' : 'no';
  } catch (error) {
    if (error instanceof Malformed) return /\.(?:arrow|feather|ipc)$/i.test(name) ? 'maybe' : 'no';
    throw error;
  }
}

function namesOf({ fields }: Schema): string {
  return fields.map(({ name, type }) => `${name}\0${type}`).join('\n');
}

/** What is odd and can be lived with, 32 of it. */
class Told {
  readonly facts: FactOf<'malformed'>[] = [];
  say(code: string, what: string): void {
    if (this.facts.length < 32) this.facts.push({ kind: 'malformed', code: `arrow/${code}`, what });
  }
}

function* regions({ begin, footer }: Frame, end: number, size: number): Generator<FactOf<'region'>> {
  if (begin > 0) yield { kind: 'region', name: 'magic', at: [0, begin] };
  yield { kind: 'region', name: 'messages', at: [begin, end] };
  if (footer !== undefined) yield { kind: 'region', name: 'footer', at: [footer.at, size] };
}

/** Behind the last message: the mark of the end (ones and a zero length, or the length alone). */
async function endOf(source: ByteSource, at: number, { end }: Frame): Promise<number> {
  const mark = Buffer.from(await source.read(at, Math.min(8, end - at)));
  if (mark.length >= 8 && mark.readUInt32LE(0) === 0xffffffff && mark.readUInt32LE(4) === 0) return at + 8;
  return mark.length >= 4 && mark.readUInt32LE(0) === 0 ? at + 4 : at;
}

/** Rows as loaders read them: a file by its footer, a stream one message after the other. */
async function* rowsOf(source: ByteSource, wanted: Wanted): AsyncGenerator<RowBatch> {
  const frame = await frameOf(source);
  const dictionaries = new Map<bigint, Dictionary>();
  let schema = frame.footer?.schema === undefined ? undefined : schemaOf(frame.footer.schema);
  let first = 0;
  for await (const message of frame.footer === undefined ? messages(source, frame) : byFooter(source, frame, frame.footer)) {
    source.budget.tick();
    if (message.type === 1) {
      schema ??= schemaOf(message.header);
      continue;
    }
    if (schema === undefined) throw new Malformed('arrow/schema', `rows at ${message.at} come before any schema`, message.at);
    if (schema.bigEndian) throw new Unsupported('numbers are big-endian');
    if (message.type === 2) await readDictionary(source, message, schema, dictionaries);
    if (message.type !== 3) continue;
    const length = lengthOf(message.header);
    let some = false;
    if (!(length >= 0 && length <= 2 ** 31)) throw new Malformed('arrow/batch', `batch at ${message.at} has ${length} rows`, message.at);
    for (let row = 0; row < length && !some; row += 16) some = wanted(first + row);
    if (some) yield* batchesOf(await readBatch(source, message.header, message.body, message.end, schema.fields, dictionaries), schema.fields, first, wanted);
    first += length;
  }
}

async function* byFooter(source: ByteSource, frame: Frame, { dictionaries, batches }: { readonly dictionaries: readonly Block[]; readonly batches: readonly Block[] }): AsyncGenerator<Message> {
  for (const { at } of [...dictionaries, ...batches]) {
    if (!(at >= frame.begin && at < frame.end)) throw new Malformed('arrow/footer', `the footer names a message at ${at}, outside ${frame.begin}..${frame.end}`);
    const message = await messageAt(source, at, frame.end);
    if (message !== undefined) yield message;
  }
}

/** DictionaryBatch: 0 id, 1 the values as a batch of one column, 2 whether they are added to those before. */
async function readDictionary(source: ByteSource, { header, body, end }: Message, { fields }: Schema, dictionaries: Map<bigint, Dictionary>): Promise<void> {
  const id = header.i64(0);
  const field = dictionaryField(fields, id);
  const data = header.table(1);
  if (field === undefined || data === undefined) return;
  const { length, columns } = await readBatch(source, data, body, end, [field], dictionaries);
  const before = header.bool(2) ? dictionaries.get(id) : undefined;
  const values = columns[0]!;
  dictionaries.set(id, before === undefined ? { values, length } : { values: (row) => (row < before.length ? before.values(row) : values(row - before.length)), length: before.length + length });
}

function dictionaryField(fields: readonly Field[], id: bigint): Field | undefined {
  for (const field of fields) {
    const found = field.dictionary?.id === id ? field.dictionary.value : dictionaryField(field.dictionary?.value.children ?? field.children, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* batchesOf({ length, columns }: Awaited<ReturnType<typeof readBatch>>, fields: readonly Field[], first: number, wanted: Wanted): Generator<RowBatch> {
  const names = fields.slice(0, mostColumns).map(({ name }) => name);
  const cells = columns.slice(0, mostColumns);
  for (let at = 0; at < length; at += batchRows) {
    const numbers: number[] = [];
    for (let row = at; row < Math.min(at + batchRows, length); row += 1) if (wanted(first + row)) numbers.push(first + row);
    if (numbers.length > 0) yield { columns: names, first: numbers[0]!, rows: numbers.map((row) => cells.map((cell) => cell(row - first))), numbers };
  }
}
