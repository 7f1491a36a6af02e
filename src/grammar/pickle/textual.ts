// SPDX-License-Identifier: Apache-2.0
import { readNumber, readString, readUnicode, toolsDiffer, unescape, type Read } from './lines.ts';
import type { Machine } from './machine.ts';
import { utf8 } from './opcodes.ts';
import { bounds, Damage } from './stack.ts';
import { int, text, wholeNumber, type Value } from './values.ts';

/** How the reader is told that readers differ, or that something else is odd. */
export type Odd = (code: string, what: string) => void;

/** Runs an opcode whose argument is one line: `line`, or its beginning when it has `length` characters, `last` the last one. */
export function oneLine(machine: Machine, odd: Odd, op: number, line: string, length: number, last: number): void {
  const at = machine.begin;
  const taken = <T extends Value>(read: Read<T> | undefined): T => {
    if (read === undefined) throw new Damage('pickle/bad-line', `the line of opcode '${String.fromCharCode(op)}' at ${at} is not what the opcode takes`, at);
    if (read.differs !== undefined) odd('pickle/reader-difference', `${read.differs} (at ${at})`);
    return read.value;
  };
  switch (op) {
    case 0x49: return machine.push(taken(readNumber('int', line)));
    case 0x4c: return machine.push(taken(readNumber('long', line)));
    case 0x46: return machine.push(taken(readNumber('float', line)));
    case 0x53: return machine.push(taken(readString(line, length, last, at + 1)));
    case 0x56: { // UNICODE
      const value = readUnicode(line, length, at + 1);
      return machine.push(taken(value && { value }));
    }
    case 0x50: { // PERSID
      if (unescape(line) === undefined) odd('pickle/reader-difference', `pickletools refuses the persistent id ${JSON.stringify(line.slice(0, 40))} at ${at}`);
      return machine.persistent(taken(/[\u0080-\uffff]/.test(line) ? undefined : { value: text(line, length, at + 1) }));
    }
    default: { // PUT, GET
      const index = wholeNumber(taken(readNumber('index', line)));
      if (op === 0x67) return machine.recall(index ?? -1);
      if (index === undefined || index < 0) throw new Damage('pickle/bad-line', `PUT at ${at} has the index ${line.slice(0, 40)}`, at);
      return put(machine, odd, index);
    }
  }
}

/**
 * PUT, GET and INT with nothing but digits, as picklers write them and all readers take them: most lines of protocol 0 are
 * such, and need no text. False for everything else.
 */
export function plainNumber(machine: Machine, odd: Odd, op: number, bytes: Uint8Array, begin: number, end: number): boolean {
  if ((op !== 0x70 && op !== 0x67 && op !== 0x49) || end === begin || end - begin > 15) return false;
  if (bytes[begin] === 0x30 && end - begin > 1) return false; // '00' and '01' are booleans, others octal
  let number = 0;
  for (let i = begin; i < end; i += 1) {
    const digit = bytes[i]! - 0x30;
    if (digit < 0 || digit > 9) return false;
    number = number * 10 + digit;
  }
  if (op === 0x70) put(machine, odd, number);
  else if (op === 0x67) machine.recall(number);
  else machine.push(int(number));
  return true;
}

/** PUT and LONG_BINPUT: picklers number in turn, so a high index serves to exhaust memory. */
export function put(machine: Machine, odd: Odd, index: number): void {
  machine.memoise(index);
  if (index >= bounds.index) odd('pickle/expansion', `the memo index ${index} at ${machine.begin} makes the C unpickler reserve ${16 * index} bytes`);
}

/** Runs GLOBAL or INST. */
export function twoLines(machine: Machine, odd: Odd, op: number, first: Uint8Array, second: Uint8Array): void {
  const at = machine.begin;
  const [module, name] = [nameOf(op, first), nameOf(op, second)];
  if (module === undefined || name === undefined) {
    const shown = `${Buffer.from(first).toString('latin1').slice(0, 80)}.${Buffer.from(second).toString('latin1').slice(0, 80)}`;
    throw new Damage('pickle/bad-name', `the name ${JSON.stringify(shown)} at ${at} is not ${op === 0x69 ? 'ASCII' : 'UTF-8'}`, at);
  }
  if (module === '' || name === '') {
    if (module !== '') {
      odd('pickle/reader-difference', `the name at ${at} is empty: the C unpickler stops, the Python one imports the module first`);
      machine.literalGlobal(module, name);
    }
    throw new Damage('pickle/truncated', `a name at ${at} is empty`, at);
  }
  if (toolsDiffer(module, name)) odd('pickle/reader-difference', `pickletools refuses the name ${JSON.stringify(`${module}.${name}`.slice(0, 80))} at ${at}, or reads it differently`);
  if (op === 0x69) machine.inst(module, name);
  else machine.push(machine.literalGlobal(module, name));
}

function nameOf(op: number, bytes: Uint8Array): string | undefined {
  return op === 0x69 && bytes.some((byte) => byte > 0x7f) ? undefined : utf8(bytes);
}

/**
 * A line that the end cuts off. The C unpickler stops; the Python one takes what is there without its last byte, so that
 * it imports, and calls, before it finds the end.
 */
export function cutOff(machine: Machine, odd: Odd, op: number, first: Uint8Array, second: Uint8Array | undefined): void {
  if (machine.opcodes === 0) return; // or every text that begins with a c would import something
  const short = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.max(0, bytes.length - 1));
  if (op === 0x50) {
    const id = short(first);
    if (id.every((byte) => byte < 0x80)) machine.persistent(text(Buffer.from(id).toString('latin1'), id.length, machine.begin + 1));
    return;
  }
  const [module, name] = [nameOf(op, second === undefined ? short(first) : first), nameOf(op, second === undefined ? new Uint8Array(0) : short(second))];
  if (module === undefined || module === '' || name === undefined) return;
  if (op === 0x63 || name === '') {
    machine.literalGlobal(module, name);
    return;
  }
  odd('pickle/reader-difference', `the end cuts off the name of INST at ${machine.begin}: the C unpickler stops, the Python one calls ${module}.${name}`);
  machine.inst(module, name);
}
