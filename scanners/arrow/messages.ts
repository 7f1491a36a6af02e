// SPDX-License-Identifier: Apache-2.0
// Encapsulated messages of Arrow IPC (https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc).
import { LimitReached, Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { FlatBuffer, type FlatTable } from '../../src/grammar/flatbuffers.ts';

export interface Message {
  /** Where the message begins, its length included. */
  readonly at: number;
  /** 1 schema, 2 dictionary, 3 rows. */
  readonly type: number;
  readonly header: FlatTable;
  readonly body: number;
  readonly end: number;
}

export interface Block {
  readonly at: number;
  readonly metadata: number;
  readonly body: number;
}

export const magic = 'ARROW1';
const longestMetadata = 64 << 20;

/** The message at `at`; undefined where the stream ends there. */
export async function messageAt(source: ByteSource, at: number, end: number): Promise<Message | undefined> {
  if (end - at < 8) return undefined;
  const head = Buffer.from(await source.read(at, 8));
  // Before Arrow 0.15 the length stood alone, without the four bytes of ones.
  const old = head.readUInt32LE(0) !== 0xffffffff;
  const length = old ? head.readInt32LE(0) : head.readInt32LE(4);
  if (length === 0) return undefined;
  const begin = at + (old ? 4 : 8);
  if (length < 0 || length > end - begin) throw new Malformed('arrow/message', `message at ${at} has ${length} bytes of metadata, and ${end - begin} are left`, at);
  if (length > longestMetadata) throw new LimitReached('metadata', `metadata of ${length} bytes, allowed ${longestMetadata}`);
  // Message: 0 version, 1 and 2 header, 3 length of the body.
  const message = new FlatBuffer(new Uint8Array(await source.read(begin, length)), 'arrow', begin).root();
  const header = message.table(2);
  const bodyLength = Number(message.i64(3));
  const body = begin + length;
  if (header === undefined) throw new Malformed('arrow/message', `message at ${at} has no header`, at);
  if (!(bodyLength >= 0 && bodyLength <= end - body)) throw new Malformed('arrow/message', `message at ${at} has a body of ${bodyLength} bytes, and ${end - body} are left`, at);
  return { at, type: message.u8(1), header, body, end: body + bodyLength };
}

/** Where the messages of a stream or file lie, and what its footer says (files only). */
export interface Frame {
  readonly begin: number;
  readonly end: number;
  readonly footer?: { readonly at: number; readonly schema: FlatTable | undefined; readonly dictionaries: readonly Block[]; readonly batches: readonly Block[] };
}

/** A file is a stream between magics, with a footer that says where its messages are. */
export async function frameOf(source: ByteSource): Promise<Frame> {
  const head = Buffer.from(await source.read(0, Math.min(8, source.size))).toString('latin1');
  if (!head.startsWith(magic)) return { begin: 0, end: source.size };
  if (source.size < 8 + 10) throw new Malformed('arrow/truncated', `file of ${source.size} bytes is too short for a footer`, 0);
  const tail = Buffer.from(await source.read(source.size - 10, 10));
  if (tail.toString('latin1', 4) !== magic) throw new Malformed('arrow/footer', 'the file does not end with its magic: it was cut, or never closed', source.size);
  const length = tail.readInt32LE(0);
  if (length <= 0 || length > source.size - 18) throw new Malformed('arrow/footer', `footer of ${length} bytes does not fit between 8 and ${source.size - 10}`, source.size - 10);
  if (length > longestMetadata) throw new LimitReached('metadata', `footer of ${length} bytes, allowed ${longestMetadata}`);
  const at = source.size - 10 - length;
  // Footer: 1 schema, 2 dictionaries, 3 batches of rows.
  const footer = new FlatBuffer(new Uint8Array(await source.read(at, length)), 'arrow', at).root();
  return { begin: 8, end: at, footer: { at, schema: footer.table(1), dictionaries: blocks(footer, 2), batches: blocks(footer, 3) } };
}

/** Block: offset i64, length of metadata i32, four bytes of padding, length of the body i64. */
function blocks(footer: FlatTable, slot: number): Block[] {
  const vector = footer.vector(slot, 24);
  if (vector === undefined) return [];
  const { buffer } = footer;
  return Array.from({ length: vector.length }, (_, i) => {
    const at = vector.at + 24 * i;
    return { at: Number(buffer.i64(at)), metadata: buffer.i32(at + 8), body: Number(buffer.i64(at + 16)) };
  });
}

/** Messages one after the other; `end` of the last one is where the stream ends. */
export async function* messages(source: ByteSource, { begin, end }: Frame): AsyncGenerator<Message> {
  let at = begin;
  for (;;) {
    const message = await messageAt(source, at, end);
    if (message === undefined) return;
    yield message;
    at = message.end;
  }
}
