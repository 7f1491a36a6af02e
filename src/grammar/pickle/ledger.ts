// SPDX-License-Identifier: Apache-2.0
import { cut, describe, sign, type Described, type Met } from './describe.ts';
import { CALL, GLOBAL, UNKNOWN, type Global, type Value } from './values.ts';

/** Byte range, `end` exclusive. */
export type Range = readonly [begin: number, end: number];

/** A `call` fact, as the model has it. */
export interface CallFact {
  readonly kind: 'call';
  readonly target: string;
  readonly via: string;
  readonly args: readonly Described[];
  readonly module?: string;
  readonly callee?: Described;
  count?: number;
  unused?: boolean;
  readonly at: Range;
}

/** One target called by one opcode: kinds of call by their signature, and how many there are. */
interface Head {
  readonly entries: Map<string, Entry>;
  kinds: number;
}

/** A kind of call: same target, opcode and signature. */
interface Entry {
  readonly id: number;
  /** Facts in the order met. The keys of the Map are made when there is a second one to tell from the first. */
  readonly facts: CallFact[];
  variants: Map<string, CallFact> | undefined;
  rest: CallFact | undefined;
  used: boolean;
  /** Calls of different targets, beyond the number of kinds that are kept apart. */
  readonly mixed: boolean;
  /** Calls that differ in texts or code are counted together here, for there are too many of them. */
  readonly lossy: boolean;
  /** A global, a call or a persistent id is among the operands. */
  readonly code: boolean;
}

const caps = {
  /** Spelled-out data variants of one kind of call. */
  plain: 4,
  coded: 4,
  /** Kinds of call that differ only in texts. */
  texts: 1_000,
  /** Kinds of call to one target by one opcode, with code among the operands. */
  perTarget: 1_000,
  entries: 20_000,
  targets: 20_000,
  facts: 30_000,
  /** Values described in all; afterwards descriptions are short. */
  described: 300_000,
  /** Values looked at to describe calls; afterwards calls that are signed alike are only counted. */
  looked: 1_000_000,
  /** Values looked at to sign calls; afterwards only the first few of each. */
  signed: 5_000_000,
} as const;

/**
 * Gathers what a loader would call, equal calls counted together. What is kept of the boring is bounded; a call that
 * differs in a text, a global or an inner call has an entry of its own, so that it cannot hide behind others.
 */
export class Ledger {
  readonly #heads = new Map<string, Head>();
  readonly #byId: Entry[] = [];
  /** Where calls of many targets end when there are too many to tell apart. */
  readonly #mixed: Head = { entries: new Map(), kinds: 0 };
  readonly #imports = new Map<string, CallFact>();
  readonly #called = new Set<string>();
  #texts = 0;
  #facts = 0;
  #described = 0;
  #looked = 0;
  #signed = 0;
  /** Calls that are only counted, since a cap was reached. */
  beyond = 0;
  /** Pickles that are followed in two ways, since readers part on them. */
  forks = 0;

  /** Notes an imported name. */
  imported(value: Global, at: Range): void {
    const key = importKey(value);
    const known = this.#imports.get(key) ?? (this.#imports.size >= caps.targets ? this.#imports.get('') : undefined);
    if (known !== undefined) {
      known.count = (known.count ?? 1) + 1;
      if (known.target === '?' && known.args[0]?.type === 'various') this.beyond += 1;
      return;
    }
    const full = this.#imports.size >= caps.targets;
    const args: Described[] = full ? [{ type: 'various' }] : value.computed === undefined ? [] : value.computed.map((part) => describe(part, { left: 32 }));
    const target = full ? '?' : cut(`${value.module}.${value.name}`);
    const module = full || value.module === '?' ? {} : { module: cut(value.module) };
    this.#imports.set(full ? '' : key, { kind: 'call', target, via: 'import', args, ...module, at });
  }

  /** Notes a call; returns the number of its kind. */
  called(callee: Value, target: string, via: string, args: readonly Value[], at: Range): number {
    if (callee.kind === GLOBAL && (callee).computed === undefined && makers.has(via)) this.#called.add(importKey(callee));
    const entry = this.#entry(callee, target, via, args);
    this.#variant(entry, callee, target, via, args, at);
    return entry.id;
  }

  #entry(callee: Value, target: string, via: string, args: readonly Value[]): Entry {
    const named = `${via} ${callee.kind === GLOBAL ? callee.module : ''} ${target}`;
    const head = this.#heads.get(named) ?? { entries: new Map<string, Entry>(), kinds: 0 };
    const signature = this.#sign(callee, args);
    const found = head.entries.get(signature.text);
    if (found !== undefined) return found;
    const { kinds } = head;
    let key = signature.text;
    let into = head;
    if (kinds >= caps.plain) {
      if (signature.texts && (signature.code ? kinds >= caps.perTarget : this.#texts >= caps.texts)) key = signed(callee, args, false).text;
      if (signature.code && kinds >= 2 * caps.perTarget && !head.entries.has(key)) key = '*';
    }
    if (this.#byId.length >= caps.entries && !head.entries.has(key)) {
      key = '*';
      if (kinds === 0) into = this.#mixed;
    }
    const known = into.entries.get(key);
    if (known !== undefined) return known;
    if (signature.texts && !signature.code) this.#texts += 1;
    const entry: Entry = { id: this.#byId.length, facts: [], variants: undefined, rest: undefined, used: false, mixed: into === this.#mixed, lossy: key !== signature.text, code: signature.code };
    this.#byId.push(entry);
    into.entries.set(key, entry);
    into.kinds += 1;
    if (into.kinds === 1 && into === head) this.#heads.set(named, head);
    return entry;
  }

  /** Values of all calls that were looked at to describe or sign them: what the ledger costs. */
  get work(): number {
    return this.#looked + this.#signed;
  }

  #sign(callee: Value, args: readonly Value[]): Signed {
    const room = this.#signed < caps.signed ? 200 : 8;
    const signature = signed(callee, args, true, room);
    this.#signed += room - Math.max(0, signature.left);
    return signature;
  }

  #variant(entry: Entry, callee: Value, target: string, via: string, args: readonly Value[], at: Range): void {
    const { rest, facts } = entry;
    if (rest !== undefined) {
      rest.count = (rest.count ?? 1) + 1;
      if (entry.lossy) this.beyond += 1;
      return;
    }
    const room = { left: this.#described < caps.described ? 128 : 12 };
    const start = room.left;
    const spent = this.#looked >= caps.looked && facts.length > 0;
    const spelled = spent ? [] : args.map((arg) => describe(arg, room));
    this.#looked += start - Math.max(0, room.left) + 1;
    let exact = '';
    if (!spent && facts.length > 0) {
      entry.variants ??= new Map([[JSON.stringify(facts[0]!.args), facts[0]!]]);
      exact = JSON.stringify(spelled);
      const known = entry.variants.get(exact);
      if (known !== undefined) {
        known.count = (known.count ?? 1) + 1;
        return;
      }
    }
    this.#described += start - room.left;
    const { code } = entry;
    const full = spent || facts.length >= (code ? caps.coded : caps.plain) || this.#facts >= caps.facts;
    const operands: Described[] = !full ? spelled : code && !entry.lossy ? args.map((arg) => describe(arg, { left: 32 }, true)) : [{ type: 'various' }];
    if (full && entry.mixed) {
      entry.rest = { kind: 'call', target: '?', via, args: [{ type: 'various' }], at };
      return;
    }
    const fact: CallFact = {
      kind: 'call', target: cut(target), via, args: operands,
      ...(callee.kind === GLOBAL && callee.module !== '?' ? { module: cut(callee.module) } : {}),
      ...(callee.kind === GLOBAL || callee.kind === UNKNOWN ? {} : { callee: describe(callee, { left: 32 }) }),
      at,
    };
    if (full) entry.rest = fact;
    else {
      facts.push(fact);
      entry.variants?.set(exact, fact);
    }
    this.#facts += 1;
  }

  /** Says that the result of a call goes into something. */
  use(value: Value): void {
    if (value.kind !== CALL || (value).used) return;
    (value).used = true;
    const entry = this.#byId[(value).entry];
    if (entry !== undefined) entry.used = true;
  }

  /** All facts in the order of their first bytes. */
  facts(): CallFact[] {
    const out: CallFact[] = [];
    for (const [key, fact] of this.#imports) if (!this.#called.has(key)) out.push(fact);
    for (const entry of this.#byId) {
      for (const fact of entry.rest === undefined ? entry.facts : [...entry.facts, entry.rest]) {
        if (!entry.used && makers.has(fact.via)) fact.unused = true;
        out.push(fact);
      }
    }
    return out.toSorted((a, b) => a.at[0] - b.at[0]);
  }
}

/** Opcodes that call something and leave its result. */
const makers = new Set(['REDUCE', 'INST', 'OBJ', 'NEWOBJ', 'NEWOBJ_EX']);

/** What is one import: the names, and for computed ones how they are computed. */
function importKey(value: Global): string {
  const key = `${value.module}\n${value.name}`;
  return value.computed === undefined ? key : `${key}\n${signed(value, value.computed, true).text}`;
}

interface Signed extends Met {
  text: string;
}

function signed(callee: Value, args: readonly Value[], withTexts: boolean, left = 200): Signed {
  const met: Signed = { text: '', texts: false, code: false, left };
  let text = callee.kind === GLOBAL ? '' : callee.kind === CALL ? sign(callee, met, withTexts) : '?';
  met.code = false;
  for (const arg of args) text += sign(arg, met, withTexts);
  met.text = text;
  return met;
}
