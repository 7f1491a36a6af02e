// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../bytes/source.ts';
import { directories, type Directory } from './directory.ts';
import { localHeader, type CentralHeader, type Header, type LocalHeader } from './records.ts';
import { Window } from './window.ts';

/** A member as readers by the central directory see it; `from` 'local' when only its local header is there. */
export interface Member extends Pick<Header, 'name' | 'flags' | 'method' | 'crc32'> {
  readonly from: 'central' | 'local';
  readonly packedSize: number;
  /** Bytes unpacked, as declared; undefined when it is not said before the bytes come. */
  readonly size: number | undefined;
  /** Where the local header begins, the bytes begin, the bytes end, and the data descriptor after them ends. */
  readonly headerAt: number;
  readonly dataBegin: number;
  readonly dataEnd: number;
  readonly end: number;
  readonly mode: number | undefined;
  readonly directory: boolean;
}

/** Something that is not as it must be, or that two readers would take differently. */
export interface Anomaly {
  readonly code: string;
  readonly what: string;
  readonly at: readonly [begin: number, end: number];
}

export interface Archive {
  readonly members: readonly Member[];
  readonly anomalies: readonly Anomaly[];
  /** Directory and end records. */
  readonly records: readonly (readonly [begin: number, end: number])[];
}

/** A name, quoted and cut for a message. */
export function quoted(name: string): string {
  return name.length > 120 ? `${JSON.stringify(name.slice(0, 120))}…` : JSON.stringify(name);
}

/**
 * Every member that some reader would find: by each central directory, and by local headers that no directory names.
 * Nothing is thrown for what is merely wrong; it is listed among the anomalies.
 */
export async function readArchive(source: ByteSource): Promise<Archive> {
  const anomalies: Anomaly[] = [];
  const all = await directories(source);
  const members: Member[] = [];
  const taken = new Set<number>();
  const window = new Window(source);
  for (const directory of all) await membersOf(source, window, directory, members, taken, anomalies);
  judgeDirectories(all, source.size, anomalies);
  const records = all.flatMap(({ begin, reached, end }): [number, number][] => [[begin, reached], [end.directoryEnd, Math.min(end.end, source.size)]]);
  await hiddenMembers(source, members, records, all.length === 0, anomalies);
  members.sort((a, b) => a.headerAt - b.headerAt);
  overlaps(members, anomalies);
  duplicates(members, anomalies);
  return { members, anomalies, records };
}

function judgeDirectories(all: readonly Directory[], size: number, anomalies: Anomaly[]): void {
  const [first] = all;
  if (first === undefined) {
    anomalies.push({ code: 'zip/no-directory', what: 'no central directory was found; members were looked for by their local headers', at: [0, 0] });
    return;
  }
  for (const other of all.slice(1)) {
    anomalies.push({
      code: 'zip/several-directories', at: [other.end.at, other.end.end],
      what: `a second end record at ${other.end.at} leads to ${other.headers.length} members; the one most readers take, at ${first.end.at}, leads to ${first.headers.length}`,
    });
  }
  const { end, headers, begin, reached, prefix } = first;
  if (prefix !== 0) {
    const front = prefix > 0 ? `${prefix} bytes in front of the archive are not counted in its offsets` : `offsets point ${-prefix} bytes behind where the members lie`;
    anomalies.push({ code: 'zip/prefix', what: front, at: [0, Math.max(0, prefix)] });
  }
  if (end.end !== size) {
    const what = end.end < size ? `${size - end.end} bytes follow the end of the archive at ${end.end}` : `the archive's comment passes the end of the file (${end.end} of ${size})`;
    anomalies.push({ code: end.end < size ? 'zip/suffix' : 'zip/comment-truncated', what, at: [Math.min(end.end, size), size] });
  }
  if (end.entries !== headers.length && end.entries !== headers.length % 0x1_0000) {
    anomalies.push({ code: 'zip/count-differs', what: `the end record counts ${end.entries} members, the directory lists ${headers.length}`, at: [end.at, end.at + 22] });
  }
  if (reached !== begin + (end.directorySize ?? 0)) {
    anomalies.push({ code: 'zip/directory-size', what: `the directory is said to have ${end.directorySize} bytes, its headers end after ${reached - begin}`, at: [begin, reached] });
  }
}

async function membersOf(source: ByteSource, window: Window, directory: Directory, members: Member[], taken: Set<number>, anomalies: Anomaly[]): Promise<void> {
  const sorted = directory.headers.toSorted((a, b) => (a.localOffset ?? 0) - (b.localOffset ?? 0));
  for (const [index, header] of sorted.entries()) {
    if (index % 256 === 0) source.budget.tick();
    const headerAt = (header.localOffset ?? Number.NaN) + directory.prefix;
    const next = sorted[index + 1]?.localOffset ?? directory.begin;
    const ahead = next - (header.localOffset ?? 0) < 32_768 ? 65_536 : 512;
    const local = await localAt(window, headerAt, ahead);
    const repeated = taken.has(headerAt);
    taken.add(headerAt);
    if (local === undefined || header.packedSize === undefined || headerAt + local.length + header.packedSize > source.size) {
      anomalies.push({
        code: 'zip/member-outside', at: [Math.min(headerAt || 0, source.size), source.size],
        what: local === undefined ? `member ${quoted(header.name)} has no local header at ${headerAt}` : `member ${quoted(header.name)} lies outside the file (${headerAt + local.length}..${headerAt + local.length + (header.packedSize ?? Number.NaN)} of ${source.size})`,
      });
      if (local === undefined || header.packedSize === undefined) continue;
    }
    const dataBegin = headerAt + local.length;
    const dataEnd = Math.min(dataBegin + header.packedSize, source.size);
    const limit = Math.min(directory.prefix + next, source.size);
    const end = (header.flags & 8) !== 0 || (local.flags & 8) !== 0 ? await descriptorEnd(window, dataEnd, limit, header) : dataEnd;
    for (const difference of differences(header, local)) anomalies.push({ ...difference, at: [headerAt, dataBegin] });
    const { name, flags, method, crc32, packedSize, size, mode, directory: isDirectory } = header;
    if (!repeated || !members.some((one) => one.headerAt === headerAt && one.name === name)) { // several directories name the same ones
      members.push({ from: 'central', name, flags: flags | (local.flags & 1), method, crc32, packedSize, size, headerAt, dataBegin, dataEnd, end, mode, directory: isDirectory });
    }
  }
}

/** The local header at `at`, or undefined where none is or its name passes the end of the file. */
async function localAt(window: Window, at: number, ahead: number): Promise<LocalHeader | undefined> {
  const fixed = await window.cursor(at, 30, ahead);
  if (fixed === undefined || fixed.left < 30) return undefined;
  const { bytes, offset } = fixed;
  const variable = bytes[offset + 26]! + bytes[offset + 27]! * 256 + bytes[offset + 28]! + bytes[offset + 29]! * 256;
  const whole = await window.cursor(at, 30 + variable, ahead);
  return whole === undefined || whole.left < 30 + variable ? undefined : localHeader(whole);
}

/** A data descriptor (4.3.9): optional signature, CRC-32, sizes of 4 or 8 bytes; recognised by its CRC and packed size. */
async function descriptorEnd(window: Window, at: number, limit: number, header: CentralHeader): Promise<number> {
  const cursor = await window.cursor(at, 24, 24);
  if (cursor === undefined) return at;
  const bytes = Buffer.from(cursor.bytes.subarray(cursor.offset, cursor.offset + 24));
  for (const signature of [4, 0]) {
    for (const wide of [8, 4]) {
      const length = signature + 4 + 2 * wide;
      if (bytes.length < length || at + length > limit) continue;
      if (signature === 4 && bytes.readUInt32LE(0) !== 0x08074b50) continue;
      const packed = wide === 8 ? Number(bytes.readBigUInt64LE(signature + 4)) : bytes.readUInt32LE(signature + 4);
      if (bytes.readUInt32LE(signature) === header.crc32 && packed === header.packedSize) return at + length;
    }
  }
  return at;
}

/** Flags that change how the bytes are read: encryption, patch data, strong encryption, UTF-8 names, masked headers. */
const telling = 0x2861;

/** Where the central directory and the local header disagree: readers believe the one or the other. */
function* differences(central: CentralHeader, local: LocalHeader): Generator<Omit<Anomaly, 'at'>> {
  const who = `member ${quoted(central.name)}`;
  if (Buffer.compare(central.rawName, local.rawName) !== 0) {
    yield { code: 'zip/local-name-differs', what: `${who} is called ${quoted(local.name)} in its local header` };
  }
  if (central.method !== local.method) {
    yield { code: 'zip/local-method-differs', what: `${who} has method ${central.method} in the directory and ${local.method} in its local header` };
  }
  if (((central.flags ^ local.flags) & telling) !== 0) {
    yield { code: 'zip/flags-differ', what: `${who} has flags 0x${central.flags.toString(16)} in the directory and 0x${local.flags.toString(16)} in its local header` };
  }
  const later = (local.flags & 8) !== 0; // CRC and sizes follow the data; here they may be zero
  if (central.crc32 !== local.crc32 && !(later && local.crc32 === 0)) {
    yield { code: 'zip/crc-differs', what: `${who} has CRC-32 ${hex(central.crc32)} in the directory and ${hex(local.crc32)} in its local header` };
  }
  for (const [what, ours, theirs] of [['packed size', central.packedSize, local.packedSize], ['size', central.size, local.size]] as const) {
    if (ours !== theirs && !(later && (theirs === 0 || theirs === 0xffff_ffff))) {
      yield { code: 'zip/size-differs', what: `${who} has ${what} ${ours} in the directory and ${theirs} in its local header` };
    }
  }
  for (const header of [central, local]) {
    if (header.unicodeName !== undefined && header.unicodeName !== header.name) {
      yield { code: 'zip/unicode-name-differs', what: `${who} is called ${quoted(header.unicodeName)} by its Unicode path field` };
      return;
    }
  }
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

/** Local headers in the parts that no directory accounts for. Readers of streams find them; readers by directory never do. */
async function hiddenMembers(source: ByteSource, members: Member[], records: readonly (readonly [number, number])[], damaged: boolean, anomalies: Anomaly[]): Promise<void> {
  const known = [...members.map(({ headerAt, end }): [number, number] => [headerAt, end]), ...records.map(([begin, end]): [number, number] => [begin, end])]
    .toSorted((a, b) => a[0] - b[0]);
  const holes: [number, number][] = [];
  let reached = 0;
  for (const [begin, end] of [...known, [source.size, source.size] as const]) {
    if (begin - reached >= 30) holes.push([reached, begin]);
    reached = Math.max(reached, end);
  }
  let found = 0;
  for (const [begin, end] of holes) {
    for (let at = begin; at + 30 <= end && found < hiddenLimit; ) {
      const place = await findLocal(source, at, end);
      if (place === undefined) break;
      const member = await localMember(source, place, end);
      at = member === undefined ? place + 4 : Math.max(member.end, place + 30);
      if (member === undefined) continue;
      members.push(member);
      found += 1;
      if (!damaged) anomalies.push({ code: 'zip/hidden-member', what: `member ${quoted(member.name)} at ${place} is in no central directory`, at: [place, member.dataBegin] });
    }
  }
  if (found === hiddenLimit) anomalies.push({ code: 'zip/hidden-member', what: `more than ${hiddenLimit} members are in no central directory; the rest was not looked at`, at: [0, source.size] });
}

const hiddenLimit = 10_000;
const searchBlock = 1 << 20;

async function findLocal(source: ByteSource, from: number, end: number): Promise<number | undefined> {
  for (let at = from; at + 30 <= end; at += searchBlock) {
    source.budget.tick();
    const block = Buffer.from(await source.read(at, Math.min(searchBlock + 3, end - at)));
    const place = block.indexOf('PK\u0003\u0004', 0, 'latin1');
    if (place !== -1) return at + place;
  }
  return undefined;
}

/** A member by its local header alone; one whose size comes later reaches to the next signature. */
async function localMember(source: ByteSource, place: number, end: number): Promise<Member | undefined> {
  const local = await localAt(new Window(source), place, 512);
  if (local === undefined || local.rawName.length === 0) return undefined;
  const dataBegin = place + local.length;
  if (dataBegin > end) return undefined;
  const unsaid = (local.flags & 8) !== 0 && local.packedSize === 0;
  const next = unsaid ? ((await findSignature(source, dataBegin, end)) ?? end) : dataBegin + (local.packedSize ?? end);
  const dataEnd = Math.min(next, end);
  const { name, flags, method, crc32 } = local;
  return {
    from: 'local', name, flags, method, crc32: unsaid ? 0 : crc32, packedSize: dataEnd - dataBegin, size: unsaid ? undefined : local.size,
    headerAt: place, dataBegin, dataEnd, end: dataEnd, mode: undefined, directory: name.endsWith('/'),
  };
}

async function findSignature(source: ByteSource, from: number, end: number): Promise<number | undefined> {
  for (let at = from; at + 4 <= end; at += searchBlock) {
    const block = Buffer.from(await source.read(at, Math.min(searchBlock + 3, end - at)));
    for (let place = block.indexOf('PK', 0, 'latin1'); place !== -1; place = block.indexOf('PK', place + 1, 'latin1')) {
      if (['\u0003\u0004', '\u0001\u0002', '\u0007\u0008', '\u0005\u0006'].includes(block.toString('latin1', place + 2, place + 4))) return at + place;
    }
  }
  return undefined;
}

function overlaps(members: readonly Member[], anomalies: Anomaly[]): void {
  let reached = 0;
  let last = '';
  for (const { name, headerAt, end } of members) {
    if (headerAt < reached) {
      anomalies.push({ code: 'zip/overlap', what: `member ${quoted(name)} at ${headerAt} overlaps member ${quoted(last)}, which ends at ${reached}`, at: [headerAt, Math.min(end, reached)] });
    }
    if (end > reached) {
      reached = end;
      last = name;
    }
  }
}

function duplicates(members: readonly Member[], anomalies: Anomaly[]): void {
  const exactly = new Map<string, number>();
  const alike = new Map<string, string>();
  for (const { name, headerAt, dataBegin } of members) {
    const before = exactly.get(name);
    const folded = name.normalize('NFKC').toLowerCase();
    const similar = alike.get(folded);
    if (before !== undefined) anomalies.push({ code: 'zip/duplicate-name', what: `member ${quoted(name)} is there twice, at ${before} and ${headerAt}: readers take the first or the last`, at: [headerAt, dataBegin] });
    else if (similar !== undefined) anomalies.push({ code: 'zip/similar-name', what: `members ${quoted(similar)} and ${quoted(name)} differ only in case or Unicode form: one file on many systems`, at: [headerAt, dataBegin] });
    if (before === undefined) exactly.set(name, headerAt);
    if (similar === undefined) alike.set(folded, name);
  }
}
