// SPDX-License-Identifier: Apache-2.0
// The inner loops over weights. Vectors are of four lanes of 32 bits; sums are kept in double precision.
import { ops, type Code, type Routine } from './wasm.ts';

/** Bytes of a block of numbers that the kernel takes at once. */
export const blockBytes = 1 << 20;

/** Room for each stream of low bits. */
export const packedBytes = 1 << 14;

/** Where things lie in the kernel's memory. Counters are u32. */
export const at = {
  /** f64 [sum, sum of squares] in two lanes each; f32 least, greatest; u32 smallest bits without sign of normal numbers, less those of the smallest normal number (zeros and denormals wrap to the end), greatest bits without sign, zeros: four lanes each. */
  sums: 0, squares: 16, least: 32, greatest: 48, smallest: 64, largest: 80, zeros: 96,
  /** Four masks, of the lanes that count when 0 to 3 numbers are left (0: all). */
  masks: 144,
  low: 1024, exponents: 2048, mantissas: 3072,
  window: 4096, whole: 4096 + (1 << 18), rows: 4096 + (2 << 18), block: 4096 + (2 << 18) + (1 << 20), wide: 4096 + (2 << 18) + (2 << 20) + 64,
  /** Two streams of low bits. */
  packed: 4096 + (2 << 18) + (4 << 20) + 128,
} as const;
export const pages = Math.ceil((at.packed + 2 * packedBytes + 64) / 65_536);

const { get, set, i32, load, store, words, repeat } = ops;

/** `i += by; i < end`, as what decides whether a loop goes on. */
const onward = (i: number, by: number, end: number): Code => [get(i), i32(by), ops.i32_add, set(i), get(i), get(end), ops.i32_lt_u];

/** x = x op value. */
const update = (x: number, value: Code, op: Code): Code => [get(x), value, op, set(x)];

/** Moments and extremes of f32 from `i` to `end` (addresses, a multiple of 16 bytes apart). NaN and infinities go into the sums: whoever asks looks at `largest`. */
const plain: Routine = {
  name: 'plain',
  parameters: ['i', 'end'],
  locals: {
    x: 'v128', bits: 'v128', a: 'v128', b: 'v128', sumA: 'v128', sumB: 'v128', squaresA: 'v128', squaresB: 'v128', least: 'v128', greatest: 'v128',
    smallest: 'v128', largest: 'v128', zeros: 'v128',
  },
  body: (l) => {
    const [i, end, x, bits, a, b] = ['i', 'end', 'x', 'bits', 'a', 'b'].map(l) as [number, number, number, number, number, number];
    const keep = (address: number, value: Code): Code => [i32(address), value, store()];
    return [
      words(0x7f800000, 0x7f800000, 0x7f800000, 0x7f800000), set(l('least')), words(0xff800000, 0xff800000, 0xff800000, 0xff800000), set(l('greatest')),
      words(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff), set(l('smallest')),
      repeat([
        get(i), load(), set(x),
        get(x), words(0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff), ops.and, set(bits),
        get(x), ops.f64x2_promote_low_f32x4, set(a),
        get(x), get(x), ops.high, ops.f64x2_promote_low_f32x4, set(b),
        update(l('sumA'), get(a), ops.f64x2_add), update(l('sumB'), get(b), ops.f64x2_add),
        update(l('squaresA'), [get(a), get(a), ops.f64x2_mul], ops.f64x2_add), update(l('squaresB'), [get(b), get(b), ops.f64x2_mul], ops.f64x2_add),
        update(l('least'), get(x), ops.f32x4_pmin), update(l('greatest'), get(x), ops.f32x4_pmax),
        update(l('smallest'), [get(bits), words(0x00800000, 0x00800000, 0x00800000, 0x00800000), ops.i32x4_sub], ops.i32x4_min_u), update(l('largest'), get(bits), ops.i32x4_max_u),
        update(l('zeros'), [get(bits), words(0, 0, 0, 0), ops.i32x4_eq], ops.i32x4_sub), // a comparison gives -1 where it holds
        onward(i, 16, end),
      ]),
      keep(at.sums, [get(l('sumA')), get(l('sumB')), ops.f64x2_add]), keep(at.squares, [get(l('squaresA')), get(l('squaresB')), ops.f64x2_add]),
      keep(at.least, get(l('least'))), keep(at.greatest, get(l('greatest'))), keep(at.smallest, get(l('smallest'))), keep(at.largest, get(l('largest'))),
      keep(at.zeros, get(l('zeros'))),
    ];
  },
};

/** bf16 to f32: the same bits, higher. From `i` to `end` (a multiple of 16 bytes apart) into `to`. */
const bfloat: Routine = {
  name: 'bfloat',
  parameters: ['i', 'end', 'to'],
  locals: { x: 'v128' },
  body: (l) => repeat([
    get(l('i')), load(), set(l('x')),
    get(l('to')), get(l('x')), ops.i32x4_extend_low_i16x8_u, i32(16), ops.i32x4_shl, store(),
    get(l('to')), get(l('x')), ops.i32x4_extend_high_i16x8_u, i32(16), ops.i32x4_shl, store(16),
    update(l('to'), i32(32), ops.i32_add),
    onward(l('i'), 16, l('end')),
  ]),
};

/** f16 to f32: exponent and mantissa moved up and multiplied with 2^112, which is exact for denormals too. Exponent 31 becomes a number of 2^16 and more: f16 has none, so it stands for NaN and infinities. */
const half: Routine = {
  name: 'half',
  parameters: ['i', 'end', 'to'],
  locals: { x: 'v128', y: 'v128' },
  body: (l) => {
    const widened = (extend: Code, offset: number): Code => [
      get(l('x')), extend, set(l('y')),
      get(l('to')),
      get(l('y')), words(0x7fff, 0x7fff, 0x7fff, 0x7fff), ops.and, i32(13), ops.i32x4_shl, words(0x77800000, 0x77800000, 0x77800000, 0x77800000), ops.f32x4_mul,
      get(l('y')), words(0x8000, 0x8000, 0x8000, 0x8000), ops.and, i32(16), ops.i32x4_shl, ops.or,
      store(offset),
    ];
    return repeat([
      get(l('i')), load(), set(l('x')), widened(ops.i32x4_extend_low_i16x8_u, 0), widened(ops.i32x4_extend_high_i16x8_u, 16),
      update(l('to'), i32(32), ops.i32_add), onward(l('i'), 16, l('end')),
    ]);
  },
};

/** counters[index] += 1; leaves nothing. `slot` is a local that holds the address meanwhile. */
const count = (table: number, index: Code, slot: number): Code => [
  index, i32(2), ops.i32_shl, set(slot), get(slot), get(slot), ops.i32_load(table), i32(1), ops.i32_add, ops.i32_store(table),
];

/** Counts 32-bit words, four at a time, by sign, exponent and seven mantissa bits, and by their lowest byte. */
const count32: Routine = {
  name: 'count32',
  parameters: ['i', 'end'],
  locals: { word: 'i32', slot: 'i32' },
  body: (l) => repeat([
    [0, 4, 8, 12].map((offset) => [
      get(l('i')), ops.i32_load(offset), set(l('word')),
      count(at.window, [get(l('word')), i32(16), ops.i32_shr_u], l('slot')),
      count(at.low, [get(l('word')), i32(255), ops.i32_and], l('slot')),
    ]),
    onward(l('i'), 16, l('end')),
  ]),
};

/** The same for 16-bit words, whose `shift` lowest bits lie below the seven of the mantissa, and not by their lowest byte. */
const count16: Routine = {
  name: 'count16',
  parameters: ['i', 'end', 'shift'],
  locals: { slot: 'i32' },
  body: (l) => repeat([
    [0, 2, 4, 6].map((offset) => count(at.window, [get(l('i')), ops.i32_load16_u(offset), get(l('shift')), ops.i32_shr_u], l('slot'))),
    onward(l('i'), 8, l('end')),
  ]),
};

/**
 * Empties the counts of one exponent, of positive (at `i`) and negative numbers (`sign` bytes further): adds them to those of the
 * whole tensor, to the 128 mantissas, and stores their sum at `to` as four lanes.
 */
const gather: Routine = {
  name: 'gather',
  parameters: ['i', 'end', 'sign', 'mantissa', 'to'],
  locals: { p: 'v128', n: 'v128', all: 'v128', j: 'i32' },
  body: (l) => {
    const [i, j, p, n] = ['i', 'j', 'p', 'n'].map(l) as [number, number, number, number];
    const emptied = (address: number, value: number): Code => [
      get(address), load(), set(value),
      get(address), get(address), load(at.whole - at.window), get(value), ops.i32x4_add, store(at.whole - at.window),
      get(address), words(0, 0, 0, 0), store(),
    ];
    return [
      repeat([
        get(i), get(l('sign')), ops.i32_add, set(j),
        emptied(i, p), emptied(j, n),
        get(p), get(n), ops.i32x4_add, set(p),
        get(l('mantissa')), get(l('mantissa')), load(), get(p), ops.i32x4_add, store(),
        update(l('mantissa'), i32(16), ops.i32_add),
        update(l('all'), get(p), ops.i32x4_add),
        onward(i, 16, l('end')),
      ]),
      get(l('to')), get(l('all')), store(),
    ];
  },
};

/** Sum of squares and a hash of each row of f32: four lanes of each, at `to`. `mask` points at the lanes that count at the row's end, or is 0. */
const rows: Routine = {
  name: 'rows',
  parameters: ['i', 'end', 'stride', 'mask', 'to'],
  locals: { x: 'v128', squares: 'v128', hash: 'v128', stop: 'i32' },
  body: (l) => {
    const taken = (value: Code): Code => [
      value, set(l('x')),
      update(l('squares'), [get(l('x')), get(l('x')), ops.f32x4_mul], ops.f32x4_add),
      // FNV-1a's prime in each lane; the sum in place of exclusive or, which vectors do as fast
      get(l('hash')), words(0x01000193, 0x01000193, 0x01000193, 0x01000193), ops.i32x4_mul, get(l('x')), ops.i32x4_add, set(l('hash')),
    ];
    return repeat([
      words(0, 0, 0, 0), set(l('squares')), words(0x811c9dc5, 0x9dc5811c, 0x01000193, 0x193811c9), set(l('hash')),
      get(l('i')), get(l('stride')), ops.i32_add, set(l('stop')),
      // all vectors but the last, which may hold numbers of the next row
      [0x02, 0x40, get(l('i')), i32(16), ops.i32_add, get(l('stop')), ops.i32_lt_u, [0x45], [0x0d, 0],
        repeat([taken([get(l('i')), load()]), get(l('i')), i32(16), ops.i32_add, set(l('i')), get(l('i')), i32(16), ops.i32_add, get(l('stop')), ops.i32_lt_u]), 0x0b],
      taken([get(l('i')), load(), get(l('mask')), load(), ops.and]),
      get(l('to')), get(l('squares')), store(), get(l('to')), get(l('hash')), store(16), update(l('to'), i32(32), ops.i32_add),
      get(l('stop')), set(l('i')), get(l('i')), get(l('end')), ops.i32_lt_u,
    ]);
  },
};

/**
 * The `n` lowest bits (at most 8, which `mask` holds) of words that lie `stride` bytes apart, one after the other: at `high` with the first
 * bit highest in its byte, at `low` with the first bit lowest. Both run on when a byte is full; until then it is written again.
 */
const pack: Routine = {
  name: 'pack',
  parameters: ['i', 'end', 'stride', 'n', 'mask', 'high', 'low'],
  locals: { value: 'i32', bits: 'i32', up: 'i32', down: 'i32', full: 'i32' },
  body: (l) => {
    const [i, n, bits, up, down, full] = ['i', 'n', 'bits', 'up', 'down', 'full'].map(l) as [number, number, number, number, number, number];
    return repeat([
      get(i), ops.i32_load8_u(), get(l('mask')), ops.i32_and, set(l('value')),
      get(up), get(n), ops.i32_shl, get(l('value')), ops.i32_or, set(up),
      get(down), get(l('value')), get(bits), ops.i32_shl, ops.i32_or, set(down),
      update(bits, get(n), ops.i32_add),
      get(l('high')), get(up), get(bits), i32(7), ops.i32_and, ops.i32_shr_u, ops.i32_store8(),
      get(l('low')), get(down), ops.i32_store8(),
      get(bits), i32(3), ops.i32_shr_u, set(full), // 1 when the byte is full, or 0
      update(down, [get(full), i32(3), ops.i32_shl], ops.i32_shr_u),
      update(l('high'), get(full), ops.i32_add), update(l('low'), get(full), ops.i32_add), update(bits, i32(7), ops.i32_and),
      get(i), get(l('stride')), ops.i32_add, set(i), get(i), get(l('end')), ops.i32_lt_u,
    ]);
  },
};

export const routines: readonly Routine[] = [plain, bfloat, half, count32, count16, gather, rows, pack];
