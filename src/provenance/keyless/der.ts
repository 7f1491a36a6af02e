// SPDX-License-Identifier: Apache-2.0
import { Fault, type FaultKind } from '../json.ts';

/** One DER element: its tag, what it holds, and the bytes of the whole. */
export interface Element {
  readonly tag: number;
  readonly body: Buffer;
  readonly raw: Buffer;
}

/** DER tags that are looked for (X.690, 8.1.2). */
export const tags = { integer: 0x02, octets: 0x04, oid: 0x06, utf8: 0x0c, sequence: 0x30, set: 0x31 } as const;

/** The elements side by side in some bytes. Definite lengths of up to 4 bytes only; nothing below is entered. */
export function elements(bytes: Buffer, what: string, kind: FaultKind = 'certificate'): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at + 1] ?? 0x80;
    const more = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || more > 4 || at + 2 + more > bytes.length) throw new Fault(kind, `${what} has a DER length that cannot be read`);
    const size = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    if (start + size > bytes.length) throw new Fault(kind, `${what} has a DER element that leaves it (${start + size} of ${bytes.length})`);
    found.push({ tag: bytes[at]!, body: bytes.subarray(start, start + size), raw: bytes.subarray(at, start + size) });
    at = start + size;
  }
  return found;
}

/** An element around others, for what is written: lengths up to 65535. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

/** An object identifier in dotted form, from its content bytes. */
export function dotted(body: Buffer): string {
  const parts: bigint[] = [];
  let value = 0n;
  for (const byte of body.subarray(0, 64)) {
    value = (value << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    if (parts.length === 0) {
      const first = value < 40n ? 0n : value < 80n ? 1n : 2n;
      parts.push(first, value - first * 40n);
    } else parts.push(value);
    value = 0n;
  }
  return parts.join('.');
}
