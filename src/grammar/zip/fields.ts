// SPDX-License-Identifier: Apache-2.0
/** Little-endian 16-bit number; the caller has checked the bounds. */
export function u16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** Little-endian unsigned 32-bit number; the caller has checked the bounds. */
export function u32(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0;
}

/** Little-endian 64-bit number, undefined where it would lose digits. */
export function wide(bytes: Uint8Array, at: number): number | undefined {
  const value = u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32;
  return Number.isSafeInteger(value) ? value : undefined;
}

const upper = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** UTF-8 where flag bit 11 says so, else CP437 (APPNOTE appendix D). */
export function decodeName(raw: Uint8Array, flags: number): string {
  if ((flags & 0x800) !== 0) return Buffer.from(raw).toString('utf8');
  let out = '';
  for (const byte of raw) out += byte < 128 ? String.fromCharCode(byte) : upper[byte - 128]!;
  return out;
}

function field(extra: Uint8Array, id: number): Uint8Array | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + u16(extra, at + 2)) {
    if (u16(extra, at) === id) return extra.subarray(at + 4, at + 4 + u16(extra, at + 2));
  }
  return undefined;
}

/** Info-ZIP Unicode path (0x7075, APPNOTE 4.6.9), which some readers prefer to the name. */
export function unicodePath(extra: Uint8Array): string | undefined {
  const found = field(extra, 0x7075);
  return found === undefined || found.length < 5 ? undefined : Buffer.from(found.subarray(5)).toString('utf8');
}

/** Replaces each 0xffffffff by the next number of the zip64 field (APPNOTE 4.5.3); undefined when one is missing or too great. */
export function zip64Fields(extra: Uint8Array, values: readonly number[]): number[] | undefined {
  const found = field(extra, 1);
  if (found === undefined) return [...values];
  let at = 0;
  const out: number[] = [];
  for (const value of values) {
    if (value !== 0xffffffff) {
      out.push(value);
      continue;
    }
    const real = at + 8 <= found.length ? wide(found, at) : undefined;
    if (real === undefined) return undefined;
    at += 8;
    out.push(real);
  }
  return out;
}

/** Fields of this length or less are too short to hide anything, whatever they are. */
const shortField = 64;
/** Zip64, NTFS, Unix (new, old, Info-ZIP), AES and Unicode names and comments: longer ones have a known shape (APPNOTE 4.5.2, 4.6.1). */
const known: ReadonlySet<number> = new Set([0x0001, 0x000a, 0x000d, 0x5455, 0x5855, 0x7855, 0x7875, 0x7075, 0x6375, 0x9901]);

/** Parts of an extra field that are neither short, known, nor filled with one byte as alignment is (PyTorch 'FB', Android 0xd935). */
export function oddFields(extra: Uint8Array): (readonly [number, number])[] {
  const out: (readonly [number, number])[] = [];
  let at = 0;
  while (at + 4 <= extra.length) {
    const end = at + 4 + u16(extra, at + 2);
    if (end > extra.length) break;
    const id = u16(extra, at);
    const long = end - at - 4 > (known.has(id) ? 1024 : shortField);
    if (long && !isFilled(extra.subarray(at + 4, end), id === 0xd935 ? 2 : 0)) out.push([at + 4, end]);
    at = end;
  }
  // what is left over is no field: alignment by zeros, or something else
  if (extra.length - at > 3 && !isFilled(extra.subarray(at), 0)) out.push([at, extra.length]);
  return out;
}

function isFilled(bytes: Uint8Array, from: number): boolean {
  const [first] = bytes.subarray(from);
  return bytes.subarray(from).every((byte) => byte === first);
}

/** UTF-8 without control characters other than tab and line ends: what people write as a comment. True for no bytes. */
export function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return true;
  if (bytes.some((byte) => byte === 0x7f || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false; // fatal throws a TypeError, and nothing else does here
  }
}
