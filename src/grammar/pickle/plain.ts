// SPDX-License-Identifier: Apache-2.0
import type { Machine } from './machine.ts';
import { double, i32 } from './opcodes.ts';
import { Damage } from './stack.ts';
import { container, DICT, float, int, LIST, no, none, SET, TUPLE, yes } from './values.ts';

/** Runs an opcode whose argument has a fixed size and begins at `pos`; PROTO, FRAME and STOP are the reader's. */
export function plain(machine: Machine, op: number, bytes: Uint8Array, pos: number): void {
  switch (op) {
    case 0x28: return machine.mark();
    case 0x30: return machine.popOrUnmark();
    case 0x31: return machine.popMark();
    case 0x32: return machine.duplicate();
    case 0x4e: return machine.push(none);
    case 0x88: return machine.push(yes);
    case 0x89: return machine.push(no);
    case 0x4b: return machine.push(int(bytes[pos]!));
    case 0x4d: return machine.push(int(bytes[pos]! | (bytes[pos + 1]! << 8)));
    case 0x4a: return machine.push(int(i32(bytes, pos)));
    case 0x47: return machine.push(float(double(bytes, pos)));
    case 0x29: return machine.push(container(TUPLE));
    case 0x5d: return machine.push(container(LIST));
    case 0x7d: return machine.push(container(DICT));
    case 0x8f: return machine.push(container(SET));
    case 0x85: return machine.tuple(1);
    case 0x86: return machine.tuple(2);
    case 0x87: return machine.tuple(3);
    case 0x74: return machine.tupleFromMark();
    case 0x6c: return machine.listFromMark();
    case 0x64: return machine.dictFromMark();
    case 0x91: return machine.frozensetFromMark();
    case 0x61: return machine.append();
    case 0x65: return machine.appends();
    case 0x73: return machine.setItem();
    case 0x75: return machine.setItems();
    case 0x90: return machine.addItems();
    case 0x94: return machine.memoise();
    case 0x71: return machine.memoise(bytes[pos]);
    case 0x72: return machine.memoise(i32(bytes, pos) >>> 0);
    case 0x68: return machine.recall(bytes[pos]!);
    case 0x6a: return machine.recall(i32(bytes, pos) >>> 0);
    case 0x52: return machine.reduce();
    case 0x62: return machine.build();
    case 0x6f: return machine.object();
    case 0x81: return machine.newObject(false);
    case 0x92: return machine.newObject(true);
    case 0x93: return machine.stackGlobal();
    case 0x82: return machine.extension(bytes[pos]!);
    case 0x83: return machine.extension(bytes[pos]! | (bytes[pos + 1]! << 8));
    case 0x84: return machine.extension(i32(bytes, pos));
    case 0x51: return machine.persistent(machine.pop());
    case 0x97: return machine.buffer();
    case 0x98: return machine.readOnly();
    default: throw new Damage('pickle/invalid-opcode', `byte 0x${op.toString(16)} at ${machine.begin} is no opcode`, machine.begin);
  }
}
