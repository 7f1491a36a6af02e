// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { block, isZero, readHeader, type Header } from './header.ts';
import { paxSize, readPax } from './pax.ts';

/** A member as one reader sees it. */
export interface Member {
  /** Where its first header block begins, extended headers included. */
  readonly begin: number;
  readonly data: number;
  /** Bytes of content in the archive; 0 where the reader takes none. */
  readonly size: number;
  readonly name: string;
  readonly type: string;
  readonly link: string;
  readonly mode: number | undefined;
  readonly sparse: boolean;
}

/** Something on which readers differ, or that breaks the format. */
export interface Oddity {
  readonly code: string;
  readonly what: string;
  readonly at: number;
}

/** What one reader makes of an archive. */
export interface Listing {
  readonly members: Member[];
  readonly odd: Oddity[];
  /** Global headers, which belong to no member. */
  readonly globals: (readonly [number, number])[];
  /** Where it stops reading: behind the last member, or at the end marker. */
  end: number;
  /** There are more members than facts are allowed. */
  full: boolean;
  /** Set when it stops because it cannot go on. */
  broken: Malformed | undefined;
}

/** How a reader decides where readers differ; checked against both programs by test/scanners/tar/index.test.ts. */
export interface Dialect {
  readonly id: 'python' | 'gnu';
}

interface Pending {
  begin: number | undefined;
  pax: ReadonlyMap<string, string> | undefined;
  longName: string | undefined;
  longLink: string | undefined;
  /** 'L' or 'x': which of the two came first; Python's outer header wins, GNU's pax always. */
  first: 'L' | 'x' | undefined;
}

const longestExtension = 4 * 1024 * 1024; // of one extended header; names are not that long
const window = 64 * 1024;
const textAllowed = 64 * 1024 * 1024; // characters of all names together: they are held until the end
const quirksTold = 64;
/** Types whose content is stored (Python's REGULAR_TYPES and all it does not know). */
const withoutContent = new Set(['1', '2', '3', '4', '5', '6']);
const known = new Set(['0', '1', '2', '3', '4', '5', '6', '7', 'S', 'L', 'K', 'x', 'g', 'X', 'V', 'M', 'D', 'N', 'A']);

/** Walks the header blocks of a tar as `dialect` does. Only headers are read. */
export class Walk {
  readonly #source: ByteSource;
  readonly #dialect: Dialect;
  readonly #listing: Listing = { members: [], odd: [], globals: [], end: 0, full: false, broken: undefined };
  #global: ReadonlyMap<string, string> = new Map();
  #pending: Pending = nothing();
  /** Passing over blocks that are no header, after one that is damaged. */
  #searching = false;
  #textLength = 0;
  #buffer: Uint8Array = new Uint8Array(0);
  #bufferBegin = 0;

  constructor(source: ByteSource, dialect: Dialect) {
    this.#source = source;
    this.#dialect = dialect;
  }

  async run(): Promise<Listing> {
    const { size } = this.#source;
    const listing = this.#listing;
    for (let offset = 0; offset < size; ) {
      // Each member is a fact: the driver will stop at the first one more.
      if (listing.members.length > this.#source.budget.limits.facts) {
        listing.full = true;
        return listing;
      }
      if (size - offset < block) return this.#stop('tar/truncated', `tar header at ${offset} has ${size - offset} bytes, needs ${block}`, offset);
      const bytes = this.#at(offset, block) ?? (await this.#fetch(offset, block));
      if (isZero(bytes)) break;
      const header = readHeader(bytes);
      if (!header.checksumRight || header.size === undefined) {
        if (offset === 0) return this.#stop('tar/checksum', 'tar header at 0 has a wrong checksum', 0);
        const wrong = header.checksumRight ? 'a size that is no number' : 'a wrong checksum';
        const code = header.checksumRight ? 'tar/number' : 'tar/checksum';
        const what = `header at ${offset} has ${wrong}: Python stops there, GNU tar looks for the next`;
        if (this.#dialect.id === 'python') return this.#stop(code, what, offset);
        if (!this.#searching) this.#odd(code, what, offset);
        this.#searching = true;
        offset += block;
        this.#pending = nothing();
        continue;
      }
      this.#searching = false;
      offset = await this.#header(header, header.size, offset);
      listing.end = Math.min(offset, size);
      if (listing.broken !== undefined) return listing;
    }
    if (this.#pending.begin !== undefined) this.#odd('tar/extension-without-member', `extended header at ${this.#pending.begin} belongs to no member`, this.#pending.begin);
    return listing;
  }

  /** Takes in one header, and gives where the next one begins for this reader. */
  async #header(header: Header, size: number, offset: number): Promise<number> {
    this.#source.budget.tick();
    this.#pending.begin ??= offset;
    if ('xgXLK'.includes(header.type)) return this.#extension(header, size, offset);
    let data = offset + block;
    for (let more = header.extended; more; data += block) { // the sparse map goes on (old GNU)
      if (data + block > this.#source.size) break;
      more = (this.#at(data, block) ?? (await this.#fetch(data, block)))[504] === 1;
    }
    const member = this.#member(header, size, offset, data);
    const ownSize = paxSize(this.#pending.pax?.get('size'));
    this.#listing.members.push(member);
    this.#textLength += member.name.length + member.link.length;
    if (this.#textLength > textAllowed) {
      this.#stop('tar/names', `names of ${this.#listing.members.length} members take more than ${textAllowed} characters`, offset);
      return offset;
    }
    this.#pending = nothing();
    const next = data + padded(this.#stride(header, size, ownSize, member));
    if (!Number.isSafeInteger(next) || data + member.size > this.#source.size) {
      this.#stop('tar/truncated', `member ${short(member.name)} at ${data} of ${member.size} bytes passes the end at ${this.#source.size}`, data);
      return this.#source.size;
    }
    await this.#padding(member, next);
    return next;
  }

  async #extension(header: Header, size: number, offset: number): Promise<number> {
    const begin = offset + block;
    if (size > longestExtension) {
      this.#stop('tar/extension-size', `extended header at ${offset} has ${size} bytes, allowed ${longestExtension}`, offset);
      return offset;
    }
    if (begin + size > this.#source.size) {
      this.#stop('tar/truncated', `extended header at ${offset} of ${size} bytes passes the end at ${this.#source.size}`, offset);
      return offset;
    }
    const body = Buffer.from(this.#at(begin, size) ?? (await this.#fetch(begin, size)));
    const pending = this.#pending;
    if (header.type === 'L' || header.type === 'K') {
      const end = body.indexOf(0);
      const name = body.toString('utf8', 0, end === -1 ? body.length : end);
      if (header.type === 'L') {
        pending.longName = name;
        pending.first ??= 'L';
      } else pending.longLink = name;
    } else {
      const { values, odd } = readPax(body);
      for (const what of odd) this.#odd('tar/pax-record', `pax header at ${offset}: ${what}`, offset);
      if (header.type === 'g') this.#takeGlobal(values, offset, begin + padded(size));
      else {
        pending.pax = new Map([...(pending.pax ?? []), ...values]);
        pending.first ??= 'x';
      }
    }
    return begin + padded(size);
  }

  #takeGlobal(values: ReadonlyMap<string, string>, offset: number, end: number): void {
    this.#listing.globals.push([offset, Math.min(end, this.#source.size)]);
    const told = ['path', 'linkpath', 'size', 'GNU.sparse.name'].filter((key) => values.has(key));
    if (told.length > 0) {
      const list = told.map((key) => `${key}=${short(values.get(key)!)}`).join(', ');
      this.#odd('tar/pax-global', `global pax header at ${offset} sets ${list} for all members that follow: some readers obey, some do not`, offset);
    }
    this.#global = new Map([...this.#global, ...values]);
    this.#pending = nothing();
  }

  #member(header: Header, size: number, offset: number, data: number): Member {
    const { pax, longName, longLink, first } = this.#pending;
    const get = (key: string): string | undefined => pax?.get(key) ?? this.#global.get(key);
    const plain = header.prefix === '' ? header.name : `${header.prefix}/${header.name}`;
    const path = get('path');
    let name = path ?? longName ?? plain;
    if (longName !== undefined && path !== undefined && path !== longName) {
      this.#odd('tar/longname-conflict', `member at ${offset} is called ${short(longName)} by a GNU long name and ${short(path)} by pax`, offset);
      if (this.#dialect.id === 'python' && first === 'L') name = longName;
    }
    const sparseName = get('GNU.sparse.name');
    if (sparseName !== undefined && sparseName !== name) {
      this.#odd('tar/sparse-name', `member at ${offset} is called ${short(name)}, and ${short(sparseName)} by those who know GNU.sparse.name`, offset);
      name = sparseName;
    }
    if (name.includes('\0')) this.#odd('tar/name-nul', `name of the member at ${offset} has a NUL, where some readers cut it: ${short(name)}`, offset);
    if (this.#dialect.id === 'gnu') name = name.split('\0')[0]!;
    const told = get('size');
    if (told !== undefined && paxSize(told) === undefined) this.#odd('tar/pax-size', `pax size of the member at ${offset} is no number: ${short(told)}`, offset);
    if (!known.has(header.type)) this.#odd('tar/unknown-type', `member at ${offset} has the unknown type ${JSON.stringify(header.type)}: most readers take it for a file`, offset);
    const real = paxSize(told) ?? size;
    if (withoutContent.has(header.type) && real > 0) {
      this.#odd('tar/link-size', `member ${short(name)} at ${offset} has type ${header.type}, which has no content, and a size of ${real}: readers disagree where the next one begins`, offset);
    }
    const sparse = header.type === 'S' || [...(pax?.keys() ?? [])].some((key) => key.startsWith('GNU.sparse.'));
    return {
      begin: this.#pending.begin ?? offset, data, name, type: header.type, sparse,
      size: withoutContent.has(header.type) ? 0 : real,
      link: get('linkpath') ?? longLink ?? header.link,
      mode: header.mode,
    };
  }

  /** Bytes from the content's begin to the next header, padding not counted, as this reader reckons. */
  #stride(header: Header, size: number, ownSize: number | undefined, member: Member): number {
    const none = withoutContent.has(header.type);
    if (this.#dialect.id === 'python') {
      // A global pax size changes what is read, not where the next header is: only a member's own one moves on.
      return none ? 0 : (ownSize ?? size);
    }
    // GNU tar passes over the size of symbolic links and devices; hard links and directories have none for it.
    if (header.type === '1' || header.type === '5') return 0;
    return none ? (ownSize ?? size) : member.size;
  }

  async #padding(member: Member, next: number): Promise<void> {
    const end = member.data + member.size;
    const length = Math.min(next, this.#source.size) - end;
    if (length <= 0 || length >= block) return;
    const bytes = this.#at(end, length) ?? (await this.#fetch(end, length));
    if (!isZero(bytes)) this.#odd('tar/padding', `${length} bytes that fill up member ${short(member.name)} at ${end} are not zero`, end);
  }

  #stop(code: string, what: string, at: number): Listing {
    this.#listing.broken ??= new Malformed(code, what, at);
    this.#listing.end = Math.min(at, this.#source.size);
    return this.#listing;
  }

  #odd(code: string, what: string, at: number): void {
    if (this.#listing.odd.length < quirksTold) this.#listing.odd.push({ code, what, at });
  }

  /** Bytes that are at hand: no promise for each of a hundred thousand headers. */
  #at(offset: number, length: number): Buffer | undefined {
    const local = offset - this.#bufferBegin;
    if (local < 0 || local + length > this.#buffer.length) return undefined;
    return Buffer.from(this.#buffer.buffer, this.#buffer.byteOffset + local, length);
  }

  async #fetch(offset: number, length: number): Promise<Buffer> {
    this.#buffer = await this.#source.read(offset, Math.min(Math.max(window, length), this.#source.size - offset));
    this.#bufferBegin = offset;
    return this.#at(offset, length)!;
  }
}

export function padded(size: number): number {
  return Math.ceil(size / block) * block;
}

/** Attacker's text for a message. */
export function short(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

function nothing(): Pending {
  return { begin: undefined, pax: undefined, longName: undefined, longLink: undefined, first: undefined };
}
