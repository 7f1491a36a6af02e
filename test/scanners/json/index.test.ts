// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Budget } from '../../../src/bytes/limits.ts';
import { MemorySource } from '../../../src/bytes/source.ts';
import json from '../../../scanners/json/index.ts';

async function facts(text: string): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  const out: unknown[] = [];
  for await (const fact of json.inspect(new MemorySource(bytes, new Budget()), { name: 'a.json', size: bytes.length, head: bytes, tail: bytes })) out.push(fact);
  return out;
}

test('a text cut off anywhere is malformed, never a crash', async () => {
  const text = '{"auto_map":{"A":["b.C",null]},"x":[1,2]}';
  for (let end = 1; end < text.length; end++) await expect(facts(text.slice(0, end))).rejects.toMatchObject({ name: 'Malformed' });
});

test('a hundred thousand tensors in two files are two shards', async () => {
  const map = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`t${index}`, `m-${index % 2}.bin`]));
  expect(await facts(JSON.stringify({ weight_map: map }))).toHaveLength(3);
});

test('deep nesting is refused', async () => {
  await expect(facts(`{"a":${'['.repeat(50_000)}`)).rejects.toMatchObject({ code: 'json/json-depth' });
});
