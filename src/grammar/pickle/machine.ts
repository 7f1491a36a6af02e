// SPDX-License-Identifier: Apache-2.0
import { Containers } from './containers.ts';
import type { Ledger, Range } from './ledger.ts';
import { renamed } from './names.ts';
import { buildsNothing, isBytearray, iterable, known, typeName } from './python.ts';
import { Damage } from './stack.ts';
import {
  BYTES, CALL, DICT, depthOf, GLOBAL, INT, kept, PERSISTENT, STR, targetOf, TUPLE, unknown, wholeNumber, wholeText,
  type Call, type Container, type Global, type Literal, type Persistent, type Value,
} from './values.ts';

export { bounds, Damage } from './stack.ts';

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

/** What looks up names and calls things. Where readers part, the machine goes the way of the one that goes on. */
export class Machine extends Containers {
  readonly #watcher: Watcher;
  readonly #odd: (what: string) => void;
  /** Extension codes that the pickle itself registers, by name or in copyreg's cache. */
  readonly #extensions = new Map<number, readonly [module: string, name: string] | Value>();
  /** Last PROTO; names are mapped from Python 2 below 3. */
  protocol = 0;

  constructor(ledger: Ledger, watcher: Watcher, odd: (what: string) => void = () => {}) {
    super(ledger);
    this.#watcher = watcher;
    this.#odd = odd;
  }

  /** A machine in the same state, for bytes that readers part on. */
  fork(watcher: Watcher): Machine {
    const other = new Machine(this.ledger, watcher);
    other.copy(this);
    other.protocol = this.protocol;
    for (const [code, value] of this.#extensions) other.#extensions.set(code, value);
    return other;
  }

  get #at(): Range {
    return [this.begin, this.end];
  }

  protected differ(what: string): void {
    this.#odd(`${what} (at ${this.begin})`);
  }

  protected item(key: Value, value: Value): void {
    this.#watcher.item(key, value);
  }

  protected method(object: Value, via: string, operand: Value): void {
    const target = object.kind === CALL ? object.target : isBytearray(object) ? 'builtins.bytearray' : targetOf(object);
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
    if (m === '') throw new Damage('pickle/bad-name', `STACK_GLOBAL at ${this.begin} is given no module`, this.begin);
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
    const registered = this.#extensions.get(code) ?? ['?', `extension-${code}`];
    const value: Value = 'kind' in registered ? registered : { kind: GLOBAL, module: registered[0], name: registered[1], computed: undefined };
    const target = value.kind === GLOBAL && value.module === '?' ? '?' : targetOf(value);
    this.ledger.called(value, target, 'EXT', [{ kind: INT, number: code, digits: undefined }], this.#at);
    this.push(value);
  }

  reduce(): void {
    const args = this.pop();
    const callee = this.pop();
    this.#call(callee, 'REDUCE', args);
  }

  newObject(withKeywords: boolean): void {
    const via = withKeywords ? 'NEWOBJ_EX' : 'NEWOBJ';
    const keywords = withKeywords ? this.pop() : undefined;
    const args = this.pop();
    const callee = this.pop();
    if (keywords !== undefined && known(keywords)) {
      if (keywords.kind !== DICT) this.refuse(via, keywords, 'holds no keywords');
      for (let i = 0; i < keywords.items.length; i += 2) {
        const key = keywords.items[i]!;
        if (known(key) && key.kind !== STR) this.refuse(via, key, 'is no keyword');
      }
    }
    this.#call(callee, via, args, keywords);
  }

  /** The C unpickler looks for the mark before it looks up the name, the Python one behind. */
  inst(module: string, name: string): void {
    if (!this.marked) {
      if (this.opcodes === 1) this.unmark(); // or bytes behind the damage would begin with this opcode, and import it again
      this.differ('INST has no mark, which the Python unpickler notices after it has imported the name');
    }
    const callee = this.literalGlobal(module, name);
    this.#call(callee, 'INST', this.gather(TUPLE, this.unmark()));
  }

  object(): void {
    const from = this.unmark();
    if (this.size - from < 1) this.underflow();
    const args = this.gather(TUPLE, from + 1);
    this.#call(this.pop(), 'OBJ', args);
  }

  #call(callee: Value, via: string, args: Value, keywords?: Value): void {
    if (known(callee)) this.refuse(via, callee, 'cannot be called');
    if (known(args) && args.kind !== TUPLE) {
      if (!iterable(args)) this.refuse(via, args, 'holds no arguments');
      this.differ(`${via} is given its arguments in a ${typeName(args)}: the C unpickler stops, the Python one calls`);
    }
    this.ledger.use(callee);
    this.ledger.use(args);
    const operands = operandsOf(args);
    const all = keywords === undefined ? operands : [...operands, keywords];
    const target = targetOf(callee);
    const entry = this.ledger.called(callee, target, via, all, this.#at);
    const depth = 1 + Math.max(depthOf(callee), depthOf(args), keywords === undefined ? 0 : depthOf(keywords));
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

  /** copyreg's registry of names by code and its cache of objects by code are dicts like others. */
  protected registered(object: Global, { items }: Container): void {
    if (object.module !== 'copyreg') return;
    for (let i = 0; i + 1 < items.length; i += 2) {
      const code = wholeNumber(items[i]);
      const value = items[i + 1]!;
      if (code === undefined || this.#extensions.size >= 1_000) continue;
      if (object.name === '_inverted_registry' && value.kind === TUPLE) this.#register([...value.items.slice(0, 2), items[i]!]);
      else if (object.name === '_extension_cache') this.#extensions.set(code, value);
    }
  }

  build(): void {
    const state = this.pop();
    const object = this.top();
    this.ledger.use(state);
    if (known(object)) {
      const { c, python } = buildsNothing(state);
      if (!c && !python) this.refuse('BUILD', object, 'takes no state');
      if (c !== python) this.differ(`BUILD gives a value of type ${typeName(object)} a state that only ${c ? 'the C' : 'the Python'} unpickler takes for none`);
      return;
    }
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

  /** READONLY_BUFFER: a view of a bytearray; bytes stay what they are. */
  readOnly(): void {
    const value = this.top();
    if (known(value) && value.kind !== BYTES) this.refuse('READONLY_BUFFER', value, 'is no buffer');
    if (isBytearray(value)) this.values[this.size - 1] = { ...value, writable: false } satisfies Literal;
  }

  /** The value that STOP returns. */
  stop(): Value {
    const value = this.pop();
    this.ledger.use(value);
    return value;
  }
}

/** What a call is given: the items of a tuple, or of whatever else Python unpacks. */
function operandsOf(args: Value): Value[] {
  if (args.kind === DICT) return args.items.filter((_, index) => index % 2 === 0);
  return args.kind >= TUPLE && known(args) ? (args as Container).items : [args];
}
