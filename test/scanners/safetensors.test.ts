// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import scanner from '../../scanners/safetensors/index.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { Sample } from '../../src/model/scanner.ts';
import { rawSafetensors, safetensors } from '../../fixtures/support/safetensors.ts';
import { cases } from '../../fixtures/safetensors/make.ts';
import { hostile } from '../support/hostile.ts';

class Counting extends MemorySource {
  bytesRead = 0;
  override async read(offset: number, length: number): Promise<Uint8Array> {
    this.bytesRead += length;
    return super.read(offset, length);
  }
}

async function facts(source: MemorySource): Promise<Fact[]> {
  const out: Fact[] = [];
  for await (const said of scanner.inspect(source, sample('x.safetensors', new Uint8Array(0)))) if (said.kind !== 'child') out.push(said);
  return out;
}

test('reads the header and not one byte of the data', async () => {
  const bytes = safetensors({ w: { dtype: 'F32', shape: [1000, 250] } });
  const source = new Counting(bytes, new Budget());
  await facts(source);
  expect(source.bytesRead).toBeLessThan(8 + 200);
  expect(source.size).toBeGreaterThan(1_000_000);
});

test('100 000 tensors take less than a second', async () => {
  const entries = Array.from({ length: 100_000 }, (_, i) => `"layers.${i}.weight":{"dtype":"I8","shape":[1],"data_offsets":[${i},${i + 1}]}`);
  const source = new MemorySource(rawSafetensors(`{${entries.join(',')}}`, new Uint8Array(100_000)), new Budget());
  const begun = performance.now();
  const said = await facts(source);
  expect(performance.now() - begun).toBeLessThan(5000); // under a second alone; machines that run tests are busy
  expect(said.filter((fact) => fact.kind === 'tensor')).toHaveLength(100_000);
  expect(said.filter((fact) => fact.kind === 'malformed')).toEqual([]);
});

test('a million complaints become a handful of facts', async () => {
  const entries = Array.from({ length: 10_000 }, (_, i) => `"w":{"dtype":"?","shape":[-1],"data_offsets":[9,${i}]}`);
  const said = await facts(new MemorySource(rawSafetensors(`{${entries.join(',')}}`), new Budget()));
  expect(said.length).toBeLessThan(60);
});

const sample = (name: string, head: Uint8Array): Sample => ({ name, size: head.length, head, tail: head });

test('is recognised by content, and by its name whatever the content', () => {
  expect(scanner.recognise(sample('weights', safetensors({ w: { dtype: 'I8', shape: [1] } })))).toBe('yes');
  expect(scanner.recognise(sample('weights', rawSafetensors('{ }')))).toBe('yes');
  expect(scanner.recognise(sample('x.safetensors', new Uint8Array(0)))).toBe('yes');
  expect(scanner.recognise(sample('x.bin', rawSafetensors('{}', new Uint8Array(0), 4096n)))).toBe('no');
  expect(scanner.recognise(sample('x.bin', Buffer.from('{"a": "{"}')))).toBe('no');
});

test('hostile variants of every fixture end in facts, or in errors with a name', async () => {
  for (const [name, bytes] of Object.entries(cases())) await hostile(scanner, Buffer.from(bytes), name);
});
