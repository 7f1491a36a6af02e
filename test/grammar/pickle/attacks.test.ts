// SPDX-License-Identifier: Apache-2.0
// Pickles that are to exhaust whoever reads them: work and what is kept stay bounded, and what hides among it is found.
import { expect, test } from 'vitest';
import { Ledger } from '../../../src/grammar/pickle/ledger.ts';
import { Libraries } from '../../../src/grammar/pickle/libraries.ts';
import { PickleReader } from '../../../src/grammar/pickle/reader.ts';
import * as p from '../../../fixtures/support/pickle.ts';

const evil = p.call('os', 'system', p.str('echo x'));

function times(count: number, ...step: readonly (Uint8Array | string)[]): Uint8Array {
  const one = p.ops(...step);
  const out = Buffer.alloc(count * one.length);
  for (let at = 0; at < out.length; at += one.length) out.set(one, at);
  return out;
}

function read(...body: readonly (Uint8Array | string)[]) {
  const bytes = p.pickle(4, ...body);
  const ledger = new Ledger();
  const reader = new PickleReader(ledger, new Libraries(), 0, bytes.length);
  reader.push(bytes);
  reader.finish();
  const calls = ledger.facts();
  return { ledger, reader, calls, size: JSON.stringify(calls).length, ended: reader.end?.kind === 'damage' ? reader.end.code : reader.end?.kind };
}
const finds = (calls: readonly { readonly target: string; readonly args: readonly unknown[] }[]): boolean =>
  calls.some(({ target, args }) => target === 'os.system' && JSON.stringify(args).includes('echo x'));

test('a tree of calls in which each is given the one before twice costs so much and no more', () => {
  const calls = 200_000;
  const seen = read(p.stackGlobal('a', 'b'), p.put(0), p.POP, p.str('x'), times(calls, p.put(1), p.POP, p.get(0), p.get(1), p.get(1), '\x86R'), p.POP, evil);
  expect(seen.ended).toBe('stop');
  expect(seen.ledger.work).toBeLessThan(7_000_000);
  expect(seen.size).toBeLessThan(8_000_000);
  expect(finds(seen.calls)).toBe(true);
  expect(seen.calls.reduce((sum, { count }) => sum + (count ?? 1), 0)).toBe(calls + 1);
});

test('calls that are all given the same long list are not looked through for ever', () => {
  const seen = read(p.list(...Array.from({ length: 96 }, (_, index) => p.str(`item ${index}`))), p.put(0), p.POP, times(120_000, 'cm\nn\nh\0\x85R0'), evil);
  expect(seen.ledger.work).toBeLessThan(7_000_000);
  expect(finds(seen.calls)).toBe(true);
});

test('doubling, deep and wide values are described in a few words', () => {
  for (const value of [p.ops('N', times(300, '2\x86')), p.ops('N', times(100_000, '\x85')), p.ops('(', times(100_000, 'N'), 't'), p.ops(']', times(1_000, '2a'))]) {
    const seen = read(p.stackGlobal('a', 'b'), value, '\x85R', p.POP, evil);
    expect(seen.size).toBeLessThan(20_000);
    expect(seen.reader.machine.heaviest).toBeLessThanOrEqual(1e18);
    expect(finds(seen.calls)).toBe(true);
  }
});

test('frames that end inside opcodes are followed once, and said a hundred times at most', () => {
  const seen = read(times(30_000, p.frame(3), '\x8c\x05hello0'), evil);
  expect(seen.ledger.forks).toBe(1);
  expect(seen.reader.oddities.length).toBeLessThanOrEqual(100);
  expect(finds(seen.calls)).toBe(true);
});

test('memo indexes that leap cost no more than others, and hold what was put there', () => {
  const leaps = p.ops(...Array.from({ length: 5_000 }, (_, index) => {
    const put = Buffer.from('r\0\0\0\0', 'latin1');
    put.writeUInt32LE(index * 10_007, 1);
    return put;
  }));
  const seen = read(p.str('system'), leaps, p.POP, p.str('os'), 'j', Buffer.from([0x17, 0x27, 0, 0]), p.STACK_GLOBAL, p.tuple(p.str('echo x')), p.REDUCE);
  expect([seen.ended, finds(seen.calls)]).toEqual(['stop', true]);
  expect(seen.reader.oddities).toEqual([]);
});

test.for([['LONG_BINPUT', 'r\xff\xff\xff\x7f'], ['PUT', 'p2147483647\n']])('%s of a memo index that would take gigabytes is said', ([, opcode]) => {
  const { reader } = read('N', opcode!);
  expect(reader.oddities).toMatchObject([{ code: 'pickle/expansion', what: expect.stringContaining('34359738352 bytes') as unknown }]);
});

test('a number, a text and a frame of a hundred megabytes are passed over', () => {
  const size = 100 << 20;
  const block = Buffer.alloc(1 << 20, 0x41);
  for (const head of [Buffer.from([0x80, 4, 0x8b, 0, 0, 0x40, 6]), Buffer.from([0x80, 4, 0x58, 0, 0, 0x40, 6])]) {
    const ledger = new Ledger();
    const reader = new PickleReader(ledger, new Libraries(), 0, head.length + size + 1);
    reader.push(head);
    for (let at = 0; at < size; at += block.length) reader.push(block);
    reader.push(Buffer.from('.'));
    expect(reader.end).toMatchObject({ kind: 'stop' });
    expect(JSON.stringify(reader.end).length).toBeLessThan(1_000_000);
    expect(reader.opcodes).toBe(3);
  }
});

test.for([['stack', '2', 'N'], ['marks', '(', '']])('%s without end are a bound of ours, and said', ([, step, first]) => {
  expect(read(evil, first!, times(2_000_100, step!)).ended).toBe('pickle/expansion');
  expect(finds(read(evil, first!, times(2_000_100, step!)).calls)).toBe(true);
});
