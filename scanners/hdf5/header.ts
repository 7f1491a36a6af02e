// SPDX-License-Identifier: Apache-2.0
// Object headers of both versions as a list of messages (HDF5 File Format Specification 3.0, IV.A).
import { Malformed } from '../../src/bytes/errors.ts';
import type { Cursor, File } from './file.ts';

/** Types of messages that are looked at (IV.A.2). */
export const types = { dataspace: 1, linkInfo: 2, datatype: 3, link: 6, externalFiles: 7, layout: 8, filters: 11, attribute: 12, continuation: 16, symbolTable: 17, attributeInfo: 21 } as const;

export interface Message {
  readonly type: number;
  /** The body stands elsewhere: what is here is a reference. */
  readonly shared: boolean;
  readonly body: Cursor;
}

/** Continuations of one header: each names the next, and may name one that was read. */
const mostBlocks = 1024;
const mostMessages = 65_536;
const largestBlock = 64 << 20;

/** All messages of the object at an address. */
export async function messagesOf(file: File, address: number): Promise<Message[]> {
  const start = await file.cursor(address, Math.min(16, Math.max(0, file.source.size - file.base - address)), 'an object header');
  return start.bytes.toString('latin1', 0, 4) === 'OHDR' ? second(file, address) : first(file, address, start);
}

async function first(file: File, address: number, start: Cursor): Promise<Message[]> {
  const version = start.number(1);
  if (version !== 1) throw new Malformed('hdf5/object-header', `an object header at byte ${start.at} has version ${version}; allowed are 1, and 2 behind OHDR`, start.at);
  start.skip(1 + 2 + 4);
  const size = start.number(4);
  const out: Message[] = [];
  const open: [number, number][] = [[address + 16, size]];
  for (let blocks = 0; open.length > 0; blocks += 1) {
    const [at, length] = open.shift()!;
    const block = await blockAt(file, at, length, blocks);
    while (block.left >= 8) {
      const [type, bytes, flags] = [block.number(2), block.number(2), block.number(1)];
      block.skip(3);
      take(out, open, { type, shared: (flags & 2) !== 0, body: block.part(bytes) });
    }
  }
  return out;
}

async function second(file: File, address: number): Promise<Message[]> {
  const start = await file.cursor(address, Math.min(64, file.source.size - file.base - address), 'an object header');
  start.skip(5); // OHDR and version
  const flags = start.number(1);
  start.skip((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
  const size = start.number(1 << (flags & 3));
  const out: Message[] = [];
  const open: [number, number][] = [[address + start.position, size]];
  for (let blocks = 0; open.length > 0; blocks += 1) {
    const [at, length] = open.shift()!;
    const block = await blockAt(file, at, length, blocks);
    // Continuations begin with OCHK and end with a checksum, as the first block does behind its length.
    if (blocks > 0) {
      if (block.take(4).toString('latin1') !== 'OCHK') throw new Malformed('hdf5/object-header', `a continuation of an object header at byte ${block.at} does not begin with OCHK`, block.at);
    }
    const fixed = 4 + (flags & 4 ? 2 : 0);
    const tail = blocks > 0 ? 4 : 0;
    while (block.left - tail >= fixed) {
      const [type, bytes, marks] = [block.number(1), block.number(2), block.number(1)];
      if (flags & 4) block.skip(2);
      if (bytes > block.left - tail) break; // a gap at the end is smaller than a message
      take(out, open, { type, shared: (marks & 2) !== 0, body: block.part(bytes) });
    }
  }
  return out;
}

function blockAt(file: File, at: number, length: number, blocks: number): Promise<Cursor> {
  if (blocks >= mostBlocks || length > largestBlock) throw new Malformed('hdf5/object-header', `an object header goes on for more than ${blocks >= mostBlocks ? `${mostBlocks} blocks` : `${largestBlock} bytes`}`, file.base + at);
  return file.cursor(at, length, 'a block of an object header');
}

function take(out: Message[], open: [number, number][], message: Message): void {
  if (out.length >= mostMessages) throw new Malformed('hdf5/object-header', `an object header has more than ${mostMessages} messages`, message.body.at);
  if (message.type !== types.continuation) {
    out.push(message);
    return;
  }
  const at = message.body.address();
  if (at !== undefined) open.push([at, message.body.length()]);
}
