// SPDX-License-Identifier: Apache-2.0
// The records of APPNOTE.TXT 6.3.10 as they lie in the bytes. Every number in them is attacker-controlled.
import { crc32 } from 'node:zlib';
import { Cursor, exact } from '../../bytes/cursor.ts';

export const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, descriptor: 0x08074b50 } as const;

/** What the central directory and the local header both say about a member. Sizes are undefined beyond 2^53. */
export interface Header {
  /** As written. */
  readonly rawName: Uint8Array;
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly packedSize: number | undefined;
  readonly size: number | undefined;
  /** Name of the Info-ZIP Unicode path extra field (0x7075), where it is there and meant for this name. */
  readonly unicodeName: string | undefined;
}

export interface CentralHeader extends Header {
  /** Offset of the local header as declared, before any prefix is added. */
  readonly localOffset: number | undefined;
  /** Upper half of the external attributes when made on Unix: file type and permissions. */
  readonly mode: number | undefined;
  /** Whether MS-DOS attributes or the name's ending say folder. */
  readonly directory: boolean;
}

export interface LocalHeader extends Header {
  /** Bytes from its signature to the member's first byte. */
  readonly length: number;
}

export interface EndRecord {
  /** Where it lies, and where it ends with its comment. */
  readonly at: number;
  readonly end: number;
  readonly entries: number | undefined;
  readonly directorySize: number | undefined;
  readonly directoryOffset: number | undefined;
  /** Where the directory must end: at this record, or at the zip64 record before it. */
  readonly directoryEnd: number;
}

const all32 = 0xffff_ffff;

/** Central header at the cursor (4.3.12), 46 bytes and three variable fields; undefined when the signature is another. */
export function centralHeader(cursor: Cursor): CentralHeader | undefined {
  const begin = cursor.offset;
  if (cursor.left < 46 || cursor.u32('signature') !== signatures.central) {
    cursor.offset = begin;
    return undefined;
  }
  const madeBy = cursor.u16('version made by'); // 4
  cursor.u16('version needed'); // 6
  const flags = cursor.u16('flags'); // 8
  const method = cursor.u16('method'); // 10
  cursor.u32('time'); // 12
  const crc = cursor.u32('crc-32'); // 16
  const packed32 = cursor.u32('packed size'); // 20
  const size32 = cursor.u32('size'); // 24
  const nameLength = cursor.u16('name length'); // 28
  const extraLength = cursor.u16('extra length'); // 30
  const commentLength = cursor.u16('comment length'); // 32
  cursor.u32('disk and internal attributes'); // 34
  const attributes = cursor.u32('external attributes'); // 38
  const offset32 = cursor.u32('local header offset'); // 42
  const rawName = cursor.take(nameLength, 'name');
  const extra = extras(cursor.take(extraLength, 'extra field'));
  cursor.take(commentLength, 'comment');
  const [size, packedSize, localOffset] = wide(extra, [size32, packed32, offset32]);
  const name = nameOf(rawName, flags);
  const unix = madeBy >> 8 === 3;
  return {
    rawName, name, flags, method, crc32: crc, packedSize, size, localOffset, unicodeName: unicodeName(extra, rawName),
    mode: unix ? attributes >>> 16 : undefined,
    directory: name.endsWith('/') || (!unix && (attributes & 0x10) !== 0),
  };
}

/** Local header at the cursor (4.3.7), 30 bytes and two variable fields; undefined when the signature is another. */
export function localHeader(cursor: Cursor): LocalHeader | undefined {
  const begin = cursor.offset;
  if (cursor.left < 30 || cursor.u32('signature') !== signatures.local) {
    cursor.offset = begin;
    return undefined;
  }
  cursor.u16('version needed'); // 4
  const flags = cursor.u16('flags'); // 6
  const method = cursor.u16('method'); // 8
  cursor.u32('time'); // 10
  const crc = cursor.u32('crc-32'); // 14
  const packed32 = cursor.u32('packed size'); // 18
  const size32 = cursor.u32('size'); // 22
  const nameLength = cursor.u16('name length'); // 26
  const extraLength = cursor.u16('extra length'); // 28
  const rawName = cursor.take(nameLength, 'name');
  const extra = extras(cursor.take(extraLength, 'extra field'));
  const [size, packedSize] = wide(extra, [size32, packed32]);
  return {
    rawName, name: nameOf(rawName, flags), flags, method, crc32: crc, packedSize, size,
    unicodeName: unicodeName(extra, rawName), length: cursor.offset - begin,
  };
}

/** End-of-central-directory record at the cursor (4.3.16), and the zip64 one (4.3.14) it leads to, looked up by `read64`. */
export function endRecord(cursor: Cursor, read64: (at: number) => Cursor | undefined): EndRecord | undefined {
  const at = cursor.base + cursor.offset;
  if (cursor.left < 22 || cursor.u32('signature') !== signatures.end) return undefined;
  cursor.u32('disk numbers'); // 4
  cursor.u16('entries on this disk'); // 8
  const entries = cursor.u16('entries'); // 10
  const size = cursor.u32('directory size'); // 12
  const offset = cursor.u32('directory offset'); // 16
  const comment = cursor.u16('comment length'); // 20
  const plain: EndRecord = { at, end: at + 22 + comment, entries, directorySize: size, directoryOffset: offset, directoryEnd: at };
  if (entries !== 0xffff && size !== all32 && offset !== all32) return plain;
  const locator = read64(at - 20); // 4.3.15: signature, disk, u64 offset of the zip64 record, disks
  if (locator === undefined || locator.left < 20 || locator.u32('signature') !== signatures.locator64) return plain;
  locator.u32('disk');
  const declared = exact(locator.u64('offset of the zip64 record'));
  // Where it is said to lie, or right before the locator: with bytes put in front, only the second is true.
  for (const place of [at - 20 - 56, declared]) {
    const record = place === undefined ? undefined : read64(place);
    if (record === undefined || record.left < 56 || record.u32('signature') !== signatures.end64) continue;
    record.take(28, 'zip64 record'); // size, versions, disks, entries on this disk
    return {
      ...plain,
      entries: exact(record.u64('entries')), // 32
      directorySize: exact(record.u64('directory size')), // 40
      directoryOffset: exact(record.u64('directory offset')), // 48
      directoryEnd: place!,
    };
  }
  return plain;
}

function extras(bytes: Uint8Array): Map<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const id = bytes[at]! | (bytes[at + 1]! << 8);
    const length = bytes[at + 2]! | (bytes[at + 3]! << 8);
    if (at + 4 + length > bytes.length) break; // padding that is no field
    if (!fields.has(id)) fields.set(id, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

/** Values of the zip64 extra field (4.5.3) in place of those that are all ones, in this fixed order. */
function wide(extra: ReadonlyMap<number, Uint8Array>, narrow: readonly number[]): (number | undefined)[] {
  const field = extra.get(1);
  const view = field === undefined ? undefined : new DataView(field.buffer, field.byteOffset, field.byteLength);
  let at = 0;
  return narrow.map((value) => {
    if (value !== all32) return value;
    if (view === undefined || at + 8 > view.byteLength) return value;
    const wider = exact(view.getBigUint64(at, true));
    at += 8;
    return wider;
  });
}

function unicodeName(extra: ReadonlyMap<number, Uint8Array>, rawName: Uint8Array): string | undefined {
  const field = extra.get(0x7075); // 4.6.9: version 1, CRC-32 of the name it stands for, UTF-8
  if (field === undefined || field.length < 5 || field[0] !== 1) return undefined;
  const crc = new DataView(field.buffer, field.byteOffset).getUint32(1, true);
  return crc === crc32(rawName) ? Buffer.from(field.subarray(5)).toString('utf8') : undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Upper half of code page 437, which names are in when nothing else is said (appendix D.1). */
const cp437 = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

function nameOf(raw: Uint8Array, flags: number): string {
  if ((flags & 0x800) !== 0 || raw.every((byte) => byte < 0x80)) {
    try {
      return utf8.decode(raw);
    } catch {
      // says UTF-8 and is not: read as if it did not say so
    }
  }
  return Array.from(raw, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : cp437[byte - 0x80]!)).join('');
}
