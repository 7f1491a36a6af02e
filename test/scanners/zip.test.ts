// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { zip } from '../../fixtures/support/zip.ts';
import { cases } from '../../fixtures/zip/make.ts';
import { LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource, Source } from '../../src/bytes/source.ts';
import { fixtures } from '../support/samples.ts';
import scanner from '../../scanners/zip/index.ts';

async function names(bytes: Uint8Array): Promise<string[]> {
  const out: string[] = [];
  const sample = { name: 'x', size: bytes.length, head: bytes, tail: bytes };
  for await (const said of scanner.inspect(new MemorySource(bytes, new Budget()), sample)) if (said.kind === 'entry') out.push(said.name);
  return out;
}

test('a member hidden from the directory is listed', async () => {
  expect(await names(readFileSync(join(fixtures, 'zip/hidden.zip')))).toEqual(['a.txt', 'dir/b.txt']);
});

test('damage never throws anything but the named errors', async () => {
  for (const whole of Object.values(cases())) {
    const bytes = Buffer.from(whole);
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = Buffer.from(bytes);
      flipped[at] = flipped[at]! ^ 0xff;
      for (const hostile of [bytes.subarray(0, at), flipped]) {
        try {
          await names(hostile);
        } catch (error) {
          expect([Malformed, LimitReached, Unsupported].some((kind) => error instanceof kind), String(error)).toBe(true);
        }
      }
    }
  }
});

test('65,535 members over one local header cost few facts besides their entries', async () => {
  const bytes = zip([{ name: 'a', data: 'alpha' }]);
  const from = bytes.indexOf('PK\x01\x02', 0, 'latin1');
  const record = bytes.subarray(from, -22);
  const end = Buffer.from(bytes.subarray(-22));
  end.writeUInt16LE(65_535, 10);
  end.writeUInt32LE(record.length * 65_535, 12);
  const whole = Buffer.concat([bytes.subarray(0, from), ...Array.from({ length: 65_535 }, () => record), end]);
  const counts: Record<string, number> = {};
  const sample = { name: 'x', size: whole.length, head: whole, tail: whole };
  for await (const said of scanner.inspect(new MemorySource(whole, new Budget()), sample)) {
    const key = said.kind === 'malformed' ? said.code : said.kind;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  expect(counts).toEqual({ region: 1, entry: 65_535, child: 1, 'zip/duplicate-name': 65, 'zip/overlap': 65 });
});

test('stored members are read once, by the sweep', async () => {
  const whole = zip([1, 2, 3].map((i) => ({ name: `${i}`, data: Buffer.alloc(1 << 20, i) })));
  let taken = 0;
  class Counting extends Source {
    override fill(into: Uint8Array, offset: number): void {
      taken += into.length;
      into.set(whole.subarray(offset, offset + into.length));
    }
  }
  const source = new Counting(whole.length, new Budget({ ...defaultLimits, memory: 4096 }));
  const sample = { name: 'x', size: whole.length, head: whole.subarray(0, 65_536), tail: whole.subarray(-65_536) };
  for await (const said of scanner.inspect(source, sample)) expect(said.kind).toMatch(/^(region|entry|child)$/);
  expect(taken).toBeLessThan(whole.length + 300_000);
});

test.each([true, false])('the CRC of a member in no directory, of a size told behind it, is checked (deflate: %s)', async (deflate) => {
  const whole = zip([{ name: 'a', data: 'alpha' }, { name: 'late', data: 'beta '.repeat(9), deflate, descriptor: true, hidden: true }]);
  const at = whole.indexOf('PK\x07\x08', 0, 'latin1');
  const codes = async (): Promise<string[]> => {
    const out: string[] = [];
    const sample = { name: 'x', size: whole.length, head: whole, tail: whole };
    for await (const said of scanner.inspect(new MemorySource(whole, new Budget()), sample)) if (said.kind === 'malformed') out.push(said.code);
    return out;
  };
  expect(await codes()).toEqual(['zip/hidden-member']);
  whole[at + 4] = whole[at + 4]! ^ 1;
  expect(await codes()).toEqual(['zip/hidden-member', 'zip/crc-differs']);
});
