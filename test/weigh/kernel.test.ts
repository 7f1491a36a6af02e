// SPDX-License-Identifier: Apache-2.0
import { array, assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { Kernel, type Format } from '../../src/weigh/kernel/kernel.ts';
import { signed, unsigned } from '../../src/weigh/kernel/wasm.ts';
import { weigh } from '../../src/weigh/weigh.ts';

const kernel = new Kernel();
const bytesOf = (array: Float32Array | Uint16Array | Float16Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

test('numbers are written as LEB128', () => {
  expect([unsigned(0), unsigned(127), unsigned(128), unsigned(624_485)]).toEqual([[0], [127], [128, 1], [0xe5, 0x8e, 0x26]]);
  expect([signed(0), signed(-1), signed(63), signed(64), signed(-64), signed(-123_456)]).toEqual([[0], [0x7f], [63], [0xc0, 0], [0x40], [0xc0, 0xbb, 0x78]]);
});

describe('the kernel', () => {
  test('measures what a plain loop measures, whatever the bits', () => {
    assert(property(array(integer({ min: 0, max: 0xffffffff }), { minLength: 4, maxLength: 64 }), (patterns) => {
      const words = Uint32Array.from(patterns.slice(0, patterns.length & ~3));
      const floats = new Float32Array(words.buffer);
      kernel.take(bytesOf(floats), 'F32');
      const { sum, squares, least, greatest, zeros, finite } = kernel.measure(0, floats.length);
      const odd = floats.filter((x) => !Number.isFinite(x)).length;
      expect([zeros, finite]).toEqual([floats.filter((x) => x === 0).length, odd === 0]);
      if (odd > 0) return;
      const near = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-12 * floats.reduce((s, x) => s + Math.abs(b === squares ? x * x : x), 0));
      near(sum, floats.reduce((s, x) => s + x, 0));
      expect(squares).toBeCloseTo(floats.reduce((s, x) => s + x * x, 0), -Math.log10(Math.max(squares, 1e-300)) + 9);
      expect([least, greatest]).toEqual([Math.min(...floats), Math.max(...floats)]);
    }));
  });

  test('widens every f16 and every bf16 to the number that it is', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    kernel.take(bytesOf(all), 'F16');
    expect(kernel.numbers.every((x, i) => Object.is(x, new Float16Array(all.buffer)[i]) || Number.isNaN(x))).toBe(true);
    expect(kernel.numbers.filter((x) => Number.isNaN(x)).length).toBe(2 * 1023);
    kernel.take(bytesOf(all), 'BF16');
    const wide = new Float32Array(Uint32Array.from(all, (word) => word << 16).buffer);
    expect(kernel.numbers.every((x, i) => Object.is(x, wide[i]))).toBe(true);
  });

  test.for<[Format, number, number]>([['F32', 23, 256], ['F16', 10, 32], ['BF16', 7, 256]])('counts exponents and mantissas of %s', ([format, mantissa, exponents]) => {
    let state = 12_345;
    const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    const values = Float32Array.from({ length: 4096 }, (_, i) => (i % 50 === 0 ? 0 : (next() - 0.5) ** 3));
    const words = format === 'F32' ? new Uint32Array(values.buffer) : format === 'F16' ? new Uint16Array(Float16Array.from(values).buffer) : Uint16Array.from(new Uint32Array(values.buffer), (word) => word >>> 16);
    kernel.forget();
    kernel.take(new Uint8Array(words.buffer), format);
    kernel.measure(0, words.length);
    const counted = kernel.count(1024, 3072);
    const [e, m, low] = [new Uint32Array(exponents), new Uint32Array(128), new Uint32Array(256)];
    for (const word of words.subarray(1024, 3072)) {
      const exponent = (word >>> mantissa) & (exponents - 1);
      e[exponent]! += 1;
      if (exponent !== 0) m[(word >>> (mantissa - 7)) & 127]! += 1;
      if (format === 'F32') low[word & 255]! += 1;
    }
    expect([...counted.exponents]).toEqual([...e]);
    expect([...counted.mantissas]).toEqual([...m]);
    expect([...counted.low]).toEqual([...low]);
    expect(kernel.whole.reduce((sum, n) => sum + n, 0)).toBe(2048);
    kernel.count(0, 1024);
    expect(kernel.whole.reduce((sum, n) => sum + n, 0)).toBe(3072);
  });

  test.for([4, 5, 6, 7, 64, 129])('tells rows of %d numbers apart, and knows equal ones', (length) => {
    const values = Float32Array.from({ length: 8 * length }, (_, i) => Math.sin(i));
    values.copyWithin(5 * length, 2 * length, 3 * length);
    values.fill(0, 7 * length);
    kernel.take(bytesOf(values), 'F32');
    const { squares, hashes } = kernel.rows(0, length, 8);
    for (let r = 0; r < 8; r += 1) expect(squares[r]).toBeCloseTo(values.subarray(r * length, (r + 1) * length).reduce((s, x) => s + x * x, 0), 3);
    expect(hashes[5]).toBe(hashes[2]);
    expect(new Set(hashes).size).toBe(7);
    expect(squares[7]).toBe(0);
  });
});

async function statistics(values: Float32Array | Float16Array, dtype: string, shape: readonly number[]): Promise<FactOf<'statistics'>> {
  for await (const fact of weigh(new MemorySource(bytesOf(values), new Budget()), [{ kind: 'tensor', name: 'w', dtype, shape, at: [0, values.byteLength] }], 'full')) if (fact.kind === 'statistics') return fact;
  throw new Error('nothing was told');
}

describe('statistics', () => {
  const values = Float32Array.from({ length: 20_001 }, (_, i) => (i - 10_000) / 1000);

  test.for<[string, Float32Array | Float16Array]>([['F32', values], ['F16', Float16Array.from(values)]])('of %s are those of its numbers', async ([dtype, of]) => {
    const told = await statistics(of, dtype, [of.length]);
    expect(told).toMatchObject({ n: 20_001, among: 20_001, zeros: 1, nan: 0, infinite: 0, denormal: 0, least: -10, greatest: 10 });
    expect(told.mean).toBeCloseTo(0, 3);
    expect(told.deviation).toBeCloseTo(5.774, 2);
    expect(told.skewness).toBeCloseTo(0, 2);
    expect(told.kurtosis).toBeCloseTo(1.8, 2);
    [-9.8, -9, -5, 0, 5, 9, 9.8].forEach((wanted, i) => expect(Math.abs(told.quantiles[i]! - wanted)).toBeLessThan(0.06));
    expect(told.rows).toBeUndefined();
  });

  test('tell NaN, infinities and denormals apart, and keep them out of moments', async () => {
    const told = await statistics(Float32Array.of(1, 2, Number.NaN, Infinity, -Infinity, 1e-40, 0, 3), 'F32', [8]);
    expect(told).toMatchObject({ n: 8, nan: 1, infinite: 2, denormal: 1, zeros: 1, least: 0, greatest: 3 });
    expect(told.mean).toBeCloseTo(6 / 5, 5);
  });

  test('count rows that are zero or there twice, across blocks', async () => {
    const [rows, length] = [3000, 128];
    const many = Float32Array.from({ length: rows * length }, (_, i) => Math.sin(i * 1.7));
    many.fill(0, 10 * length, 12 * length);
    many.copyWithin(2900 * length, 5 * length, 6 * length);
    for (let i = 0; i < length; i += 1) many[2500 * length + i]! *= 100;
    expect((await statistics(many, 'F32', [rows, length])).rows).toMatchObject({ n: rows, length, zero: 2, repeated: 1, leastNorm: 0, greatestRow: 2500 });
  });
});

test.each([1, 3, 5, 7, 8])('the lowest %i bits of each word make two streams', (n) => {
  for (const format of ['F32', 'F16'] as const) {
    const words = format === 'F32' ? new Uint32Array(1000) : new Uint16Array(1000);
    for (let i = 0; i < words.length; i += 1) words[i] = Math.imul(i + 1, 0x9e3779b1) >>> 11;
    const kernel = new Kernel();
    kernel.take(new Uint8Array(words.buffer), format);
    const bits = [...words].map((word) => (word & (2 ** n - 1)).toString(2).padStart(n, '0'));
    const bytes = (text: string): string[] => text.match(/.{8}/g) ?? [];
    const high = Buffer.from(bytes(bits.join('')).map((byte) => Number.parseInt(byte, 2)));
    const low = Buffer.from(bytes(bits.map((word) => Array.from(word).toReversed().join('')).join('')).map((byte) => Number.parseInt(Array.from(byte).toReversed().join(''), 2)));
    const got = kernel.lowBits(n, words.length);
    expect([got.high.equals(high), got.low.equals(low)]).toEqual([true, true]);
    expect(kernel.lowBits(n, 16).high.equals(high.subarray(0, 2 * n))).toBe(true);
  }
});
