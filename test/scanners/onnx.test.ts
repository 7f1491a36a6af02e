// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import scanner from '../../scanners/onnx/index.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { Sample } from '../../src/model/scanner.ts';
import { cases } from '../../fixtures/onnx/make.ts';
import { onnxModel } from '../../fixtures/support/onnx.ts';
import { bytesField, varintField } from '../../fixtures/support/protobuf.ts';
import { hostile } from '../support/hostile.ts';

const sample = (name: string, bytes: Uint8Array): Sample => ({ name, size: bytes.length, head: bytes.subarray(0, 65_536), tail: bytes });

async function facts(source: MemorySource): Promise<Fact[]> {
  const out: Fact[] = [];
  for await (const said of scanner.inspect(source, sample('x.onnx', new Uint8Array(0)))) if (said.kind !== 'child') out.push(said);
  return out;
}

test('passes over raw data without reading it', async () => {
  let bytesRead = 0;
  class Counting extends MemorySource {
    override async read(offset: number, length: number): Promise<Uint8Array> {
      bytesRead += length;
      return super.read(offset, length);
    }
  }
  const raw = new Uint8Array(8_000_000);
  const bytes = onnxModel({ graph: { initializers: [{ name: 'a', dims: [2_000_000], raw }, { name: 'b', dims: [2_000_000], raw }] } });
  const said = await facts(new Counting(bytes, new Budget()));
  expect(said.filter((fact) => fact.kind === 'tensor').map(({ name }) => name)).toEqual(['a', 'b']);
  expect(bytesRead).toBeLessThan(1_000_000);
});

test('finds external data wherever a tensor can stand', async () => {
  for (const name of Object.keys(cases()).filter((one) => one.startsWith('external-in-'))) {
    const said = await facts(new MemorySource(Buffer.from(cases()[name]!), new Budget()));
    expect(said.filter((fact) => fact.kind === 'link').map(({ role }) => role), name).toEqual(['external-data']);
  }
});

test('dimensions mean the same packed and one by one', async () => {
  const packed = bytesField(7, [bytesField(5, [bytesField(1, Uint8Array.of(2, 3)), varintField(2, 3), bytesField(8, 'w'), bytesField(9, new Uint8Array(6))])]);
  const said = await facts(new MemorySource(Buffer.concat([varintField(1, 8), packed]), new Budget()));
  expect(said).toContainEqual(expect.objectContaining({ kind: 'tensor', name: 'w', dtype: 'I8', shape: [2, 3] }));
  expect(said.filter((fact) => fact.kind === 'malformed')).toEqual([]);
});

test('100 000 nodes become a fact for each operator', async () => {
  const nodes = Array.from({ length: 100_000 }, (_, i) => ({ op: i % 2 === 0 ? 'Add' : 'Mul', name: `n${i}` }));
  const begun = performance.now();
  const said = await facts(new MemorySource(onnxModel({ graph: { nodes } }), new Budget()));
  expect(performance.now() - begun).toBeLessThan(5000); // a tenth of it alone; machines that run tests are busy
  expect(said.filter((fact) => fact.kind === 'node').map(({ operator, count }) => [operator, count])).toEqual([['Add', 50_000], ['Mul', 50_000]]);
});

test('is recognised by structure where the name says nothing', () => {
  expect(scanner.recognise(sample('weights', Buffer.from(cases()['ok-without-name']!)))).toBe('maybe');
  expect(scanner.recognise(sample('model.onnx', new Uint8Array(0)))).toBe('yes');
  expect(scanner.recognise(sample('saved_model.pb', Buffer.concat([varintField(1, 1), bytesField(2, [bytesField(1, [bytesField(2, 'serve')])])])))).toBe('no');
  expect(scanner.recognise(sample('x', Buffer.from('\x08\x01plain text follows')))).toBe('no');
});

test('bytes behind the model are left unclaimed from their first on', async () => {
  const bytes = Buffer.from(cases()['trailing-zip.onnx']!);
  const said = await facts(new MemorySource(bytes, new Budget()));
  expect(said.filter((fact) => fact.kind === 'region').map(({ at }) => at)).toEqual([[0, bytes.indexOf('PK\x05\x06')]]);
});

test('hostile variants of every fixture end in facts, or in errors with a name', async () => {
  for (const [name, bytes] of Object.entries(cases())) await hostile(scanner, Buffer.from(bytes), name);
});
