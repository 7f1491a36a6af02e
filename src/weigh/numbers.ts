// SPDX-License-Identifier: Apache-2.0
// Element types as numbers. Quantised blocks: ggml/src/ggml-quants.c (dequantize_row_*) and ggml-common.h (layouts).
// 8-bit floats: OCP "8-bit Floating Point Specification"; the FNUZ forms: arXiv 2206.02915.

/** How blocks of a type become numbers. `decode` writes `elements` numbers for each `bytes` bytes; the input is whole blocks. */
export interface Numbers {
  readonly elements: number;
  readonly bytes: number;
  readonly decode: (from: Uint8Array, into: Float64Array) => void;
}

/** The reader of a type, by its short name (F32, BF16, Q4_K); undefined for types without one. */
export function numbersOf(dtype: string): Numbers | undefined {
  return types.get(dtype);
}

type Get = (view: DataView, at: number) => number;

function plain(bytes: number, get: Get): Numbers {
  return {
    elements: 1, bytes,
    decode: (from, into) => {
      const view = viewOf(from);
      for (let i = 0, at = 0; at + bytes <= from.length; i += 1, at += bytes) into[i] = get(view, at);
    },
  };
}

function blocks(elements: number, bytes: number, one: (view: DataView, at: number, into: Float64Array, to: number) => void): Numbers {
  return {
    elements, bytes,
    decode: (from, into) => {
      const view = viewOf(from);
      for (let to = 0, at = 0; at + bytes <= from.length; to += elements, at += bytes) one(view, at, into, to);
    },
  };
}

function viewOf(from: Uint8Array): DataView {
  return new DataView(from.buffer, from.byteOffset, from.length);
}

/** A float of 8 bits: `bias` and mantissa bits; FNUZ forms have one NaN, at negative zero, and no infinity. */
export function eightBits(code: number, mantissaBits: number, bias: number, kind: 'ieee' | 'fn' | 'fnuz'): number {
  if (kind === 'fnuz' && code === 0x80) return Number.NaN;
  const sign = code & 0x80 ? -1 : 1;
  const exponent = (code & 0x7f) >> mantissaBits;
  const mantissa = code & ((1 << mantissaBits) - 1);
  if (kind === 'fn' && (code & 0x7f) === 0x7f) return Number.NaN;
  if (kind === 'ieee' && exponent === 0x7f >> mantissaBits) return mantissa === 0 ? sign * Infinity : Number.NaN;
  const unit = 2 ** -mantissaBits;
  return exponent === 0 ? sign * mantissa * unit * 2 ** (1 - bias) : sign * (1 + mantissa * unit) * 2 ** (exponent - bias);
}

function table(of: (code: number) => number): Numbers {
  const values = Float64Array.from({ length: 256 }, (_, code) => of(code));
  return plain(1, (view, at) => values[view.getUint8(at)]!);
}

const half: Get = (view, at) => view.getFloat16(at, true);

/** Q2_K … Q5_K: scale and minimum of sub-block `j`, 6 bits each, packed in 12 bytes (get_scale_min_k4). */
function scaleAndMin(view: DataView, at: number, j: number): [number, number] {
  const q = (i: number): number => view.getUint8(at + i);
  if (j < 4) return [q(j) & 63, q(j + 4) & 63];
  return [(q(j + 4) & 15) | ((q(j - 4) >> 6) << 4), (q(j + 4) >> 4) | ((q(j) >> 6) << 4)];
}

const iq4 = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113] as const;
const fp4 = [0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6] as const;

/** Blocks of 32 in nibbles: the low ones are the first half. `fifth` is where the fifth bits lie (u32), if anywhere. */
function nibbles(view: DataView, qs: number, into: Float64Array, to: number, fifth: number | undefined, value: (q: number) => number): void {
  const high = fifth === undefined ? 0 : view.getUint32(fifth, true);
  for (let i = 0; i < 16; i += 1) {
    const q = view.getUint8(qs + i);
    into[to + i] = value((q & 15) | (((high >>> i) & 1) << 4));
    into[to + 16 + i] = value((q >> 4) | (((high >>> (i + 16)) & 1) << 4));
  }
}

function q2k(view: DataView, at: number, into: Float64Array, to: number): void {
  const [d, min] = [half(view, at + 80), half(view, at + 82)];
  for (let i = 0; i < 256; i += 1) {
    const scale = view.getUint8(at + (i >> 4));
    const q = (view.getUint8(at + 16 + (i >> 7) * 32 + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3;
    into[to + i] = d * (scale & 15) * q - min * (scale >> 4);
  }
}

function q3k(view: DataView, at: number, into: Float64Array, to: number): void {
  const d = half(view, at + 108);
  for (let i = 0; i < 256; i += 1) {
    const j = i >> 4;
    const low = (view.getUint8(at + 96 + (j & 7)) >> (j < 8 ? 0 : 4)) & 15;
    const scale = (low | (((view.getUint8(at + 104 + (j & 3)) >> (2 * (j >> 2))) & 3) << 4)) - 32;
    const q = (view.getUint8(at + 32 + (i >> 7) * 32 + (i & 31)) >> (2 * ((i >> 5) & 3))) & 3;
    const bit = (view.getUint8(at + (i & 31)) >> (i >> 5)) & 1;
    into[to + i] = d * scale * (q - (bit === 1 ? 0 : 4));
  }
}

function q45k(fifth: boolean) {
  return (view: DataView, at: number, into: Float64Array, to: number): void => {
    const [d, min] = [half(view, at), half(view, at + 2)];
    const qs = at + (fifth ? 48 : 16);
    for (let j = 0; j < 8; j += 1) {
      const [scale, least] = scaleAndMin(view, at + 4, j);
      for (let i = 0; i < 32; i += 1) {
        const q = (view.getUint8(qs + (j >> 1) * 32 + i) >> (4 * (j & 1))) & 15;
        const high = fifth ? (view.getUint8(at + 16 + i) >> j) & 1 : 0;
        into[to + j * 32 + i] = d * scale * (q + 16 * high) - min * least;
      }
    }
  };
}

function q6k(view: DataView, at: number, into: Float64Array, to: number): void {
  const d = half(view, at + 208);
  for (let i = 0; i < 256; i += 1) {
    const [n, r] = [i >> 7, i & 127];
    const low = (view.getUint8(at + n * 64 + (r & 63)) >> (r < 64 ? 0 : 4)) & 15;
    const high = (view.getUint8(at + 128 + n * 32 + (r & 31)) >> (2 * (r >> 5))) & 3;
    into[to + i] = d * view.getInt8(at + 192 + (i >> 4)) * ((low | (high << 4)) - 32);
  }
}

function iq4xs(view: DataView, at: number, into: Float64Array, to: number): void {
  const [d, high] = [half(view, at), view.getUint16(at + 2, true)];
  for (let j = 0; j < 8; j += 1) {
    const low = (view.getUint8(at + 4 + (j >> 1)) >> (4 * (j & 1))) & 15;
    const scale = d * ((low | (((high >> (2 * j)) & 3) << 4)) - 32);
    nibbles(view, at + 8 + 16 * j, into, to + 32 * j, undefined, (q) => scale * iq4[q]!);
  }
}

const types: ReadonlyMap<string, Numbers> = new Map([
  ['F64', plain(8, (view, at) => view.getFloat64(at, true))],
  ['F32', plain(4, (view, at) => view.getFloat32(at, true))],
  ['F16', plain(2, half)],
  ['BF16', { elements: 1, bytes: 2, decode: bfloat }],
  ['I8', plain(1, (view, at) => view.getInt8(at))], ['U8', plain(1, (view, at) => view.getUint8(at))], ['BOOL', plain(1, (view, at) => view.getUint8(at))],
  ['I16', plain(2, (view, at) => view.getInt16(at, true))], ['U16', plain(2, (view, at) => view.getUint16(at, true))],
  ['I32', plain(4, (view, at) => view.getInt32(at, true))], ['U32', plain(4, (view, at) => view.getUint32(at, true))],
  ['I64', plain(8, (view, at) => Number(view.getBigInt64(at, true)))], ['U64', plain(8, (view, at) => Number(view.getBigUint64(at, true)))],
  ['F8_E4M3', table((code) => eightBits(code, 3, 7, 'fn'))], ['F8_E5M2', table((code) => eightBits(code, 2, 15, 'ieee'))],
  ['F8_E4M3FNUZ', table((code) => eightBits(code, 3, 8, 'fnuz'))], ['F8_E5M2FNUZ', table((code) => eightBits(code, 2, 16, 'fnuz'))],
  ['F8_E8M0', table((code) => (code === 255 ? Number.NaN : 2 ** (code - 127)))],
  ['Q4_0', blocks(32, 18, (v, at, into, to) => { const d = half(v, at); nibbles(v, at + 2, into, to, undefined, (q) => d * (q - 8)); })],
  ['Q4_1', blocks(32, 20, (v, at, into, to) => { const [d, m] = [half(v, at), half(v, at + 2)]; nibbles(v, at + 4, into, to, undefined, (q) => d * q + m); })],
  ['Q5_0', blocks(32, 22, (v, at, into, to) => { const d = half(v, at); nibbles(v, at + 6, into, to, at + 2, (q) => d * (q - 16)); })],
  ['Q5_1', blocks(32, 24, (v, at, into, to) => { const [d, m] = [half(v, at), half(v, at + 2)]; nibbles(v, at + 8, into, to, at + 4, (q) => d * q + m); })],
  ['Q8_0', blocks(32, 34, (v, at, into, to) => { const d = half(v, at); for (let i = 0; i < 32; i += 1) into[to + i] = d * v.getInt8(at + 2 + i); })],
  ['Q8_1', blocks(32, 36, (v, at, into, to) => { const d = half(v, at); for (let i = 0; i < 32; i += 1) into[to + i] = d * v.getInt8(at + 4 + i); })],
  ['Q8_K', blocks(256, 292, (v, at, into, to) => { const d = v.getFloat32(at, true); for (let i = 0; i < 256; i += 1) into[to + i] = d * v.getInt8(at + 4 + i); })],
  ['Q2_K', blocks(256, 84, q2k)], ['Q3_K', blocks(256, 110, q3k)], ['Q4_K', blocks(256, 144, q45k(false))], ['Q5_K', blocks(256, 176, q45k(true))],
  ['Q6_K', blocks(256, 210, q6k)],
  ['IQ4_NL', blocks(32, 18, (v, at, into, to) => { const d = half(v, at); nibbles(v, at + 2, into, to, undefined, (q) => d * iq4[q]!); })],
  ['IQ4_XS', blocks(256, 136, iq4xs)],
  ['MXFP4', blocks(32, 17, (v, at, into, to) => { const d = 2 ** (v.getUint8(at) - 127); nibbles(v, at + 1, into, to, undefined, (q) => d * fp4[q]!); })],
]);

function bfloat(from: Uint8Array, into: Float64Array): void {
  const view = viewOf(from);
  const word = new Uint32Array(1);
  const number = new Float32Array(word.buffer);
  for (let i = 0; 2 * i + 2 <= from.length; i += 1) {
    word[0] = view.getUint16(2 * i, true) << 16;
    into[i] = number[0]!;
  }
}
