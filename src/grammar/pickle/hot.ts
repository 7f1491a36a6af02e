// SPDX-License-Identifier: Apache-2.0
import type { Keeper } from './keeper.ts';
import type { Machine } from './machine.ts';
import { double } from './opcodes.ts';
import { bounds } from './stack.ts';
import { float, int, none, preview, STR } from './values.ts';

let counted = 0;

/** Behind APPENDS, when there is nothing but numbers before it, `counted` of them; otherwise 0. */
function numbers(bytes: Uint8Array, from: number, end: number): number {
  let pos = from;
  for (counted = 0; pos < end; counted += 1) {
    const op = bytes[pos]!;
    if (op === 0x47) pos += 9;
    else if (op === 0x4a) pos += 5;
    else if (op === 0x4b) pos += 2;
    else if (op === 0x4d) pos += 3;
    else return op === 0x65 && counted > 0 ? pos + 1 : 0;
  }
  return 0;
}

/**
 * The opcodes that make up the bulk of real pickles, up to the first other one, one that may pass the end of the frame, or
 * one whose bytes are missing; returns that place. Adds what it ran to the machine's count.
 */
export function hot(machine: Machine, keeper: Keeper, bytes: Uint8Array, from: number, base: number, frameEnd: number): number {
  const limit = Math.min(bytes.length, frameEnd);
  const end = limit - 9;
  let pos = from;
  let count = 0;
  for (; pos < end; count += 1) {
    switch (bytes[pos]!) {
      case 0x4b: // BININT1
        machine.push(int(bytes[pos + 1]!));
        pos += 2;
        continue;
      case 0x4d: // BININT2
        machine.push(int(bytes[pos + 1]! | (bytes[pos + 2]! << 8)));
        pos += 3;
        continue;
      case 0x4a: // BININT
        machine.push(int(bytes[pos + 1]! | (bytes[pos + 2]! << 8) | (bytes[pos + 3]! << 16) | (bytes[pos + 4]! << 24)));
        pos += 5;
        continue;
      case 0x47: // BINFLOAT
        machine.push(float(double(bytes, pos + 1)));
        pos += 9;
        continue;
      case 0x8c: { // SHORT_BINUNICODE
        const length = bytes[pos + 1]!;
        if (pos + 2 + length > limit) break;
        const value = keeper.keep(STR, bytes, pos + 2, length, base);
        if (keeper.bits > 0x7f) break; // told from other text in the long way
        machine.push(value);
        pos += 2 + length;
        continue;
      }
      case 0x58: { // BINUNICODE
        const length = bytes[pos + 1]! | (bytes[pos + 2]! << 8) | (bytes[pos + 3]! << 16) | (bytes[pos + 4]! << 24);
        if (length < 0 || length > preview || pos + 5 + length > limit) break;
        const value = keeper.keep(STR, bytes, pos + 5, length, base);
        if (keeper.bits > 0x7f) break;
        machine.push(value);
        pos += 5 + length;
        continue;
      }
      case 0x94: // MEMOIZE
        machine.begin = base + pos;
        machine.memoise();
        pos += 1;
        continue;
      case 0x71: // BINPUT
        machine.begin = base + pos;
        machine.memoise(bytes[pos + 1]);
        pos += 2;
        continue;
      case 0x72: { // LONG_BINPUT
        const index = (bytes[pos + 1]! | (bytes[pos + 2]! << 8) | (bytes[pos + 3]! << 16) | (bytes[pos + 4]! << 24)) >>> 0;
        if (index >= bounds.index) break;
        machine.begin = base + pos;
        machine.memoise(index);
        pos += 5;
        continue;
      }
      case 0x68: // BINGET
        machine.begin = base + pos;
        machine.recall(bytes[pos + 1]!);
        pos += 2;
        continue;
      case 0x6a: // LONG_BINGET
        machine.begin = base + pos;
        machine.recall((bytes[pos + 1]! | (bytes[pos + 2]! << 8) | (bytes[pos + 3]! << 16) | (bytes[pos + 4]! << 24)) >>> 0);
        pos += 5;
        continue;
      case 0x28: { // MARK
        const after = machine.counts ? numbers(bytes, pos + 1, end) : 0;
        if (after > 0) {
          machine.count(counted);
          count += counted + 1;
          pos = after;
          continue;
        }
        machine.mark();
        pos += 1;
        continue;
      }
      case 0x4e: // NONE
        machine.push(none);
        pos += 1;
        continue;
      default:
    }
    break;
  }
  machine.opcodes += count;
  return pos;
}
