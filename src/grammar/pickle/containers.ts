// SPDX-License-Identifier: Apache-2.0
import type { Ledger } from './ledger.ts';
import { hashable, indexes, isByte, isBytearray, known, typeName } from './python.ts';
import { Damage, Stack } from './stack.ts';
import { add, CALL, container, DICT, GLOBAL, keptItems, LIST, replace, SET, TUPLE, wholeNumber, type Container, type Global, type Value } from './values.ts';

/** Containers of the language whose methods are the interpreter's own, so that filling them calls nobody's code. */
const dictLike = new Set(['collections.OrderedDict', 'collections.defaultdict', 'collections.Counter', 'builtins.dict']);
const listLike = new Set(['collections.deque', 'builtins.list']);
const setLike = new Set(['builtins.set']);

/** Tuples, lists, dicts and sets: made from the stack, and filled from it. */
export abstract class Containers extends Stack {
  readonly ledger: Ledger;
  /** The heaviest value met: elements that a walk over it would visit. */
  heaviest = 0;

  constructor(ledger: Ledger) {
    super();
    this.ledger = ledger;
  }

  /** Says that readers take the present opcode differently. */
  protected abstract differ(what: string): void;
  /** `key: value` went into a dictionary. */
  protected abstract item(key: Value, value: Value): void;
  /** A method of an object that is no plain container: code of its class runs. */
  protected abstract method(object: Value, via: string, operand: Value): void;

  /** The topmost `count` values as one tuple. */
  tuple(count: number): void {
    if (this.size - count < this.fence) this.underflow();
    this.push(this.gather(TUPLE, this.size - count));
  }

  tupleFromMark(): void {
    this.push(this.gather(TUPLE, this.unmark()));
  }

  listFromMark(): void {
    this.push(this.gather(LIST, this.unmark()));
  }

  frozensetFromMark(): void {
    const from = this.unmark();
    this.#hashed(from, 1, 'FROZENSET');
    const made = this.gather(SET, from);
    made.hashable = true;
    this.push(made);
  }

  dictFromMark(): void {
    const from = this.unmark();
    if ((this.size - from) % 2 !== 0) throw new Damage('pickle/odd-items', 'DICT has an odd number of items', this.begin);
    const made = container(DICT);
    this.#hashed(from, 2, 'DICT');
    this.#fill(made, from);
    this.push(made);
  }

  /** Every item from `from` on, or every other one, must be one that Python can hash. */
  #hashed(from: number, step: 1 | 2, via: string): void {
    for (let i = from; i < this.size; i += step) if (!hashable(this.values[i]!)) this.refuse(via, this.values[i]!, 'cannot be hashed');
  }

  /** A loader stops here, whatever it is written in. */
  protected refuse(via: string, value: Value, why: string): never {
    throw new Damage('pickle/wrong-type', `${via} at ${this.begin} is given a value of type ${typeName(value)}, which ${why}`, this.begin);
  }

  /** Takes everything from `from` on off the stack. */
  protected gather(kind: 6 | 7 | 9, from: number): Container {
    const made = container(kind);
    for (let i = from; i < this.size; i += 1) this.#put(made, this.values[i]!);
    this.size = from;
    return made;
  }

  #put(into: Container, value: Value): void {
    if (value.kind === CALL) this.ledger.use(value);
    else if (into.hashable && !hashable(value)) into.hashable = false;
    add(into, value);
    if (into.weight > this.heaviest) this.heaviest = into.weight;
  }

  #fill(into: Container, from: number): void {
    for (let i = from; i + 1 < this.size; i += 2) {
      const key = this.values[i]!;
      const value = this.values[i + 1]!;
      if (value.kind === CALL) {
        this.ledger.use(value);
        this.item(key, value);
      }
      if (key.kind === CALL) this.ledger.use(key);
      add(into, key, value);
    }
    if (into.weight > this.heaviest) this.heaviest = into.weight;
    this.size = from;
  }

  /** APPEND, APPENDS, ADDITEMS: onto a list or set, or by the object's own method. */
  #extend(from: number, via: 'APPENDS' | 'ADDITEMS'): void {
    if (this.size < from || from <= this.fence) this.underflow();
    const object = this.values[from - 1]!;
    if (object.kind === (via === 'APPENDS' ? LIST : SET) && !object.hashable) {
      if (object.kind === SET) this.#hashed(from, 1, via);
      for (let i = from; i < this.size; i += 1) this.#put(object, this.values[i]!);
      this.size = from;
      return;
    }
    const array = via === 'APPENDS' && isBytearray(object);
    if (this.size === from) { // C does not look for a method that it has no use for
      if (known(object) && !array) this.differ(`${via} has no items for a value of type ${typeName(object)}, which cannot take any`);
      return;
    }
    if (known(object) && !array) this.refuse(via, object, 'takes no items');
    if (array) for (let i = from; i < this.size; i += 1) if (!isByte(this.values[i]!)) this.refuse(via, this.values[i]!, 'is no byte');
    const items = this.gather(LIST, from);
    if (object.kind === CALL && (via === 'APPENDS' ? listLike : setLike).has(object.target)) return;
    this.method(object, via, items);
  }

  /** Whether numbers put into the list on top of the stack would only be counted. */
  get counts(): boolean {
    const list = this.size > this.fence ? this.values[this.size - 1]! : undefined;
    return list?.kind === LIST && list.items.length >= keptItems;
  }

  /** MARK, `count` numbers and APPENDS at once, where they only count. */
  count(count: number): void {
    const list = this.values[this.size - 1] as Container; // `counts` has said so
    list.length += count;
    list.weight += count;
    if (list.weight > this.heaviest) this.heaviest = list.weight;
  }

  append(): void {
    this.#extend(this.size - 1, 'APPENDS');
  }
  appends(): void {
    this.#extend(this.unmark(), 'APPENDS');
  }
  addItems(): void {
    this.#extend(this.unmark(), 'ADDITEMS');
  }

  setItem(): void {
    this.#setItems(this.size - 2);
  }
  setItems(): void {
    this.#setItems(this.unmark());
  }

  #setItems(from: number): void {
    if (this.size < from || from <= this.fence) this.underflow();
    const object = this.values[from - 1]!;
    if ((this.size - from) % 2 !== 0) this.#oddItems(object, from);
    if (object.kind === DICT) {
      this.#hashed(from, 2, 'SETITEMS');
      this.#fill(object, from);
    } else if (this.size > from) this.#setOthers(object, from);
  }

  /** The C unpickler counts first; the Python one has set every whole pair before it notices. */
  #oddItems(object: Value, from: number): never {
    if (!known(object) && this.size - from > 1) {
      this.differ('SETITEMS has an odd number of items, which the Python unpickler notices after it has set the others');
      this.size -= 1;
      this.#setOthers(object, from);
    }
    throw new Damage('pickle/odd-items', 'SETITEMS has an odd number of items', this.begin);
  }

  #setOthers(object: Value, from: number): void {
    const array = isBytearray(object);
    if (known(object) && object.kind !== LIST && !array) this.refuse('SETITEMS', object, 'has no items to set');
    if (object.kind === LIST || array) {
      for (let i = from; i < this.size; i += 2) this.#setAt(object as Container, this.values[i]!, this.values[i + 1]!, array);
      if (!array) {
        this.size = from;
        return;
      }
    }
    const items = container(DICT);
    this.#fill(items, from);
    if (object.kind === CALL && dictLike.has(object.target)) return;
    if (object.kind === GLOBAL) this.registered(object, items);
    this.method(object, 'SETITEMS', items);
  }

  #setAt(object: Container, key: Value, value: Value, array: boolean): void {
    if (!indexes(key, object.length)) this.refuse('SETITEMS', key, 'is no index of the list');
    if (array && !isByte(value)) this.refuse('SETITEMS', value, 'is no byte');
    if (array) return;
    if (value.kind === CALL) this.ledger.use(value);
    replace(object, wholeNumber(key) ?? 0, value);
  }

  /** A mapping of some module is filled: copyreg's are looked up by EXT. */
  protected abstract registered(object: Global, items: Container): void;
}
