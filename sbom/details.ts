// SPDX-License-Identifier: Apache-2.0
// What documents beside the weights say: prose of cards, runs, energy, packages, parts, promised digests, licence texts, data sets.
import type { Inspected } from '../src/model/artefact.ts';
import type { ClaimField } from '../src/model/fact.ts';
import { recordsOf } from '../src/model/records.ts';
import { buildPurl } from './purl.ts';
import { compare, publishable } from './text.ts';
import { folderOf, isCard, type Facts, type Value } from './value.ts';

/** A 'key=value' claim. */
export interface Pair {
  readonly key: string;
  readonly value: Value;
}

/** A package that a manifest, lock file or environment names. */
export interface Package {
  readonly ecosystem: string;
  readonly name: string;
  /** Set where exactly one version is allowed. */
  readonly version?: string;
  readonly specifier: string;
  readonly purl?: string;
  readonly said: Value;
}

/** A digest that a hub, a list or a catalogue records for a file. */
export interface Promised {
  readonly path: string;
  readonly algorithm: string;
  readonly hex: string;
  /** The document that records it. */
  readonly source: string;
}

/** What cards and catalogues say of the data set in one folder. */
export interface DatasetDetails {
  readonly folder: string;
  readonly name?: Value;
  readonly description?: Value;
  readonly licence?: Value;
  readonly owners: readonly Value[];
  readonly sources: readonly Value[];
  /** Collection, annotation, preprocessing, biases … by topic. */
  readonly topics: readonly Pair[];
  /** Rows by split. */
  readonly splits: readonly Pair[];
  readonly features: readonly Pair[];
  readonly released?: Value;
  readonly homepage?: Value;
}

export interface Details {
  section(topic: string): readonly Value[];
  readonly training: readonly Pair[];
  readonly energy: readonly Pair[];
  readonly parts: readonly Pair[];
  readonly packages: readonly Package[];
  readonly promised: readonly Promised[];
  readonly licenceTexts: readonly Value[];
  readonly datasets: ReadonlyMap<string, DatasetDetails>;
}

export function detailsOf(facts: Facts, inspected: readonly Inspected[]): Details {
  const sections = new Map<string, Value[]>();
  for (const { key, value } of pairs(facts.ofSubject('section', (one) => one.startsWith('description=')).concat(facts.ofSubject('section', (one) => !one.startsWith('description='))))) {
    const list = sections.get(key) ?? [];
    sections.set(key, list);
    if (!list.some((one) => one.value === value.value)) list.push(value);
  }
  return {
    section: (topic) => sections.get(topic) ?? [],
    training: pairs(facts.ofSubject('training')),
    energy: pairs(facts.ofSubject('energy')),
    parts: pairs(facts.ofSubject('component')),
    packages: packagesOf(facts),
    promised: promisedOf(inspected),
    licenceTexts: facts.ofSubject('licence-text').map((said) => ({ ...said, origin: 'observed', value: said.value, how: 'recognised by its text' })),
    datasets: datasetsOf(facts),
  };
}

/** 'key=value' cut at the first '='. */
export function pairs(values: readonly Value[]): Pair[] {
  return values.flatMap((value) => {
    const at = value.value.indexOf('=');
    return at <= 0 ? [] : [{ key: value.value.slice(0, at), value: { ...value, value: value.value.slice(at + 1).trim() } }];
  });
}

function packagesOf(facts: Facts): Package[] {
  const out = new Map<string, Package>();
  for (const said of facts.claims('package')) {
    const [ecosystem, name, ...rest] = said.value.split(' ');
    if (ecosystem === undefined || name === undefined || name === '') continue;
    const specifier = rest.join(' ');
    const version = /^={2,3}v?(\d[\w.+!-]{0,63})$/.exec(specifier)?.[1] ?? (ecosystem === 'npm' ? /^(\d+\.\d+\.\d+[\w.+-]{0,40})$/.exec(specifier)?.[1] : undefined);
    const scope = ecosystem === 'npm' && name.startsWith('@') ? name.indexOf('/') : -1;
    const purl = buildPurl({
      type: ecosystem, name: scope < 0 ? name : name.slice(scope + 1), ...(scope < 0 ? {} : { namespace: name.slice(0, scope) }), ...(version === undefined ? {} : { version }),
    });
    const one: Package = { ecosystem, name, specifier, said, ...(version === undefined ? {} : { version }), ...(purl === undefined ? {} : { purl }) };
    // A lock file's exact version says more than the range in a manifest.
    const key = `${ecosystem} ${name.toLowerCase().replaceAll(/[_.]+/g, '-')} ${version ?? ''}`;
    if (!out.has(key)) out.set(key, one);
  }
  const exact = new Set([...out.values()].filter(({ version }) => version !== undefined).map(({ ecosystem, name }) => `${ecosystem} ${name.toLowerCase()}`));
  return [...out.values()].filter(({ ecosystem, name, version }) => version !== undefined || !exact.has(`${ecosystem} ${name.toLowerCase()}`))
    .sort((a, b) => compare(a.ecosystem, b.ecosystem) || compare(a.name, b.name) || compare(a.version ?? '', b.version ?? ''));
}

/** Digests that something records for a file, with the path of that file. */
function promisedOf(inspected: readonly Inspected[]): Promised[] {
  return recordsOf(inspected).flatMap(({ target, algorithm, value, from, by }) => (target === undefined || by === 'file-name' ? [] : [{ path: target, algorithm, hex: value, source: from }]));
}

/** By folder: claims of artefacts that describe data sets. */
function datasetsOf(facts: Facts): ReadonlyMap<string, DatasetDetails> {
  const out = new Map<string, DatasetDetails>();
  const folders = new Set([...facts.datasetSources].map(folderOf));
  for (const folder of [...folders].sort(compare)) {
    const of = (field: ClaimField): readonly Value[] => facts.claims(field).filter(({ source, value }) => folderOf(source) === folder && facts.datasetSources.has(source) && value.trim() !== '');
    const all = pairs(of('dataset'));
    const sections = pairs(of('section'));
    const first = (field: ClaimField): Value | undefined => of(field).toSorted((a, b) => Number(isCard(b.source)) - Number(isCard(a.source)))[0];
    const [name, licence, released, homepage] = [first('name'), first('licence'), first('release-date'), first('homepage')];
    const description = sections.find(({ key }) => key === 'description')?.value ?? first('description');
    out.set(folder, {
      folder,
      ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }), ...(licence === undefined ? {} : { licence }),
      ...(released === undefined ? {} : { released }), ...(homepage === undefined ? {} : { homepage }),
      owners: unique([...of('organisation'), ...of('author')]),
      sources: unique(all.filter(({ key }) => key === 'source' || key === 'source-datasets').map(({ value }) => value)),
      splits: uniquePairs(all.filter(({ key }) => key.startsWith('split ')).map(({ key, value }) => ({ key: key.slice(6), value }))),
      features: uniquePairs(all.filter(({ key }) => key.startsWith('feature ') || key.startsWith('classes ')).map(({ key, value }) => ({ key: publishable(key), value }))),
      topics: uniquePairs([
        ...all.filter(({ key }) => !/^(source|source-datasets|split .*|feature .*|classes .*)$/.test(key)),
        ...sections.filter(({ key }) => ['data-collection', 'annotation', 'personal-data', 'curation', 'preprocessing', 'intended-use', 'limitations', 'risks'].includes(key)),
      ]),
    });
  }
  return out;
}

function unique(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [value.value, value])).values()];
}

function uniquePairs(all: readonly Pair[]): Pair[] {
  return [...new Map(all.map((pair) => [`${pair.key}\n${pair.value.value}`, pair])).values()];
}

/** The commit that the traces of a download or checkout at the root agree on. */
export function commitOf(facts: Facts): Value | undefined {
  const commits = facts.claims('commit');
  const fetched = commits.filter(({ source }) => source.startsWith('.cache/huggingface/download/'));
  if (fetched.length > 0) return fetched.every(({ value }) => value === fetched[0]!.value) ? { ...fetched[0]!, origin: 'observed', confidence: 'medium', how: 'metadata of the hub\'s client' } : undefined;
  const head = commits.find(({ source }) => source === '.git/HEAD');
  const ref = head === undefined || !head.value.startsWith('ref ') ? head : commits.find(({ source }) => source === `.git/${head.value.slice(4)}`);
  return ref === undefined || !/^[0-9a-f]{40,64}$/.test(ref.value) ? undefined : { ...ref, origin: 'observed', confidence: 'medium', how: 'git HEAD' };
}

/** The repository that git's first remote names: 'origin' before others. */
export function remoteOf(facts: Facts): { readonly host: string; readonly kind: 'models' | 'datasets'; readonly group: string; readonly name: string; readonly source: string } | undefined {
  const remotes = facts.links('url').filter(({ link, value }) => value.source === '.git/config' && link.detail?.startsWith('git remote ') === true);
  const chosen = remotes.find(({ link }) => link.detail === 'git remote origin') ?? remotes[0];
  const match = chosen === undefined ? null : /^(?:https?:\/\/|ssh:\/\/(?:git@)?|git@)(huggingface\.co|hf\.co|github\.com)[/:](datasets\/)?([A-Za-z0-9][\w.-]*)\/([A-Za-z0-9][\w.-]*?)(?:\.git)?\/?$/.exec(chosen.link.target);
  if (match === null) return undefined;
  return { host: match[1] === 'github.com' ? 'github' : 'huggingface', kind: match[2] === undefined ? 'models' : 'datasets', group: match[3]!, name: match[4]!, source: chosen!.value.source };
}
