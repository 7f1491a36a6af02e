// SPDX-License-Identifier: Apache-2.0
// Random pickles for the differential test: mostly valid programs, and then less so. The same seed gives the same ones.
import * as p from '../../fixtures/support/pickle.ts';

type Bytes = Uint8Array | string;

/** A small deterministic generator of numbers (mulberry32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
  chance(one: number): boolean {
    return this.below(one) === 0;
  }
}

const modules = ['m', 'os', 'pkg.sub', '__builtin__', 'copy_reg', 'exceptions', 'urllib', 'itertools', 'builtins', 'text', 'cPickle', 'UserDict'];
const names = ['n', 'system', 'Class', 'A.b', 'eval', 'reduce', 'StandardError', 'urlopen', 'izip', 'int', '_reconstructor', 'UserDict', 'ArithmeticError'];
/** Numbers as text, which readers take in different ways. */
export const integers = ['0', '7', '-12', '00', '01', '+1', '-0', ' 5', '5 ', '0x1f', '0X1F', '-0x10', '0o17', '017', '08', '0b101', '1_000', '1__0', '_1', '5L', '5LL', 'L', '', '12345678901234567890', '-9223372036854775808', '9223372036854775808', '1\0x', '\0', '+', '1e3', 'ff', '0x', '0x_1', '00x1', '\t3\r', '10 1'];
export const decimals = ['1.5', '-0.25', '1e5', ' 1.5', '1.5 ', '1_0.5', 'nan', '-inf', 'Infinity', '1e999', '.5', '5.', '.', '', '1.5\0x', '0x1p3', '1_', '1._5', 'e5', '+2', '1e+5', '--1'];
const strings = ["'text'", '"text"', "'a\\nb'", "'\\x41\\101'", "'\\x4'", "'tail\\'", "'\\\\'", "'mixed\"", "'", "''", "'caf\u00e9'", "'\\xe9'", 'bare', "'a'b'", "'\\q'", "' '", " 'x'", "'\\u0041'", "'\\400'"];
const unicodes = ['text', '', 'caf\u00e9', '\\u0041', '\\\\u0041', '\\u004', '\\U0001F600', '\\U00110000', '\\n', 'a\\', '\\x41', '\\\\\\u0041', '\0'];
export const indexes = ['0', '1', '2', '3', '00', '01', '1_0', ' 1', '+1', '-1', '0x1', '', '1L', '1\0z', '300', '3000000'];
const oddNames = ['sys\u00c3\u00a9', 'sy\u00e9', 'a\\x41', 'tab\there', '', 'a b', '\\', 'n\\q'];

/** Length fields of every width, mostly true. */
function counted(random: Random, op: string, width: 1 | 4 | 8, content: Uint8Array): Uint8Array {
  const head = Buffer.alloc(8);
  const lie = random.chance(60) ? random.pick([1, 2, -1, 1000, 2 ** 31, 2 ** 32 - 1]) : 0;
  head.writeBigUInt64LE(BigInt.asUintN(64, BigInt(content.length + lie)));
  return p.ops(op, head.subarray(0, width), content);
}

function text(random: Random): string {
  return random.pick(['a', 'os', 'system', '', 'key', '__setstate__', 'm', 'n', 'caf\u00e9', '\u{1f600}', 'x'.repeat(300), 'pkg.sub', 'A.b']);
}

function utf8(random: Random): Uint8Array {
  if (!random.chance(40)) return Buffer.from(text(random), 'utf8');
  return Buffer.from(random.pick(['\xff', '\xed\xa0\x80', '\xc0\x80', '\xe2\x82', '\xf0\x9f\x98\x80', '\xf4\x90\x80\x80', `${'x'.repeat(300)}\xe9`]), 'latin1');
}

/** One value of Python's own, in one of the ways to write it. */
function scalar(random: Random): Bytes {
  const small = Uint8Array.of(random.below(256), random.below(256), random.below(256), random.below(256));
  switch (random.below(24)) {
    case 0: return 'N';
    case 1: return '\x88';
    case 2: return '\x89';
    case 3: return p.ops('K', small.subarray(0, 1));
    case 4: return p.ops('M', small.subarray(0, 2));
    case 5: return p.ops('J', small);
    case 6: return p.float(random.below(1000) / 8);
    case 7: return `I${random.pick(integers)}\n`;
    case 8: return `L${random.pick(integers)}\n`;
    case 9: return `F${random.pick(decimals)}\n`;
    case 10: return `S${random.pick(strings)}\n`;
    case 11: return `V${random.pick(unicodes)}\n`;
    case 12: return counted(random, '\x8c', 1, utf8(random).subarray(0, 255));
    case 13: return counted(random, 'X', 4, utf8(random));
    case 14: return counted(random, '\x8d', 8, utf8(random));
    case 15: return counted(random, 'C', 1, small);
    case 16: return counted(random, 'B', 4, small);
    case 17: return counted(random, '\x8e', 8, small);
    case 18: return counted(random, '\x96', 8, small);
    case 19: return counted(random, 'U', 1, random.chance(9) ? small : Buffer.from('text'));
    case 20: return counted(random, 'T', 4, random.chance(9) ? small : Buffer.from('text'));
    case 21: return counted(random, '\x8a', 1, small);
    case 22: return counted(random, '\x8b', 4, small);
    default: return random.pick([')', ']', '}', '\x8f']);
  }
}

/** One name, in one of the ways to write it. */
function name(random: Random): Bytes {
  const m = random.chance(60) ? random.pick(oddNames) : random.pick(modules);
  const n = random.chance(60) ? random.pick(oddNames) : random.pick(names);
  switch (random.below(8)) {
    case 0: case 1: case 2: return `c${m}\n${n}\n`;
    case 3: case 4: return p.ops(p.str(m), p.str(n), '\x93');
    case 5: return p.ops(p.str(m), '\x94', '0', p.str(n), '\x94', `0h${String.fromCharCode(random.below(4))}`, `h${String.fromCharCode(random.below(4))}`, '\x93');
    case 6: return p.ops(`S'${m}'\n`, `V${n}\n`, '\x93');
    default: return p.ops('\x82', Uint8Array.of(random.below(20)));
  }
}

type Kind = 'value' | 'name' | 'call';

function args(random: Random, depth: number): Bytes {
  const count = random.below(4);
  const inner = Array.from({ length: count }, () => expression(random, depth + 1));
  if (random.chance(25)) return p.ops(...inner, ']', ...(inner.length > 0 ? ['0'] : [])); // no tuple
  if (random.chance(25)) return scalar(random);
  return random.chance(3) ? p.ops('(', ...inner, 't') : p.ops(...inner, [')', '\x85', '\x86', '\x87'][count]!);
}

/** A value, a name or a call: one more on the stack. */
function expression(random: Random, depth = 0, kind: Kind = random.pick(['value', 'value', 'name', 'call'] as const)): Uint8Array {
  if (depth > 4) return p.ops(scalar(random));
  if (kind === 'name') return p.ops(name(random));
  if (kind === 'value') {
    switch (random.below(10)) {
      case 0: return p.ops('](', ...several(random, depth), 'e');
      case 1: return p.ops('}(', ...pairs(random, depth), 'u');
      case 2: return p.ops('(', ...several(random, depth), random.pick(['l', 't', '\x91']));
      case 3: return p.ops('(', ...pairs(random, depth), 'd');
      case 4: return p.ops('\x8f(', ...several(random, depth), '\x90');
      case 5: return p.ops(expression(random, depth + 1), random.pick(['2\x86', '\x85', '\x94', '2\x940']));
      default: return p.ops(scalar(random));
    }
  }
  const callee = expression(random, depth + 1, random.chance(12) ? 'value' : random.chance(3) ? 'call' : 'name');
  switch (random.below(10)) {
    case 0: case 1: case 2: return p.ops(callee, args(random, depth), 'R');
    case 3: return p.ops(callee, args(random, depth), '\x81');
    case 4: return p.ops(callee, args(random, depth), random.chance(6) ? scalar(random) : '}', '\x92');
    case 5: return p.ops('(', callee, ...several(random, depth), 'o');
    case 6: return p.ops(random.chance(30) ? '' : '(', ...several(random, depth), `i${random.pick(modules)}\n${random.pick(names)}\n`);
    case 7: return p.ops(callee, expression(random, depth + 1), 'b');
    case 8: return p.ops(callee, random.pick([p.ops(expression(random, depth + 1), 'a'), p.ops('(', ...several(random, depth), 'e'), p.ops('(', ...pairs(random, depth), 'u'), p.ops('(', ...several(random, depth), '\x90'), p.ops(scalar(random), scalar(random), 's')]));
    default: return random.chance(2) ? p.ops(`P${random.pick(['id', '', 'a\\b', '\u00e9'])}\n`) : p.ops(expression(random, depth + 1), 'Q');
  }
}

const several = (random: Random, depth: number): Uint8Array[] => Array.from({ length: random.below(4) }, () => expression(random, depth + 1));
const pairs = (random: Random, depth: number): Uint8Array[] => Array.from({ length: 2 * random.below(3) + (random.chance(40) ? 1 : 0) }, () => expression(random, depth + 1));

/** Steps that need not fit what is on the stack. */
function wild(random: Random): Bytes {
  switch (random.below(12)) {
    case 0: return random.pick(['0', '1', '2', '(', 'a', 'e', 's', 'u', 'b', 'R', '\x81', '\x92', '\x93', '\x90', '\x91', 't', 'l', 'd', 'o', '\x85', '\x86', '\x87', '\x94', '\x97', '\x98', 'Q']);
    case 1: return `${random.pick(['p', 'g'])}${random.pick(indexes)}\n`;
    case 2: return p.ops(random.pick(['q', 'h']), Uint8Array.of(random.below(6)));
    case 3: return p.ops(random.pick(['r', 'j']), Uint8Array.of(random.below(6), 0, random.chance(9) ? 1 : 0, 0));
    case 4: return p.proto(random.chance(20) ? random.below(256) : random.below(6));
    case 5: return p.frame(random.chance(6) ? 2n ** BigInt(random.below(64)) : random.below(60));
    case 6: return p.ops(random.pick(['\x82', '\x83', '\x84']), Uint8Array.of(random.below(9), 0, 0, 0).subarray(0, random.pick([1, 2, 4])));
    case 7: return p.ops(expression(random, 2), random.pick(['0', '\x94', '\x98', '\x97']));
    case 8: return p.ops('](', scalar(random), 'e', 'K\x00', scalar(random), 's');
    case 9: return p.ops('N(', random.pick(['e', 'u', '\x90']));
    case 10: return p.ops(random.pick([']', '}', '\x8f', ')', 'N', 'K\x05', '\x96\x01\0\0\0\0\0\0\0x']), random.pick(['}b', 'Nb', ')b', 'NN\x86b', 'N}\x86b', '}}\x86b', 'N)\x86b', 'K\x00b', '\x98', 'K\x05a', '(K\x05K\x06e', 'K\x00K\x07s']));
    default: return Uint8Array.of(random.below(256));
  }
}

/** A whole pickle, with frames as a pickler sets them or slightly off. */
function program(random: Random): Uint8Array {
  const body: Bytes[] = [];
  const steps = 1 + random.below(random.chance(4) ? 30 : 8);
  const wildness = random.pick([3, 8, 20, 1000]);
  for (let step = 0; step < steps; step += 1) body.push(random.chance(wildness) ? wild(random) : p.ops(expression(random), random.chance(3) ? '0' : random.chance(4) ? '\x94' : ''));
  body.push(random.chance(3) ? 'N.' : '.');
  const protocol = random.chance(8) ? '' : p.proto(random.below(6));
  if (!random.chance(5)) return p.ops(protocol, ...body);
  const cut = random.below(body.length);
  const framed = (part: readonly Bytes[]): Uint8Array => p.ops(p.frame(Math.max(0, p.ops(...part).length + (random.chance(3) ? random.pick([-3, -2, -1, 1, 2, 40]) : 0))), ...part);
  return p.ops(protocol, framed(body.slice(0, cut)), framed(body.slice(cut)));
}

/** Bytes changed, taken away, put twice. */
function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  switch (random.below(6)) {
    case 0: return copy.subarray(0, at);
    case 1: copy[at] = copy[at]! ^ (1 << random.below(8)); return copy;
    case 2: copy[at] = random.below(256); return copy;
    case 3: return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.min(copy.length, at + 1 + random.below(4)))]);
    case 4: return Buffer.concat([copy.subarray(0, at), copy.subarray(random.below(at + 1))]);
    default: return Buffer.concat([copy.subarray(0, at), p.ops(wild(random)), copy.subarray(at)]);
  }
}

/** `count` pickles; a part of them damaged, a part with more than one stream. */
export function randomPickles(seed: number, count: number): Uint8Array[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    let bytes = program(random);
    while (random.chance(3) && bytes.length > 0) bytes = mutated(random, bytes);
    if (random.chance(12)) bytes = p.ops(bytes, program(random));
    return bytes;
  });
}
