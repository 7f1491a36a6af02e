// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { eightBits, numbersOf } from '../../src/weigh/numbers.ts';

function decode(dtype: string, bytes: Uint8Array): number[] {
  const numbers = numbersOf(dtype)!;
  const out = new Float64Array((bytes.length / numbers.bytes) * numbers.elements);
  numbers.decode(bytes, out);
  return [...out];
}

test('plain types are read as they are', () => {
  expect(decode('F16', new Uint8Array([0x00, 0x3c, 0x00, 0xc0]))).toEqual([1, -2]);
  expect(decode('BF16', new Uint8Array([0x80, 0x3f, 0x00, 0xc0]))).toEqual([1, -2]);
  expect(decode('I16', new Uint8Array([0xff, 0xff]))).toEqual([-1]);
});

test('8-bit floats have the greatest numbers that their formats name', () => {
  expect(eightBits(0x7e, 3, 7, 'fn')).toBe(448);
  expect(eightBits(0x7f, 3, 7, 'fn')).toBeNaN();
  expect(eightBits(0x7b, 2, 15, 'ieee')).toBe(57_344);
  expect(eightBits(0x7c, 2, 15, 'ieee')).toBe(Infinity);
  expect(eightBits(0x7f, 3, 8, 'fnuz')).toBe(240);
  expect(eightBits(0x80, 3, 8, 'fnuz')).toBeNaN();
});

test('Q4_0 and Q8_0 scale their whole numbers', () => {
  const q4 = new Uint8Array(18).fill(0x9f, 2); // low nibble 15, high nibble 9
  q4.set([0x00, 0x40]); // d = 2
  expect(decode('Q4_0', q4).slice(0, 1)).toEqual([14]);
  expect(decode('Q4_0', q4).slice(16, 17)).toEqual([2]);
  const q8 = new Uint8Array(34).fill(0xfd, 2); // -3
  q8.set([0x00, 0x38]); // d = 0.5
  expect(decode('Q8_0', q8)).toEqual(Array.from({ length: 32 }, () => -1.5));
});

test('Q4_K takes scale and minimum of each part of 32', () => {
  const block = new Uint8Array(144);
  block.set([0x00, 0x3c, 0x00, 0x3c]); // d = min = 1
  block[4] = 2; // scale of part 0
  block[8] = 3; // minimum of part 0
  block.fill(0x05, 16, 48);
  const out = decode('Q4_K', block);
  expect(out[0]).toBe(2 * 5 - 3);
  expect(out[32]).toBe(0);
});

test('Q6_K centres its numbers on 32', () => {
  const block = new Uint8Array(210);
  block.set([0x00, 0x3c], 208);
  block[192] = 1;
  expect(decode('Q6_K', block)[0]).toBe(-32);
});
