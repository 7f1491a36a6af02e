// SPDX-License-Identifier: Apache-2.0
// Documents in YAML that describe models, data sets and their surroundings: CITATION.cff 1.2, MLmodel (mlflow.org/docs/latest/model),
// conda environments, mergekit configurations, DVC files, and the parts of card front matter that are records.
import { clip } from '../../src/bytes/clip.ts';
import { isMapping, type Yaml } from '../../src/grammar/yaml.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import { kitfile } from './kitfile.ts';

type Said = FactOf<'claim' | 'link'>;
type Map_ = ReadonlyMap<string, Yaml>;

const listed = 256;
/** Packages of one environment that are told. */
const packages = 2000;

/** What the document says, by what it is. */
export function* moreFacts(value: Yaml, name: string): Generator<Said> {
  if (!isMapping(value)) return;
  if (value.has('cff-version')) yield* citation(value);
  else if (/^MLmodel$/i.test(name)) yield* mlmodel(value);
  else if (/^Kitfile$/i.test(name)) yield* kitfile(value);
  else if (/^(conda|environment)[\w.-]*\.ya?ml$/i.test(name) && value.has('dependencies')) yield* environment(value);
  else if (value.has('merge_method')) yield* merge(value);
  else if (/^front-matter\.ya?ml$/i.test(name)) yield* frontMatter(value);
}

const say = (field: ClaimField, value: string): FactOf<'claim'> => ({ kind: 'claim', field, value: clip(value) });

function text(value: Yaml | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : typeof value === 'number' ? String(value) : undefined;
}

function list(value: Yaml | undefined): readonly Yaml[] {
  return Array.isArray(value) ? (value as readonly Yaml[]).slice(0, listed) : [];
}

function* citation(cff: Map_): Generator<Said> {
  for (const author of list(cff.get('authors'))) {
    if (!isMapping(author)) continue;
    const name = text(author.get('name')) ?? [text(author.get('given-names')), text(author.get('family-names'))].filter((part) => part !== undefined).join(' ');
    if (name !== '') yield say('author', name);
    const affiliation = text(author.get('affiliation'));
    if (affiliation !== undefined) yield say('organisation', affiliation);
  }
  const fields: readonly (readonly [string, ClaimField])[] = [['doi', 'doi'], ['repository-code', 'repository'], ['url', 'homepage'], ['date-released', 'release-date'], ['license', 'licence'], ['abstract', 'description']];
  for (const [key, field] of fields) {
    const said = text(cff.get(key));
    if (said !== undefined) yield say(field, said);
  }
}

function* mlmodel(model: Map_): Generator<Said> {
  const created = text(model.get('utc_time_created'));
  if (created !== undefined) yield say('release-date', created.replace(' ', 'T').replace(/(\.\d+)?$/, 'Z'));
  for (const key of ['run_id', 'model_uuid', 'artifact_path'] as const) {
    const said = text(model.get(key));
    if (said !== undefined) yield say('training', `mlflow-${key}=${said}`);
  }
  if (model.has('mlflow_version')) yield say('library', 'mlflow');
  const flavors = model.get('flavors');
  for (const [flavor, options] of isMapping(flavors) ? [...flavors].slice(0, 16) : []) {
    if (!isMapping(options)) continue;
    if (flavor === 'python_function') {
      const version = text(options.get('python_version'));
      if (version !== undefined) yield say('package', `generic python ==${version}`);
      continue;
    }
    const version = text(options.get(`${flavor}_version`));
    yield say('package', `pypi ${flavor === 'sklearn' ? 'scikit-learn' : flavor === 'pytorch' ? 'torch' : flavor.replaceAll('_', '-')} ${version === undefined ? '' : `==${version}`}`.trim());
    const kind = text(options.get('pickled_model')) ?? text(options.get('model_class'));
    if (kind !== undefined) yield say('component', `${flavor}=${kind}`);
  }
  const signature = model.get('signature');
  if (!isMapping(signature)) return;
  for (const [key, field] of [['inputs', 'input'], ['outputs', 'output']] as const) {
    const said = text(signature.get(key));
    if (said === undefined || said.length > 65_536) continue;
    for (const column of columnsOf(said).slice(0, 64)) yield say(field, column);
  }
}

/** MLflow writes its signature as a JSON text in YAML: [{"name", "type"}] or [{"type": "tensor", "tensor-spec": {dtype, shape}}]. */
function columnsOf(json: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return [];
  }
  return (Array.isArray(parsed) ? (parsed as unknown[]) : []).flatMap((item): string[] => {
    if (typeof item !== 'object' || item === null) return [];
    const { name, type, 'tensor-spec': spec } = item as Record<string, unknown>;
    const { dtype, shape } = (typeof spec === 'object' && spec !== null ? spec : {}) as Record<string, unknown>;
    const what = typeof dtype === 'string' ? `tensor ${dtype} ${JSON.stringify(shape)}` : String(type);
    return [typeof name === 'string' ? `${name}: ${what}` : what];
  });
}

function* environment(file: Map_): Generator<Said> {
  let told = 0;
  const one = function* (ecosystem: string, said: string): Generator<Said> {
    const match = /^(?:[\w.-]{1,64}::)?([A-Za-z0-9][\w.-]{0,127})\s*(.*)$/.exec(said);
    if (match === null || told >= packages) return;
    told += 1;
    const spec = match[2]!.replace(/^=(?!=)([^=]+)(=.*)?$/, '==$1').trim();
    yield say('package', `${ecosystem} ${match[1]!} ${spec}`.trim());
  };
  const dependencies = file.get('dependencies');
  for (const item of Array.isArray(dependencies) ? (dependencies as readonly Yaml[]).slice(0, packages) : []) {
    if (typeof item === 'string') yield* one('conda', item);
    const pip = isMapping(item) ? item.get('pip') : undefined;
    for (const inner of Array.isArray(pip) ? (pip as readonly Yaml[]).slice(0, packages) : []) if (typeof inner === 'string' && !inner.startsWith('-')) yield* one('pypi', inner);
  }
}

/** https://github.com/arcee-ai/mergekit: models and slices name what was merged. */
function* merge(config: Map_): Generator<Said> {
  const method = text(config.get('merge_method'));
  if (method !== undefined) yield say('training', `merge-method=${method}`);
  yield say('base-model-relation', 'merge');
  const seen = new Set<string>();
  const from = function* (value: Yaml | undefined): Generator<Said> {
    const target = text(isMapping(value) ? value.get('model') : value);
    if (target === undefined || seen.has(target)) return;
    seen.add(target);
    const cut = target.lastIndexOf('@');
    yield { kind: 'link', role: 'base-model', target: clip(cut > 0 ? target.slice(0, cut) : target), detail: 'merge base_model', ...(cut > 0 ? { revision: clip(target.slice(cut + 1)) } : {}) };
  };
  yield* from(config.get('base_model'));
  for (const model of list(config.get('models'))) yield* from(model);
  for (const slice of list(config.get('slices'))) {
    if (isMapping(slice)) for (const source of list(slice.get('sources'))) yield* from(source);
  }
}

const provenance = ['annotations_creators', 'language_creators', 'multilinguality', 'source_datasets', 'task_ids', 'paperswithcode_id'] as const;

function* frontMatter(card: Map_): Generator<Said> {
  const emissions = card.get('co2_eq_emissions');
  if (isMapping(emissions)) {
    for (const [key, named] of [['emissions', 'co2-grams'], ['source', 'source'], ['training_type', 'training-type'], ['geographical_location', 'location'], ['hardware_used', 'hardware']] as const) {
      const said = text(emissions.get(key));
      if (said !== undefined) yield say('energy', `${named}=${said}`);
    }
  } else if (text(emissions) !== undefined) {
    yield say('energy', `co2-grams=${text(emissions)!}`);
  }
  for (const key of provenance) {
    const value = card.get(key);
    const said = (Array.isArray(value) ? list(value) : [value]).flatMap((item) => text(item) ?? []);
    if (said.length > 0) yield say('dataset', `${key.replaceAll('_', '-')}=${said.join(', ')}`);
  }
  const info = card.get('dataset_info');
  for (const one of Array.isArray(info) ? list(info) : [info]) if (isMapping(one)) yield* datasetInfo(one);
  for (const key of ['doi', 'model_creator', 'new_version'] as const) {
    const said = text(card.get(key));
    if (said !== undefined) yield say(key === 'doi' ? 'doi' : key === 'model_creator' ? 'organisation' : 'tag', said);
  }
}

/** `dataset_info` of a data set card: configurations with features and splits. */
function* datasetInfo(info: Map_): Generator<Said> {
  const config = text(info.get('config_name'));
  const prefix = config === undefined || config === 'default' ? '' : `${config}/`;
  for (const split of list(info.get('splits'))) {
    if (!isMapping(split)) continue;
    const [name, rows] = [text(split.get('name')), text(split.get('num_examples'))];
    if (name !== undefined && rows !== undefined) yield say('dataset', `split ${prefix}${name}=${rows}`);
  }
  for (const feature of list(info.get('features'))) {
    if (!isMapping(feature)) continue;
    const [name, type] = [text(feature.get('name')), text(feature.get('dtype'))];
    if (name !== undefined) yield say('dataset', `feature ${name}=${type ?? 'record'}`);
  }
  const size = text(info.get('dataset_size'));
  if (size !== undefined) yield say('dataset', `bytes=${size}`);
}
