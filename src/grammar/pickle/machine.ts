// SPDX-License-Identifier: Apache-2.0
import { Ledger, type Range } from './ledger.ts';
import { renamed } from './names.ts';
import {
  add, BYTES, CALL, container, depthOf, DICT, GLOBAL, kept, LIST, PERSISTENT, SET, STR, targetOf, TUPLE, unknown, wholeNumber, wholeText,
  type Call, type Container, type Global, type Persistent, type Value,
} from './values.ts';

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
export const bounds = { stack: 2_000_000, memo: 8_000_000, marks: 1_000_000 } as const;

/** Containers of the language whose methods are the interpreter's own, so that filling them calls nobody's code. */
const dictLike = new Set(['collections.OrderedDict', 'collections.defaultdict', 'collections.Counter', 'builtins.dict']);
const listLike = new Set(['collections.deque', 'builtins.list']);
const setLike = new Set(['builtins.set']);

/** What the machine tells whoever knows libraries (torch, joblib): never needed for the calls themselves. */
export interface Watcher {
  /** A REDUCE or NEWOBJ. */
  called(call: Call, at: number): void;
  /** BUILD has given `state` to `object`. */
  built(object: Value, state: Value, at: number): void;
  /** A persistent id was loaded. True when it is a known kind of reference. */
  persistent(value: Persistent, at: number): boolean;
  /** `key: value` went into a dictionary. */
  item(key: Value, value: Value): void;
}

/** The stack, the marks and the memo of CPython's C unpickler (Modules/_pickle.c), over symbolic values. */
export class Machine {
  readonly ledger: Ledger;
  readonly #watcher: Watcher;
  readonly #stack: Value[] = [];
  #size = 0;
  /** Below it nothing may be popped: the topmost mark. */
  #fence = 0;
  readonly #marks: number[] = [];
  #memo: (Value | undefined)[] = [];
  #memoSize = 0;
  /** Weighs what the memo keeps in memory: a container is heavier than a literal. */
  #memoCost = 0;
  readonly #far = new Map<number, Value>();
  readonly #extensions = new Map<number, readonly [string, string]>();
  /** Last PROTO; names are mapped from Python 2 below 3. */
  protocol = 0;
  /** Begin and end of the opcode being run, absolute. */
  begin = 0;
  end = 0;
  /** The heaviest value met: elements that a walk over it would visit. */
  heaviest = 0;

  constructor(ledger: Ledger, watcher: Watcher) {
    this.ledger = ledger;
    this.#watcher = watcher;
  }

  get #at(): Range {
    return [this.begin, this.end];
  }

  push(value: Value): void {
    this.#stack[this.#size++] = value;
    if (this.#size > bounds.stack) throw new Damage('pickle/expansion', `the stack holds more than ${bounds.stack} values`, this.begin);
  }

  pop(): Value {
    if (this.#size <= this.#fence) this.#underflow();
    return this.#stack[--this.#size]!;
  }

  #top(): Value {
    if (this.#size <= this.#fence) this.#underflow();
    return this.#stack[this.#size - 1]!;
  }

  #underflow(): never {
    const what = this.#marks.length > 0 ? 'an opcode pops the mark below it' : 'an opcode pops from an empty stack';
    throw new Damage('pickle/stack-underflow', what, this.begin);
  }

  mark(): void {
    if (this.#marks.length >= bounds.marks) throw new Damage('pickle/expansion', `more than ${bounds.marks} marks are open`, this.begin);
    this.#marks.push(this.#size);
    this.#fence = this.#size;
  }

  /** Takes the topmost mark away and says where it was. */
  #unmark(): number {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new Damage('pickle/stack-underflow', 'an opcode needs a mark and there is none', this.begin);
    this.#fence = this.#marks[this.#marks.length - 1] ?? 0;
    return mark;
  }

  popOrUnmark(): void {
    if (this.#marks.length > 0 && this.#marks[this.#marks.length - 1] === this.#size) this.#unmark();
    else this.pop();
  }

  popMark(): void {
    this.#size = this.#unmark();
  }

  duplicate(): void {
    this.push(this.#top());
  }

  memoise(index = this.#memoSize): void {
    const value = this.#top();
    if (index < this.#memo.length + 1024) {
      while (this.#memo.length < index) this.#memo.push(undefined);
      if (this.#memo[index] === undefined) this.#memoSize += 1;
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

  /** The topmost `count` values as one tuple. */
  tuple(count: number): void {
    if (this.#size - count < this.#fence) this.#underflow();
    this.push(this.#gather(TUPLE, this.#size - count));
  }

  tupleFromMark(): void {
    this.push(this.#gather(TUPLE, this.#unmark()));
  }

  listFromMark(): void {
    this.push(this.#gather(LIST, this.#unmark()));
  }

  frozensetFromMark(): void {
    this.push(this.#gather(SET, this.#unmark()));
  }

  dictFromMark(): void {
    const from = this.#unmark();
    if ((this.#size - from) % 2 !== 0) throw new Damage('pickle/odd-items', 'DICT has an odd number of items', this.begin);
    const made = container(DICT);
    this.#fill(made, from);
    this.push(made);
  }

  /** Takes everything from `from` on off the stack. */
  #gather(kind: 6 | 7 | 9, from: number): Container {
    const made = container(kind);
    for (let i = from; i < this.#size; i += 1) this.#put(made, this.#stack[i]!);
    this.#size = from;
    return made;
  }

  #put(into: Container, value: Value): void {
    if (value.kind === CALL) this.ledger.use(value);
    add(into, value);
    if (into.weight > this.heaviest) this.heaviest = into.weight;
  }

  #fill(into: Container, from: number): void {
    for (let i = from; i + 1 < this.#size; i += 2) {
      const key = this.#stack[i]!;
      const value = this.#stack[i + 1]!;
      if (value.kind === CALL) {
        this.ledger.use(value);
        this.#watcher.item(key, value);
      }
      if (key.kind === CALL) this.ledger.use(key);
      add(into, key, value);
    }
    if (into.weight > this.heaviest) this.heaviest = into.weight;
    this.#size = from;
  }

  /** APPEND, APPENDS, ADDITEMS: onto a list or set, or by the object's own method. */
  extend(from: number, via: 'APPENDS' | 'ADDITEMS'): void {
    if (this.#size < from || from <= this.#fence) this.#underflow();
    const object = this.#stack[from - 1]!;
    if (object.kind === LIST || object.kind === SET) {
      for (let i = from; i < this.#size; i += 1) this.#put(object, this.#stack[i]!);
      this.#size = from;
      return;
    }
    if (this.#size === from) return;
    const items = this.#gather(LIST, from);
    if (object.kind === CALL && (via === 'APPENDS' ? listLike : setLike).has(object.target)) return;
    this.#method(object, via, items);
  }

  append(): void {
    this.extend(this.#size - 1, 'APPENDS');
  }
  appends(): void {
    this.extend(this.#unmark(), 'APPENDS');
  }
  addItems(): void {
    this.extend(this.#unmark(), 'ADDITEMS');
  }

  setItem(): void {
    this.#setItems(this.#size - 2);
  }
  setItems(): void {
    this.#setItems(this.#unmark());
  }

  #setItems(from: number): void {
    if (this.#size < from || from <= this.#fence) this.#underflow();
    if ((this.#size - from) % 2 !== 0) throw new Damage('pickle/odd-items', 'SETITEMS has an odd number of items', this.begin);
    const object = this.#stack[from - 1]!;
    if (object.kind === DICT) {
      this.#fill(object, from);
      return;
    }
    if (this.#size === from) return;
    const items = container(DICT);
    this.#fill(items, from);
    if (object.kind === CALL && dictLike.has(object.target)) return;
    this.#method(object, 'SETITEMS', items);
  }

  /** A method of an object that is no plain container: code of its class runs. */
  #method(object: Value, via: string, operand: Value): void {
    const target = object.kind === CALL ? object.target : targetOf(object);
    this.ledger.called(object, target, via, [object, operand], this.#at);
  }

  /** GLOBAL and INST: literal names, mapped from Python 2 where the protocol says so. */
  literalGlobal(module: string, name: string): Global {
    const [where, what] = this.protocol < 3 ? renamed(module, name) : [module, name];
    const value: Global = { kind: GLOBAL, module: where, name: what, computed: undefined };
    this.ledger.imported(value, this.#at);
    return value;
  }

  stackGlobal(): void {
    const name = this.pop();
    const module = this.pop();
    for (const part of [module, name]) {
      this.ledger.use(part);
      if (part.kind !== STR && part.kind < GLOBAL) throw new Damage('pickle/not-a-name', 'STACK_GLOBAL is given something that is not text', this.begin);
    }
    const [m, n] = [wholeText(module), wholeText(name)];
    if (m !== undefined && n !== undefined) {
      this.push(this.literalGlobal(m, n));
      return;
    }
    const value: Global = { kind: GLOBAL, module: m ?? '?', name: n ?? '?', computed: [depthOf(module) > 64 ? unknown : module, depthOf(name) > 64 ? unknown : name] };
    this.ledger.imported(value, this.#at);
    this.push(value);
  }

  /** EXT1, EXT2, EXT4: a name that the loading program, or this pickle, has registered. */
  extension(code: number): void {
    if (code <= 0) throw new Damage('pickle/extension-code', `extension code ${code} is not positive`, this.begin);
    const [module, name] = this.#extensions.get(code) ?? ['?', `extension-${code}`];
    const value: Global = { kind: GLOBAL, module, name, computed: undefined };
    const target = module === '?' ? '?' : targetOf(value);
    this.ledger.called(value, target, 'EXT', [{ kind: 2, number: code, digits: undefined }], this.#at);
    this.push(value);
  }

  reduce(): void {
    const args = this.pop();
    const callee = this.pop();
    this.#call(callee, 'REDUCE', args);
  }

  newObject(withKeywords: boolean): void {
    const keywords = withKeywords ? this.pop() : undefined;
    const args = this.pop();
    const callee = this.pop();
    this.#call(callee, withKeywords ? 'NEWOBJ_EX' : 'NEWOBJ', args, keywords);
  }

  inst(module: string, name: string): void {
    const callee = this.literalGlobal(module, name);
    this.#call(callee, 'INST', this.#gather(TUPLE, this.#unmark()));
  }

  object(): void {
    const from = this.#unmark();
    if (this.#size - from < 1) this.#underflow();
    const args = this.#gather(TUPLE, from + 1);
    this.#call(this.pop(), 'OBJ', args);
  }

  #call(callee: Value, via: string, args: Value, keywords?: Value): void {
    this.ledger.use(callee);
    this.ledger.use(args);
    const operands: Value[] = args.kind === TUPLE ? (args).items : [args];
    const all = keywords === undefined ? operands : [...operands, keywords];
    const target = targetOf(callee);
    const entry = this.ledger.called(callee, target, via, all, this.#at);
    const depth = 1 + Math.max(depthOf(callee), args.kind === TUPLE ? args.depth : depthOf(args), keywords === undefined ? 0 : depthOf(keywords));
    const short = depth <= 1_000;
    const result: Call = { kind: CALL, callee: short ? callee : unknown, target, args: short ? all : [], entry, state: undefined, used: false, depth: short ? depth : 1 };
    if (target === 'copyreg.add_extension') this.#register(all);
    this.#watcher.called(result, this.begin);
    this.push(result);
  }

  #register(args: readonly Value[]): void {
    const [module, name] = [wholeText(args[0]), wholeText(args[1])];
    const code = wholeNumber(args[2]);
    if (module !== undefined && name !== undefined && code !== undefined && this.#extensions.size < 1_000) this.#extensions.set(code, [module, name]);
  }

  build(): void {
    const state = this.pop();
    const object = this.#top();
    this.ledger.use(state);
    const target = object.kind === CALL ? object.target : targetOf(object);
    this.ledger.called(object.kind === CALL ? object.callee : object, target, 'BUILD', [object, state], this.#at);
    if (object.kind === CALL) object.state = kept(state);
    this.#watcher.built(object, state, this.begin);
  }

  persistent(id: Value): void {
    this.ledger.use(id);
    const value: Persistent = { kind: PERSISTENT, id: depthOf(id) > 64 ? unknown : id };
    if (!this.#watcher.persistent(value, this.begin)) this.ledger.called(unknown, 'persistent_load', 'PERSID', [id], this.#at);
    this.push(value);
  }

  /** NEXT_BUFFER: a value that comes from beside the pickle. */
  buffer(): void {
    this.push(unknown);
  }
  checkTop(): void {
    this.#top();
  }

  /** The value that STOP returns. */
  stop(): Value {
    const value = this.pop();
    this.ledger.use(value);
    return value;
  }
}
