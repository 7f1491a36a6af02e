import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import scanner from '../../../scanners/tar/index.ts';
import { LimitReached, Malformed } from '../../../src/bytes/errors.ts';
import { Budget } from '../../../src/bytes/limits.ts';
import { MemorySource, Source } from '../../../src/bytes/source.ts';
import type { Fact } from '../../../src/model/fact.ts';
import type { Sample } from '../../../src/model/scanner.ts';
import { tar, tarMember } from '../../../fixtures/support/tar.ts';
import { fixtures } from '../../support/samples.ts';

/** Bytes that are never at hand: every block is read into memory that is used again, as with a large file. */
class FarSource extends Source {
  readonly #bytes: Uint8Array;
  reads = 0;
  /** Byte from which on large reads fail as a disk does. */
  readonly #failsFrom: number;
  constructor(bytes: Uint8Array, failsFrom = Infinity) {
    super(bytes.length, new Budget());
    this.#bytes = bytes;
    this.#failsFrom = failsFrom;
  }
  override async fill(into: Uint8Array, offset: number): Promise<void> {
    this.reads += 1;
    await Promise.resolve();
    if (into.length > 500_000 && offset > this.#failsFrom) throw Object.assign(new Error('disk'), { code: 'EIO' });
    into.set(this.#bytes.subarray(offset, offset + into.length));
  }
}

interface Run {
  readonly facts: Fact[];
  readonly children: { readonly name: string; readonly bytes: Buffer }[];
  readonly error: unknown;
}

async function run(source: Source): Promise<Run> {
  const facts: Fact[] = [];
  const children: { name: string; bytes: Buffer }[] = [];
  const head = await source.read(0, Math.min(65_536, source.size));
  const sample: Sample = { name: 'x.tar', size: source.size, head, tail: head };
  try {
    for await (const said of scanner.inspect(source, sample)) {
      if (said.kind === 'child') {
        const child = said;
        children.push({ name: child.name, bytes: Buffer.from(await child.source.read(0, child.source.size)) });
      } else facts.push(said);
    }
  } catch (error) {
    return { facts, children, error };
  }
  return { facts, children, error: undefined };
}

const fixture = (name: string): Buffer => readFileSync(join(fixtures, 'tar', name));

test('a directory with a size does not stall the stream', { timeout: 5000 }, async () => {
  const { children } = await run(new MemorySource(fixture('directory-size.tar'), new Budget()));
  expect(children.map((child) => child.name)).toEqual(['inside.pkl', 'c.txt']);
});

test('a member that only Python sees is looked at, too', async () => {
  const { children, facts } = await run(new MemorySource(fixture('fifo-size.tar'), new Budget()));
  expect(children.find((child) => child.name === 'inside.pkl')?.bytes.toString()).toBe('not a pickle');
  expect(facts.filter((fact) => fact.kind === 'malformed').map((fact) => fact.code)).toContain('tar/reader-difference');
});

test('content is right wherever a block ends, although the source uses its blocks again', async () => {
  const bodies = Array.from({ length: 7 }, (_, i) => Buffer.alloc(300_000 + 7 * i, 65 + i));
  const big = Buffer.alloc(1_500_000, 0x7a);
  const archive = tar(...bodies.map((body, i) => ({ name: `${i}.bin`, body })), { name: 'big.bin', body: big }, { name: 'last.txt', body: 'end' });
  const { children, error } = await run(new FarSource(archive));
  expect(error).toBeUndefined();
  for (const [i, body] of bodies.entries()) expect(children[i]!.bytes.equals(body), `member ${i}`).toBe(true);
  expect(children[7]!.bytes.equals(big)).toBe(true);
  expect(children[8]!.bytes.toString()).toBe('end');
});

test('a member that is cut off is looked at as far as it goes', async () => {
  const { children, error } = await run(new MemorySource(fixture('truncated.tar'), new Budget()));
  expect(children.map(({ name, bytes }) => [name, bytes.length])).toEqual([['long.txt', 988]]);
  expect(error).toBeInstanceOf(Malformed);
});

test('spans of an ordinary archive cover every byte', async () => {
  const { facts } = await run(new MemorySource(fixture('plain.tar'), new Budget()));
  const covered = facts.reduce((sum, fact) => sum + (fact.at === undefined ? 0 : fact.at[1] - fact.at[0]), 0);
  expect(covered).toBe(fixture('plain.tar').length);
});

test('ten thousand small members take seconds at most', { timeout: 20_000 }, async () => {
  const archive = tar(...Array.from({ length: 10_000 }, (_, i) => ({ name: `${i}.txt`, body: `caption ${i}` })));
  const { children } = await run(new FarSource(archive));
  expect(children.length).toBe(10_000);
});

test('no mutation of an archive makes anything but the known errors, nor a stall', { timeout: 60_000 }, async () => {
  const originals = ['plain.tar', 'pax-long.tar', 'gnu-long.tar', 'symlink-size.tar', 'pax-global-size.tar', 'sparse-name.tar'].map(fixture);
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 0x7fffffff) % below;
  for (const original of originals) {
    for (let n = 0; n < 60; n += 1) {
      let mutated = Buffer.from(original);
      for (let flips = 0; flips <= random(4); flips += 1) mutated[random(mutated.length)] = random(256);
      if (n % 3 === 0) mutated = mutated.subarray(0, 512 + random(mutated.length - 512));
      if (n % 2 === 0) repairChecksums(mutated);
      const { error } = await run(new MemorySource(mutated, new Budget()));
      if (error !== undefined && !(error instanceof Malformed || error instanceof LimitReached)) throw error;
    }
  }
});

test('a header that says a pax size of 2⁵³ or a negative one is no crash', async () => {
  for (const size of ['\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff', '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0']) {
    const { error } = await run(new MemorySource(Buffer.concat([tarMember({ name: 'a' }), tarMember({ name: 'b', size }), Buffer.alloc(1024)]), new Budget()));
    expect(error).toBeInstanceOf(Malformed);
  }
});

/** So that mutations reach what lies behind the checksum. */
function repairChecksums(bytes: Buffer): void {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    const header = bytes.subarray(at, at + 512);
    if (header.toString('latin1', 257, 262) !== 'ustar') continue;
    header.write('        ', 148, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  }
}

test('more members than facts are allowed end at that limit', async () => {
  const bytes = tar(...Array.from({ length: 300 }, (_, i) => ({ name: `d${i}/`, type: '5' })));
  const budget = new Budget({ ...new Budget().limits, facts: 100 });
  let entries = 0;
  for await (const said of scanner.inspect(new MemorySource(bytes, budget), { name: 'x.tar', size: bytes.length, head: bytes, tail: bytes })) {
    if (said.kind === 'entry') entries += 1;
    if (entries > 100) break; // what the driver does
  }
  expect(entries).toBe(101);
});

test('a consumer that stops early leaves nothing running', { timeout: 5000 }, async () => {
  const archive = tar(...Array.from({ length: 40 }, (_, i) => ({ name: `${i}.bin`, body: Buffer.alloc(200_000, i) })));
  const source = new FarSource(archive);
  const head = archive.subarray(0, 65_536);
  for await (const said of scanner.inspect(source, { name: 'x.tar', size: archive.length, head, tail: head })) if (said.kind === 'child') break;
  const then = source.reads;
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  expect(source.reads).toBe(then);
});

test('an error of the source is not taken for one of the archive', async () => {
  const archive = tar(...Array.from({ length: 40 }, (_, i) => ({ name: `${i}.bin`, body: Buffer.alloc(200_000, i) })));
  const source = new FarSource(archive, 2_000_000);
  const { error } = await run(source);
  expect(error).toMatchObject({ code: 'EIO' });
});
