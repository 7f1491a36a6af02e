// SPDX-License-Identifier: Apache-2.0
import type { Artefact, Inspected } from '../src/model/artefact.ts';
import type { ClaimField, FactKind, FactOf, LinkRole } from '../src/model/fact.ts';
import type { Confidence } from '../src/model/rule.ts';
import type { Span } from '../src/model/span.ts';
import { compare, publishable } from './text.ts';

/**
 * Where a value comes from: `declared` by the artefact about itself, `observed` in the bytes, `derived` by a stated
 * method from other values, `given` by the person who runs the tool.
 */
export type Origin = 'declared' | 'observed' | 'derived' | 'given';

/** A value with what a reader needs in order to doubt it. */
export interface Value<T = string> {
  readonly value: T;
  readonly origin: Origin;
  /** Artefact id; '' for the whole. */
  readonly source: string;
  readonly confidence: Confidence;
  readonly at?: Span;
  /** How a derived value was reached. */
  readonly how?: string;
}

/** The facts of a report, found by kind. Every answer is in an order that does not hang on the order they were said in. */
export class Facts {
  readonly #claims = new Map<ClaimField, Value[]>();
  readonly #links = new Map<LinkRole, { readonly link: FactOf<'link'>; readonly value: Value }[]>();

  /** Artefacts that describe a data set: cards, their front matter, catalogues. */
  readonly datasetSources: ReadonlySet<string>;
  readonly #exclude: boolean;

  /** @param model Whether the subject is a model, so that the card of a data set in it does not speak for it. */
  constructor(inspected: readonly Inspected[], model = false) {
    this.#exclude = model;
    this.datasetSources = datasetSourcesOf(inspected);
    for (const { artefact, facts } of inspected) {
      for (const fact of facts) {
        if (fact.kind === 'claim') push(this.#claims, fact.field, value(fact.value, artefact, fact));
        if (fact.kind === 'link') push(this.#links, fact.role, { link: fact, value: value(fact.target, artefact, fact) });
      }
    }
    for (const [field, found] of this.#claims) this.#claims.set(field, sorted(found));
    for (const found of this.#links.values()) {
      found.sort((a, b) => byPlace(a.value, b.value) || compare(a.link.revision ?? '', b.link.revision ?? '') || compare(a.link.detail ?? '', b.link.detail ?? ''));
    }
  }

  /** All claims of a field, those of outer folders first, then by path and position. */
  claims(field: ClaimField): readonly Value[] {
    return this.#claims.get(field) ?? [];
  }

  links(role: LinkRole): readonly { readonly link: FactOf<'link'>; readonly value: Value }[] {
    return this.#links.get(role) ?? [];
  }

  /** Claims that concern the subject: those of the outermost folder that has any, so that a nested model does not speak for it. */
  ofSubject(field: ClaimField, wanted: (text: string) => boolean = () => true): readonly Value[] {
    const all = this.claims(field).filter(({ value: text, source }) => text.trim() !== '' && wanted(text) && !(this.#exclude && this.datasetSources.has(source) && !isOuterCard(source)));
    const outermost = all[0] === undefined ? 0 : depth(all[0].source);
    return all.filter(({ source }) => depth(source) === outermost);
  }

  first(field: ClaimField): Value | undefined {
    return this.ofSubject(field)[0];
  }
}

function datasetSourcesOf(inspected: readonly Inspected[]): Set<string> {
  const out = new Set<string>();
  for (const { artefact, facts } of inspected) {
    const describes = /^dataset_infos?\.json$/i.test(fileName(artefact.id)) || facts.some((fact) => fact.kind === 'claim' && fact.field === 'card' && fact.value === 'dataset');
    if (describes) out.add(artefact.id);
  }
  for (const { artefact } of inspected) if (artefact.id.endsWith('!/front-matter.yaml') && out.has(artefact.id.slice(0, artefact.id.lastIndexOf('!/')))) out.add(artefact.id);
  return out;
}

function push<K, V>(map: Map<K, V[]>, key: K, item: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

function value(text: string, artefact: Artefact, fact: FactOf<FactKind>): Value {
  return { value: publishable(text), origin: 'declared', source: artefact.id, confidence: 'medium', ...(fact.at === undefined ? {} : { at: fact.at }) };
}

/** The card of the folder itself speaks for what is in it, whatever keys it has. */
function isOuterCard(source: string): boolean {
  return isCard(source) && depth(source) === 0;
}

/** In the order of `byPlace`, with the depth of each source found once. */
function sorted(values: readonly Value[]): Value[] {
  const keyed = values.map((one) => ({ one, depth: depth(one.source), card: isCard(one.source) }));
  keyed.sort((a, b) => a.depth - b.depth || Number(b.card) - Number(a.card) || byPlace(a.one, b.one));
  return keyed.map(({ one }) => one);
}

function byPlace(a: Value, b: Value): number {
  return (a.source === b.source ? 0 : depth(a.source) - depth(b.source) || Number(isCard(b.source)) - Number(isCard(a.source)) || compare(a.source, b.source))
    || (a.at?.[0] ?? 0) - (b.at?.[0] ?? 0) || compare(a.value, b.value);
}

/** Folders above the root file that an artefact is, or lies in; the layout of a hub cache does not count. */
export function depth(id: string): number {
  return rootFile(id).replace(/^(?:models--[^/]+\/)?(?:snapshots\/[0-9a-f]{40}\/)?/, '').split('/').length - 1;
}

/** The file on disk that an artefact is, or lies in. */
export function rootFile(id: string): string {
  const end = id.indexOf('!/');
  return end < 0 ? id : id.slice(0, end);
}

/** Folder of the root file; '' for the root. */
export function folderOf(id: string): string {
  const file = rootFile(id);
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

/** Name of the root file without folders. */
export function fileName(id: string): string {
  const file = rootFile(id);
  return file.slice(file.lastIndexOf('/') + 1);
}

/** A model or dataset card, or its front matter. */
export function isCard(id: string): boolean {
  return /^(readme|modelcard|model_card|datasetcard)\.(md|markdown|ya?ml|json)$/i.test(fileName(id));
}
