import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import scanner from '../../../scanners/numpy/index.ts';
import { npy } from '../../../fixtures/numpy/make.ts';
import { Malformed } from '../../../src/bytes/errors.ts';
import { Budget } from '../../../src/bytes/limits.ts';
import { MemorySource } from '../../../src/bytes/source.ts';
import type { Fact } from '../../../src/model/fact.ts';
import { fixtures } from '../../support/samples.ts';

async function facts(bytes: Uint8Array): Promise<Fact[]> {
  const out: Fact[] = [];
  for await (const said of scanner.inspect(new MemorySource(bytes, new Budget()), { name: 'x.npy', size: bytes.length, head: bytes, tail: bytes })) {
    if (said.kind !== 'child') out.push(said);
  }
  return out;
}

test.for([
  ["'<f2'", 'F16'], ["'>f8'", 'F64'], ["'<c8'", 'C64'], ["'|u1'", 'U8'], ["'<M8[ns]'", 'DATETIME'], ["'|S7'", 'S7'], ["[('a', ('<f4', (2, 2)))]", 'STRUCT'],
  ["[('a', [('b', '|O')])]", 'OBJECT'], ["'O'", 'OBJECT'],
] as const)('type %s is %s', async ([descr, name]) => {
  const said = await facts(npy(`{'descr': ${descr}, 'fortran_order': False, 'shape': (1,), }`, Buffer.alloc(16)));
  expect(said.find((fact) => fact.kind === 'tensor')?.dtype).toBe(name);
});

test('sizes beyond every number are said, not thrown', async () => {
  const dimensions = Array.from({ length: 60 }, () => '9007199254740991').join(', ');
  for (const header of [`{'descr': '<f4', 'fortran_order': False, 'shape': (${dimensions}), }`, `{'descr': [('a', '<f4', (${dimensions}))], 'fortran_order': False, 'shape': (1,), }`]) {
    const codes = (await facts(npy(header, Buffer.alloc(4)))).filter((fact) => fact.kind === 'malformed').map((fact) => fact.code);
    expect(codes.length).toBeGreaterThan(0);
  }
});

test('no mutation makes anything but the known error', async () => {
  let seed = 5;
  const random = (below: number): number => (seed = (seed * 48_271) % 0x7fffffff) % below;
  for (const name of ['float32.npy', 'version3.npy', 'structured-objects.npy']) {
    const original = readFileSync(join(fixtures, 'numpy', name));
    for (let n = 0; n < 300; n += 1) {
      const mutated = Buffer.from(original);
      for (let flips = 0; flips <= random(3); flips += 1) mutated[6 + random(100)] = random(128);
      try {
        await facts(mutated.subarray(0, n % 3 === 0 ? random(mutated.length) : mutated.length));
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
    }
  }
});
