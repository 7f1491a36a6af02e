// SPDX-License-Identifier: Apache-2.0
import type { FactOf, Operand } from '../../model/fact.ts';
import type { Hit } from '../../model/rule.ts';
import { executes, touches, type Effect } from './effects.ts';
import { effectOf, worstOf, type Verdict } from './effect.ts';
import { deserialisers, implicit } from './names.ts';

export type CallFact = FactOf<'call'>;

/** The rule that speaks about a call; one call, one rule. */
export type Speaker =
  | 'pickle-exec-call' | 'pickle-io-call' | 'pickle-indirect-call' | 'pickle-dotted-name' | 'pickle-unknown-call' | 'pickle-dynamic-import'
  | 'pickle-build-setstate' | 'pickle-build-rebind' | 'pickle-extension' | 'pickle-persistent-id' | 'pickle-nested' | 'pickle-unused-call'
  | 'pickle-import-only' | 'pickle-builds-code' | 'pickle-stdlib-call';

export interface Judged {
  readonly fact: CallFact;
  readonly verdict: Verdict;
  /** Absent when nothing is to be said. */
  readonly speaker?: Speaker;
}

const fills: ReadonlySet<string> = new Set(['APPENDS', 'ADDITEMS', 'SETITEMS']);
const remembered = new WeakMap<CallFact, Judged>();

/** Judges a fact once, whichever rule asks first. */
export function judgeCall(fact: CallFact): Judged {
  const known = remembered.get(fact);
  if (known !== undefined) return known;
  const made = decide(fact);
  remembered.set(fact, made);
  return made;
}

/** Names that a finding about another call already shows: an import of one of them needs no finding of its own. */
export function shownElsewhere(facts: readonly CallFact[]): ReadonlySet<string> {
  const shown = new Set<string>();
  for (const fact of facts) {
    const { speaker } = judgeCall(fact);
    if (fact.via === 'import' || speaker === undefined || quiet.has(speaker)) continue;
    const pending: Operand[] = [...fact.args];
    for (let left = 4096; pending.length > 0 && left > 0; left--) {
      const arg = pending.pop()!;
      if (arg.type === 'global') shown.add(arg.target);
      else if (arg.type === 'call') pending.push(...arg.args);
      else if ('items' in arg) pending.push(...arg.items);
    }
  }
  return shown;
}

const quiet: ReadonlySet<Speaker> = new Set(['pickle-unknown-call', 'pickle-unused-call', 'pickle-persistent-id', 'pickle-builds-code']);

/** The facts about which a rule is the one to speak. */
export function spokenBy(speaker: Speaker, facts: readonly CallFact[]): readonly Judged[] {
  let speeches = shared.get(facts);
  if (speeches === undefined) shared.set(facts, speeches = Map.groupBy(facts.map((fact) => judgeCall(fact)), (one) => one.speaker));
  return speeches.get(speaker) ?? [];
}

/** Rules that read the same kinds of facts are given the same list, one after the other. */
const shared = new WeakMap<readonly CallFact[], Map<Speaker | undefined, readonly Judged[]>>();

function decide(fact: CallFact): Judged {
  if (fact.via === 'PERSID') return persistent(fact);
  if (fact.via === 'BUILD') return built(fact);
  if (fills.has(fact.via)) return filled(fact);
  const verdict = effectOf(fact);
  if (fact.via === 'EXT' && (fact.target === '?' || !executes(verdict.effect))) return { fact, verdict, speaker: 'pickle-extension' };
  const speaker = verdict.computed === true && fact.target.includes('?') ? 'pickle-dynamic-import'
    : fact.via === 'import' ? speakerForImport(fact, verdict) : speakerForCall(fact, verdict);
  return speaker === undefined ? { fact, verdict } : { fact, verdict, speaker };
}

function speakerForImport(fact: CallFact, verdict: Verdict): Speaker | undefined {
  if (verdict.through !== undefined) return 'pickle-dotted-name';
  return executes(verdict.effect) || touches(verdict.effect) ? 'pickle-import-only' : undefined;
}

function speakerForCall(fact: CallFact, verdict: Verdict): Speaker | undefined {
  const { effect } = verdict;
  if (verdict.name === 'copyreg.add_extension') return 'pickle-extension';
  if (verdict.through !== undefined) return 'pickle-dotted-name';
  if (deserialisers.has(verdict.name) && fact.args.some((arg) => arg.type === 'bytes' || arg.type === 'call')) return 'pickle-nested';
  if (executes(effect)) return 'pickle-exec-call';
  if (touches(effect)) return 'pickle-io-call';
  if (effect === 'inert') return fact.unused === true && !verdict.name.endsWith('_setstate') ? 'pickle-unused-call' : undefined;
  return others[effect];
}

const others: Partial<Record<Effect, Speaker>> = {
  indirection: 'pickle-indirect-call', decodes: 'pickle-indirect-call', suspect: 'pickle-unknown-call', unreviewed: 'pickle-stdlib-call',
  'builds-code': 'pickle-builds-code', unknown: 'pickle-unknown-call', 'foreign-class': 'pickle-unknown-call',
};

function persistent(fact: CallFact): Judged {
  const verdict: Verdict = { effect: 'indirection', name: 'persistent_load', reason: "asks the loading program's persistent_load() for an object" };
  return isStorage(fact.args[0]) ? { fact, verdict } : { fact, verdict, speaker: 'pickle-persistent-id' };
}

/** ('storage', <class>, key, device, size): how torch refers to the tensors beside its pickle; ('module', …) the oldest files' source. */
function isStorage(id: Operand | undefined): boolean {
  const inner = id?.type === 'persistent-id' ? id.id : id;
  if (inner?.type !== 'tuple') return false;
  const [kind, type] = inner.items;
  return kind?.type === 'str' && (kind.text === 'storage' || kind.text === 'module') && type?.type === 'global';
}

/** Items put into an object by its own methods. Its construction was judged by itself; an imported object is everyone's. */
function filled(fact: CallFact): Judged {
  const base = effectOf({ target: fact.target, via: 'import', args: [], ...(fact.module === undefined ? {} : { module: fact.module }) });
  if (fact.args[0]?.type !== 'global') return { fact, verdict: base };
  const verdict = { ...base, effect: 'indirection' as const, reason: 'is an object that everyone shares, and is changed by the file' };
  return { fact, verdict, speaker: 'pickle-build-rebind' };
}

/** BUILD: [object, state]. */
function built(fact: CallFact): Judged {
  const [object, state] = fact.args;
  const base = effectOf({ target: fact.target, via: 'import', args: [], ...(fact.module === undefined ? {} : { module: fact.module }) });
  if (object?.type === 'global') {
    const planted = state === undefined ? undefined : plantedIn(state);
    const verdict = { ...base, effect: planted?.effect ?? ('indirection' as const), reason: 'is a class, function or module that everyone shares, and is changed by the file' };
    return { fact, verdict, speaker: 'pickle-build-rebind' };
  }
  const planted = state === undefined ? undefined : plantedIn(state);
  return planted === undefined ? { fact, verdict: base } : { fact, verdict: planted, speaker: 'pickle-build-setstate' };
}

/** A special method, or a callable that does something, as an attribute value. */
function plantedIn(state: Operand): Verdict | undefined {
  const worst = worstOf([state]);
  const weighty = worst !== undefined && (executes(worst.effect) || touches(worst.effect) || worst.through !== undefined);
  if (weighty) return worst;
  for (const dict of state.type === 'tuple' ? state.items : [state]) {
    if (dict.type !== 'dict') continue;
    for (let i = 0; i + 1 < dict.items.length; i += 2) {
      const key = dict.items[i];
      const value = dict.items[i + 1];
      // Data under such a name does nothing; something that can be called does.
      if (key?.type === 'str' && implicit.test(key.text) && (value?.type === 'global' || value?.type === 'call' || value?.type === 'unknown')) {
        return { effect: 'indirection', name: key.text, reason: `plants ${key.text}, which Python calls by itself` };
      }
    }
  }
  return undefined;
}

const preview = 80;

/** An operand in Python's notation, shortened. */
export function spell(arg: Operand, depth = 0): string {
  switch (arg.type) {
    case 'none': return 'None';
    case 'bool': case 'int': case 'float': return cut(arg.text);
    case 'str': return quoted(arg.text, arg.length);
    case 'bytes': return `b${quoted(arg.text, arg.length)}`;
    case 'global': return cut(printable(arg.target));
    case 'call': return depth > 3 ? '…' : `${cut(printable(arg.target))}(${listed(arg.args, arg.args.length, depth)})`;
    case 'persistent-id': return `persistent(${spell(arg.id, depth + 1)})`;
    case 'tuple': return depth > 3 ? '(…)' : `(${listed(arg.items, arg.length, depth)})`;
    case 'list': return depth > 3 ? '[…]' : `[${listed(arg.items, arg.length, depth)}]`;
    case 'set': return depth > 3 ? '{…}' : `{${listed(arg.items, arg.length, depth)}}`;
    case 'dict': return arg.items.length === 0 ? '{}' : depth > 3 ? '{…}' : `{${pairs(arg.items, depth)}}`;
    case 'various': case 'unknown': break;
  }
  return '…';
}

function listed(items: readonly Operand[], length: number, depth: number): string {
  const shown = items.slice(0, 4).map((item) => spell(item, depth + 1));
  return [...shown, ...(length > shown.length ? ['…'] : [])].join(', ');
}

function pairs(items: readonly Operand[], depth: number): string {
  const out: string[] = [];
  for (let i = 0; i + 1 < Math.min(items.length, 8); i += 2) out.push(`${spell(items[i]!, depth + 1)}: ${spell(items[i + 1]!, depth + 1)}`);
  return [...out, ...(items.length > 8 ? ['…'] : [])].join(', ');
}

function quoted(text: string, length: number): string {
  const shown = printable(text.slice(0, preview)).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `'${shown}${length > preview ? '…' : ''}'`;
}

/** Attacker-controlled text: control and direction characters would rewrite a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD');
}

function cut(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

/** `os.system('echo x')`. */
export function spelled(fact: CallFact): string {
  if (fact.via === 'import') return cut(printable(fact.target));
  const [object, state] = fact.args;
  if ((fact.via === 'BUILD' || fills.has(fact.via)) && object !== undefined && state !== undefined) return `${spell(object)} with ${spell(state)}`;
  if (fact.callee !== undefined && fact.callee.type === 'call') return `${spell(fact.callee)}(${listed(fact.args, fact.args.length, 0)})`;
  return `${cut(printable(fact.target))}(${listed(fact.args, fact.args.length, 0)})`;
}

/** Where, how often, by which opcode. */
export function evidence(fact: CallFact): string[] {
  const where = fact.at === undefined ? '' : ` at byte ${fact.at[0]}`;
  const often = fact.count === undefined || fact.count < 2 ? '' : `, ${fact.count} times`;
  return [`${fact.via}${where}${often}`, spelled(fact)];
}

/** A hit for one call: what is called, and why that matters. */
export function hitFor(one: Judged, says: string, graded: Partial<Hit> = {}): Hit {
  const { fact, verdict } = one;
  const reaches = verdict.reaches === undefined || verdict.reaches === verdict.name ? '' : ` (reaches ${cut(printable(verdict.reaches))})`;
  return {
    message: `loading ${says} ${spelled(fact)}${reaches}: it ${cut(printable(verdict.reason))}`,
    ...(fact.at === undefined ? {} : { at: fact.at }),
    evidence: evidence(fact),
    ...graded,
  };
}
