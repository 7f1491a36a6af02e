// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import { MemorySource, type ByteSource } from '../../src/bytes/source.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type Child, type Sample } from '../../src/model/scanner.ts';
import { block, isZero, readHeader, sumIsRight } from './header.ts';
import { key, listings, type Listings, type Reader, type Seen } from './listing.ts';
import { sampleRows, samplesOf, typeOf as typeOfPart } from './samples.ts';
import { stream, type Outcome, type Streamed } from './stream.ts';
import { padded, short, type Member } from './walk.ts';

type Said = FactOf<'entry' | 'region' | 'malformed' | 'gap'> | Child;

/** Differences between readers and names that are told one by one; more are counted. */
const told = 32;

/**
 * Tar archives of all kinds (version 7, ustar, GNU, pax). tar-stream gives the bytes; a walker of its own says what
 * Python's tarfile and GNU tar would see, since loaders use those.
 */
export default scanner({
  id: 'tar',
  title: 'tar archive (ustar, GNU, pax)',
  extensions: ['.tar', '.nemo'],
  holds: 'anything',
  says: ['entry', 'region', 'malformed', 'gap', 'column', 'anomaly'],
  recognise,
  async *inspect(source) {
    const all = await listings(source);
    if (all.seen.size === 0 && all.globals.length === 0 && all.python.broken !== undefined) throw all.python.broken;
    for (const at of all.globals) yield { kind: 'region', name: 'pax global header', at };
    for (const at of all.ends) yield { kind: 'region', name: 'end of archive', at };
    for (const { code, what, at } of all.odd) yield { kind: 'malformed', code, what, at: [Math.min(at, source.size), Math.min(at, source.size)] };
    const outcome: Outcome = { stopped: undefined };
    for await (const streamed of stream(source, outcome)) yield* fromStream(streamed, all, source);
    for (const seen of all.seen.values()) if (!seen.by.has('tar-stream')) yield* fromWalk(seen.member, source);
    yield* differences(all, outcome);
    yield* duplicates(all);
    const samples = samplesOf(all.python.members);
    if (samples !== undefined) {
      const counted = (part: string): number => samples.samples.reduce((sum, [, parts]) => sum + (parts.has(part) ? 1 : 0), 0);
      const rows = samples.samples.length;
      yield { kind: 'column', name: '__key__', type: 'string', rows, nulls: 0 };
      for (const part of samples.parts) yield { kind: 'column', name: part, type: typeOfPart(part), rows, nulls: rows - counted(part) };
      yield { kind: 'anomaly', measure: 'rows', value: rows };
    }
    const { broken } = all.python;
    if (broken !== undefined) throw new Malformed(broken.code, broken.message, broken.at);
  },
  rows: (source, _sample, wanted) => sampleRows(source, wanted),
});

function recognise({ name, size, head }: Sample): 'no' | 'maybe' | 'yes' {
  if (head.length < block) return 'no';
  const magic = head[257] === 0x75 && head[258] === 0x73 && head[259] === 0x74 && head[260] === 0x61 && head[261] === 0x72;
  const named = /\.(tar|nemo)$/i.test(name);
  const first = Buffer.from(head.buffer, head.byteOffset, block);
  if (isZero(first)) return named && size % block === 0 ? 'maybe' : 'no'; // empty, or beginning with what ends it
  if (!sumIsRight(first)) return magic || named ? 'maybe' : 'no'; // asked of every file: the rest of the header only where this holds
  const header = readHeader(first);
  return header.size !== undefined && (magic || header.name !== '') ? 'yes' : 'maybe';
}

/** A member that tar-stream gives: its bytes when they are few, else the place where the walker found them. */
function* fromStream({ header, bytes }: Streamed, all: Listings, source: ByteSource): Generator<Said> {
  const size = header.type === null || header.type.endsWith('file') ? header.size : 0;
  const streamed = { data: header.byteOffset, size, name: header.name };
  const known = all.seen.get(key(streamed));
  const member: Member = known?.member ?? {
    ...streamed, begin: header.byteOffset - block, link: header.linkname ?? '', mode: header.mode, sparse: false,
    type: typeOf(header.type),
  };
  if (known === undefined) all.seen.set(key(member), { member, by: new Set(['tar-stream']) });
  else known.by.add('tar-stream');
  yield entry(member, source);
  if (!isFile(member.type)) return;
  const content = bytes === undefined ? placed(member, source) : new MemorySource(bytes, source.budget);
  yield child(member, content, source);
  yield* sparse(member);
}

function* fromWalk(member: Member, source: ByteSource): Generator<Said> {
  yield entry(member, source);
  if (!isFile(member.type)) return;
  yield child(member, placed(member, source), source);
  yield* sparse(member);
}

function* sparse(member: Member): Generator<Said> {
  if (!member.sparse) return;
  yield { kind: 'gap', what: `sparse member ${short(member.name)} is looked at as it is stored, not as it unfolds`, why: 'unsupported', holds: 'anything' };
}

/** A member in place, as far as the file goes. */
function placed(member: Member, source: ByteSource): ByteSource {
  return source.slice(Math.min(member.data, source.size), Math.min(member.data + member.size, source.size));
}

function child(member: Member, content: ByteSource, source: ByteSource): Child {
  return { kind: 'child', name: cut(member.name), source: content, at: [member.data, Math.min(member.data + member.size, source.size)] };
}

function entry(member: Member, source: ByteSource): FactOf<'entry'> {
  const type = entryType(member.type);
  return {
    kind: 'entry', name: cut(member.name), type, size: member.size,
    ...(type === 'symlink' || type === 'hardlink' ? { target: cut(member.link) } : {}),
    ...(member.mode === undefined ? {} : { mode: member.mode }),
    at: [member.begin, Math.min(member.data + padded(member.size), source.size)],
  };
}

function isFile(type: string): boolean {
  return entryType(type) === 'file';
}

function entryType(type: string): FactOf<'entry'>['type'] {
  if (type === '1') return 'hardlink';
  if (type === '2') return 'symlink';
  if (type === '5') return 'directory';
  return type === '3' || type === '4' || type === '6' ? 'special' : 'file';
}

/** tar-stream's names of types, as flags. */
function typeOf(name: string | null): string {
  const flags: Readonly<Record<string, string>> = { link: '1', symlink: '2', 'character-device': '3', 'block-device': '4', directory: '5', fifo: '6' };
  return flags[name ?? ''] ?? '0';
}

/** Members that some readers see and others do not, or under another name or length. */
function* differences(all: Listings, outcome: Outcome): Generator<Said> {
  const partly = [...all.seen.values()].filter(({ by }) => by.size > 0 && by.size < 3);
  for (const { member, by } of partly.slice(0, told)) {
    const who = [...by].toSorted().join(' and ');
    const others = (['GNU tar', 'Python', 'tar-stream'] satisfies Reader[]).filter((reader) => !by.has(reader)).join(' and ');
    yield { kind: 'malformed', code: 'tar/reader-difference', what: `member ${short(member.name)} of ${member.size} bytes at ${member.data} is there for ${who}, not for ${others}`, at: [member.begin, member.begin] };
  }
  if (partly.length > told) {
    yield { kind: 'malformed', code: 'tar/reader-difference', what: `${partly.length - told} further members are not there for all readers` };
  }
  const complete = [...all.seen.values()].every(({ by }) => by.has('tar-stream'));
  if (outcome.stopped !== undefined && all.python.broken === undefined && !complete) {
    yield { kind: 'malformed', code: 'tar/stream-stopped', what: `tar-stream stops before the end: ${outcome.stopped.slice(0, 200)}` };
  }
}

function* duplicates(all: Listings): Generator<Said> {
  const first = new Map<string, Seen>();
  let count = 0;
  for (const seen of all.seen.values()) {
    const { member } = seen;
    if (member.type === '5') continue;
    const name = member.name.replace(/^(\.\/)+/, '');
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, seen);
    else if (earlier.member.data !== member.data && (count += 1) <= told) {
      yield { kind: 'malformed', code: 'tar/duplicate-name', what: `${short(name)} is there twice, at ${earlier.member.data} and at ${member.data}`, at: [member.begin, member.begin] };
    }
  }
}

/** At most 256 characters of a name; what matters to a path check is kept when the middle goes. */
function cut(name: string): string {
  if (name.length <= 256) return name;
  const climbs = /(^|[/\\])\.\.([/\\]|$)/.test(name);
  return `${name.slice(0, 120)}…${climbs ? '/../…' : ''}${name.slice(-120)}`;
}
