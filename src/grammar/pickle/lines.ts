// SPDX-License-Identifier: Apache-2.0
// Text arguments of protocol 0: a line each. What CPython's C unpickler makes of it, and whether other readers agree.
import { agree, readFloat, readIndex, readInt, readLong, type Readings } from './numbers.ts';
import { bigInt, INT, text, type Scalar, type Value } from './values.ts';

/** A value, and in words how readers differ on it, if they do. */
export interface Read<T extends Value = Value> {
  readonly value: T;
  readonly differs?: string;
}

/** The number on a line of INT, LONG, FLOAT, GET or PUT; undefined where all who load stop. */
export function readNumber(op: 'int' | 'long' | 'float' | 'index', line: string): Read<Scalar> | undefined {
  const readings: Readings = op === 'int' ? readInt(line) : op === 'long' ? readLong(line) : op === 'float' ? readFloat(line) : readIndex(line);
  const value = readings.c ?? readings.python;
  if (value === undefined) return undefined;
  if (agree(readings)) return { value };
  const { c, python, tools } = readings;
  const said = [['C', c], ['Python', python], ['pickletools', tools]] as const;
  return { value, differs: `the number ${JSON.stringify(line.slice(0, 40))} is ${said.map(([who, read]) => `${spelled(read)} in ${who}`).join(', ')}` };
}

function spelled(value: Scalar | undefined): string {
  if (value === undefined) return 'refused';
  return value.kind === 1 ? (value.number === 1 ? 'True' : 'False') : (value.digits ?? String(value.number)).slice(0, 24);
}

/** STRING: quoted, with Python's escapes; ASCII by default. Undefined where all stop. */
export function readString(line: string, length: number, last: number, at: number): Read | undefined {
  const quote = line.charCodeAt(0);
  if (length < 2 || (quote !== 0x27 && quote !== 0x22) || last !== quote) return undefined;
  const inner = unescape(line.length === length ? line.slice(1, -1) : line.slice(1));
  if (inner === undefined && line.length === length) return undefined;
  const whole = inner ?? '';
  const value = text(whole.slice(0, 4096), line.length === length ? whole.length : length - 2, at + 1);
  // Picklers escape such bytes; under the default encoding all readers refuse the escaped ones alike.
  return /[\u0080-\uffff]/.test(line) ? { value, differs: 'a STRING that is not ASCII, which readers decode differently or refuse' } : { value };
}

const simple: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\', "'": "'", '"': '"', '\n': '' };

/** Python's escapes of a bytes literal (PyBytes_DecodeEscape); undefined where one is not finished. */
export function unescape(body: string): string | undefined {
  if (!body.includes('\\')) return body;
  let bad = false;
  const out = body.replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S]|$)/g, (whole, code: string) => {
    if (code.length === 3 && code.startsWith('x')) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    bad ||= code === '' || code === 'x';
    return simple[code] ?? whole;
  });
  return bad ? undefined : out;
}

/** UNICODE: raw-unicode-escape. Undefined where an escape is not finished. */
export function readUnicode(line: string, length: number, at: number): Value | undefined {
  if (!line.includes('\\')) return text(line, length, at);
  let bad = false;
  const decoded = line.replace(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])/g, (whole, code: string) => {
    const point = code.length > 1 ? Number.parseInt(code.slice(1), 16) : undefined;
    if (point !== undefined && point <= 0x10ffff) return String.fromCodePoint(point);
    bad ||= /^[uU]/.test(code); // a backslash escapes nothing else, not even itself
    return whole;
  });
  return bad && line.length === length ? undefined : text(decoded, line.length === length ? decoded.length : length, at);
}

/** Bytes of LONG1 and LONG4 that are looked at. */
export const shownLong = 512;

/** A signed little-endian number (LONG1, LONG4) of `length` bytes; nobody needs to know a very long one. */
export function readBinaryLong(bytes: Uint8Array, length: number): Scalar {
  if (length > shownLong) return { kind: INT, number: Number.POSITIVE_INFINITY, digits: `a number of ${length} bytes` };
  let hex = '';
  for (let i = length - 1; i >= 0; i -= 1) hex += bytes[i]!.toString(16).padStart(2, '0');
  return bigInt(length === 0 ? 0n : BigInt.asIntN(8 * length, BigInt(`0x${hex}`)));
}

/** What pickletools makes of two lines with names, when it is not what they say. */
export function toolsDiffer(module: string, name: string): boolean {
  const plain = (part: string): boolean => !/[\u0080-\uffff]/.test(part) && unescape(part) === part;
  return !plain(module) || !plain(name);
}
