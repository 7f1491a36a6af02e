// SPDX-License-Identifier: Apache-2.0
import type { Inspected } from '../src/model/artefact.ts';
import type { ClaimField } from '../src/model/fact.ts';
import type { Finding } from '../src/model/finding.ts';
import type { Report } from '../src/model/report.ts';
import { commitOf, detailsOf, remoteOf, type Details } from './details.ts';
import { contentDigest, filesOf, type BomFile, type ContentDigest } from './files.ts';
import { identify, type Identity } from './identity.ts';
import { licenceOf, type Licence } from './licences.ts';
import { baseModels, referencedDatasets, type BaseModel, type ReferencedDataset } from './lineage.ts';
import type { Overlay } from './overlay.ts';
import { buildPurl } from './purl.ts';
import { compare, lastPart, publishable, sameName, webUrl } from './text.ts';
import { depth, Facts, folderOf, type Value } from './value.ts';
import { parameterCount, weightSets, weightsOf, type Weights, type WeightSet } from './weights.ts';

/** What the scanned thing is; 'unknown' when nothing in it says. */
export type SubjectKind = 'model' | 'dataset' | 'unknown';

export interface DeclaredLicence {
  readonly declared: Value;
  /** Absent when the word says nothing ('other'). */
  readonly licence?: Licence;
  readonly url?: string;
}

export interface Library {
  readonly name: Value;
  readonly version?: Value;
  readonly purl?: string;
}

/** Data files of one folder. */
export interface LocalDataset {
  /** '' for the root. */
  readonly folder: string;
  readonly files: readonly string[];
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of one line '<sha256>  <path>' for each file; absent when one was not hashed. */
  readonly sha256?: string;
  /** Rows of all tables; undefined when a table was not read to its end. */
  readonly rows: number | undefined;
  /** 'name: type', in code-unit order, without repetition. */
  readonly columns: readonly string[];
}

/** An adapter below the root: weights that change another model. */
export interface Adapter {
  readonly folder: string;
  readonly files: readonly string[];
  readonly bases: readonly BaseModel[];
}

/** A file that holds the model in another format or precision. */
export interface Variant {
  readonly path: string;
  readonly format: string;
  readonly quantisation?: Value;
}

/** Two places that do not agree. */
export interface Conflict {
  readonly field: string;
  readonly values: readonly Value[];
}

/**
 * What is known of a model or dataset, in no format's terms: every BOM format is a projection of it. Unknown things are
 * absent, never guessed.
 */
export interface Bom {
  readonly tool: Report['tool'];
  readonly summary: Report['summary'];
  /** Files that were left out on the user's request. */
  readonly excluded: number;
  readonly kind: SubjectKind;
  readonly identity: Identity;
  readonly digest?: ContentDigest;
  readonly files: readonly BomFile[];
  readonly weights: readonly Weights[];
  readonly weightSets: readonly WeightSet[];
  readonly parameters?: Value<number>;
  readonly baseModels: readonly BaseModel[];
  /** Names of what was loaded when the files were written: no lineage, but a trace of it. */
  readonly traces: readonly BaseModel[];
  readonly datasets: readonly ReferencedDataset[];
  readonly localDatasets: readonly LocalDataset[];
  readonly adapters: readonly Adapter[];
  /** The subject itself is an adapter. */
  readonly isAdapter: boolean;
  readonly licences: readonly DeclaredLicence[];
  readonly libraries: readonly Library[];
  /** What the subject's own card, configuration and headers say, by field. */
  claims(field: ClaimField): readonly Value[];
  readonly conflicts: readonly Conflict[];
  /** What documents beside the weights say. */
  readonly details: Details;
  /** What the user says that no file does; every value of it is marked as given. */
  readonly overlay: Overlay;
  /** Exports and quantisations of the subject beside its weights: one for each file. */
  readonly variants: readonly Variant[];
  /** How many of a kind were left out, because artefacts declare more than any real one does. */
  readonly omitted: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

export interface BomOptions {
  /** Name of the subject; outranks every other evidence. */
  readonly name?: string;
  readonly overlay?: Overlay;
}

/** Things of one kind that files only declare. A hostile card can declare half a million; the files themselves are all listed. */
const mostDeclared = 1000;

/** Projects a report onto the neutral model. Pure: no file is read again. */
export function bomOf(report: Report, options: BomOptions = {}): Bom {
  const { inspected } = report;
  const { overlay = {} } = options;
  const files = filesOf(inspected);
  const kind = kindOf(files, new Facts(inspected));
  const facts = new Facts(inspected, kind === 'model');
  const present = new Set(inspected.map(({ artefact }) => artefact.id));
  const weights = weightsOf(inspected, facts);
  const sets = weightSets(weights, facts, present);
  const adapterFolders = files.filter(({ path }) => path.split('/').at(-1) === 'adapter_config.json').map(({ path }) => folderOf(path));
  const nested = adapterFolders.filter((folder) => folder !== '');
  const bases = baseModels(facts, new Set(nested));
  const digest = contentDigest(files, report.root);
  const name = options.name ?? overlay.model?.name;
  const [commit, remote] = [commitOf(facts), remoteOf(facts)];
  const identity = identify(report.root, files.map(({ path }) => path), facts, bases.filter(({ folder }) => folder === ''), digest, {
    ...(name === undefined ? {} : { name }), ...(overlay.model?.group === undefined ? {} : { group: overlay.model.group }), ...(overlay.model?.version === undefined ? {} : { version: overlay.model.version }),
    ...(commit === undefined ? {} : { commit }), ...(remote === undefined ? {} : { remote }),
  });
  // A model is not its own ancestor, whatever a configuration says that was saved after a rename.
  const ancestors = bases.filter((base) => base.folder === '' && !base.weak && !isSubject(base, identity));
  const parameters = parameterCount(sets);
  const omitted: Record<string, number> = {};
  const bounded = <T>(what: string, all: readonly T[]): readonly T[] => {
    if (all.length > mostDeclared) omitted[what] = all.length - mostDeclared;
    return all.slice(0, mostDeclared);
  };
  const details = detailsOf(facts, inspected);
  const packages = bounded('packages', details.packages);
  const conflicts = conflictsOf(facts, parameters, overlay);
  return {
    tool: report.tool,
    summary: report.summary,
    excluded: (report.summary as { readonly excluded?: number }).excluded ?? 0,
    kind,
    identity,
    ...(digest === undefined ? {} : { digest }),
    files,
    weights,
    weightSets: sets,
    ...(parameters === undefined ? {} : { parameters }),
    baseModels: bounded('base-models', ancestors),
    traces: bounded('traces', bases.filter((base) => base.folder === '' && base.weak && !isSubject(base, identity))),
    datasets: bounded('datasets', referencedDatasets(facts)),
    localDatasets: localDatasets(inspected, files),
    adapters: adaptersOf(nested, files, bases),
    isAdapter: adapterFolders.includes(''),
    licences: bounded('licences', licencesOf(facts, overlay)),
    libraries: bounded('libraries', librariesOf(facts, new Set(packages.map((one) => one.name.toLowerCase())))),
    claims: claimsOf(facts, details, overlay, bounded),
    conflicts,
    details: { ...details, packages },
    overlay,
    variants: variantsOf(weights, sets),
    omitted,
    findings: report.findings.toSorted(byPlace),
  };
}

/** A value of the overlay. */
export function given(value: string): Value {
  return { value: publishable(value), origin: 'given', source: 'overlay', confidence: 'high', how: 'given by the user' };
}

/** What the overlay says comes before what files say; sections of a card stand in where no field says it. */
function claimsOf(facts: Facts, details: Details, overlay: Overlay, bounded: <T>(what: string, all: readonly T[]) => readonly T[]): Bom['claims'] {
  const { model, manufacturer } = overlay;
  const said: Partial<Record<ClaimField, readonly (string | undefined)[]>> = {
    description: [model?.description], task: [model?.task], organisation: [manufacturer?.name, model?.supplier], 'release-date': [model?.released], contact: (overlay.contacts ?? []).map(({ email }) => (email === undefined ? undefined : `mailto:${email}`)),
  };
  const cache = new Map<ClaimField, readonly Value[]>();
  const pipeline = details.parts.some(({ value }) => value.source.endsWith('model_index.json'));
  return (field) => {
    let values = cache.get(field);
    if (values === undefined) {
      const own = facts.ofSubject(field).filter(({ value, source }) => makesSense(field, value) && !(pipeline && ofPart.has(field) && depth(source) > 0));
      const sections = field === 'description' && own.length === 0 ? details.section('description').slice(0, 1) : [];
      const start = (said[field] ?? []).flatMap((text) => (text === undefined ? [] : [given(text)]));
      cache.set(field, values = bounded(field, [...start, ...own, ...sections]));
    }
    return values;
  };
}

/** What the parts of a pipeline have each of their own. */
const ofPart: ReadonlySet<ClaimField> = new Set(['architecture', 'model-type', 'hidden-size', 'layers', 'vocabulary-size', 'context-length', 'tokenizer-class', 'hyperparameter', 'input', 'output', 'dtype']);

/** Cards are full of leftovers of templates, and of things under the wrong key. */
function makesSense(field: ClaimField, value: string): boolean {
  if (/^[[(<\s]*(more information needed|unknown|n\/a|none|null|tbd|todo|todo: .*|\.{2,}|-+)[\])>\s.]*$/i.test(value)) return false;
  // ISO 639 codes, BCP 47 tags and the hub's own words for more than one; 'English' and 'code' are no codes but plain.
  if (field === 'language') return /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$|^(multilingual|code|english|german|french|spanish|chinese)$/i.test(value);
  if (field === 'metric') return /^[^=]{1,100}=\s*[-+]?(\d[\d.,]*(e[-+]?\d+)?|\.\d+)\s*%?( on .*)?$/is.test(value);
  if (field === 'context-length' || field === 'hidden-size' || field === 'layers' || field === 'vocabulary-size') return /^\d{1,15}$/.test(value) && Number(value) > 0;
  return true;
}

/** GGUF files and ONNX exports, where the model is there in another form too, or several times. */
function variantsOf(weights: readonly Weights[], sets: readonly WeightSet[]): Variant[] {
  if (sets.length < 2) return [];
  const exported = weights.filter(({ path, format }) => !path.includes('!/') && /(^|\+)(gguf|onnx|tflite|coreml|openvino)(\+|$)/.test(format) && !/-\d{5}-of-\d{5}\./.test(path));
  return exported.slice(0, mostDeclared).map(({ path, format, quantisation }) => ({ path, format, ...(quantisation === undefined ? {} : { quantisation }) }));
}

function isSubject(base: BaseModel, { name, group, purl }: Identity): boolean {
  if (base.purl !== undefined && base.purl === purl?.value) return true;
  const id = base.id.value;
  return sameName(id, group === undefined ? name.value : `${group.value}/${name.value}`) || (!id.includes('/') && sameName(id, lastPart(name.value)));
}

function kindOf(files: readonly BomFile[], facts: Facts): SubjectKind {
  const all = files.flatMap((file) => [file, ...file.members]);
  if (all.some(({ role }) => role === 'weights' || role === 'adapter' || role === 'weights-index')) return 'model';
  const shape: readonly ClaimField[] = ['architecture', 'model-type'];
  if (shape.some((field) => facts.claims(field).length > 0) || facts.links('base-model').length > 0) return 'model';
  return all.some(({ role }) => role === 'data') ? 'dataset' : 'unknown';
}

function localDatasets(inspected: readonly Inspected[], files: readonly BomFile[]): LocalDataset[] {
  const tables = new Map<string, { rows: number; known: boolean; columns: Set<string> }>();
  for (const { artefact, coverage, facts } of inspected) {
    let rows = 0;
    const folder = folderOf(artefact.id);
    const table = tables.get(folder) ?? { rows: 0, known: true, columns: new Set() };
    for (const fact of facts) {
      if (fact.kind !== 'column') continue;
      rows = Math.max(rows, fact.rows);
      table.columns.add(`${fact.name}: ${fact.type}`);
    }
    if (table.columns.size === 0) continue;
    tables.set(folder, table);
    table.rows += rows;
    table.known &&= coverage === 'complete';
  }
  const folders = new Map<string, BomFile[]>();
  for (const file of files) {
    if (file.role !== 'data') continue;
    const folder = folderOf(file.path);
    const list = folders.get(folder);
    if (list === undefined) folders.set(folder, [file]);
    else list.push(file);
  }
  return [...folders].sort(([a], [b]) => compare(a, b)).map(([folder, own]) => {
    const table = tables.get(folder);
    const rows = table?.known === true && Number.isSafeInteger(table.rows) ? table.rows : undefined;
    const columns = [...(table?.columns ?? [])].sort(compare);
    const whole = contentDigest(own, '');
    return { folder, files: own.map(({ path }) => path), size: own.reduce((sum, { size }) => sum + size, 0), ...(whole === undefined ? {} : { sha256: whole.sha256 }), rows, columns };
  });
}

function adaptersOf(folders: readonly string[], files: readonly BomFile[], bases: readonly BaseModel[]): Adapter[] {
  const own = new Map(folders.toSorted(compare).map((folder) => [folder, { folder, files: [] as string[], bases: [] as BaseModel[] }]));
  for (const { path } of files) own.get(folderOf(path))?.files.push(path);
  for (const base of bases) {
    const list = own.get(base.folder)?.bases;
    if (list !== undefined && list.length < mostDeclared) list.push(base);
  }
  return [...own.values()];
}

function licencesOf(facts: Facts, overlay: Overlay): DeclaredLicence[] {
  const link = facts.first('licence-link');
  const url = link === undefined ? undefined : webUrl(link.value);
  const names = facts.ofSubject('licence-name');
  const seen = new Set<string>();
  const out: DeclaredLicence[] = [];
  const said = [...(overlay.model?.licence === undefined ? [] : [given(overlay.model.licence)]), ...facts.ofSubject('licence')];
  // The hub's `license_name` says what `license: other` leaves out; beside a listed licence it is only its title.
  const listed = said.some(({ value }) => (licenceOf(value)?.id ?? licenceOf(value)?.expression) !== undefined);
  for (const declared of listed ? said : [...said, ...names]) {
    const licence = licenceOf(declared.value);
    const key = licence?.id ?? licence?.expression ?? licence?.name ?? '';
    if (seen.has(key.toLowerCase()) || (key === '' && names.length > 0)) continue;
    seen.add(key.toLowerCase());
    const linked = url !== undefined && licence?.name !== undefined;
    out.push({ declared, ...(licence === undefined ? {} : { licence }), ...(linked ? { url } : {}) });
  }
  return out;
}

/** Frameworks whose package on PyPI has another name. */
const packages: Readonly<Record<string, string>> = { pytorch: 'torch', sklearn: 'scikit-learn', open_clip: 'open_clip_torch', 'tf-keras': 'tf-keras' };

/** Values of the hub's `library_name` that are the name of a package on PyPI. */
const pypi = new Set(['transformers', 'diffusers', 'peft', 'timm', 'sentence-transformers', 'setfit', 'spacy', 'flair', 'keras', 'tensorflow', 'torch', 'open_clip_torch', 'speechbrain', 'stable-baselines3', 'span-marker', 'scikit-learn', 'skops', 'fasttext', 'fastai', 'gliner', 'ultralytics', 'onnx', 'onnxruntime', 'optimum', 'safetensors', 'tokenizers', 'mlx-lm', 'vllm', 'adapters', 'bertopic', 'pyannote-audio', 'nemo-toolkit', 'espnet', 'xgboost', 'lightgbm', 'catboost', 'jax', 'flax', 'trl', 'unsloth', 'accelerate', 'datasets', 'joblib']);

function librariesOf(facts: Facts, listed: ReadonlySet<string>): Library[] {
  const versions = new Map(facts.claims('library-version').toReversed().filter(({ value }) => /^v?\d[\w.+-]{0,63}$/.test(value)).map((value) => [value.source, value]));
  const out = new Map<string, Library>();
  for (const name of facts.claims('library')) {
    const id = name.value.trim().toLowerCase();
    if (id === '' || out.has(id) || listed.has(Object.hasOwn(packages, id) ? packages[id]! : id)) continue;
    const version = versions.get(name.source);
    const known = Object.hasOwn(packages, id) ? packages[id] : pypi.has(id) ? id : undefined;
    const purl = known !== undefined ? buildPurl({ type: 'pypi', name: known, ...(version === undefined ? {} : { version: version.value }) }) : undefined;
    out.set(id, { name, ...(version === undefined ? {} : { version }), ...(purl === undefined ? {} : { purl }) });
  }
  return [...out.values()].sort((a, b) => compare(a.name.value, b.name.value));
}

const single: readonly ClaimField[] = ['context-length', 'vocabulary-size', 'hidden-size', 'layers', 'version'];

function conflictsOf(facts: Facts, parameters: Value<number> | undefined, overlay: Overlay): Conflict[] {
  const out: Conflict[] = licenceConflicts(facts, overlay);
  for (const field of single) {
    const bySource = new Map(facts.ofSubject(field).map((value) => [value.source, value]));
    const texts = new Set([...bySource.values()].map(({ value }) => value.toLowerCase()));
    if (texts.size > 1) out.push({ field, values: [...bySource.values()] });
  }
  const claimed = facts.first('parameter-count');
  const count = claimed === undefined ? Number.NaN : Number(claimed.value);
  if (claimed !== undefined && parameters !== undefined && count > 0 && Math.abs(count - parameters.value) > parameters.value / 10) {
    out.push({ field: 'parameter-count', values: [claimed, { ...parameters, value: String(parameters.value) }] });
  }
  return out;
}

/** What cards, headers, the text of a licence and the user call the licence, where that is not one thing. */
function licenceConflicts(facts: Facts, overlay: Overlay): Conflict[] {
  const said = [...(overlay.model?.licence === undefined ? [] : [given(overlay.model.licence)]), ...facts.ofSubject('licence'), ...facts.ofSubject('licence-text')];
  const bySource = new Map<string, Value>();
  const keys = new Map<string, Set<string>>();
  for (const value of said) {
    const key = licenceKey(value.value);
    if (key === undefined) continue;
    bySource.set(`${value.source}\n${key}`, value);
    keys.set(value.source, (keys.get(value.source) ?? new Set()).add(key));
  }
  const distinct = new Set([...keys.values()].map((set) => [...set].sort().join(' and ')));
  return distinct.size < 2 ? [] : [{ field: 'licence', values: [...bySource.values()] }];
}

/** Equal for two names of one licence; undefined for a word that names none ('other', 'gpl'). */
function licenceKey(text: string): string | undefined {
  const licence = licenceOf(text.replace(/ \((by its title|\d+ % of its text)\)$/, ''));
  if (licence === undefined || licence.ambiguity?.startsWith('which') === true || licence.ambiguity === 'the version is not said') return undefined;
  return (licence.id ?? licence.expression ?? licence.name ?? '').toLowerCase().replace(/-(only|or-later)$/, '').replace(/^licenseref-/, '');
}

function byPlace(a: Finding, b: Finding): number {
  return compare(a.artefact, b.artefact) || compare(a.rule, b.rule) || (a.at?.[0] ?? -1) - (b.at?.[0] ?? -1)
    || compare(a.fingerprint, b.fingerprint) || compare(a.message, b.message);
}
