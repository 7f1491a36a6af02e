// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as p from '../../../fixtures/support/pickle.ts';
import { Budget } from '../../../src/bytes/limits.ts';
import { FileSource } from '../../../src/bytes/file.ts';
import { blockSize, MemorySource } from '../../../src/bytes/source.ts';
import { folder } from '../../support/folder.ts';
import { walk } from '../../../src/grammar/pickle/walk.ts';

const first = p.pickle(4, p.int(1));
const payloads: Readonly<Record<string, Uint8Array | string>> = {
  'PROTO and STACK_GLOBAL': p.pickle(4, p.call('os', 'system', p.str('echo x'))),
  GLOBAL: "cos\nsystem\n(S'echo x'\ntR.",
  'STACK_GLOBAL without PROTO': p.ops(p.str('os'), p.str('system'), p.STACK_GLOBAL, p.tuple(p.str('echo x')), p.REDUCE, '.'),
  'STACK_GLOBAL with memoised names': p.ops(p.str('os'), p.MEMOIZE, p.str('system'), p.MEMOIZE, p.STACK_GLOBAL, p.tuple(p.str('echo x')), p.REDUCE, '.'),
  'STACK_GLOBAL with BINUNICODE': p.ops(p.unicode('os'), p.unicode('system'), p.STACK_GLOBAL, p.tuple(p.str('echo x')), p.REDUCE, '.'),
  'STACK_GLOBAL with quoted names': "S'os'\nS'system'\n\x93S'echo x'\n\x85R.",
};
const targets = async (bytes: Uint8Array): Promise<string[]> => (await walk(new MemorySource(bytes, new Budget()))).calls.map(({ target }) => target);

test.for(Object.keys(payloads))('a second pickle (%s) is found behind junk of any length', async (name) => {
  for (const fill of [0, 0x20, 0xee, 0xff]) {
    for (const length of [0, 1, 2, 3, 7, 8, 63, 511, 512, 4095, 16_384, 70_000]) {
      const bytes = p.ops(first, Buffer.alloc(length, fill), payloads[name]!);
      expect(await targets(bytes), `${length} bytes of ${fill}`).toContain('os.system');
    }
  }
});

test.for(Object.keys(payloads))('a pickle (%s) is found where two blocks of a sweep meet', async (name) => {
  const payload = p.ops(payloads[name]!);
  for (const before of [0, 1, 3, 9, payload.length - 1, payload.length]) {
    const path = join(folder(), `${before}.pkl`);
    writeFileSync(path, p.ops(first, Buffer.alloc(blockSize - first.length - before, 0xee), payload));
    const source = FileSource.open(path, new Budget()); // a source in memory has one block
    try {
      expect((await walk(source)).calls.map(({ target }) => target), `${before} bytes before the border`).toContain('os.system');
    } finally {
      source.close();
    }
  }
});

test('STOP in a text, a comment or a length ends nothing', async () => {
  const walked = await walk(new MemorySource(p.pickle(4, p.dict(p.str('a.b.'), p.str('...'), p.int(0x2e), p.bytes('.'))), new Budget()));
  expect(walked.streams).toHaveLength(1);
  expect(walked.junk).toEqual([]);
});

test('a hundred thousand pickles in one file are read in bounded time, the last one too', async () => {
  const bytes = p.ops(Buffer.concat(Array.from({ length: 100_000 }, () => first)), payloads['PROTO and STACK_GLOBAL']!);
  const begun = performance.now();
  expect(await targets(bytes)).toContain('os.system');
  expect(performance.now() - begun).toBeLessThan(20_000);
});

test('what looks like a pickle a hundred thousand times and is none ends with where looking stopped', async () => {
  const walked = await walk(new MemorySource(p.ops(first, Buffer.from('ee80049500', 'hex').toString('latin1').repeat(100_000)), new Budget()));
  expect(walked.stoppedAt).toBeGreaterThan(0);
});

test('the values of a shelf lie in blocks, and the zeros between them are no junk', async () => {
  const padded = Buffer.concat([first], 512);
  const walked = await walk(new MemorySource(p.ops(padded, padded, first), new Budget()));
  expect(walked.junk).toEqual([]);
  expect(walked.streams).toHaveLength(3);
});
