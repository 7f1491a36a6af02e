// SPDX-License-Identifier: Apache-2.0
// From JSON pointers back to lines: reports and code viewers speak of lines.

/** Both from 1; columns count UTF-16 units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Line and column of a byte offset. */
export function placeAt(bytes: Uint8Array, offset: number): Position {
  const end = Math.min(offset, bytes.length);
  let [line, begin] = [1, 0];
  for (let at = bytes.indexOf(0x0a); at >= 0 && at < end; at = bytes.indexOf(0x0a, at + 1)) {
    line += 1;
    begin = at + 1;
  }
  // A line may be the whole of a file of 100 MB.
  return { line, column: (end - begin > 1_000_000 ? end - begin : Buffer.from(bytes.subarray(begin, end)).toString('utf8').length) + 1 };
}

interface Level {
  readonly array: boolean;
  index: number;
  key: string;
  /** Length of the path before this level's step. */
  readonly length: number;
}

/**
 * Where the values at the pointers begin, in one pass over a text that is known to be JSON. A pointer that leads to
 * nothing is placed at the nearest value above it.
 */
export function locate(bytes: Uint8Array, pointers: Iterable<string>): Map<string, Position> {
  const wanted = new Map<string, number>();
  const asked = [...pointers];
  for (const pointer of asked) for (let one = pointer; ; one = one.slice(0, one.lastIndexOf('/'))) {
    wanted.set(one, -1);
    if (one === '') break;
  }
  scan(bytes, wanted);
  const positions = positionsOf(bytes, [...wanted.values()]);
  const out = new Map<string, Position>();
  for (const pointer of asked) {
    let nearest = pointer;
    while (nearest !== '' && wanted.get(nearest)! < 0) nearest = nearest.slice(0, nearest.lastIndexOf('/'));
    out.set(pointer, positions.get(Math.max(0, wanted.get(nearest)!)) ?? { line: 1, column: 1 });
  }
  return out;
}

function scan(bytes: Uint8Array, wanted: Map<string, number>): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: Level[] = [];
  let path = '';
  let expectsKey = false;
  const value = (at: number): void => {
    if (wanted.get(path) === -1) wanted.set(path, at);
  };
  const step = (level: Level): void => {
    path = `${path.slice(0, level.length)}/${level.array ? level.index : level.key}`;
  };
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === 0x22) {
      const end = endOfString(bytes, at);
      const top = stack.at(-1);
      if (expectsKey && top !== undefined && !top.array) {
        top.key = String(JSON.parse(text.toString('utf8', at, end))).replaceAll('~', '~0').replaceAll('/', '~1');
        step(top);
        expectsKey = false;
      } else value(at);
      at = end - 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      value(at);
      const level: Level = { array: byte === 0x5b, index: 0, key: '', length: path.length };
      stack.push(level);
      if (level.array) step(level);
      expectsKey = byte === 0x7b;
    } else if (byte === 0x7d || byte === 0x5d) {
      const level = stack.pop();
      if (level !== undefined) path = path.slice(0, level.length);
      expectsKey = false;
    } else if (byte === 0x2c) {
      const top = stack.at(-1);
      if (top?.array === true) {
        top.index += 1;
        step(top);
      } else expectsKey = true;
    } else if (byte > 0x20 && byte !== 0x3a) {
      value(at); // a number or word; its further letters find the place taken
    }
  }
}

function endOfString(bytes: Uint8Array, begin: number): number {
  let at = begin + 1;
  for (; at < bytes.length && bytes[at] !== 0x22; at += 1) if (bytes[at] === 0x5c) at += 1;
  return Math.min(at + 1, bytes.length);
}

function positionsOf(bytes: Uint8Array, offsets: readonly number[]): Map<number, Position> {
  const out = new Map<number, Position>();
  let [line, begin] = [1, 0];
  let next = bytes.indexOf(0x0a);
  for (const offset of [...new Set(offsets)].filter((one) => one >= 0).sort((a, b) => a - b)) {
    while (next >= 0 && next < offset) {
      line += 1;
      begin = next + 1;
      next = bytes.indexOf(0x0a, begin);
    }
    const before = offset - begin > 100_000 ? offset - begin : Buffer.from(bytes.subarray(begin, offset)).toString('utf8').length;
    out.set(offset, { line, column: before + 1 });
  }
  return out;
}
