// SPDX-License-Identifier: Apache-2.0
import type { Facts, Operand } from '../../model/fact.ts';
import { classify, isClassName, isReviewedModule, type Verdict } from './classify.ts';
import { byWeight, executes, touches, type Effect } from './effects.ts';
import { applying, helpers, implicit, keptOnly, leading, memberOperands, plainCodecs, rebuiltOnly, type Treatment } from './names.ts';
import { folded } from './operands.ts';
import { byOperands, constructed } from './unlisted.ts';

type Call = Omit<Facts['call'], 'count' | 'unused'>;

const depthCap = 8;
const operandCap = 512;
const news: ReadonlySet<string> = new Set(['NEWOBJ', 'NEWOBJ_EX']);

/** Judges one call fact. Pure; never throws, whatever the fact holds. */
export function effectOf(call: Call): Verdict {
  return judged(call, 0);
}

function judged(call: Call, depth: number): Verdict {
  const base = call.callee === undefined ? classify(call.target, call.module) : result(call.callee, depth + 1, call.args);
  if (call.via === 'import') return imported(base);
  if (call.callee === undefined) {
    const kind = Object.hasOwn(helpers, base.name) ? helpers[base.name] : undefined;
    if (kind !== undefined) return helped(base, kind, call, depth);
    if (Object.hasOwn(applying, base.name)) return applied(base, call.args, depth);
  }
  if (news.has(call.via)) return constructed(base, call.args);
  const known = base.through === undefined && base.computed !== true ? byOperands(base, call.args) : base;
  return byWeight(known.effect, 'environment') > 0 && known.effect !== 'inert' ? handedOver(known, call.args, depth) : known;
}

/** A name that is only kept as a value. A class of a listed package is a base or a type of something; its calls are judged by themselves. */
function imported(base: Verdict): Verdict {
  if (rebuiltOnly.has(base.name) || keptOnly.has(base.name)) return { ...base, effect: 'inert' };
  return base.through === undefined && isClassName(base.name.split('.').at(-1) ?? '') ? constructed(base) : base;
}

/** Nobody knows what becomes of a dangerous function that is handed to something unlisted or indirect: it counts as called. */
function handedOver(base: Verdict, args: readonly Operand[], depth: number): Verdict {
  const worst = worstOf(args, depth + 1);
  return worst !== undefined && executes(worst.effect) ? { ...base, effect: worst.effect, reason: `is given ${worst.name}, which ${worst.reason}`, reaches: worst.reaches ?? worst.name } : base;
}

function helped(base: Verdict, kind: Treatment, call: Call, depth: number): Verdict {
  const [first, second] = call.args;
  switch (kind) {
    case 'attribute': return attribute(base, first, second, depth);
    case 'attributes': return settle(base, call.args.map((arg) => attributeName(arg)));
    case 'method': return settle(base, [attributeName(first)]);
    case 'keeps': return kept(base, call.args, depth);
    case 'codec': return codec(base, call.args);
    case 'class': return reconstructed(base, call.args, depth);
    case 'metaclass': return metaclass(base, call.args, depth);
    case 'item': return second?.type === 'str' || second?.type === 'call' || first?.type === 'unknown' ? attribute(base, first, second, depth) : itemOf(base, first);
    case 'naming': return labelled(base, call.args);
    case 'described': return described(base, call.args, depth);
    case 'type': return call.args.length === 1 && first?.type !== 'various' ? { ...base, effect: 'inert' } : { ...base, effect: 'builds-code', reason: 'makes a class out of data in the file' };
    case 'items': return call.args.every((arg) => arg.type === 'str' || arg.type === 'int' || arg.type === 'bytes' || arg.type === 'tuple') ? { ...base, effect: 'inert' } : unresolved(base);
    case 'module': return first?.type === 'str' && isReviewedModule(first.text) ? { ...base, effect: 'builds-code', reason: 'imports a reviewed module for a function in the file' } : base;
    case 'member': return member(base, call.args);
    case 'shared': return first?.type === 'global' ? { ...base, effect: 'indirection', reason: 'changes a class, function or module that everyone shares' } : base;
    case 'import': return first?.type === 'str' ? { ...base, reaches: first.text.replaceAll(':', '.') } : base;
    default: return base;
  }
}

/** `copyreg._reconstructor(class, base, state)`: `class.__new__`, and the `__init__` of a base that is not object. */
function reconstructed(base: Verdict, args: readonly Operand[], depth: number): Verdict {
  const [type, from, state] = args;
  if (type === undefined) return base;
  if (type.type !== 'global') return kept(base, [type], depth);
  const made = constructed(classify(type.target));
  const filled = from?.type === 'global' && state !== undefined && state.type !== 'none' && base.name === 'copyreg._reconstructor'
    ? judged({ target: from.target, via: 'REDUCE', args: [state] }, depth + 1) : undefined;
  const worst = [made, ...(filled === undefined ? [] : [filled])].toSorted((a, b) => byWeight(a.effect, b.effect))[0]!;
  return worst.effect === 'inert' ? { ...base, effect: 'inert' } : { ...worst, reaches: worst.reaches ?? worst.name };
}

/** A class that is made of data in the file by a metaclass; anything else in that place is called like one. */
function metaclass(base: Verdict, args: readonly Operand[], depth: number): Verdict {
  const [meta] = args;
  const last = meta?.type === 'global' ? (meta.target.split('.').at(-1) ?? '') : '';
  const known = meta?.type === 'global' ? classify(meta.target) : undefined;
  const isType = meta === undefined || (known !== undefined && (known.name === 'builtins.type' || isClassName(last)) && !executes(known.effect) && !touches(known.effect))
    || (meta.type === 'call' && /(?:_builtin_type|_load_type)$/.test(meta.target) && args[1]?.type === 'str');
  return isType ? { ...base, effect: 'inert' } : applied(base, args, depth);
}

/** `getitem(typing.List, int)`: what is looked up by something other than a name. */
function itemOf(base: Verdict, object: Operand | undefined): Verdict {
  const known = object?.type === 'global' ? classify(object.target) : undefined;
  return known === undefined || known.effect === 'inert' || known.effect === 'foreign-class' || known.name.startsWith('typing.') ? { ...base, effect: 'inert' } : unresolved(base);
}

/** `setattr(class, '__qualname__', text)`: how dill names a class that it made. */
function labelled(base: Verdict, [, name, value]: readonly Operand[]): Verdict {
  const isLabel = name?.type === 'str' && /^__(?:qualname|module|name|doc)__$/.test(name.text) && (value?.type === 'str' || value?.type === 'none');
  return isLabel ? { ...base, effect: 'inert' } : base;
}

/** `_getattr(class, name, repr)` of dill evaluates the third operand, which is what Python prints for a method when it is honest. */
function described(base: Verdict, [object, name, text]: readonly Operand[], depth: number): Verdict {
  if (name?.type !== 'str' || text?.type !== 'str' || !/^<[a-z][a-z_ -]{0,30} '\w{1,60}' of '\w{1,60}' objects>$/.test(text.text)) return base;
  return attribute(base, object, name, depth).effect === 'indirection' ? base : { ...base, effect: 'inert' };
}

/** A helper that imports a module and gives a member of it: the first and the last text among the operands it takes. */
function member(base: Verdict, args: readonly Operand[]): Verdict {
  const [module, name] = memberOperands[base.name] ?? [0, 1];
  const [from, what] = [args[module], args[name]];
  if (what?.type !== 'str' || (from !== undefined && from.type !== 'str')) return unresolved(base);
  const target = from?.type === 'str' ? `${from.text}.${what.text}` : what.text;
  const known = classify(target, from?.type === 'str' ? from.text : undefined);
  const reaches = known.name;
  if (executes(known.effect) || touches(known.effect)) return { ...base, effect: known.effect, reason: `gives ${known.name}, which ${known.reason}`, reaches };
  const doubtful = known.through !== undefined || known.effect === 'unreviewed' || known.effect === 'indirection' || known.effect === 'builds-code';
  return doubtful ? { ...base, effect: 'indirection', reason: `gives ${known.name}, which ${known.reason}`, reaches } : { ...base, effect: 'inert', reaches };
}

/** `getattr(object, 'name')`: what that leads to. */
function attribute(base: Verdict, object: Operand | undefined, name: Operand | undefined, depth: number): Verdict {
  const spelt = name === undefined ? undefined : folded(name);
  if (object === undefined || name === undefined || spelt === undefined) return unresolved(base);
  // What Python writes for classes whose constructor takes keywords: partial(cls.__new__, cls, …).
  if (spelt === '__new__') return reconstructed(base, [object], depth);
  const lead = attributeName({ type: 'str', text: spelt, length: spelt.length });
  const from = object.type === 'call' ? result(object, depth + 1) : undefined;
  if (from !== undefined && (executes(from.effect) || touches(from.effect))) {
    return { ...base, effect: from.effect, reason: from.reason, reaches: `${from.reaches ?? from.name}.${spelt}` };
  }
  if (object.type === 'global' && classify(object.target).name === 'sys.modules') return { ...base, effect: 'loads-code', reason: 'takes a module out of those that are loaded', reaches: spelt };
  const member = object.type === 'global' ? memberOf(object.target, spelt) : object.type === 'call' && isClassName(object.target.split('.').at(-1) ?? '') ? memberOf(object.target, spelt) : undefined;
  if (member !== undefined && (executes(member.effect) || touches(member.effect))) return { ...base, effect: member.effect, reason: member.reason, reaches: member.name };
  if (lead !== undefined) return { ...base, effect: lead.effect, reason: lead.reason, reaches: spelt };
  if (object.type === 'global' && member !== undefined) {
    if (member.through !== undefined) return { ...base, effect: 'indirection', reason: member.reason, reaches: member.name };
    return { ...base, effect: 'inert', reaches: `${object.target}.${spelt}` };
  }
  if (object.type === 'call') return { ...base, effect: 'inert', reaches: `${object.target}().${spelt}` };
  return object.type === 'unknown' || object.type === 'various' ? unresolved(base) : { ...base, effect: 'inert', reaches: `${object.type}.${spelt}` };
}

/** What a name is in a class, or in what else a dotted name stands for. */
function memberOf(target: string, name: string): Verdict {
  return classify(`${target}.${name}`, target.split('.').slice(0, -1).join('.') || target);
}

/** Undefined when an attribute of this name is ordinary. */
function attributeName(arg: Operand | undefined): { effect: Effect; reason: string } | undefined {
  if (arg?.type !== 'str') return { effect: 'indirection', reason: 'reaches an attribute whose name is computed' };
  if (!/^[\w.]{1,256}$/.test(arg.text)) return { effect: 'indirection', reason: 'reaches an attribute whose name is none' };
  for (const part of arg.text.split('.')) {
    if (leading.has(part) || implicit.test(part)) return { effect: 'indirection', reason: `leads through ${part} to anything in the process` };
    const asBuiltin = classify(`builtins.${part}`, 'builtins');
    if (asBuiltin.entry === `builtins.${part}` && executes(asBuiltin.effect)) return { effect: 'indirection', reason: `reaches an attribute called ${part}` };
    if (dangerousMethods.has(part)) return { effect: 'indirection', reason: `reaches a method called ${part}` };
  }
  return undefined;
}

const dangerousMethods: ReadonlySet<string> = new Set(`system popen Popen spawn spawnl spawnv execv execve execl execvp fork check_output check_call
  getoutput getstatusoutput import_module load_module exec_module run_module run_path loads urlopen urlretrieve rmtree unlink rmdir startfile
  posix_spawn run_code runcode runsource write_bytes write_text run_cell sys os subprocess builtins modules globals f_globals`.split(/\s+/));

function settle(base: Verdict, found: readonly ({ effect: Effect; reason: string } | undefined)[]): Verdict {
  const worst = found.filter((one) => one !== undefined).toSorted((a, b) => byWeight(a.effect, b.effect))[0];
  return worst === undefined ? { ...base, effect: 'inert' } : { ...base, effect: worst.effect, reason: worst.reason };
}

function unresolved(base: Verdict): Verdict {
  return { ...base, effect: 'indirection', reason: 'reaches something that cannot be told from the file' };
}

/** `partial(f)`: harmless as long as what it keeps is. */
function kept(base: Verdict, args: readonly Operand[], depth: number): Verdict {
  const [first] = args;
  if (first !== undefined && (first.type === 'unknown' || first.type === 'various')) return unresolved(base);
  const worst = worstOf(args, depth + 1);
  if (worst === undefined || worst.effect === 'unreviewed' || byWeight(worst.effect, 'unreviewed') > 0) return { ...base, effect: 'inert' };
  if (worst.effect === 'suspect') return { ...base, effect: 'unknown', reason: `keeps ${worst.name}, which ${worst.reason}`, reaches: worst.name };
  return { ...base, effect: worst.effect, reason: `keeps ${worst.name}, which ${worst.reason}`, reaches: worst.reaches ?? worst.name };
}

/** `map(f, …)`: the argument is called. */
function applied(base: Verdict, args: readonly Operand[], depth: number): Verdict {
  const worst = [worstOf(args, depth + 1), passedOn(base, args, depth)].filter((one) => one !== undefined).toSorted((a, b) => byWeight(a.effect, b.effect))[0];
  const [which] = applying[base.name] ?? [0];
  const what = args[which]?.type;
  const clear = (base.name === 'builtins.iter' || what === 'global' || what === 'call' || what === 'none') && args.every((arg) => arg.type !== 'unknown' && arg.type !== 'various');
  // Python pickles iterators as calls of these: harmless as long as what they apply is.
  if (clear && lazy.test(base.name) && (worst === undefined || worst.effect === 'inert')) return { ...base, effect: 'inert' };
  const least = base.effect === 'inert' ? 'foreign-class' : 'indirection';
  if (worst === undefined || byWeight(worst.effect, least) > 0) return base;
  return { ...base, effect: worst.effect, reason: `calls ${worst.name}, which ${worst.reason}`, reaches: worst.reaches ?? worst.name };
}

/** The call that a helper comes to, with the operands it passes on. Undefined where no callable is named. */
function passedOn(base: Verdict, args: readonly Operand[], depth: number): Verdict | undefined {
  const [which, passed] = applying[base.name] ?? [0, 'rest'];
  const what = args[which];
  if (what === undefined || depth > depthCap) return undefined;
  const given = passed === 'rest' ? args.slice(which + 1) : passed === 'none' ? [] : args.slice(passed, passed + 1);
  const spread = given.flatMap((arg) => (arg.type === 'tuple' || arg.type === 'list' ? arg.items.slice(0, operandCap) : [arg]));
  if (what.type === 'global') return judged({ target: what.target, via: 'REDUCE', args: spread }, depth + 1);
  return what.type === 'call' ? result(what, depth + 1) : undefined;
}

const lazy = /^(?:builtins\.(?:map|filter|iter)$|functools\.reduce$|itertools\.)/;

function codec(base: Verdict, args: readonly Operand[]): Verdict {
  const [, name] = args;
  if (name === undefined || (name.type === 'str' && plainCodecs.has(name.text.toLowerCase()))) return { ...base, effect: 'inert' };
  return { ...base, effect: 'indirection', reason: name.type === 'str' ? `decodes by '${name.text.slice(0, 40)}', which hides what the text is` : 'decodes by a codec whose name is computed' };
}

const partials: ReadonlySet<string> = new Set(['functools.partial', '_functools.partial']);

/** What the result of a call is, when it is called in turn or looked into. */
function result(callee: Operand, depth: number, given: readonly Operand[] = []): Verdict {
  const nothing: Verdict = { effect: 'indirection', name: 'a computed value', reason: 'is called although it is no imported name', computed: true };
  if (callee.type === 'global') return classify(callee.target);
  const type = callee.type === 'persistent-id' ? moduleClass(callee.id) : undefined;
  if (type !== undefined) return classify(type);
  if (callee.type !== 'call' || depth > depthCap) return nothing;
  const [inner, ...before] = callee.args;
  if (partials.has(callee.target) && inner !== undefined) {
    if (inner.type === 'global') return judged({ target: inner.target, via: 'REDUCE', args: [...before, ...given] }, depth + 1);
    if (inner.type === 'call') return result(inner, depth + 1, [...before, ...given]);
  }
  const maker = judged({ target: callee.target, via: 'REDUCE', args: callee.args }, depth + 1);
  if (executes(maker.effect) || touches(maker.effect)) return reached(maker);
  if (maker.effect === 'builds-code') return fromBuilder(maker);
  const kind = Object.hasOwn(helpers, maker.name) ? helpers[maker.name] : undefined;
  if (kind === 'attribute' || kind === 'keeps' || kind === 'method' || kind === 'member' || kind === 'item') {
    if (maker.effect !== 'inert' && maker.effect !== 'foreign-class') return maker;
    if (kind === 'method') return methodCalled(maker, callee.args, given, depth);
    return (kind === 'attribute' || kind === 'member' || kind === 'item') && maker.reaches !== undefined ? { ...methodOf(maker.reaches), reaches: maker.reaches } : { ...maker, reason: 'applies a reviewed callable' };
  }
  if (maker.name.startsWith('cloudpickle.') || maker.name.startsWith('dill.')) return typeMade(maker, callee.args);
  if (maker.effect === 'inert' && (kind === 'items' || kind === 'attributes')) return unresolved(maker);
  if (maker.effect === 'inert' || maker.effect === 'foreign-class') {
    const kept = worstOf(callee.args, depth + 1);
    if (kept !== undefined && (executes(kept.effect) || touches(kept.effect))) return { ...kept, reason: `is kept by ${maker.name}, which is called: it ${kept.reason}` };
    return { ...maker, effect: 'unknown', name: `${maker.name}()`, reason: 'is an instance that is called like a function' };
  }
  return maker;
}

/** `methodcaller('name', …)(object)`: that method of the object, with what methodcaller was given. */
function methodCalled(maker: Verdict, [name, ...args]: readonly Operand[], [object]: readonly Operand[], depth: number): Verdict {
  const owner = object?.type === 'call' || object?.type === 'global' ? object.target : undefined;
  if (owner === undefined || name?.type !== 'str') return { ...maker, reason: 'applies a method of a value' };
  const known = judged({ target: `${owner}.${name.text}`, module: owner.split('.').slice(0, -1).join('.') || owner, via: 'REDUCE', args }, depth + 1);
  return known.effect === 'inert' ? { ...maker, reason: 'applies a method of a value' } : { ...known, reaches: known.reaches ?? known.name };
}

/** torch before 1.6 stored classes of modules as ('module', class, source file, source). */
function moduleClass(id: Operand): string | undefined {
  if (id.type !== 'tuple') return undefined;
  const [kind, type] = id.items;
  return kind?.type === 'str' && kind.text === 'module' && type?.type === 'global' ? type.target : undefined;
}

/** What an importing helper was asked for, where it is known; as dangerous as the import at least. */
function reached(maker: Verdict): Verdict {
  const known = maker.reaches === undefined ? undefined : classify(maker.reaches);
  return known !== undefined && executes(known.effect) ? { ...maker, effect: known.effect, reason: known.reason } : maker;
}

/** A method or member that getattr took from a class. */
function methodOf(reached: string): Verdict {
  const known = classify(reached);
  if (known.effect === 'inert' || known.effect === 'foreign-class') return { ...known, effect: 'inert' };
  return known.effect === 'unreviewed' || known.effect === 'builds-code' ? known : { ...known, effect: 'unknown' };
}

/** A function whose code lies in the file is called while loading. */
function fromBuilder(maker: Verdict): Verdict {
  if (/(?:_builtin_type|_load_type|CodeType|_create_code)$/.test(maker.name)) return maker;
  return { ...maker, effect: 'runs-code', name: `${maker.name}()`, reason: 'is code from the file itself, called while loading' };
}

/** `_builtin_type('CodeType')(…)` and `_load_type('FunctionType')(…)` of cloudpickle and dill; classes that they rebuilt. */
function typeMade(maker: Verdict, args: readonly Operand[]): Verdict {
  const [name] = args;
  if (/(?:_builtin_type|_load_type)$/.test(maker.name) && name?.type === 'str') {
    const type = name.text;
    const known = /^(?:Code|Function|Lambda|Method|Cell|Module)Type$/.test(type)
      ? { effect: 'builds-code' as const, reason: 'makes a function, a class or a code object out of data in the file' }
      : { effect: 'inert' as const, reason: 'is a built-in type' };
    return { ...known, name: `${maker.name}('${type.slice(0, 40)}')` };
  }
  return { ...maker, effect: 'builds-code', name: `${maker.name}()`, reason: 'makes an instance of a class that is defined in the file' };
}

/**
 * The weightiest thing among operands: names that are handed over, and what inner calls lead to. With `asValues`, a class
 * of a listed package is one that is kept, not called.
 */
export function worstOf(args: readonly Operand[], depth = 0, asValues = false): Verdict | undefined {
  let worst: Verdict | undefined;
  let left = operandCap;
  const pending: (readonly [Operand, number])[] = args.map((arg) => [arg, depth] as const);
  while (pending.length > 0 && left-- > 0) {
    const [arg, level] = pending.pop()!;
    const found = arg.type === 'global' ? (asValues ? imported(classify(arg.target)) : classify(arg.target)) : arg.type === 'call' && level < depthCap ? handed(arg, level) : undefined;
    if (found !== undefined && (worst === undefined || byWeight(found.effect, worst.effect) < 0)) worst = found;
    if (level < depthCap && (arg.type === 'tuple' || arg.type === 'list' || arg.type === 'dict' || arg.type === 'set')) {
      for (const item of arg.items.slice(0, operandCap)) pending.push([item, level + 1]);
    }
  }
  return worst;
}

/** A helper's result that is handed over stands for what it leads to; other results are values. */
function handed(arg: Operand & { type: 'call' }, depth: number): Verdict | undefined {
  const known = judged({ target: arg.target, via: 'REDUCE', args: arg.args }, depth + 1);
  return !Object.hasOwn(helpers, known.name) && known.effect !== 'builds-code' ? undefined : known;
}
