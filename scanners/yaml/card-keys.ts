// SPDX-License-Identifier: Apache-2.0
// Keys of Hugging Face model and dataset cards (huggingface.co/docs/hub/model-cards, /datasets-cards), and of MLmodel.
import { clip } from '../../src/bytes/clip.ts';
import { isMapping, type Yaml } from '../../src/grammar/yaml.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';

const fields: Readonly<Record<string, ClaimField>> = {
  license: 'licence', license_name: 'licence-name', license_link: 'licence-link', base_model_relation: 'base-model-relation',
  library_name: 'library', pipeline_tag: 'task', task_categories: 'task', language: 'language', tags: 'tag', pretty_name: 'name',
  size_categories: 'dataset-size', model_name: 'name', mlflow_version: 'library-version',
};

/** Values of one key that are told; a card with more is no card. */
const listed = 256;

type Said = FactOf<'claim' | 'link'>;

/** Claims and links of a card's front matter. */
export function* cardFacts(value: Yaml, name: string): Generator<Said> {
  if (!isMapping(value)) return;
  if (value.has('cff-version') || value.has('merge_method')) return;
  if (!/^front-matter\.ya?ml$|^MLmodel$/i.test(name) && !value.has('license') && !value.has('base_model')) return;
  for (const [key, field] of Object.entries(fields)) for (const text of texts(value.get(key))) yield { kind: 'claim', field, value: text };
  // YAML 1.1 reads the code of Norwegian as false.
  const spoken = value.get('language');
  if ((Array.isArray(spoken) ? list(spoken) : [spoken]).includes(false)) yield { kind: 'claim', field: 'language', value: 'no' };
  for (const text of texts(value.get('base_model'))) {
    const [target, revision] = split(text);
    yield { kind: 'link', role: 'base-model', target, detail: 'base_model', ...(revision === undefined ? {} : { revision }) };
  }
  for (const key of ['datasets', 'source_datasets']) {
    for (const target of texts(value.get(key))) if (target !== 'original') yield { kind: 'link', role: 'dataset', target, detail: key };
  }
  yield* results(value.get('model-index'));
}

/** model-index: [{name, results: [{task, dataset: {name, type}, metrics: [{type, value}]}]}]. */
function* results(index: Yaml | undefined): Generator<Said> {
  for (const model of list(index)) {
    if (!isMapping(model)) continue;
    for (const text of texts(model.get('name'))) yield { kind: 'claim', field: 'name', value: text };
    for (const result of list(model.get('results'))) {
      if (!isMapping(result)) continue;
      const dataset = result.get('dataset');
      const [on] = isMapping(dataset) ? [...texts(dataset.get('type')), ...texts(dataset.get('name'))] : [];
      if (on !== undefined) yield { kind: 'link', role: 'evaluation-dataset', target: on, detail: 'model-index' };
      for (const metric of list(result.get('metrics'))) {
        if (!isMapping(metric)) continue;
        const [type] = texts(metric.get('type'));
        const [measured] = texts(metric.get('value'));
        if (type !== undefined && measured !== undefined) yield { kind: 'claim', field: 'metric', value: clip(`${type}=${measured}${on === undefined ? '' : ` on ${on}`}`) };
      }
    }
  }
}

function list(value: Yaml | undefined): readonly Yaml[] {
  return Array.isArray(value) ? (value as readonly Yaml[]).slice(0, listed) : [];
}

/** A text, a number, or a list of them. */
function texts(value: Yaml | undefined): string[] {
  const items = Array.isArray(value) ? list(value) : [value];
  return items.flatMap((item) => (typeof item === 'string' && item.trim() !== '' ? [clip(item.trim())] : typeof item === 'number' ? [String(item)] : []));
}

/** Some cards write the revision behind the name: org/name@revision. */
function split(text: string): [target: string, revision: string | undefined] {
  const cut = text.lastIndexOf('@');
  return cut > 0 ? [text.slice(0, cut), text.slice(cut + 1)] : [text, undefined];
}
