// SPDX-License-Identifier: Apache-2.0
import { assert, asyncProperty, bigInt, integer } from 'fast-check';
import { expect, test } from 'vitest';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { ProtoReader, signed, unsigned, type Field } from '../../src/grammar/protobuf.ts';
import { bytesField, varintField } from '../../fixtures/support/protobuf.ts';

function reader(bytes: Uint8Array): ProtoReader {
  return new ProtoReader(new MemorySource(bytes, new Budget()), 'x');
}

async function fields(bytes: Uint8Array): Promise<Field[]> {
  const out: Field[] = [];
  const from = reader(bytes);
  const range = { offset: 0, end: bytes.length };
  for (let field = await from.next(range); field !== undefined; field = await from.next(range)) out.push(field);
  return out;
}

test('reads every varint back, signed and unsigned', async () => {
  await assert(asyncProperty(bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), integer({ min: 1, max: 2 ** 29 - 1 }), async (value, number) => {
    const [field] = await fields(varintField(number, value));
    expect(field?.number).toBe(number);
    expect(signed(field!)).toBe(value);
    expect(unsigned(field!)).toBe(Number(BigInt.asUintN(64, value)));
  }), { numRuns: 500 });
});

test('walks into messages and back', async () => {
  const from = reader(Buffer.concat([bytesField(1, [bytesField(2, 'inner'), varintField(3, 7)]), varintField(4, 1)]));
  const range = { offset: 0, end: from.source.size };
  const outer = await from.next(range);
  const inner = from.enter(outer!);
  const text = await from.next(inner);
  expect(await from.text(text!)).toBe('inner');
  expect((await from.next(inner))?.low).toBe(7);
  expect(await from.next(inner)).toBeUndefined();
  expect((await from.next(range))?.number).toBe(4);
});

test.for([
  ['00', 'field-number'], ['0b', 'wire-type'], ['0a05', 'length'], ['08', 'truncated'], ['09000000', 'truncated'], ['08ffffffffffffffffffffff01', 'varint'],
] as const)('%s is malformed: %s', async ([hex, code]) => {
  await expect(fields(Buffer.from(hex, 'hex'))).rejects.toMatchObject({ name: 'Malformed', code: `x/${code}` });
});
