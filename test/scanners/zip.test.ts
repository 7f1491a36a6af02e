// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cases } from '../../fixtures/zip/make.ts';
import { LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
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
