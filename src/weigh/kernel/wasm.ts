// SPDX-License-Identifier: Apache-2.0
// Writes WebAssembly modules (WebAssembly Core Specification 2.0, chapter 5, with the vector instructions): as much of it as the
// kernel needs. Code is nested lists of bytes, written in the order of the stack machine.

/** Bytes of code, nested as it was put together. */
export type Code = readonly (number | Code)[];

export type ValueType = 'i32' | 'v128';

const types: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b };

/** A function that is exported. All its parameters are i32, and it gives nothing back. */
export interface Routine {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly locals: Readonly<Record<string, ValueType>>;
  /** Gets the index of each parameter and local by its name. */
  readonly body: (local: (name: string) => number) => Code;
}

/** LEB128 without sign (5.2.2). */
export function unsigned(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...out, rest];
    out.push((rest % 128) + 128);
  }
}

/** LEB128 with sign (5.2.2), of a 32-bit number. */
export function signed(value: number): number[] {
  const out: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 127;
    if ((rest >> 7 === 0 && low < 64) || (rest >> 7 === -1 && low >= 64)) return [...out, low];
    out.push(low | 128);
  }
}

/** Instructions by their names in the specification, with `_` for `.` (5.4). Those on memory take the offset. */
export const ops = {
  get: (index: number): Code => [0x20, unsigned(index)],
  set: (index: number): Code => [0x21, unsigned(index)],
  i32: (value: number): Code => [0x41, signed(value)],
  i32_load: (offset = 0): Code => [0x28, 2, unsigned(offset)],
  i32_load8_u: (offset = 0): Code => [0x2d, 0, unsigned(offset)],
  i32_load16_u: (offset = 0): Code => [0x2f, 1, unsigned(offset)],
  i32_store: (offset = 0): Code => [0x36, 2, unsigned(offset)],
  i32_store8: (offset = 0): Code => [0x3a, 0, unsigned(offset)],
  i32_add: [0x6a], i32_sub: [0x6b], i32_and: [0x71], i32_or: [0x72], i32_shl: [0x74], i32_shr_u: [0x76], i32_lt_u: [0x49],
  /** Runs its body again while what the body leaves is not zero. */
  repeat: (body: Code): Code => [0x03, 0x40, body, 0x0d, 0, 0x0b],
  load: (offset = 0): Code => [0xfd, 0, 0, unsigned(offset)],
  store: (offset = 0): Code => [0xfd, 11, 0, unsigned(offset)],
  /** Four 32-bit words, the first in the lowest lane. */
  words: (...lanes: readonly number[]): Code => [0xfd, 12, lanes.map((lane) => [lane & 255, (lane >>> 8) & 255, (lane >>> 16) & 255, lane >>> 24])],
  /** The two high words of a vector, twice. */
  high: [0xfd, 13, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15],
  i32x4_eq: [0xfd, 0x37], i32x4_lt_s: [0xfd, 0x39], i32x4_gt_s: [0xfd, 0x3b],
  and: [0xfd, 0x4e], or: [0xfd, 0x50],
  i32x4_extend_low_i16x8_u: [0xfd, unsigned(0xa9)], i32x4_extend_high_i16x8_u: [0xfd, unsigned(0xaa)], i32x4_shl: [0xfd, unsigned(0xab)], i32x4_shr_u: [0xfd, unsigned(0xad)],
  i32x4_add: [0xfd, unsigned(0xae)], i32x4_sub: [0xfd, unsigned(0xb1)], i32x4_mul: [0xfd, unsigned(0xb5)],
  i32x4_min_u: [0xfd, unsigned(0xb7)], i32x4_max_u: [0xfd, unsigned(0xb9)],
  i32x4_extract_lane: (lane: number): Code => [0xfd, 0x1b, lane],
  f32x4_add: [0xfd, unsigned(0xe4)], f32x4_mul: [0xfd, unsigned(0xe6)], f32x4_pmin: [0xfd, unsigned(0xea)], f32x4_pmax: [0xfd, unsigned(0xeb)],
  f64x2_add: [0xfd, unsigned(0xf0)], f64x2_mul: [0xfd, unsigned(0xf2)], f64x2_promote_low_f32x4: [0xfd, 0x5f],
} as const;

/** The bytes of a module that exports its memory, of `pages` times 64 KiB, as 'memory', and the routines under their names. */
export function moduleOf(pages: number, routines: readonly Routine[]): Uint8Array<ArrayBuffer> {
  const vector = (items: readonly Code[]): Code => [unsigned(items.length), items];
  const name = (text: string): Code => vector([...Buffer.from(text)].map((byte) => [byte]));
  const section = (id: number, content: Code): Code => {
    const bytes = flat(content);
    return [id, unsigned(bytes.length), bytes];
  };
  return Uint8Array.from(flat([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, vector(routines.map(({ parameters }) => [0x60, vector(parameters.map(() => [types.i32])), 0]))),
    section(3, vector(routines.map((_, i) => unsigned(i)))),
    section(5, vector([[1, unsigned(pages), unsigned(pages)]])),
    section(7, vector([[name('memory'), 2, 0], ...routines.map((routine, i): Code => [name(routine.name), 0, unsigned(i)])])),
    section(10, vector(routines.map(codeOf))),
  ]));
}

function codeOf({ name, parameters, locals, body }: Routine): Code {
  const names = [...parameters, ...Object.keys(locals)];
  const index = (wanted: string): number => {
    const found = names.indexOf(wanted);
    if (found === -1) throw new Error(`${name} has no local ${wanted}`);
    return found;
  };
  const bytes = flat([unsigned(Object.keys(locals).length), Object.values(locals).map((type) => [1, types[type]]), body(index), 0x0b]);
  return [unsigned(bytes.length), bytes];
}

function flat(code: Code): number[] {
  return (code as readonly unknown[]).flat(Infinity) as number[];
}
