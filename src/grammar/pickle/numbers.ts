// SPDX-License-Identifier: Apache-2.0
// Numbers written as text. Three readers take them differently: the C unpickler with strtol, PyLong_FromString and
// PyOS_string_to_double up to the first NUL (Modules/_pickle.c), the Python one with int() and float() (Lib/pickle.py),
// pickletools with int() to base 10.
import { bigInt, float, INT, no, yes, type Scalar } from './values.ts';

/** What the readers make of a line; undefined where one stops. */
export interface Readings {
  readonly c: Scalar | undefined;
  readonly python: Scalar | undefined;
  readonly tools: Scalar | undefined;
}

/** Since 3.11 (CVE-2020-10735); hexadecimal, octal and binary numbers may be longer. */
const mostDigits = 4_300;

/** INT: a number, or exactly '00' and '01' for False and True; the C unpickler takes any two characters for them. */
export function readInt(line: string): Readings {
  if (/^(-?[1-9][0-9]{0,14}|0)$/.test(line)) return alike(bigInt(BigInt(line)));
  const bool = line === '00' ? no : line === '01' ? yes : undefined;
  if (bool !== undefined) return alike(bool);
  if (line === '') return { c: undefined, python: undefined, tools: undefined };
  const whole = line.includes('\0');
  const long = strtol(cString(line));
  const c = long === undefined ? integer(cString(line), 0) : line.length === 2 && (long === 0n || long === 1n) ? (long === 1n ? yes : no) : bigInt(long);
  return { c, python: whole ? undefined : integer(line, 0), tools: whole ? undefined : integer(line, 10) };
}

/** LONG: the same without booleans; one trailing L is dropped. */
export function readLong(line: string): Readings {
  const digits = line.endsWith('L') ? line.slice(0, -1) : line;
  if (/^(-?[1-9][0-9]{0,14}|0)$/.test(digits)) return alike(bigInt(BigInt(digits)));
  const whole = digits.includes('\0');
  return { c: integer(cString(digits), 0), python: whole ? undefined : integer(digits, 0), tools: whole ? undefined : integer(digits, 10) };
}

/** FLOAT: decimal forms, nan and inf. The C unpickler takes no spaces, no underscores, and nothing that overflows. */
export function readFloat(line: string): Readings {
  if (/^-?(?:0|[1-9][0-9]{0,16})(?:\.[0-9]{1,20})?(?:e[+-]?[0-9]{1,2})?$/.test(line)) return alike(float(Number(line)));
  const c = decimal(cString(line));
  const number = c?.number;
  const finite = number === undefined || Number.isFinite(number) || !/[0-9]/.test(line);
  const stripped = strip(line);
  const python = line.includes('\0') ? undefined : decimal(stripped.replace(/(?<=[0-9])_(?=[0-9])/g, ''));
  return { c: finite ? c : undefined, python, tools: python };
}

/** PUT and GET: a number to base 10. */
export function readIndex(line: string): Readings {
  if (/^[0-9]{1,15}$/.test(line)) return alike(bigInt(BigInt(line)));
  const python = line.includes('\0') ? undefined : integer(line, 10);
  return { c: integer(cString(line), 10), python, tools: python };
}

/** Whether the readers agree, on a value or on stopping; a number and a boolean are two things. */
export function agree({ c, python, tools }: Readings): boolean {
  const same = (a: Scalar | undefined, b: Scalar | undefined): boolean =>
    a?.kind === b?.kind && a?.digits === b?.digits && Object.is(a?.number, b?.number);
  // Where C and Python stop alike, it is no difference that pickletools, which does not load, goes on.
  return same(c, python) && (c === undefined || tools !== undefined);
}

function alike(value: Scalar): Readings {
  return { c: value, python: value, tools: value };
}

/** Without what Python's numbers take for spaces at the ends. A regular expression would be quadratic here. */
function strip(line: string): string {
  const spaces = ' \t\n\v\f\r';
  let [begin, end] = [0, line.length];
  while (begin < end && spaces.includes(line[begin]!)) begin += 1;
  while (end > begin && spaces.includes(line[end - 1]!)) end -= 1;
  return line.slice(begin, end);
}

function cString(line: string): string {
  const end = line.indexOf('\0');
  return end < 0 ? line : line.slice(0, end);
}

/** strtol to base 0 over the whole of a text; undefined where something is left over, or a long cannot hold it. */
function strtol(line: string): bigint | undefined {
  if (line === '') return 0n;
  const found = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]{1,16}|0[0-7]{0,22}|[1-9][0-9]{0,18})$/.exec(line);
  if (found === null) return undefined;
  const digits = found[2]!;
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits}` : digits) * (found[1] === '-' ? -1n : 1n);
  return value === BigInt.asIntN(64, value) ? value : undefined;
}

/** int() of Python: spaces around it, a sign, single underscores between digits; base 0 goes by the prefix. */
function integer(line: string, base: 0 | 10): Scalar | undefined {
  const bare = strip(line);
  const negative = bare.startsWith('-');
  const body = /^[+-]/.test(bare) ? bare.slice(1) : bare;
  const prefixed = base === 0 && /^0[xob]/i.test(body);
  const digits = prefixed ? body.slice(body[2] === '_' ? 3 : 2) : body;
  if (!/^[0-9a-fA-F_]+$/.test(digits) || digits.startsWith('_') || digits.endsWith('_') || digits.includes('__')) return undefined;
  const bared = digits.replaceAll('_', '');
  const pattern = !prefixed ? /^[0-9]+$/ : /^0x/i.test(body) ? /^[0-9a-f]+$/i : /^0o/i.test(body) ? /^[0-7]+$/ : /^[01]+$/;
  if (!pattern.test(bared)) return undefined;
  if (base === 0 && !prefixed && bared.startsWith('0') && /[1-9]/.test(bared)) return undefined;
  if (!prefixed && bared.length > mostDigits) return undefined;
  if (bared.length > 400 && (!prefixed || bared.length > mostDigits)) { // enough to tell two apart, and not more work than that
    return { kind: INT, number: negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY, digits: `${bared.slice(0, 200)}…${bared.slice(-20)}` };
  }
  const value = BigInt(prefixed ? `0${body[1]!.toLowerCase()}${bared}` : bared);
  return bigInt(negative ? -value : value);
}

function decimal(line: string): Scalar | undefined {
  if (/^[+-]?(nan|inf(inity)?)$/i.test(line)) return float(/nan/i.test(line) ? Number.NaN : line.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  return /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?$/i.test(line) ? float(Number(line)) : undefined;
}
