// SPDX-License-Identifier: Apache-2.0
import type { Operand } from '../../model/fact.ts';
import { classify, inProfile, isClassName, type Verdict } from './classify.ts';
import { byWeight, executes, touches } from './effects.ts';
import { commonNames, rebuilding, rebuiltOnly, runningClass, tellingClass, wordsOf } from './names.ts';
import { spokenOf, weightiest } from './operands.ts';
import { stdlibRoots } from './stdlib.ts';

/** What nobody listed is judged by what it is given. */
export function byOperands(base: Verdict, args: readonly Operand[]): Verdict {
  const last = base.name.split('.').at(-1) ?? '';
  if (base.effect === 'unknown' && !isClassName(last)) return rebuilding.test(last) ? rebuilder(base, args) : unlistedFunction(base, args);
  if (base.effect === 'foreign-class') return unlistedClass(base, last, args);
  const byProfile = base.effect === 'inert' && base.entry?.endsWith('.<Class>') === true && !stdlibRoots.has(base.name.split('.')[0] ?? '');
  return byProfile ? profileClass(base, args) : base;
}

/** A class whose constructor runs. An object that is rebuilt (NEWOBJ and BUILD) does not come here: its constructor does not run. */
function unlistedClass(base: Verdict, last: string, args: readonly Operand[]): Verdict {
  const given = weightiest(args);
  if (given === undefined || /(?:Err|Error|Exception|Warning|Failure|Fault|Interrupt)$/.test(last)) return base;
  const words = wordsOf(last);
  const runs = words.find((word) => runningClass.surely.has(word) || (given !== 'word' && runningClass.perhaps.has(word)));
  if (runs !== undefined) return { ...base, effect: 'suspect', reason: `is a class that no reviewed profile covers; its name says '${runs}', and it is called with ${spokenOf[given]}` };
  if (given === 'code' || given === 'command' || given === 'pickle' || given === 'loadable') {
    return { ...base, effect: 'suspect', reason: `is a class that no reviewed profile covers, called with ${spokenOf[given]}` };
  }
  const told = words.find((word) => tellingClass.has(word) || runningClass.perhaps.has(word));
  if (told !== undefined) return { ...base, effect: given === 'mention' ? 'suspect' : 'unknown', reason: `is a class that no reviewed profile covers; its name says '${told}', and it is called with ${spokenOf[given]}` };
  return given === 'word' ? base : { ...base, effect: 'unknown', reason: `is a class that no reviewed profile covers, called with ${spokenOf[given]}` };
}

/** Reviewed for what such objects are when they are rebuilt; a constructor that is given a path may well open it. */
function profileClass(base: Verdict, args: readonly Operand[]): Verdict {
  const given = weightiest(args);
  if (given === undefined || given === 'word' || given === 'command') return base;
  return { ...base, effect: given === 'code' || given === 'pickle' ? 'suspect' : 'unknown', reason: `is a class that is usually rebuilt, here called with ${spokenOf[given]}` };
}

/** Called by the name of a package's own reducer: what such functions are given is classes, numbers and state. */
function rebuilder(base: Verdict, args: readonly Operand[]): Verdict {
  const given = weightiest(args);
  if (given === undefined) {
    return args.some((arg) => speaks(arg, 0)) ? base : { ...base, effect: 'foreign-class', reason: 'rebuilds an object of a package that no reviewed profile covers' };
  }
  return given === 'word' ? base : { ...base, effect: 'suspect', reason: `is a function that no reviewed profile covers, called with ${spokenOf[given]}` };
}

/**
 * NEWOBJ calls a class's `__new__` alone, and no `__init__`. The C unpickler refuses anything but a class there; a name
 * that is none by its spelling, given code or a command, is judged like a call all the same.
 */
export function constructed(base: Verdict, args: readonly Operand[] = []): Verdict {
  if (base.through !== undefined || base.computed === true) return base;
  const given = weightiest(args);
  if (base.effect === 'unknown' || base.effect === 'suspect') {
    if (given === 'code' || given === 'command' || given === 'mention' || given === 'pickle' || (given !== undefined && base.effect === 'suspect')) return unlistedFunction({ ...base, effect: 'unknown' }, args);
    if (inProfile(base.name)) return { ...base, effect: 'inert', reason: 'is a class of a reviewed profile' };
    return { ...base, effect: 'foreign-class', reason: 'is a class of a package that no reviewed profile covers' };
  }
  if (rebuiltOnly.has(base.name)) return { ...base, effect: 'inert' };
  // Text for `__new__`: no object of these packages is rebuilt so.
  if (given !== undefined && given !== 'word' && byWeight(base.effect, 'suspect') < 0) return base;
  const parts = base.name.split('.');
  if (commonNames.has(parts[0] ?? '') && base.effect !== 'inert' && /^[A-Z]/.test(parts.at(-1) ?? '')) {
    return { ...base, effect: 'unknown', reason: 'is a class of a module that shares its name with one of the standard library' };
  }
  if (base.effect === 'indirection' && !stdlibRoots.has(parts[0] ?? '')) return { ...base, effect: 'foreign-class', reason: 'is an object that applies functions' };
  const ofLibrary = base.entry !== undefined && base.entry !== base.name && base.entry.includes('.') && isClassName(parts.at(-1) ?? '');
  const thirdParty = !stdlibRoots.has(parts[0] ?? '');
  return ofLibrary && (thirdParty && touches(base.effect) || executes(base.effect)) && base.effect !== 'starts-process' && parts.length > 2
    ? { ...base, effect: 'unknown', reason: `belongs to ${base.entry}, which ${base.reason.replace(/^it /, '')}` }
    : base;
}

/** An unlisted function is judged by what it is given: text, bytes, paths and callables are what code can be made of. */
function unlistedFunction(base: Verdict, args: readonly Operand[]): Verdict {
  const given = args.find((arg) => speaks(arg, 0));
  if (given === undefined && inProfile(base.name)) return { ...base, effect: 'foreign-class', reason: 'is a function of a reviewed package, given numbers and objects alone' };
  return given === undefined ? base : { ...base, effect: 'suspect', reason: `is a function that no reviewed profile covers, called with ${named(given)}` };
}

function speaks(arg: Operand, depth: number): boolean {
  if (arg.type === 'str' || arg.type === 'bytes') return arg.length > 0;
  if (arg.type === 'global') return !isClassName(arg.target.split('.').at(-1) ?? '') && classify(arg.target).effect !== 'inert';
  if (arg.type === 'call') return arg.target.startsWith('pathlib.') || arg.target === 'codecs.encode' || arg.target === '_codecs.encode' || arg.target.endsWith('()');
  if (arg.type === 'dict') return (weightiest([arg]) ?? 'word') !== 'word' || (depth < 2 && arg.items.some((item) => item.type === 'global' && speaks(item, depth + 1)));
  if ((arg.type === 'tuple' || arg.type === 'list' || arg.type === 'set') && depth < 2) return arg.items.slice(0, 16).some((item) => speaks(item, depth + 1));
  // Calls that were counted together differ in numbers only: those with text are kept apart, and were seen before.
  return arg.type === 'unknown';
}

function named(arg: Operand): string {
  const words: Partial<Record<Operand['type'], string>> = {
    str: 'text', bytes: 'bytes', global: 'another callable', call: 'the result of a call', tuple: 'text or callables', list: 'text or callables',
    set: 'text or callables', dict: 'text or callables',
  };
  return words[arg.type] ?? 'something that is not known';
}
