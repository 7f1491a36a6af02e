// SPDX-License-Identifier: Apache-2.0
import type { Inspected } from '../src/model/artefact.ts';
import type { FactOf } from '../src/model/fact.ts';
import { compare } from './text.ts';
import { folderOf, rootFile, type Facts, type Value } from './value.ts';

/** One file of weights, as its tensor headers tell. */
export interface Weights {
  /** Artefact id. */
  readonly path: string;
  readonly format: string;
  readonly tensors: number;
  /** Elements of all tensors; undefined when not a safe integer. */
  readonly elements: number | undefined;
  /** Elements by dtype, in code-unit order of the dtype. */
  readonly dtypes: Readonly<Record<string, number>>;
  readonly quantisation?: Value;
  /** Several weights are packed into one element, so that elements do not count parameters. */
  readonly packed: boolean;
  /** Read to its end. */
  readonly complete: boolean;
  readonly sha256?: string;
}

/** Files that together hold a model once: the shards of an index, or a single file. */
export interface WeightSet {
  /** Ids, sorted. */
  readonly members: readonly string[];
  /** Id of the index, when one lists the members. */
  readonly index?: string;
  /** Members that the index or the numbering names and that are not here. */
  readonly missing: readonly string[];
  readonly elements: number | undefined;
  readonly consistent: boolean;
  readonly packed: boolean;
  readonly adapter: boolean;
}

const packedName = /\.(qweight|qzeros|weight_packed|absmax|quant_map|quant_state[\w.]*|SCB|weight_format)$/;

/** Every artefact that says tensors itself; what is nested in one is part of it. */
export function weightsOf(inspected: readonly Inspected[], facts: Facts): Weights[] {
  const sorted = inspected.toSorted((a, b) => compare(a.artefact.id, b.artefact.id));
  const out: Weights[] = [];
  const taken = new Set<string>();
  const quantisations = new Map(facts.claims('quantisation').toReversed().map((value) => [value.source, value]));
  for (const one of sorted) {
    const { id, format, digests } = one.artefact;
    if (within(id, taken) || format.split('+').includes('numpy')) continue;
    const tensors = one.facts.filter((fact): fact is FactOf<'tensor'> => fact.kind === 'tensor');
    if (tensors.length === 0) continue;
    taken.add(id);
    const quantisation = quantisations.get(id);
    out.push({
      path: id,
      format,
      ...count(tensors),
      complete: one.coverage === 'complete',
      packed: tensors.some(({ name, dtype }) => packedName.test(name) && !/^(B?F\d|Q\d|IQ\d)/.test(dtype)),
      ...(quantisation === undefined ? {} : { quantisation }),
      ...digests,
    });
  }
  return out;
}

/** Whether an id lies in one of the containers. */
function within(id: string, containers: ReadonlySet<string>): boolean {
  for (let at = id.indexOf('!/'); at >= 0; at = id.indexOf('!/', at + 2)) if (containers.has(id.slice(0, at))) return true;
  return false;
}

function count(tensors: readonly FactOf<'tensor'>[]): Pick<Weights, 'tensors' | 'elements' | 'dtypes'> {
  const dtypes = new Map<string, number>();
  let elements = 0;
  const places = new Set<string>();
  for (const { dtype, shape, at } of tensors) {
    if (at !== undefined && at[1] > at[0] + 1) { // tied tensors of a torch checkpoint are one
      const place = `${at[0]} ${at[1]}`;
      if (places.has(place)) continue;
      places.add(place);
    }
    const size = shape.reduce((product, length) => product * length, 1); // attacker-controlled: may leave the safe integers
    elements += size;
    dtypes.set(dtype, (dtypes.get(dtype) ?? 0) + size);
  }
  const known = [elements, ...dtypes.values()].every((size) => Number.isSafeInteger(size) && size >= 0);
  const sorted = [...dtypes].sort(([a], [b]) => compare(a, b));
  return { tensors: tensors.length, elements: known ? elements : undefined, dtypes: known ? Object.fromEntries(sorted) : {} };
}

/** Groups weight files: by index, else by the numbering '-00001-of-00003', else each alone. */
export function weightSets(weights: readonly Weights[], facts: Facts, present: ReadonlySet<string>): WeightSet[] {
  const byPath = new Map(weights.map((one) => [one.path, one]));
  const grouped = new Set<string>();
  const sets: WeightSet[] = [];
  const add = (members: readonly string[], missing: readonly string[], index?: string): void => {
    for (const member of members) grouped.add(member);
    sets.push(setOf(members.map((member) => byPath.get(member)!), missing, index));
  };
  const indices = new Map<string, Set<string>>();
  for (const { link, value } of facts.links('shard')) {
    const folder = folderOf(value.source);
    const target = folder === '' ? link.target : `${folder}/${link.target}`;
    indices.set(value.source, (indices.get(value.source) ?? new Set()).add(target));
  }
  for (const [index, targets] of indices) {
    const members = [...targets].filter((target) => byPath.has(target)).sort(compare);
    const missing = [...targets].filter((target) => !byPath.has(target)).map((target) => (present.has(target) ? `${target} (not understood)` : target));
    if (members.length > 0) add(members, missing.sort(compare), index);
  }
  const numbered = new Map<string, string[]>();
  for (const { path } of weights) {
    const parts = /^(.*)-(\d{5})-of-(\d{5})(\.[^/]*)?$/.exec(path);
    if (parts === null || grouped.has(path)) continue;
    const key = `${parts[1]}-of-${parts[3]}${parts[4] ?? ''}`;
    const members = numbered.get(key);
    if (members === undefined) numbered.set(key, [path]);
    else members.push(path);
  }
  for (const [key, members] of numbered) {
    const wanted = Number(/-of-(\d{5})(?:\.[^/]*)?$/.exec(key)![1]);
    add(members, wanted === members.length ? [] : [`${Math.abs(wanted - members.length)} of ${wanted} shards`]);
  }
  for (const { path } of weights) if (!grouped.has(path)) add([path], []);
  return sets.sort((a, b) => compare(a.members[0]!, b.members[0]!) || compare(a.index ?? '', b.index ?? ''));
}

function setOf(members: readonly Weights[], missing: readonly string[], index?: string): WeightSet {
  const elements = members.reduce<number | undefined>((sum, { elements: own }) => (sum === undefined || own === undefined ? undefined : sum + own), 0);
  const known = elements !== undefined && Number.isSafeInteger(elements) ? elements : undefined;
  return {
    members: members.map(({ path }) => path),
    ...(index === undefined ? {} : { index }),
    missing,
    elements: known,
    consistent: missing.length === 0 && known !== undefined && members.every(({ complete }) => complete),
    packed: members.some(({ packed }) => packed),
    adapter: members.every(({ path }) => /(^|\/)adapter_model\.[^/]*$/.test(rootFile(path))),
  };
}

/**
 * Parameters of the subject: those of its largest set of weight files that is all there and was read to the end.
 * Formats of the same model beside each other (safetensors and GGUF) so count once. Undefined when there is no such
 * set, or when weights are packed so that elements are no parameters.
 */
export function parameterCount(sets: readonly WeightSet[]): Value<number> | undefined {
  const full = sets.filter((set) => set.consistent && !set.adapter);
  const usable = full.length > 0 ? full : sets.filter((set) => set.consistent);
  const largest = usable.toSorted((a, b) => b.elements! - a.elements! || compare(a.members[0]!, b.members[0]!))[0];
  if (largest === undefined || largest.packed) return undefined;
  const { members, index } = largest;
  const others = sets.length - 1;
  const what = index !== undefined ? `${members.length} shards listed by ${index}` : members.length > 1 ? `${members.length} numbered shards` : members[0]!;
  const how = `sum of the tensor shapes in ${what}${others === 0 ? '' : `, the largest of ${others + 1} sets of weight files; sets are not added up`}`;
  return { value: largest.elements!, origin: 'observed', source: index ?? members[0]!, confidence: 'high', how };
}

/** 6738415616 → '6.7B', as the property taxonomy of CycloneDX writes it. */
export function shortCount(count: number): string {
  for (const [unit, letter] of [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'K']] as const) {
    if (count >= unit) return `${Number((count / unit).toPrecision(count / unit >= 100 ? 3 : 2))}${letter}`;
  }
  return String(count);
}
