// SPDX-License-Identifier: Apache-2.0
import { crc32 } from 'node:zlib';
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { MemorySource, type ByteSource } from '../../src/bytes/source.ts';
import { capped } from '../../src/grammar/zip/capped.ts';
import { quote } from '../../src/grammar/zip/directory.ts';
import { openMember } from '../../src/grammar/zip/open.ts';
import { viewOf, walk, type Member } from '../../src/grammar/zip/walk.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type Child } from '../../src/model/scanner.ts';
import type { Span } from '../../src/model/span.ts';
import { comments, regions } from './regions.ts';

type Said = FactOf<'entry' | 'region' | 'malformed' | 'gap' | 'anomaly'> | Child;

export default scanner({
  id: 'zip',
  title: 'Zip archives, read by every directory and every local header',
  extensions: ['.zip'],
  parts: true,
  holds: 'anything',
  says: ['entry', 'region', 'malformed', 'gap', 'anomaly'],
  recognise({ head, tail, size }) {
    const bytes = asBuffer(tail);
    if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) return 'yes';
    const at = bytes.lastIndexOf('PK\x05\x06', bytes.length, 'latin1');
    if (at < 0 || at + 22 > bytes.length) return 'no';
    if (insideTar(head, bytes, at)) return 'no';
    if (bytes.readUInt16LE(at + 10) === 0) return at === 0 ? 'yes' : 'maybe';
    return leadsToDirectory(bytes, at, size - bytes.length) ? 'yes' : 'maybe';
  },
  async *inspect(given) {
    yield* capped(said(given));
  },
});

/**
 * An end record in a tar that does not end with it is that of a member, which is looked at as one: a .nemo ends with
 * its checkpoint. Behind the end of the tar it would be unclaimed, and looked at as such.
 */
function insideTar(head: Uint8Array, tail: Buffer, at: number): boolean {
  const ustar = asBuffer(head).toString('latin1', 257, 262) === 'ustar';
  return ustar && at + 22 + tail.readUInt16LE(at + 20) < tail.length - 1023; // a tar ends with 1,024 zeros
}

/**
 * Whether the end record at `at` leads to a directory header, as far as the tail tells: programs that read or write
 * zip hold the same marks. `base` is where the tail begins.
 */
function leadsToDirectory(tail: Buffer, at: number, base: number): boolean {
  const [length, offset] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  const header = (where: number): boolean => where >= 0 && tail.toString('latin1', where, where + 4) === 'PK\x01\x02';
  const zip64 = at >= 20 && tail.toString('latin1', at - 20, at - 16) === 'PK\x06\x07';
  const before = at - length < 0 && length <= base + at; // the directory begins before the tail
  return header(at - length) || header(offset - base) || ((zip64 || before) && tail.includes('PK\x01\x02', 0, 'latin1'));
}

async function* said(given: ByteSource): AsyncGenerator<Said> {
  // many small members cost two reads each: a small archive is read once instead
  const source = given.size <= given.budget.limits.memory ? new MemorySource(await given.read(0, given.size), given.budget) : given;
  const archive = await walk(source);
  if (archive.members.length === 0 && archive.directories.length === 0) throw new Malformed('zip/nothing-readable', 'neither a directory nor a local header can be read', 0);
  for (const { code, what, at } of archive.anomalies) {
    if (code === 'zip/too-many-members') yield { kind: 'gap', what, why: 'limit', holds: 'anything' };
    yield { kind: 'malformed', code, what, ...(at === undefined ? {} : { at: [at[0], at[0]] as const }) };
  }
  yield* regions(archive, source);
  yield* comments(archive, source);
  yield* names(archive.members);
  const stored = await storedSums(source, archive.members);
  const unchecked = archive.members.filter((member) => isUnchecked(source, member)).reduce((sum, { packedSize }) => sum + packedSize, 0);
  if (unchecked > 0) {
    yield { kind: 'anomaly', measure: 'crc-unchecked', value: unchecked, detail: 'bytes of long stored members in a large archive: its SHA-256 covers them, their CRC-32 was not compared' };
  }
  yield* contents(source, archive.members, stored);
}

function* names(members: readonly Member[]): Generator<Said> {
  const seen = new Map<string, string>();
  let reached = 0;
  for (const member of members) {
    const key = member.name.normalize('NFC').toLowerCase();
    const before = seen.get(key);
    const at: Span = [member.headerAt, member.headerAt];
    if (before !== undefined) yield { kind: 'malformed', code: 'zip/duplicate-name', what: `members ${quote(before)} and ${quote(member.name)} have ${before === member.name ? 'the same name' : 'names that differ in case or Unicode form only'}`, at };
    seen.set(key, member.name);
    if (member.headerAt < reached) yield { kind: 'malformed', code: 'zip/overlap', what: `member ${quote(member.name)} begins at ${member.headerAt}, before the previous one ends at ${reached}`, at };
    reached = Math.max(reached, member.end);
  }
}

/** From this size on, long stored members are raw tensors: comparing their CRC-32 costs a third of the SHA-256 that covers them. */
const largeArchive = 256 << 20;
const longMember = 4 << 20;

function isUnchecked(source: ByteSource, { method, packedSize }: Member): boolean {
  return method === 0 && source.size >= largeArchive && packedSize > longMember;
}

/** CRC-32 of stored members that do not overlap, from one sweep over the whole, which also hashes it; in a large archive of the short ones. */
async function storedSums(source: ByteSource, members: readonly Member[]): Promise<Map<Member, number>> {
  const sums = new Map<Member, number>();
  const wanted: Member[] = [];
  let reached = 0;
  for (const member of members) {
    if (member.method === 0 && (member.flags & 0x41) === 0 && member.dataBegin >= reached && !isUnchecked(source, member)) wanted.push(member);
    reached = Math.max(reached, member.end);
  }
  for (const member of wanted) sums.set(member, 0);
  let [offset, first] = [0, 0];
  if (wanted.length === 0) return sums;
  if (source.size >= largeArchive) {
    for (const member of wanted) {
      for await (const block of source.slice(member.dataBegin, member.dataEnd).sweep()) sums.set(member, crc32(block, sums.get(member)));
    }
    return sums;
  }
  for await (const block of source.sweep()) {
    const end = offset + block.length;
    while (first < wanted.length && wanted[first]!.dataEnd <= offset) first += 1;
    for (let i = first; i < wanted.length && wanted[i]!.dataBegin < end; i += 1) {
      const member = wanted[i]!;
      const part = block.subarray(Math.max(0, member.dataBegin - offset), Math.min(block.length, member.dataEnd - offset));
      sums.set(member, crc32(part, sums.get(member)));
    }
    offset = end;
  }
  return sums;
}

async function* contents(source: ByteSource, members: readonly Member[], stored: ReadonlyMap<Member, number>): AsyncGenerator<Said> {
  let opened = 0;
  const seen = new Set<string>();
  for (const member of members) {
    source.budget.tick();
    const name = clip(member.name);
    const type = typeOf(member);
    const link = type === 'symlink' && member.method === 0 && member.packedSize <= 4096 && (member.flags & 0x41) === 0;
    const target = link ? Buffer.from(await source.read(member.dataBegin, member.packedSize)).toString('utf8').slice(0, 256) : undefined;
    yield { kind: 'entry', name, type, size: member.size, ...(target === undefined ? {} : { target }), ...(member.mode === 0 ? {} : { mode: member.mode }), at: [member.headerAt, member.headerAt] };
    const { local } = member;
    // a reader that trusts local headers writes to this path
    if (local !== undefined && local.name !== member.name) yield { kind: 'entry', name: clip(local.name), type, size: local.size, at: [member.headerAt, member.headerAt] };
    for (const view of local === undefined ? [member] : [member, local]) {
      if (type === 'directory' && view.packedSize === 0) continue;
      if (seen.has(viewOf(view))) continue; // the same bytes under another name
      seen.add(viewOf(view));
      opened += view.packedSize;
      if (opened > 2 * source.size) {
        yield { kind: 'gap', what: `member ${quote(name)} not unpacked: overlapping members add up to more than twice the file`, why: 'limit', holds: 'anything' };
        continue;
      }
      if (view === member) yield* content(source, member, name, stored.get(member));
      else yield* localContent(source, view, `${name} (local header)`);
    }
  }
}

/** The member as its local header has it. What that gets wrong has been said; an open failure is the usual case. */
async function* localContent(source: ByteSource, view: Member, name: string): AsyncGenerator<Said> {
  let opened;
  try {
    opened = await openMember(source, view);
  } catch (error) {
    if (error instanceof Unsupported || error instanceof Malformed) return;
    throw error;
  }
  try {
    yield { kind: 'child', name, source: opened.source }; // claims no bytes: the directory may say that they are something else
  } finally {
    opened.close();
  }
}

async function* content(source: ByteSource, member: Member, name: string, stored: number | undefined): AsyncGenerator<Said> {
  const at: Span = [member.dataBegin, member.dataEnd];
  let opened;
  try {
    opened = await openMember(source, member);
  } catch (error) {
    // one member that cannot be read does not hide the others; limits and failures of the source pass
    if (error instanceof Unsupported) {
      if (error.why === 'encrypted') yield { kind: 'malformed', code: 'zip/encrypted', what: error.message, at: [member.headerAt, member.headerAt] };
      yield { kind: 'gap', what: error.message, why: error.why, holds: 'anything', at };
    } else if (error instanceof Malformed) {
      yield { kind: 'malformed', code: 'zip/member-damaged', what: `member ${quote(name)}: ${error.message}`, at: [at[0], at[0]] };
      yield { kind: 'gap', what: `member ${quote(name)} cannot be unpacked`, why: 'damaged', holds: 'anything', at };
    } else throw error;
    return;
  }
  try {
    const sum = opened.crc32 ?? stored;
    const { declared } = member;
    if (declared && sum !== undefined && sum !== member.crc32) yield { kind: 'malformed', code: 'zip/crc-differs', what: `member ${quote(name)} has CRC ${sum.toString(16)}, its header says ${member.crc32.toString(16)}`, at: [at[0], at[0]] };
    if (declared && opened.source.size !== member.size) yield { kind: 'malformed', code: 'zip/size-differs', what: `member ${quote(name)} has ${opened.source.size} bytes, its header says ${member.size}`, at: [at[0], at[0]] };
    yield { kind: 'child', name, source: opened.source, at };
    if (opened.slack > 0) {
      const slack: Span = [at[1] - opened.slack, at[1]];
      yield { kind: 'malformed', code: 'zip/member-slack', what: `member ${quote(name)} has ${opened.slack} bytes behind the end of its packed data`, at: [slack[0], slack[0]] };
      yield { kind: 'child', name: `${name} (slack)`, source: source.slice(...slack), at: slack };
    }
  } finally {
    opened.close();
  }
}

function typeOf(member: Member): 'file' | 'directory' | 'symlink' | 'special' {
  const format = member.mode & 0o170000;
  if (format === 0o120000) return 'symlink';
  if (format === 0o040000 || member.name.endsWith('/')) return 'directory';
  return format === 0 || format === 0o100000 ? 'file' : 'special';
}
