// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { clip } from '../../src/bytes/clip.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { ByteWindow } from '../../src/bytes/window.ts';

const over = (bytes: Uint8Array): ByteWindow => new ByteWindow(new MemorySource(bytes, new Budget()), 'x');

test('reads numbers in either byte order', async () => {
  const window = over(Buffer.from('0102030405060708'.repeat(2), 'hex'));
  await window.load(16, 'numbers');
  expect([window.u8(), window.u8()]).toEqual([1, 2]);
  window.offset = 0;
  expect(window.u32()).toBe(0x04030201);
  window.littleEndian = false;
  expect(window.u32()).toBe(0x05060708);
  expect(window.u64()).toBe(0x0102030405060708n);
  window.offset = 8;
  expect(window.length64()).toBe(Number(0x0102030405060708n));
  window.offset = 0;
  window.littleEndian = true;
  expect(window.length64()).toBe(Number(0x0807060504030201n));
});

test('goes forth and back beyond what it holds', async () => {
  const bytes = new Uint8Array(1_000_000);
  bytes[999_999] = 7;
  bytes[3] = 5;
  const window = over(bytes);
  window.offset = 999_999;
  expect(window.has(1)).toBe(false);
  await window.load(1, 'byte');
  expect(window.u8()).toBe(7);
  expect(window.left).toBe(0);
  window.offset = 3;
  await window.load(1, 'byte');
  expect(window.take(1)).toEqual(Uint8Array.of(5));
});

test('nothing is read or passed over beyond its end', async () => {
  const window = new ByteWindow(new MemorySource(new Uint8Array(100), new Budget()), 'x', 10, 20);
  await expect(window.load(11, 'thing')).rejects.toMatchObject({ code: 'x/truncated', message: 'thing of 11 bytes at 10 passes the end at 20' });
  expect(() => window.skip(11, 'thing')).toThrow('passes the end');
  expect(() => window.skip(-1, 'thing')).toThrow('passes the end');
  await window.load(10, 'thing');
  window.skip(10, 'thing');
  expect(window.has(1)).toBe(false);
});

test('clips long texts, and never in the middle of a character', () => {
  expect(clip('short')).toBe('short');
  expect(clip('a'.repeat(300))).toHaveLength(256);
  expect(clip(`${'a'.repeat(8)}😀b`, 10).isWellFormed()).toBe(true);
});
