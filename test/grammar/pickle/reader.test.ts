// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FileSource } from '../../../src/bytes/file.ts';
import { MemorySource } from '../../../src/bytes/source.ts';
import { Budget } from '../../../src/bytes/limits.ts';
import { Ledger } from '../../../src/grammar/pickle/ledger.ts';
import { Libraries } from '../../../src/grammar/pickle/libraries.ts';
import { PickleReader } from '../../../src/grammar/pickle/reader.ts';
import { walk } from '../../../src/grammar/pickle/walk.ts';
import * as p from '../../../fixtures/support/pickle.ts';
import { randomPickles } from '../../support/random-pickles.ts';
import { fixtures, samples } from '../../support/samples.ts';

/** What one pickle says, when its bytes come in the blocks that `cut` makes. */
function read(bytes: Uint8Array, cut: (left: number) => number = (left) => left) {
  const ledger = new Ledger();
  const libraries = new Libraries();
  const reader = new PickleReader(ledger, libraries, 0, bytes.length);
  libraries.reader = reader;
  for (let at = 0; at < bytes.length && reader.end === undefined; ) {
    const length = Math.min(bytes.length - at, Math.max(1, cut(bytes.length - at)));
    const block = Buffer.from(bytes.subarray(at, at + length)); // a Buffer, as sources give
    reader.push(block);
    block.fill(0xaa); // a block's memory is used again
    at += length;
  }
  reader.finish();
  const { end } = reader;
  const ended = end?.kind === 'damage' ? end : { kind: end?.kind };
  return { calls: ledger.facts(), ended, at: reader.end?.kind === 'stop' ? reader.offset : -1, oddities: reader.oddities, tensors: libraries.tensors, nested: libraries.nested };
}
const calls = (...body: (Uint8Array | string)[]) => read(p.pickle(4, ...body)).calls;
const targets = (...body: (Uint8Array | string)[]): string[] => calls(...body).map((fact) => `${fact.via} ${fact.target}`);
const damage = (bytes: Uint8Array): unknown => {
  const { ended } = read(bytes);
  return 'code' in ended ? ended.code : ended.kind;
};
const own = samples().filter((sample) => sample.startsWith('pickle/') || sample.startsWith('torch-legacy/'));
const load = (sample: string): Uint8Array => readFileSync(join(fixtures, sample));

/** A small generator with a fixed seed: the same cuts and flips every time. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

describe('cutting', () => {
  test.for(own)('%s says the same byte by byte and in random blocks', (sample) => {
    const bytes = load(sample);
    const whole = read(bytes);
    expect(read(bytes, () => 1)).toEqual(whole);
    const numbers = random(7);
    for (let round = 0; round < 10; round += 1) expect(read(bytes, () => 1 + (numbers.next().value % 40))).toEqual(whole);
  });

  test('long literals and lines are passed over, whatever the blocks', () => {
    const long = 'x'.repeat(200_000);
    const bytes = p.ops("(S'", long, "'\n0V", long, '\n0B', Uint8Array.of(0x40, 0x0d, 3, 0), long, p.oldCall('os', 'system', p.unicode('echo x')), '.');
    const whole = read(bytes);
    expect(whole.calls.map((fact) => fact.target)).toEqual(['os.system']);
    expect(read(bytes, () => 1000)).toEqual(whole);
    expect(read(bytes, () => 65_536)).toEqual(whole);
  });
});

const large = (nth: number): Uint8Array => {
  const items = Buffer.concat(Array.from({ length: 90_000 }, (_, index) => p.ops(p.str(`text ${index}`), p.float(index))));
  return p.pickle(4, p.list(items), p.POP, p.bytes(Buffer.alloc(1_500_000, 0x80)), p.POP, p.call('m', `n${nth}`));
};
describe('a file of many blocks', () => {
  test('holds pickles across the edges of blocks, with junk between them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-test-'));
    const path = join(folder, 'many.pkl');
    const parts = [large(1), large(2), Buffer.alloc(2_500_000, 0xee), large(3)];
    writeFileSync(path, Buffer.concat(parts));
    const source = FileSource.open(path, new Budget());
    const walked = await walk(source);
    source.close();
    rmSync(folder, { recursive: true });
    expect(walked.calls.map((fact) => fact.target)).toEqual(['m.n1', 'm.n2', 'm.n3']);
    expect(walked.streams.map(({ ended }) => ended.kind)).toEqual(['stop', 'stop', 'stop']);
    const second = parts[0]!.length + parts[1]!.length;
    expect(walked.junk).toEqual([[second, second + 2_500_000]]);
  });
});

describe('hostile bytes', () => {
  test.for(own)('%s cut short or with flipped bits says facts and ends', async (sample) => {
    const bytes = load(sample);
    const numbers = random(11);
    const variants: Uint8Array[] = [];
    for (let length = 1; length < bytes.length; length *= 2) variants.push(bytes.subarray(0, length));
    for (let round = 0; round < 40; round += 1) {
      const copy = Uint8Array.from(bytes);
      for (let flips = 0; flips < 3; flips += 1) copy[numbers.next().value % copy.length]! ^= 1 << (numbers.next().value % 8);
      variants.push(copy);
    }
    for (const variant of variants) {
      const began = performance.now();
      const walked = await walk(new MemorySource(variant, new Budget()));
      expect(walked.streams.length).toBeGreaterThan(0);
      expect(performance.now() - began).toBeLessThan(2_000);
    }
  });
});

describe('the machine', () => {
  test('names STACK_GLOBAL by values, not by the strings before it', () => {
    expect(targets(p.str('os'), p.put(5), p.POP, p.str('json'), p.POP, p.get(5), p.str('system'), p.STACK_GLOBAL)).toEqual(['import os.system']);
  });
  test('keeps how computed names are computed', () => {
    const [first, second, third] = calls(p.call('codecs', 'decode', p.str('bf'), p.str('rot13')), p.str('system'), p.STACK_GLOBAL, p.tuple(), p.REDUCE);
    expect(first).toMatchObject({ target: 'codecs.decode', via: 'REDUCE' });
    expect(second).toMatchObject({ target: '?.system', via: 'import', args: [{ type: 'call', target: 'codecs.decode' }, { type: 'str', text: 'system' }] });
    expect(third).toMatchObject({ target: '?.system', via: 'REDUCE' });
  });
  test.for([
    ['REDUCE', p.call('a', 'b')],
    ['NEWOBJ', p.ops(p.stackGlobal('a', 'b'), p.tuple(), p.NEWOBJ)],
    ['NEWOBJ_EX', p.ops(p.stackGlobal('a', 'b'), p.tuple(), p.EMPTY_DICT, p.NEWOBJ_EX)],
    ['OBJ', p.ops(p.MARK, p.stackGlobal('a', 'b'), 'o')],
    ['INST', '(ia\nb\n'],
  ] as const)('%s is a call', ([via, body]) => {
    expect(targets(body)).toEqual([`${via} a.b`]);
  });
  test('maps names of Python 2 below protocol 3 only', () => {
    expect(read(p.pickle(2, p.global('__builtin__', 'eval'))).calls[0]?.target).toBe('builtins.eval');
    expect(read(p.pickle(2, p.global('__builtin__', 'reduce'))).calls[0]?.target).toBe('functools.reduce');
    expect(read(p.pickle(2, p.global('exceptions', 'StandardError'))).calls[0]?.target).toBe('builtins.Exception');
    expect(targets(p.global('__builtin__', 'eval'))).toEqual(['import __builtin__.eval']);
  });
  test('resolves an extension code that the pickle itself registers', () => {
    expect(targets(p.call('copyreg', 'add_extension', p.str('os'), p.str('system'), p.int(7)), p.POP, '\x82\x07')).toContain('EXT os.system');
    expect(targets('\x82\x09')).toEqual(['EXT ?']);
  });
  test('marks results that nothing uses', () => {
    expect(calls(p.call('a', 'b'), p.POP, p.NONE)[0]).toMatchObject({ unused: true });
    expect(calls(p.list(p.call('a', 'b')))[0]?.unused).toBeUndefined();
    expect(calls(p.call('a', 'b'), p.MEMOIZE, p.POP, p.get(0))[0]?.unused).toBeUndefined();
  });
  test('POP takes a mark away, as in C', () => {
    expect(damage(p.pickle(4, p.NONE, p.MARK, p.POP))).toBe('stop');
    expect(damage(p.pickle(4, p.NONE, p.MARK, p.DUP))).toBe('pickle/stack-underflow');
    expect(damage(p.pickle(4, p.NONE, p.MARK))).toBe('pickle/stack-underflow');
  });
  test('filling an object that is no plain container runs its methods', () => {
    expect(targets(p.stackGlobal('os', 'environ'), p.str('A'), p.str('b'), 's')).toEqual(['import os.environ', 'SETITEMS os.environ']);
    expect(targets(p.call('x', 'Y'), p.MARK, p.int(1), p.APPENDS)).toEqual(['REDUCE x.Y', 'APPENDS x.Y']);
    expect(targets(p.call('collections', 'OrderedDict'), p.str('A'), p.str('b'), 's')).toEqual(['REDUCE collections.OrderedDict']);
  });
  test.for([
    ['an unset memo entry', p.pickle(4, p.get(3)), 'pickle/memo-miss'],
    ['a byte that is no opcode', p.pickle(4, '\xff'), 'pickle/invalid-opcode'],
    ['an empty stack', p.pickle(4), 'pickle/stack-underflow'],
    ['no STOP', p.ops(p.proto(4), 'N'), 'pickle/no-stop'],
    ['a length that passes the end', p.pickle(4, 'X\xff\xff\xff\x7f'), 'pickle/truncated'],
    ['a negative length', p.pickle(4, '\x8b\xff\xff\xff\xff'), 'pickle/negative-length'],
    ['a protocol that does not exist', p.ops(p.proto(9), 'N.'), 'pickle/protocol'],
    ['a frame that passes the end', p.pickle(4, p.frame(2n ** 62n)), 'pickle/truncated'],
    ['numbers as names', p.pickle(4, p.int(1), p.int(2), p.STACK_GLOBAL), 'pickle/not-a-name'],
    ['an odd number of items', p.pickle(4, p.EMPTY_DICT, p.MARK, 'N', p.SETITEMS), 'pickle/odd-items'],
  ] as const)('stops at %s', ([, bytes, code]) => {
    expect(damage(bytes)).toBe(code);
  });
  test('forgets what is nested a thousand levels deep', () => {
    expect(damage(p.pickle(4, p.stackGlobal('a', 'b'), ')R'.repeat(5_000)))).toBe('stop');
    expect(damage(p.pickle(4, p.EMPTY_LIST, '2a'.repeat(5_000)))).toBe('stop');
  });
  test('survives a stack, a memo index and a nesting without end', () => {
    expect(damage(p.ops(p.proto(4), 'N'.repeat(2_000_010), '.'))).toBe('pickle/expansion');
    expect(damage(p.pickle(4, 'N', 'r\xff\xff\xff\xff', 'j\xff\xff\xff\xff'))).toBe('stop');
    expect(damage(p.pickle(4, 'N', '\x85'.repeat(500_000), p.tuple(), p.POP))).toBe('stop');
    const wide = read(p.pickle(4, p.stackGlobal('a', 'b'), p.str('x'), ...Array.from({ length: 200 }, () => p.ops(p.DUP, '\x86')), '\x85', p.REDUCE));
    expect(JSON.stringify(wide.calls).length).toBeLessThan(20_000);
  });
});

const many = (count: number, one: (index: number) => Uint8Array): Uint8Array => p.ops(p.EMPTY_LIST, p.MARK, ...Array.from({ length: count }, (_, index) => one(index)), p.APPENDS);
describe('the ledger', () => {
  test('merges calls that differ in data only', () => {
    const facts = calls(many(5_000, (index) => p.call('datetime', 'date', p.bytes(Uint8Array.of(index & 255, index >> 8)))));
    expect(facts).toHaveLength(5);
    expect(facts.at(-1)).toMatchObject({ target: 'datetime.date', args: [{ type: 'various' }], count: 4_996 });
  });
  test('does not let boring calls hide the one that differs', () => {
    const boring = many(3_000, (index) => p.call('builtins', 'getattr', p.stackGlobal('math', 'pi'), p.str(`a${index}`)));
    const facts = calls(boring, p.POP, p.call('builtins', 'getattr', p.stackGlobal('os', 'path'), p.str('system')));
    expect(JSON.stringify(facts)).toContain('"os.path"},{"type":"str","text":"system"');
    expect(facts.filter((fact) => fact.target === 'builtins.getattr').length).toBeGreaterThan(1_000);
    expect(facts.some((fact) => fact.target === 'builtins.getattr' && JSON.stringify(fact.args).includes('various'))).toBe(true);
  });
  test('says so when there are more targets than it keeps', () => {
    const facts = calls(many(25_000, (index) => p.stackGlobal('m', `n${index}`)));
    expect(facts.find((fact) => fact.target === '?')).toMatchObject({ via: 'import', args: [{ type: 'various' }], count: 5_000 });
  });
});

test('random pickles, frames that readers part on among them, say the same in any blocks', () => {
  const numbers = random(13);
  for (const bytes of randomPickles(77, 400)) {
    const whole = read(bytes);
    for (const most of [1, 9, 60]) expect(read(bytes, () => 1 + (numbers.next().value % most))).toEqual(whole);
  }
});
