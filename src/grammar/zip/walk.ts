// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../bytes/source.ts';
import { directories, quote, type Anomaly, type Directory, type Listed } from './directory.ts';
import { decodeName, oddFields, u16, u32, zip64Fields } from './fields.ts';

/** A member with the place of its bytes. */
export interface Member extends Listed {
  readonly dataBegin: number;
  readonly dataEnd: number;
  /** After the data descriptor, if there is one. */
  readonly end: number;
  /** False when only a local header names it. */
  readonly inDirectory: boolean;
  /** What a reader that trusts the local header takes for the member, where it would take other bytes or unpack them otherwise. */
  readonly local?: Member;
}

/** All that a zip holds, whatever its directory says. */
export interface Archive {
  readonly members: readonly Member[];
  readonly directories: readonly Directory[];
  readonly anomalies: readonly Anomaly[];
  /** Extra fields and comments that no writer would leave: no part of the archive. */
  readonly odd: readonly (readonly [number, number])[];
}

/** Walks directories, then local headers, then what lies between members. */
export async function walk(source: ByteSource): Promise<Archive> {
  const anomalies: Anomaly[] = [];
  const members: Member[] = [];
  const kept: Directory[] = [];
  const window = new Window(source);
  for (const directory of await directories(source)) {
    // an end record inside a stored member is that member's own: an archive in an archive
    if (members.some((member) => directory.endAt >= member.dataBegin && directory.endsAt <= member.dataEnd)) continue;
    kept.push(directory);
    for (const problem of directory.problems) anomalies.push(problem);
    const known = new Set(members.map((member) => `${viewOf(member)} ${member.name}`));
    for (const listed of directory.listed) {
      source.budget.tick();
      if (kept.length > 1 && known.has(`${viewOf(listed)} ${listed.name}`)) continue;
      const member = await locate(window, listed, anomalies);
      if (member !== undefined) members.push(member);
    }
  }
  if (kept.length > 1) anomalies.push({ code: 'zip/several-directories', what: `${kept.length} end records at ${kept.map((one) => one.endAt).join(', ')}: readers differ in which they take` });
  if (kept.length === 0) anomalies.push({ code: 'zip/no-directory', what: 'no readable central directory; members are read from their local headers' });
  members.sort((a, b) => a.headerAt - b.headerAt);
  const hidden = await findHidden(window, members, kept, anomalies);
  return { members: [...members, ...hidden].toSorted((a, b) => a.headerAt - b.headerAt), directories: kept, anomalies, odd: [...window.odd, ...kept.flatMap((one) => one.odd)] };
}

/** Equal for members that lead to the same bytes, unpacked in the same way. */
export function viewOf(member: Listed): string {
  return `${member.headerAt} ${member.method} ${member.flags & 0x41} ${member.packedSize}`;
}

/** Reads a few KiB around what is asked, so that small members cost no read of their own. */
class Window {
  readonly source: ByteSource;
  #bytes: Uint8Array = new Uint8Array(0);
  #begin = 0;
  /** Odd extra fields of local headers, the first ones. */
  readonly odd: (readonly [number, number])[] = [];
  constructor(source: ByteSource) {
    this.source = source;
  }
  async at(offset: number, length: number): Promise<Uint8Array | undefined> {
    if (!(offset >= 0 && offset + length <= this.source.size)) return undefined;
    if (offset < this.#begin || offset + length > this.#begin + this.#bytes.length) {
      this.#bytes = await this.source.read(offset, Math.min(Math.max(length, 16_384), this.source.size - offset));
      this.#begin = offset;
    }
    return this.#bytes.subarray(offset - this.#begin, offset - this.#begin + length);
  }
}

async function locate(window: Window, listed: Listed, anomalies: Anomaly[]): Promise<Member | undefined> {
  const at = listed.headerAt;
  const head = await window.at(at, 30);
  const called = quote(listed.name);
  const add = (code: string, what: string): void => void anomalies.push({ code, what, at: [Math.max(0, at), Math.max(0, at)] });
  if (head === undefined || u32(head, 0) !== 0x04034b50) {
    add('zip/local-header-missing', `member ${called} has no local header at ${at}`);
    return undefined;
  }
  const dataBegin = at + 30 + u16(head, 26) + u16(head, 28);
  const dataEnd = dataBegin + listed.packedSize;
  const rest = await window.at(at + 30, dataBegin - at - 30);
  if (rest === undefined || !Number.isSafeInteger(dataEnd) || dataEnd > window.source.size) {
    add('zip/member-outside', `member ${called} lies outside the file (${dataBegin}..${dataEnd} of ${window.source.size})`);
    return undefined;
  }
  noteOdd(window, rest, u16(head, 26), at + 30);
  const flags = u16(head, 6);
  const name = decodeName(rest.subarray(0, u16(head, 26)), flags);
  if (Buffer.compare(rest.subarray(0, u16(head, 26)), listed.rawName) !== 0) add('zip/local-name-differs', `member ${called} is named ${quote(name)} in its local header`);
  if (u16(head, 8) !== listed.method) add('zip/local-method-differs', `member ${called} has method ${listed.method} in the directory, ${u16(head, 8)} in its local header`);
  if (((flags ^ listed.flags) & 0x841) !== 0) add('zip/flags-differ', `member ${called} has flags ${listed.flags} in the directory, ${flags} in its local header`);
  const later = (flags & 8) !== 0;
  const sizes = zip64Fields(rest.subarray(u16(head, 26)), [u32(head, 22), u32(head, 18)]);
  if (!(later && u32(head, 14) === 0) && u32(head, 14) !== listed.crc32) add('zip/crc-differs', `member ${called} has CRC ${hex(listed.crc32)} in the directory, ${hex(u32(head, 14))} in its local header`);
  if (sizes === undefined || (!(later && [0, 0xffffffff].includes(sizes[1]!)) && (sizes[0] !== listed.size || sizes[1] !== listed.packedSize))) {
    add('zip/size-differs', `member ${called} has ${listed.packedSize} packed and ${listed.size} unpacked bytes in the directory, ${sizes?.[1] ?? '?'} and ${sizes?.[0] ?? '?'} in its local header`);
  }
  const end = later ? dataEnd + (await descriptorLength(window, dataEnd, listed)) : dataEnd;
  const member = { ...listed, dataBegin, dataEnd, end, inDirectory: true };
  const local = localView(member, name, u16(head, 8), flags, sizes, window.source.size);
  return local === undefined ? member : { ...member, local };
}

function noteOdd(window: Window, rest: Uint8Array, nameLength: number, at: number): void {
  if (window.odd.length >= 64) return;
  for (const [begin, end] of oddFields(rest.subarray(nameLength))) window.odd.push([at + nameLength + begin, at + nameLength + end]);
}

/** The member by its local header; undefined where that says the same, or leads outside the file. */
function localView(member: Member, name: string, method: number, flags: number, sizes: readonly number[] | undefined, limit: number): Member | undefined {
  const unknown = sizes === undefined || ((flags & 8) !== 0 && [0, 0xffffffff].includes(sizes[1]!));
  const [size, packedSize] = unknown ? [member.size, member.packedSize] : [sizes[0]!, sizes[1]!];
  const view = { ...member, name, method, flags, size, packedSize, dataEnd: member.dataBegin + packedSize };
  if (view.dataEnd > limit) return undefined;
  return view.name === member.name && viewOf(view) === viewOf(member) ? undefined : view;
}

/** Data descriptor, APPNOTE 4.3.9: signature optional, sizes of 4 or 8 bytes. 0 when none matches the CRC. */
async function descriptorLength(window: Window, at: number, listed: Listed): Promise<number> {
  const signature = await window.at(at, 4);
  const skip = signature !== undefined && u32(signature, 0) === 0x08074b50 ? 4 : 0;
  for (const length of [20, 12]) {
    const bytes = await window.at(at + skip, length);
    if (bytes === undefined || u32(bytes, 0) !== listed.crc32 || u32(bytes, 4) !== listed.packedSize % 2 ** 32) continue;
    if (u32(bytes, length === 20 ? 12 : 8) === listed.size % 2 ** 32) return skip + length;
  }
  return 0;
}

/** Local headers in the bytes that no listed member and no directory covers. */
async function findHidden(window: Window, members: readonly Member[], kept: readonly Directory[], anomalies: Anomaly[]): Promise<Member[]> {
  const { source } = window;
  const taken = [...members.map((member) => [member.headerAt, member.end] as const), ...kept.flatMap((one) => [[one.begin, one.parsedEnd] as const, [one.end, one.endAt + 22] as const])].toSorted((a, b) => a[0] - b[0]);
  const out: Member[] = [];
  let reached = 0;
  for (const [begin, end] of [...taken, [source.size, source.size] as const]) {
    for (let at = reached; at + 30 <= begin; ) {
      source.budget.tick();
      const member = await hiddenAt(window, at, begin);
      if (member === undefined) {
        const found = await nextHeader(source, at + 1, begin);
        if (found === undefined) break;
        at = found;
        continue;
      }
      out.push(member);
      if (kept.length > 0) anomalies.push({ code: 'zip/hidden-member', what: `member ${quote(member.name)} has a local header at ${at}, and is in no directory`, at: [at, member.end] });
      at = Math.max(member.end, at + 30);
    }
    reached = Math.max(reached, end);
  }
  return out;
}

async function nextHeader(source: ByteSource, from: number, to: number): Promise<number | undefined> {
  for (let at = from; at + 4 <= to; at += (1 << 20) - 3) {
    const bytes = Buffer.from(await source.read(at, Math.min(1 << 20, to - at)));
    const found = bytes.indexOf('PK\x03\x04', 0, 'latin1');
    if (found >= 0) return at + found;
  }
  return undefined;
}

async function hiddenAt(window: Window, at: number, limit: number): Promise<Member | undefined> {
  const head = await window.at(at, 30);
  if (head === undefined || u32(head, 0) !== 0x04034b50) return undefined;
  const [flags, method, nameLength, extraLength] = [u16(head, 6), u16(head, 8), u16(head, 26), u16(head, 28)];
  const dataBegin = at + 30 + nameLength + extraLength;
  const rest = dataBegin > limit ? undefined : await window.at(at + 30, nameLength + extraLength);
  if (rest === undefined) return undefined;
  noteOdd(window, rest, nameLength, at + 30);
  const sizes = zip64Fields(rest.subarray(nameLength), [u32(head, 22), u32(head, 18)]) ?? [0, 0];
  const unknown = (flags & 8) !== 0 && sizes[1] === 0; // the size comes after the data: up to the next header at most
  const dataEnd = Math.min(limit, unknown ? ((await nextHeader(window.source, dataBegin, limit)) ?? limit) : dataBegin + sizes[1]!);
  const rawName = rest.slice(0, nameLength);
  return { name: decodeName(rawName, flags), rawName, method, flags, crc32: u32(head, 14), packedSize: dataEnd - dataBegin, size: sizes[0]!, headerAt: at, mode: 0, dataBegin, dataEnd, end: dataEnd, inDirectory: false };
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
