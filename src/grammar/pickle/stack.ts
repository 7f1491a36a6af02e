// SPDX-License-Identifier: Apache-2.0
import { BYTES, CALL, SET, type Container, type Value } from './values.ts';

/** The bytes at which a loader would stop with an error: what was gathered before stands. */
export class Damage extends Error {
  override readonly name = 'Damage';
  readonly code: string;
  readonly at: number;
  constructor(code: string, what: string, at: number) {
    super(what);
    this.code = code;
    this.at = at;
  }
}

/** Bounds of the symbolic machine. Real pickles stay far below; a loader would need tens of bytes for each. */
export const bounds = {
  stack: 2_000_000,
  memo: 8_000_000,
  marks: 1_000_000,
  /** Memo indexes are numbered in turn by every pickler; the C unpickler reserves 16 bytes for each up to the highest. */
  index: 1 << 26,
} as const;

/** The stack, the marks and the memo of CPython's C unpickler (Modules/_pickle.c), over symbolic values. */
export class Stack {
  protected readonly values: Value[] = [];
  protected size = 0;
  /** Below it nothing may be popped: the topmost mark. */
  protected fence = 0;
  readonly #marks: number[] = [];
  readonly #memo: (Value | undefined)[] = [];
  #memoSize = 0;
  /** Weighs what the memo keeps in memory: a container is heavier than a literal. */
  #memoCost = 0;
  readonly #far = new Map<number, Value>();
  /** Begin and end of the opcode being run, absolute. */
  begin = 0;
  end = 0;
  /** Opcodes run. */
  opcodes = 0;

  /** Takes over what another stack holds. What can be filled is copied, so that neither sees what the other does. */
  protected copy(from: Stack): void {
    const copies = new Map<Value, Value>();
    for (let i = 0; i < from.size; i += 1) this.values.push(copied(from.values[i]!, copies));
    this.size = from.size;
    this.fence = from.fence;
    for (const mark of from.#marks) this.#marks.push(mark);
    for (const value of from.#memo) this.#memo.push(value && copied(value, copies));
    for (const [index, value] of from.#far) this.#far.set(index, copied(value, copies));
    this.#memoSize = from.#memoSize;
    this.#memoCost = from.#memoCost;
    this.begin = from.begin;
  }

  push(value: Value): void {
    this.values[this.size++] = value;
    if (this.size > bounds.stack) throw new Damage('pickle/expansion', `the stack holds more than ${bounds.stack} values`, this.begin);
  }

  pop(): Value {
    if (this.size <= this.fence) this.underflow();
    return this.values[--this.size]!;
  }

  protected top(): Value {
    if (this.size <= this.fence) this.underflow();
    return this.values[this.size - 1]!;
  }

  protected underflow(): never {
    const what = this.#marks.length > 0 ? 'an opcode pops the mark below it' : 'an opcode pops from an empty stack';
    throw new Damage('pickle/stack-underflow', what, this.begin);
  }

  mark(): void {
    if (this.#marks.length >= bounds.marks) throw new Damage('pickle/expansion', `more than ${bounds.marks} marks are open`, this.begin);
    this.#marks.push(this.size);
    this.fence = this.size;
  }

  protected get marked(): boolean {
    return this.#marks.length > 0;
  }

  /** Takes the topmost mark away and says where it was. */
  protected unmark(): number {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new Damage('pickle/stack-underflow', 'an opcode needs a mark and there is none', this.begin);
    this.fence = this.#marks.at(-1) ?? 0;
    return mark;
  }

  popOrUnmark(): void {
    if (this.#marks.at(-1) === this.size) this.unmark();
    else this.pop();
  }

  popMark(): void {
    this.size = this.unmark();
  }

  duplicate(): void {
    this.push(this.top());
  }

  memoise(index = this.#memoSize): void {
    const value = this.top();
    if (index <= this.#memo.length + 1) { // some picklers begin with 1
      if (index > this.#memo.length) this.#memo.push(undefined);
      if (this.#memo[index] === undefined && !this.#far.has(index)) this.#memoSize += 1;
      this.#memo[index] = value;
    } else {
      if (!this.#far.has(index)) this.#memoSize += 1;
      this.#far.set(index, value);
    }
    this.#memoCost += value.kind <= BYTES ? 1 : value.kind === CALL ? 6 : 3;
    if (this.#memoCost > bounds.memo) throw new Damage('pickle/expansion', `the memo holds more than ${bounds.memo} units (a literal 1, a container 3, a call 6)`, this.begin);
  }

  recall(index: number): void {
    const value = this.#memo[index] ?? this.#far.get(index);
    if (value === undefined) throw new Damage('pickle/memo-miss', `memo entry ${index} is asked for and was never set`, this.begin);
    this.push(value);
  }
}

/** Containers and what they hold, each once; they are not nested deeper than what is kept. */
function copied(value: Value, copies: Map<Value, Value>): Value {
  if (value.kind <= BYTES || value.kind > SET) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy: Container = { ...(value as Container), items: [] };
  copies.set(value, copy);
  for (const item of (value as Container).items) copy.items.push(copied(item, copies));
  return copy;
}
