// SPDX-License-Identifier: Apache-2.0
import { isAbsolute } from 'node:path';

/**
 * Orders names by code point, which is also the order of their UTF-8 bytes (OMS v1.0, resource order). Not
 * `a < b`: that compares UTF-16 units, and puts characters beyond U+FFFF before U+E000 to U+FFFF.
 */
export function byCodePoint(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Orders paths part by part, as Python orders path objects: a folder's files come before a file whose name begins like it. */
export function byPart(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = byCodePoint(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Surrogates stand for code points above every single unit: lift them over U+E000 to U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Why a name cannot be the relative path of a file in a model; undefined when it can. The name is attacker-controlled. */
export function faultOfName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.includes('\0')) return 'contains a zero byte';
  if (!name.isWellFormed()) return 'is not valid Unicode';
  if (name.startsWith('/')) return 'is an absolute path';
  // On Windows the system would read these as separators and drives; elsewhere they are ordinary characters.
  if (process.platform === 'win32' && (name.includes('\\') || name.includes(':') || isAbsolute(name))) return 'is not a portable path';
  for (const part of name.split('/')) {
    if (part === '..') return 'leads out of the model';
    if (part === '' || part === '.') return `is not in its shortest form (has the part '${part}')`;
  }
  return undefined;
}

/** Why a path cannot be in a list of ignored paths: like names, and no patterns, which readers would expand differently. */
export function faultOfIgnore(path: string): string | undefined {
  if (path === '.') return 'stands for the whole model';
  if (/[*?[]/.test(path)) return 'looks like a pattern; only exact paths are allowed';
  return faultOfName(path);
}

/** True when `name` is one of `paths` or lies below one. */
export function isUnder(name: string, paths: ReadonlySet<string>): boolean {
  if (paths.size === 0) return false;
  if (paths.has(name)) return true;
  for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
    if (paths.has(name.slice(0, slash))) return true;
  }
  return false;
}

/** The name fit for a terminal: control characters, which could rewrite what stands above, become escapes; long names are cut. */
export function printable(name: string): string {
  const cut = name.length > 256 ? `${name.slice(0, 255)}…` : name;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return cut.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
