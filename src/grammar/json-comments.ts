// SPDX-License-Identifier: Apache-2.0
// JSON as editors' and compilers' settings are written: with comments, and commas before a closing bracket.

const [quote, backslash, slash, star, comma, newline] = [0x22, 0x5c, 0x2f, 0x2a, 0x2c, 0x0a];

/**
 * The same bytes with blanks for comments and for commas that nothing follows, so that all offsets stay; and where the first of them is.
 * Undefined where there are none, or a comment does not end.
 */
export function withoutComments(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly at: number } | undefined {
  const out = Uint8Array.from(bytes);
  let first: number | undefined;
  /** A comma with nothing but space and comments behind it so far. */
  let open: number | undefined;
  const blank = (from: number, to: number): void => {
    first = Math.min(first ?? from, from);
    for (let i = from; i < to; i += 1) if (out[i] !== newline) out[i] = 0x20;
  };
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === newline) continue;
    if (byte === slash && (bytes[at + 1] === slash || bytes[at + 1] === star)) {
      const end = bytes[at + 1] === slash ? bytes.indexOf(newline, at) : closing(bytes, at + 2);
      if (end < 0 && bytes[at + 1] === star) return undefined;
      blank(at, end < 0 ? bytes.length : end);
      at = end < 0 ? bytes.length : end - 1;
      continue;
    }
    if ((byte === 0x7d || byte === 0x5d) && open !== undefined) blank(open, open + 1);
    open = byte === comma ? at : undefined;
    if (byte === quote) for (at += 1; at < bytes.length && bytes[at] !== quote; at += 1) if (bytes[at] === backslash) at += 1;
  }
  return first === undefined ? undefined : { bytes: out, at: first };
}

/** Behind the end of a comment in stars; -1 where there is none. */
function closing(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(star, from); at >= 0; at = bytes.indexOf(star, at + 1)) if (bytes[at + 1] === slash) return at + 2;
  return -1;
}
