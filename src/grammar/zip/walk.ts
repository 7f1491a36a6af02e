// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../bytes/source.ts';
import { directories, quote, type Anomaly, type Directory, type Listed } from './directory.ts';
import { decodeName, u16, u32, zip64Fields } from './fields.ts';
import { findHidden } from './hidden.ts';
import { Window } from './window.ts';

/** A member with the place of its bytes. */
export interface Member extends Listed {
  readonly dataBegin: number;
  readonly dataEnd: number;
  /** After the data descriptor, if there is one. */
  readonly end: number;
  /** False when only a local header names it. */
  readonly inDirectory: boolean;
  /** False where neither directory, local header nor descriptor says sizes and CRC. */
  readonly declared: boolean;
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
  window.noteOdd(rest, u16(head, 26), at + 30);
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
  const member = { ...listed, dataBegin, dataEnd, end, inDirectory: true, declared: true };
  const local = localView(member, name, u16(head, 8), flags, sizes, window.source.size);
  return local === undefined ? member : { ...member, local };
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

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
