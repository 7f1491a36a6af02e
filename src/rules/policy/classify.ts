// SPDX-License-Identifier: Apache-2.0
import { allowed } from './allow.ts';
import { byWeight, executes, touches, type Effect, type Group } from './effects.ts';
import { libraries } from './libraries.ts';
import { aliases, leading, reached, rebuilding, telling, tellingPart, wordsOf } from './names.ts';
import { stdlib, stdlibRoots } from './stdlib.ts';

/** What is known of a dotted name, before its arguments are looked at. */
export interface Known {
  readonly effect: Effect;
  /** The name under which the policy knows it ('os.system' for 'posix.system'). */
  readonly name: string;
  /** Completes "it …". */
  readonly reason: string;
  /** The policy entry that decided; absent when none did. */
  readonly entry?: string;
  /** The component through which the name leaves the module that it claims to come from. */
  readonly through?: string;
  /** A part of the name is not a literal. */
  readonly computed?: boolean;
}

/** What a call fact comes to, judged by its target and its operands. */
export interface Verdict extends Known {
  /** What is finally reached, when a helper stands between. */
  readonly reaches?: string;
}

interface Entry { readonly effect: Effect; readonly reason: string }

const exact = new Map<string, Entry>();
const trees = new Map<string, Entry>();
const classes = new Map<string, Entry>();
fill(stdlib);
fill(libraries);
fill(allowed);
const profileRoots: ReadonlySet<string> = new Set([...exact.keys(), ...classes.keys()].map((path) => path.split('.')[0] ?? ''));

function put(into: Map<string, Entry>, paths: string | undefined, entry: Entry): void {
  for (const path of (paths ?? '').split(/\s+/)) if (path !== '') into.set(path, entry);
}

function fill(groups: readonly Group[]): void {
  for (const group of groups) {
    const entry = { effect: group.effect, reason: group.reason };
    put(exact, group.names, entry);
    put(trees, group.trees, entry);
    put(classes, group.classes, entry);
  }
}

const cython = /^__pyx_unpickle_\w+$/;
const depthCap = 6;
const componentCap = 32;

/** The same names come again in every artefact; bounded, since names are attacker-controlled. */
const remembered = new Map<string, Known>();
const rememberedCap = 20_000;

/** Whether a name has the shape of a class: CapWords, with leading underscores allowed. */
export function isClassName(name: string): boolean {
  return /^_{0,2}[A-Z]/.test(name);
}

/** What a dotted name stands for. `module` is the part that is imported; guessed from the spelling when absent. */
export function classify(target: string, module?: string): Known {
  const key = `${module ?? ''}\n${target}`;
  const before = remembered.get(key);
  if (before !== undefined) return before;
  const known = look(target.split('.').slice(0, componentCap), moduleParts(target, module), 0);
  if (remembered.size >= rememberedCap) remembered.clear();
  remembered.set(key, known);
  return known;
}

function moduleParts(target: string, module: string | undefined): number {
  if (module !== undefined && (target === module || target.startsWith(`${module}.`))) return module.split('.').length;
  const parts = target.split('.');
  const firstClass = parts.findIndex((part) => isClassName(part));
  return Math.max(1, firstClass === -1 ? parts.length - 1 : firstClass);
}

function look(parts: readonly string[], inModule: number, depth: number): Known {
  const [canonical, shift] = renamed(parts);
  const name = canonical.join('.');
  const known = exact.get(name);
  if (known !== undefined) return { ...known, name, entry: name };
  if (canonical.some((part) => part === '?')) return computed(canonical, name, depth);
  if (isConstructor(canonical)) return look(canonical.slice(0, -1), inModule, depth);
  const crossed = crossing(canonical, Math.max(1, inModule + shift), depth);
  if (crossed === undefined && cython.test(canonical.at(-1) ?? '') && !stdlibRoots.has(canonical[0] ?? '')) {
    return { effect: 'inert', name, reason: 'is what Cython generates to rebuild an instance from a type, a checksum and a state' };
  }
  return crossed ?? longest(canonical) ?? unlisted(canonical);
}

/** `Class.__init__` and `Class.__new__`, with nothing behind: the class itself. */
function isConstructor(parts: readonly string[]): boolean {
  const last = parts.at(-1);
  return (last === '__init__' || last === '__new__') && parts.length > 2 && isClassName(parts.at(-2) ?? '');
}

/** Whether a reviewed profile admits the classes of the module in which a name lies. */
export function inProfile(name: string): boolean {
  const parts = name.split('.').slice(0, componentCap);
  for (let n = parts.length - 1; n > 0; n--) {
    const path = parts.slice(0, n).join('.');
    if (classes.has(path)) return true;
    if (trees.has(path)) return false;
  }
  return false;
}

/** Whether a module can be imported without more than is reviewed: what cloudpickle does for a module that a function uses. */
export function isReviewedModule(module: string): boolean {
  const root = module.split('.')[0] ?? '';
  const { effect } = longest(renamed([...module.split('.').slice(0, componentCap), 'X'])[0]) ?? { effect: 'unknown' as const };
  return stdlibRoots.has(root) ? effect === 'inert' : profileRoots.has(root) && (effect === 'inert' || effect === 'unknown');
}

/** Replaces the longest aliased beginning; the second value is by how much that lengthened the path. */
function renamed(parts: readonly string[]): [string[], number] {
  let out = [...parts];
  for (let round = 0; round < 3; round++) {
    const before = out.join('.');
    for (let n = Math.min(out.length, 4); n > 0; n--) {
      const head = out.slice(0, n).join('.');
      const other = Object.hasOwn(aliases, head) ? aliases[head] : undefined;
      if (other !== undefined && other !== head) {
        out = [...other.split('.'), ...out.slice(n)];
        break;
      }
    }
    if (out.join('.') === before) break;
  }
  return [out, out.length - parts.length];
}

function computed(parts: readonly string[], name: string, depth: number): Known {
  const literal = parts.slice(0, parts.indexOf('?'));
  const base = literal.length === 0 || depth > depthCap ? undefined : longest(literal);
  const anything = literal.join('.') === 'builtins';
  const effect = anything ? 'runs-code' : base !== undefined && (executes(base.effect) || touches(base.effect)) ? base.effect : 'indirection';
  return { effect, name, reason: 'is named by something that is computed while loading', computed: true };
}

/** A name that walks out of the module that was imported: into another module, or through an attribute that leads anywhere. */
function crossing(parts: readonly string[], inModule: number, depth: number): Known | undefined {
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i] ?? '';
    const isLast = i === parts.length - 1;
    if (i >= inModule && (leading.has(part) || /^__\w+__$/.test(part))) return beyond(parts, i, depth);
    const bare = part.replace(/^_+/, '');
    const isModule = (reached.has(bare) && (i >= inModule || bare !== parts[0])) || (i >= inModule && !isLast && stdlibRoots.has(bare) && !isClassName(part));
    if (isModule && !isKnownPath(parts.slice(0, i + 1)) && depth < depthCap) {
      const rest = [bare === 'posixsubprocess' ? '_posixsubprocess' : bare, ...parts.slice(i + 1)];
      const found = rest.length === 1 ? (longest(renamed(rest)[0]) ?? unlisted(rest)) : look(rest, 1, depth + 1);
      return { ...found, effect: found.effect === 'inert' || found.effect === 'unknown' ? 'indirection' : found.effect, through: part };
    }
    if (i >= inModule && !isLast && !isClassName(part) && !exact.has(parts.slice(0, i + 1).join('.'))) return walked(parts, i, depth);
  }
  return undefined;
}

function isKnownPath(parts: readonly string[]): boolean {
  const path = parts.join('.');
  return trees.has(path) || classes.has(path) || exact.has(path);
}

/** A dunder on the way: nothing that follows it belongs to the module any more. */
function beyond(parts: readonly string[], at: number, depth: number): Known {
  const through = parts[at] ?? '';
  const last = parts.at(-1) ?? '';
  const tail = at < parts.length - 1 && depth < depthCap ? exact.get(`builtins.${last}`) ?? trees.get(`os.${last}`) : undefined;
  if (tail !== undefined && executes(tail.effect)) return { ...tail, name: `builtins.${last}`, through };
  return { effect: 'indirection', name: parts.join('.'), reason: `leads through ${through} to anything in the process`, through };
}

/** A lower-case component between module and name is another module: judge the path from there, and the path as a whole. */
function walked(parts: readonly string[], at: number, depth: number): Known {
  const through = parts[at] ?? '';
  const whole = longest(parts);
  const inner = depth < depthCap ? look(parts.slice(at), 1, depth + 1) : undefined;
  const worst = [whole, inner].filter((one) => one !== undefined).toSorted((a, b) => byWeight(a.effect, b.effect))[0];
  if (worst !== undefined && byWeight(worst.effect, 'indirection') < 0 && worst.effect !== 'suspect') return { ...worst, through };
  return { effect: 'indirection', name: parts.join('.'), reason: `leaves its module through ${through}`, through };
}

function longest(parts: readonly string[]): Known | undefined {
  const last = parts.at(-1) ?? '';
  const name = parts.join('.');
  for (let n = parts.length; n > 0; n--) {
    const path = parts.slice(0, n).join('.');
    const asClass = n < parts.length && isClassName(last) ? classes.get(path) : undefined;
    if (asClass !== undefined) return { ...asClass, name, entry: `${path}.<Class>` };
    const tree = trees.get(path);
    if (tree === undefined) continue;
    // A reviewed pure module hands out more than its own functions: what it keeps private, and methods, were not reviewed.
    if (tree.effect === 'inert' && (last.startsWith('_') || isOtherModule(parts) || parts.slice(1, -1).some((part) => isClassName(part)))) return undefined;
    return { ...tree, name, entry: path };
  }
  return undefined;
}

/** `fractions.operator`: not a function of the module but another module that it imported. */
function isOtherModule(parts: readonly string[]): boolean {
  const last = parts.at(-1) ?? '';
  const tree = parts.length > 1 && stdlibRoots.has(last) ? trees.get(last) : undefined;
  return tree !== undefined && tree.effect !== 'inert';
}

function unlisted(parts: readonly string[]): Known {
  const name = parts.join('.');
  const root = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (stdlibRoots.has(root) && root !== '__main__') {
    return { effect: 'unreviewed', name, reason: 'belongs to the standard library, and no ordinary model calls it' };
  }
  if (isClassName(last)) return { effect: 'foreign-class', name, reason: 'is a class of a package that no reviewed profile covers' };
  const told = rebuilding.test(last) ? undefined : wordsOf(last).find((word) => telling.has(word) || tellingPart.test(word));
  return told === undefined
    ? { effect: 'unknown', name, reason: 'is a function that no reviewed profile covers' }
    : { effect: 'suspect', name, reason: `is in no reviewed profile, and its name says '${told}'` };
}
