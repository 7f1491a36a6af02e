// SPDX-License-Identifier: Apache-2.0
// Arguments of protocol 0: a line of text. What CPython's C unpickler makes of it, and whether other readers agree.
import { bigInt, BYTES, float, no, STR, text, yes, type Scalar, type Value } from './values.ts';

/** A value, and in words how readers differ on it, if they do. */
export interface Read {
  readonly value: Value;
  readonly differs?: string;
}

/** INT: `int(text, 0)`, except that exactly '00' and '01' are False and True. Undefined where it raises. */
export function readInt(line: string): Read | undefined {
  if (line === '00') return { value: no };
  if (line === '01') return { value: yes };
  return readLong(line);
}

/** LONG: the same without booleans; one trailing L is dropped. */
export function readLong(line: string): Read | undefined {
  const digits = line.endsWith('L') ? line.slice(0, -1) : line;
  if (/^[+-]?(0|[1-9][0-9]{0,400})$/.test(digits)) {
    return digits.startsWith('+') ? { value: bigInt(BigInt(digits.slice(1))), differs: `the number ${line}` } : { value: bigInt(BigInt(digits)) };
  }
  const bare = digits.trim().toLowerCase();
  const sign = bare.startsWith('-') ? -1n : 1n;
  const body = bare.replace(/^[+-]/, '');
  if (!/^(0x_?[0-9a-f_]+|0o_?[0-7_]+|0b_?[01_]+|[1-9][0-9_]*|0[0_]*)$/.test(body) || body.includes('__') || body.endsWith('_')) return undefined;
  if (body.length > 400) return { value: { kind: 2, number: Number.POSITIVE_INFINITY, digits: `${body.slice(0, 64)}…` }, differs: 'a long number' };
  return { value: bigInt(sign * BigInt(body.replaceAll('_', ''))), differs: `the number ${line.slice(0, 40)}, which only some readers take as base 0` };
}

/** FLOAT: the decimal forms, nan and inf. */
export function readFloat(line: string): Scalar | undefined {
  if (/^[+-]?(nan|inf(inity)?)$/i.test(line)) return float(/nan/i.test(line) ? Number.NaN : line.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  return /^[+-]?([0-9]{1,400}\.?[0-9]{0,400}|\.[0-9]{1,400})(e[+-]?[0-9]{1,10})?$/i.test(line) ? float(Number(line)) : undefined;
}

/** STRING: quoted, with Python's escapes; ASCII by default. Undefined where the quotes are missing. */
export function readString(line: string, length: number, last: number, at: number): Read | undefined {
  const quote = line.charCodeAt(0);
  if (length < 2 || (quote !== 0x27 && quote !== 0x22) || last !== quote) return undefined;
  const inner = unescape(line.length === length ? line.slice(1, -1) : line.slice(1));
  const value = text(inner.slice(0, 4096), line.length === length ? inner.length : length - 2, at + 1);
  // Picklers escape such bytes; under the default encoding all readers refuse the escaped ones alike.
  return /[\u0080-\uffff]/.test(line) ? { value, differs: 'a STRING that is not ASCII, which readers decode differently or refuse' } : { value };
}

const simple: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\', "'": "'", '"': '"', '\n': '' };

/** Python's escapes of a bytes literal. */
function unescape(body: string): string {
  if (!body.includes('\\')) return body;
  return body.replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S])/g, (whole, code: string) => {
    if (code.length === 3 && code.startsWith('x')) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    return simple[code] ?? whole;
  });
}

/** UNICODE: raw-unicode-escape. */
export function readUnicode(line: string, length: number, at: number): Value {
  if (!line.includes('\\u') && !line.includes('\\U')) return text(line, length, at);
  const decoded = line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (whole, short: string | undefined, long: string | undefined) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
  return text(decoded, line.length === length ? decoded.length : length, at);
}

/** A signed little-endian number of any length (LONG1, LONG4); only its beginning where it is very long. */
export function readBinaryLong(bytes: Uint8Array): Scalar {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i -= 1) value = (value << 8n) | BigInt(bytes[i]!);
  if (bytes.length > 0 && bytes[bytes.length - 1]! >= 0x80) value -= 1n << BigInt(8 * bytes.length);
  return bigInt(value);
}

/** The kinds of literal that opcodes with a length hold. */
export const literalKind = { text: STR, bytes: BYTES } as const;
