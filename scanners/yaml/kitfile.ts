// SPDX-License-Identifier: Apache-2.0
// Kitfile, the manifest of a ModelKit (kitops.org/docs/kitfile/format): package, and the paths of model, data sets, code and documents.
import { clip } from '../../src/bytes/clip.ts';
import { isMapping, type Yaml } from '../../src/grammar/yaml.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';

/** Entries of one list that are told. */
const listed = 1024;

/** What a Kitfile packs, by the role of each part. */
export function* kitfile(kit: ReadonlyMap<string, Yaml>): Generator<FactOf<'claim' | 'link'>> {
  const packed = kit.get('package');
  if (isMapping(packed)) {
    const fields: readonly (readonly [string, ClaimField])[] = [['name', 'name'], ['version', 'version'], ['description', 'description'], ['license', 'licence']];
    for (const [key, field] of fields) {
      const said = textOf(packed.get(key));
      if (said !== undefined) yield { kind: 'claim', field, value: clip(said) };
    }
    const authors = packed.get('authors');
    for (const author of Array.isArray(authors) ? (authors as readonly Yaml[]).slice(0, listed) : []) {
      const said = textOf(author);
      if (said !== undefined) yield { kind: 'claim', field: 'author', value: clip(said) };
    }
  }
  for (const part of parts(kit)) {
    const licence = textOf(part.get('license'));
    if (licence !== undefined) yield { kind: 'claim', field: 'licence', value: clip(licence) };
    const path = textOf(part.get('path'));
    if (path !== undefined) yield { kind: 'link', role: 'part', target: clip(path, 1024) };
  }
}

function* parts(kit: ReadonlyMap<string, Yaml>): Generator<ReadonlyMap<string, Yaml>> {
  const model = kit.get('model');
  if (isMapping(model)) {
    yield model;
    yield* mappings(model.get('parts'));
  }
  for (const key of ['datasets', 'code', 'docs', 'prompts']) yield* mappings(kit.get(key));
}

function* mappings(value: Yaml | undefined): Generator<ReadonlyMap<string, Yaml>> {
  for (const one of Array.isArray(value) ? (value as readonly Yaml[]).slice(0, listed) : []) if (isMapping(one)) yield one;
}

function textOf(value: Yaml | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : typeof value === 'number' ? String(value) : undefined;
}
