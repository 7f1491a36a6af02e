// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../src/bytes/source.ts';
import { block, isZero, readHeader } from './header.ts';
import { short, Walk, type Listing, type Member, type Oddity } from './walk.ts';

export type Reader = 'Python' | 'GNU tar' | 'tar-stream';

/** A member, and who sees it. */
export interface Seen {
  readonly member: Member;
  readonly by: Set<Reader>;
}

/** What Python and GNU tar make of an archive, and what lies behind its end marker. */
export interface Listings {
  readonly seen: Map<string, Seen>;
  readonly odd: Oddity[];
  readonly python: Listing;
  /** Begin and end of zero blocks that end the archive, or parts of it. */
  readonly ends: readonly (readonly [number, number])[];
  readonly globals: readonly (readonly [number, number])[];
}

/** Archives one after the other that are followed; the rest is left to be reported as unclaimed. */
const archivesFollowed = 64;
/** Global headers that are told one by one; archives have one. */
const globalsTold = 1000;

/** Two members are the same when name, place and length are. */
export function key(member: Pick<Member, 'data' | 'size' | 'name'>): string {
  return `${member.data}:${member.size}:${member.name}`;
}

export async function listings(source: ByteSource): Promise<Listings> {
  const python = await new Walk(source, { id: 'python' }).run();
  const seen = new Map<string, Seen>();
  add(seen, python.members, 'Python');
  const odd = [...python.odd];
  const globals = python.globals.slice(0, globalsTold);
  if (python.odd.length === 0 && python.broken === undefined) {
    for (const one of seen.values()) one.by.add('GNU tar'); // nothing on which they differ
  } else {
    const gnu = await new Walk(source, { id: 'gnu' }).run();
    add(seen, gnu.members, 'GNU tar');
    const told = new Set(odd.map((one) => `${one.code} ${one.at}`));
    if (python.broken !== undefined) told.add(`${python.broken.code} ${python.broken.at}`);
    odd.push(...gnu.odd.filter((one) => !told.has(`${one.code} ${one.at}`)));
    for (const at of gnu.globals) if (!globals.some((one) => one[0] === at[0])) globals.push(at);
  }
  const ends: (readonly [number, number])[] = [];
  if (python.broken === undefined && !python.full) await behind(source, python.end, { seen, odd, ends, globals });
  return { seen, odd, python, globals, ends };
}

interface Gathered {
  readonly seen: Map<string, Seen>;
  readonly odd: Oddity[];
  readonly ends: (readonly [number, number])[];
  readonly globals: (readonly [number, number])[];
}

/** Members behind the end marker: tar-stream and `tar --ignore-zeros` read them, Python and GNU tar do not. */
async function behind(source: ByteSource, from: number, { seen, odd, ends, globals }: Gathered): Promise<void> {
  let end = from;
  for (let n = 0; n < archivesFollowed && end < source.size; n += 1) {
    const begin = await zerosEnd(source, end);
    if (begin > end) ends.push([end, begin]);
    if (source.size - begin < block) return;
    const first = readHeader(Buffer.from(await source.read(begin, block)));
    if (!first.checksumRight || first.size === undefined) return;
    const more = await new Walk(source.slice(begin, source.size), { id: 'python' }).run();
    const moved = more.members.map((member) => ({ ...member, begin: member.begin + begin, data: member.data + begin }));
    for (const member of moved) if (!seen.has(key(member))) seen.set(key(member), { member, by: new Set() });
    odd.push(...more.odd.map((one) => ({ ...one, at: one.at + begin })));
    odd.push({ code: 'tar/after-eof', what: `${moved.length} members follow the end marker at ${end}: ${moved.slice(0, 3).map((member) => short(member.name)).join(', ')}`, at: begin });
    globals.push(...more.globals.slice(0, globalsTold).map(([head, tail]) => [head + begin, tail + begin] as const));
    if (more.broken !== undefined || more.end === 0) return;
    end = begin + more.end;
  }
}

/** Where a run of zero blocks from `begin` on ends. */
async function zerosEnd(source: ByteSource, begin: number): Promise<number> {
  let offset = begin;
  for await (const part of source.slice(begin, source.size).sweep()) {
    for (let i = 0; i < part.length; i += block) {
      const piece = part.subarray(i, i + block);
      if (!isZero(piece)) return offset;
      offset += piece.length;
    }
  }
  return offset;
}

function add(seen: Map<string, Seen>, members: readonly Member[], reader: Reader): void {
  for (const member of members) {
    const known = seen.get(key(member));
    if (known === undefined) seen.set(key(member), { member, by: new Set([reader]) });
    else known.by.add(reader);
  }
}
