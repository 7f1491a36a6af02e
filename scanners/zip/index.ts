// SPDX-License-Identifier: Apache-2.0
import { crc32 } from 'node:zlib';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { quoted, readArchive, type Member } from '../../src/grammar/zip/archive.ts';
import { methods, openMember } from '../../src/grammar/zip/member.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type Child, type Sample } from '../../src/model/scanner.ts';

type Said = FactOf<'entry' | 'region' | 'malformed' | 'gap'> | Child;

/** Anomalies of one kind that are told one by one; an archive can hold a hundred thousand. */
const toldOfEach = 64;

export default scanner({
  id: 'zip',
  title: 'ZIP archive (also the container of torch, npz, Keras and others)',
  extensions: ['.zip'],
  holds: 'anything',
  says: ['entry', 'region', 'malformed', 'gap'],
  recognise,
  async *inspect(source): AsyncGenerator<Said> {
    const archive = await readArchive(source);
    if (archive.members.length === 0 && archive.records.length === 0) throw new Malformed('zip/no-member', 'neither a central directory nor a local header was found', 0);
    const told = new Map<string, number>();
    for (const { code, what, at } of archive.anomalies) {
      const before = told.get(code) ?? 0;
      told.set(code, before + 1);
      if (before < toldOfEach) yield { kind: 'malformed', code, what, at: [...at] };
    }
    for (const [begin, end] of archive.records) yield { kind: 'region', name: 'directory', at: [begin, end] };
    const sums = await storedSums(source, archive.members);
    for (const member of archive.members) {
      yield await entryOf(source, member);
      if (!member.directory || member.dataEnd > member.dataBegin) yield* content(source, member, sums.get(member));
    }
  },
});

function recognise({ head, tail }: Sample): 'no' | 'yes' {
  const signed = head.length >= 30 && head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04;
  if (signed) return 'yes';
  const bytes = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength);
  for (let at = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1'); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf('PK\u0005\u0006', at - 1, 'latin1')) {
    if (at + 22 > bytes.length) continue;
    const [size, offset, entries] = [bytes.readUInt32LE(at + 12), bytes.readUInt32LE(at + 16), bytes.readUInt16LE(at + 10)];
    const begin = at - size; // where its directory lies, when the tail holds it
    if (entries === 0 ? size === 0 && bytes.length === 22 : begin < 0 ? offset !== 0 || size >= 46 : bytes.readUInt32LE(begin) === 0x02014b50) return 'yes';
    if (entries === 0xffff || offset === 0xffff_ffff) return 'yes'; // zip64: the reader follows it
  }
  return 'no';
}

async function entryOf(source: ByteSource, member: Member): Promise<Said> {
  const type = ((member.mode ?? 0) & 0o170000) === 0o120000 ? 'symlink' : member.directory ? 'directory' : 'file';
  const entry = { kind: 'entry', name: member.name.slice(0, 1024), type, size: member.size ?? member.packedSize, at: [member.headerAt, member.end] } as const;
  if (type !== 'symlink' || member.method !== methods.stored) return entry;
  const target = await source.read(member.dataBegin, Math.min(1024, member.dataEnd - member.dataBegin));
  return { ...entry, target: Buffer.from(target).toString('utf8') };
}

/** The member as a child, and what is found out by unpacking it. A member that cannot be opened costs only itself. */
async function* content(source: ByteSource, member: Member, storedSum: number | undefined): AsyncGenerator<Said> {
  const at = [member.dataBegin, member.dataEnd] as const;
  let opened;
  try {
    opened = await openMember(source, member);
  } catch (error) {
    if (error instanceof Unsupported) yield { kind: 'gap', what: error.message, why: error.why, holds: 'anything', at };
    else if (error instanceof Malformed) {
      yield { kind: 'malformed', code: 'zip/member-damaged', what: `member ${quoted(member.name)}: ${error.message}`, at };
      yield { kind: 'gap', what: `member ${quoted(member.name)} could not be unpacked: ${error.message}`, why: 'damaged', holds: 'anything', at };
    } else throw error;
    return;
  }
  try {
    const sum = opened.crc32 ?? storedSum;
    const known = member.from === 'central' || member.crc32 !== 0;
    if (sum !== undefined && known && sum !== member.crc32) {
      yield { kind: 'malformed', code: 'zip/crc-wrong', what: `member ${quoted(member.name)} has CRC-32 0x${sum.toString(16)}, declared is 0x${member.crc32.toString(16)}`, at };
    }
    if (member.size !== undefined && opened.source.size !== member.size) {
      yield { kind: 'malformed', code: 'zip/size-wrong', what: `member ${quoted(member.name)} has ${opened.source.size} bytes unpacked, declared are ${member.size}`, at };
    }
    if (opened.slack > 0) yield { kind: 'malformed', code: 'zip/member-slack', what: `member ${quoted(member.name)} has ${opened.slack} bytes behind its packed stream`, at: [member.dataEnd - opened.slack, member.dataEnd] };
    yield { kind: 'child', name: member.name.slice(0, 1024), source: opened.source, at };
  } finally {
    opened.close();
  }
}

/** CRC-32 of stored members in one sweep over the file, which also hashes it: no member is read a second time for it. */
async function storedSums(source: ByteSource, members: readonly Member[]): Promise<Map<Member, number>> {
  const stored = members.filter(({ method, flags }) => method === methods.stored && (flags & 0x41) === 0);
  const sums = new Map<Member, number>();
  let offset = 0;
  let first = 0;
  for await (const block of source.sweep()) {
    const end = offset + block.length;
    while (first < stored.length && stored[first]!.dataEnd <= offset) first += 1;
    for (let i = first; i < stored.length && stored[i]!.headerAt < end; i += 1) {
      const member = stored[i]!;
      const from = Math.max(member.dataBegin, offset);
      const to = Math.min(member.dataEnd, end);
      if (from < to) sums.set(member, crc32(block.subarray(from - offset, to - offset), sums.get(member) ?? 0));
      else if (member.dataBegin === member.dataEnd) sums.set(member, 0);
    }
    offset = end;
  }
  return sums;
}
