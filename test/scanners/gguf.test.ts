// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { gguf as oracle } from '@huggingface/gguf';
import { expect, test } from 'vitest';
import scanner from '../../scanners/gguf/index.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { Child } from '../../src/model/scanner.ts';
import { cases } from '../../fixtures/gguf/make.ts';
import { gguf } from '../../fixtures/support/gguf.ts';
import { hostile } from '../support/hostile.ts';
import { fixtures } from '../support/samples.ts';

const nothing = { name: '', size: 0, head: new Uint8Array(0), tail: new Uint8Array(0) };

async function said(bytes: Uint8Array): Promise<(Fact | Child)[]> {
  const out: (Fact | Child)[] = [];
  for await (const one of scanner.inspect(new MemorySource(bytes, new Budget()), nothing)) out.push(one);
  return out;
}

const readable = Object.keys(cases()).filter((name) => name.startsWith('ok-') && name !== 'ok-version-1.gguf' && name !== 'ok-nested-array');
test.for(readable)('%s: tensors are what @huggingface/gguf reads', async (name) => {
  const theirs = await oracle(join(fixtures, 'gguf', name), { allowLocalFile: true });
  const facts = await said(Buffer.from(cases()[name]!));
  const tensors = facts.filter((fact) => fact.kind === 'tensor');
  expect(tensors.map((tensor) => tensor.name)).toEqual(theirs.tensorInfos.map((info) => info.name));
  expect(tensors.map((tensor) => tensor.shape)).toEqual(theirs.tensorInfos.map((info) => info.shape.map(Number)));
  expect(tensors.map((tensor) => tensor.at?.[0])).toEqual(theirs.tensorInfos.map((info) => Number(theirs.tensorDataOffset + info.offset)));
  expect(facts.filter((fact) => fact.kind === 'malformed')).toEqual([]);
});

test('every chat template becomes a child with exactly its text', async () => {
  const children = (await said(Buffer.from(cases()['duplicate-key.gguf']!))).filter((one) => one.kind === 'child');
  const texts = await Promise.all(children.map(async ({ source }) => Buffer.from(await source.read(0, source.size)).toString()));
  expect(children.map(({ name }) => name)).toEqual(['tokenizer.chat_template.jinja', 'tokenizer.chat_template.jinja']);
  expect(texts[1]).toBe('{{ cycler.__init__.__globals__ }}');
});

test('a vocabulary of 200 000 tokens is passed over in windows', async () => {
  const tokens = Array.from({ length: 200_000 }, (_, i) => `token-number-${i}`);
  const bytes = gguf({ pairs: [['tokenizer.ggml.tokens', ['array', 'string', tokens]], ['general.name', ['string', 'behind it']]] });
  let longest = 0;
  class Watching extends MemorySource {
    override async read(offset: number, length: number): Promise<Uint8Array> {
      longest = Math.max(longest, length);
      return super.read(offset, length);
    }
  }
  const begun = performance.now();
  const out: (Fact | Child)[] = [];
  for await (const one of scanner.inspect(new Watching(bytes, new Budget()), nothing)) out.push(one);
  expect(performance.now() - begun).toBeLessThan(2000); // a twentieth of it alone; machines that run tests are busy
  expect(longest).toBeLessThanOrEqual(256 * 1024);
  expect(out).toContainEqual(expect.objectContaining({ field: 'vocabulary-size', value: '200000' }));
  expect(out).toContainEqual(expect.objectContaining({ field: 'name', value: 'behind it' }));
});

test('hostile variants of every fixture end in facts, or in errors with a name', async () => {
  for (const [name, bytes] of Object.entries(cases())) await hostile(scanner, Buffer.from(bytes), name);
});
