// SPDX-License-Identifier: Apache-2.0
// The bill of materials as an auditor reads it: identity, licence, lineage, data, weights, files, unknowns, findings, score. Plain data:
// HTML and Markdown only differ in how it is drawn.
import type { Bom } from '../bom.ts';
import { textsOf } from '../considerations.ts';
import { overlayOf } from '../datasets.ts';
import type { Score } from '../score/index.ts';
import type { Value } from '../value.ts';
import { shortCount } from '../weights.ts';

/** A cell; `note` tells where it comes from, `mark` how it stands. */
export interface Cell {
  readonly text: string;
  readonly note?: string;
  readonly mark?: 'unknown' | 'wrong' | 'good';
  /** A name or digest, to be set in type of one width. */
  readonly code?: boolean;
}

export interface Table {
  readonly title: string;
  /** One sentence below the title. */
  readonly lead?: string;
  /** Absent for pairs of a name and a value. */
  readonly head?: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** How many rows were left out. */
  readonly more?: number;
}

export interface Sheet {
  readonly title: string;
  readonly subtitle: string;
  /** What to know first, good or bad. */
  readonly summary: readonly Cell[];
  readonly tables: readonly Table[];
  readonly foot: string;
}

/** Rows of one table; the BOM in JSON has all of them. */
const most = 1000;

export function sheetOf(bom: Bom, score: Score | undefined, timestamp: string | undefined): Sheet {
  const tables = [identity(bom), licences(bom), lineage(bom), model(bom), use(bom), data(bom), weights(bom), software(bom), files(bom), unknowns(bom), contradictions(bom), findings(bom), scored(score)];
  const { identity: { name, group }, kind, tool } = bom;
  return {
    title: group === undefined ? name.value : `${group.value}/${name.value}`,
    subtitle: `${kind === 'unknown' ? 'Files' : kind === 'model' ? 'Model' : 'Data set'}: bill of materials`,
    summary: summary(bom, score),
    tables: tables.filter(({ rows, lead }) => rows.length > 0 || lead !== undefined),
    foot: `Written by ${tool.name} ${tool.version}, ruleset ${tool.ruleset.slice(0, 12)}${timestamp === undefined ? ', without a time, so that the same files give the same page' : `, ${timestamp}`}. ${bom.overlay.author === undefined ? 'Nobody was named as its author.' : `Author: ${bom.overlay.author.name}.`}`,
  };
}

const unknown: Cell = { text: 'unknown', mark: 'unknown' };

function from({ origin, source, confidence }: Value<unknown>): string {
  return `${origin}${source === '' || source === 'overlay' ? '' : ` in ${source.replace('!/front-matter.yaml', '')}`}${origin === 'given' ? ' by the user' : `, ${confidence} confidence`}`;
}

function cell(value: Value<unknown> | undefined, code = false): Cell {
  if (value === undefined) return unknown;
  return { text: String(value.value), note: `${from(value)}${value.how === undefined || value.origin === 'given' ? '' : `: ${value.how}`}`, ...(code ? { code } : {}) };
}

function pair(name: string, ...cells: readonly Cell[]): readonly Cell[] {
  return [{ text: name }, ...cells];
}

function several(name: string, values: readonly (string | Value)[], when: Cell = unknown): (readonly Cell[])[] {
  if (values.length === 0) return [pair(name, when)];
  return values.slice(0, 20).map((value, index) => pair(index === 0 ? name : '', typeof value === 'string' ? { text: value } : cell(value)));
}

function table(title: string, rows: readonly (readonly Cell[])[], more: { readonly head?: readonly string[]; readonly lead?: string } = {}): Table {
  return { title, rows: rows.slice(0, most), ...more, ...(rows.length > most ? { more: rows.length - most } : {}) };
}

function summary(bom: Bom, score: Score | undefined): Cell[] {
  const open = bom.findings.filter(({ suppressed }) => suppressed === undefined);
  const worst = (['critical', 'high', 'medium', 'low', 'info'] as const).map((severity) => [severity, open.filter((one) => one.severity === severity).length] as const).filter(([, count]) => count > 0);
  const licence = bom.licences[0];
  return [
    { text: `Licence: ${licence === undefined ? 'unknown' : bom.licences.map(({ declared }) => declared.value).join(', ')}`, ...(licence === undefined ? { mark: 'unknown' as const } : {}) },
    ...(bom.baseModels.length === 0 ? [] : [{ text: `Made from ${bom.baseModels.map(({ id }) => id.value).slice(0, 5).join(', ')}` }]),
    ...(bom.kind === 'model' ? [{ text: bom.parameters === undefined ? 'Number of parameters: unknown' : `${shortCount(bom.parameters.value)} parameters`, ...(bom.parameters === undefined ? { mark: 'unknown' as const } : {}) }] : []),
    worst.length === 0 ? { text: 'No open finding', mark: 'good' } : { text: `Open findings: ${worst.map(([severity, count]) => `${count} ${severity}`).join(', ')}`, mark: 'wrong' },
    ...(bom.conflicts.length === 0 ? [] : [{ text: `The files contradict each other on ${bom.conflicts.map(({ field }) => field).join(', ')}`, mark: 'wrong' as const }]),
    ...(bom.summary.incomplete === 0 ? [] : [{ text: `${bom.summary.incomplete} files were not read to their end`, mark: 'wrong' as const }]),
    ...(score === undefined ? [] : [{ text: `${score.title}: ${score.filled} of ${score.of} elements` }]),
  ];
}

function identity(bom: Bom): Table {
  const { identity: { name, group, version, purl, rejected }, digest, overlay } = bom;
  return table('Identity', [
    pair('Name', cell(name)),
    ...(group === undefined ? [] : [pair('Organisation on the hub', cell(group))]),
    pair('Version', cell(version, true)),
    pair('Package URL', cell(purl, true)),
    pair('Digest of all files', digest === undefined ? unknown : { text: `SHA-256 ${digest.sha256}`, note: digest.of, code: true }),
    pair('Description', cell(bom.claims('description')[0])),
    ...several('Made by', [...bom.claims('organisation'), ...bom.claims('author')].filter(({ value }, index, all) => all.findIndex((one) => one.value === value) === index)),
    pair('Released', cell(bom.claims('release-date')[0])),
    ...(bom.claims('contact').length === 0 ? [] : several('Contact', bom.claims('contact'))),
    ...(overlay.system === undefined ? [] : [pair('System', { text: [overlay.system.name ?? 'unknown', overlay.system.version].filter((text) => text !== undefined).join(' '), note: 'given by the user' })]),
    ...rejected.map(({ name: other, why }) => pair('Name not taken', { text: other.value, note: why })),
  ]);
}

function licences(bom: Bom): Table {
  const rows = bom.licences.map(({ declared, licence, url }) => [
    { text: declared.value, note: from(declared) },
    { text: licence?.id ?? licence?.expression ?? licence?.name ?? 'says nothing', ...(licence === undefined ? { mark: 'unknown' as const } : {}) },
    { text: [...(licence?.terms ?? []), ...(licence?.ambiguity === undefined ? [] : [licence.ambiguity]), ...(url === undefined ? [] : [url])].join('; ') || 'none known here' },
  ]);
  const texts = bom.details.licenceTexts.map((text) => [{ text: 'text of a licence', note: `observed in ${text.source}` }, { text: text.value }, { text: 'recognised by its words' }]);
  return table('Licence', [...rows, ...texts], { head: ['Declared', 'SPDX', 'Terms'], ...(rows.length === 0 ? { lead: 'No file declares a licence: without one there is no permission to use the work.' } : {}) });
}

function lineage(bom: Bom): Table {
  const rows = bom.baseModels.map((base) => [
    { text: base.id.value, note: base.said.map(({ source }) => source).slice(0, 3).join(', ') },
    { text: base.relation ?? 'unknown', ...(base.relation === undefined ? { mark: 'unknown' as const } : {}) },
    base.revision === undefined ? { text: 'not pinned', mark: 'unknown' as const } : { text: base.revision, code: true },
  ]);
  const adapters = bom.adapters.map(({ folder, bases }) => [{ text: `adapter in ${folder}`, note: bases.map(({ id }) => id.value).join(', ') }, { text: 'adapter' }, { text: '' }]);
  return table('Lineage', [...rows, ...adapters], { head: ['Made from', 'How', 'Revision'], ...(bom.kind === 'model' && rows.length === 0 ? { lead: 'No file names a model that this one was made from.' } : {}) });
}

function model(bom: Bom): Table {
  if (bom.kind !== 'model') return table('Model', []);
  const first = (field: Parameters<Bom['claims']>[0]): Cell => cell(bom.claims(field)[0]);
  return table('Model', [
    pair('Task', first('task')),
    pair('Architecture', first('architecture')),
    pair('Parameters', bom.parameters === undefined ? unknown : { text: `${shortCount(bom.parameters.value)} (${bom.parameters.value})`, note: bom.parameters.how ?? '' }),
    pair('Context length', first('context-length')),
    pair('Vocabulary', first('vocabulary-size')),
    pair('Tokenizer', first('tokenizer-class')),
    ...several('Languages', [bom.claims('language').map(({ value }) => value).join(', ')].filter((text) => text !== '')),
    ...(bom.details.parts.length === 0 ? [] : several('Parts', bom.details.parts.map(({ key, value }) => `${key}: ${value.value}`))),
    ...several('Metrics', bom.claims('metric')),
    ...several('Training', bom.details.training.map(({ key, value }) => ({ ...value, value: `${key} = ${value.value}` }))),
    ...several('Energy', bom.details.energy.map(({ key, value }) => ({ ...value, value: `${key} = ${value.value}` }))),
  ]);
}

function use(bom: Bom): Table {
  if (bom.kind !== 'model') return table('Use and limits', []);
  const { model: own, system } = bom.overlay;
  return table('Use and limits', [
    ...several('Intended use', textsOf(bom, 'intended-use', own?.useCases)),
    ...several('Out of scope', textsOf(bom, 'out-of-scope')),
    ...several('Limitations', textsOf(bom, 'limitations', own?.limitations)),
    ...several('Risks and biases', textsOf(bom, 'risks', (own?.risks ?? []).map(({ name }) => name))),
    ...(system?.dataFlow ?? []).map(({ name, flow, classification }) => pair('Data flow', { text: `${name}: ${flow}, ${classification}`, note: 'given by the user' })),
  ]);
}

function data(bom: Bom): Table {
  const local = bom.localDatasets.map((dataset) => {
    const details = bom.details.datasets.get(dataset.folder);
    const overlay = overlayOf(bom, dataset.folder === '' ? '.' : dataset.folder, ...dataset.files, details?.name?.value);
    const personal = overlay?.personalData ?? details?.topics.find(({ key }) => key === 'personal-data')?.value.value;
    return [
      { text: dataset.folder === '' ? 'data files at the root' : dataset.folder, note: details?.description?.value ?? `${dataset.files.length} files` },
      { text: overlay?.use ?? 'among the files' },
      dataset.rows === undefined ? unknown : { text: `${dataset.rows} rows, ${dataset.columns.length} columns` },
      overlay?.licence === undefined && details?.licence === undefined ? unknown : { text: overlay?.licence ?? details!.licence!.value },
      personal === undefined ? unknown : { text: personal },
    ];
  });
  const named = bom.datasets.map(({ id, uses }) => [{ text: id.value, note: from(id) }, { text: uses.join(', ') }, { text: 'not among the files' }, unknown, unknown]);
  return table('Data', [...local, ...named], { head: ['Data set', 'Use', 'Size', 'Licence', 'Personal data'], ...(local.length + named.length === 0 ? { lead: 'No data set is named, and none is among the files: what the model learned from is unknown.' } : {}) });
}

function weights(bom: Bom): Table {
  return table('Weights', bom.weights.map((one) => [
    { text: one.path, code: true },
    { text: one.format },
    one.elements === undefined ? unknown : { text: `${one.elements} in ${one.tensors} tensors` },
    { text: Object.entries(one.dtypes).map(([dtype, count]) => `${dtype} ${count}`).join(', ') || 'unknown' },
    { text: one.quantisation?.value ?? (one.packed ? 'packed' : 'none told') },
    one.complete ? { text: 'whole' } : { text: 'not read to its end', mark: 'wrong' as const },
  ]), { head: ['File', 'Format', 'Elements', 'Types', 'Quantisation', 'Read'] });
}

function software(bom: Bom): Table {
  return table('Software', [
    ...bom.libraries.map(({ name, version }) => [{ text: name.value, note: from(name) }, version === undefined ? unknown : { text: version.value }, { text: '' }]),
    ...bom.details.packages.map(({ name, ecosystem, version, specifier, said }) => [{ text: name, note: said.source }, version === undefined ? { text: specifier === '' ? 'any' : specifier, mark: 'unknown' as const } : { text: version }, { text: ecosystem }]),
  ], { head: ['Package', 'Version', 'Registry'] });
}

function files(bom: Bom): Table {
  const promised = Map.groupBy(bom.details.promised.filter(({ algorithm }) => algorithm === 'sha256'), ({ path }) => path);
  return table('Files', bom.files.map((file) => {
    const wrong = file.sha256 !== undefined && (promised.get(file.path) ?? []).some(({ hex }) => hex !== file.sha256);
    return [
      { text: file.path, code: true }, { text: file.role }, { text: String(file.size) },
      file.sha256 === undefined ? unknown : { text: file.sha256, code: true, ...(wrong ? { mark: 'wrong' as const, note: 'not the digest that was promised for it' } : {}) },
      { text: file.coverage, ...(file.coverage === 'complete' ? {} : { mark: 'unknown' as const }) },
    ];
  }), { head: ['File', 'Role', 'Bytes', 'SHA-256', 'Read'] });
}

function unknowns(bom: Bom): Table {
  const out: (readonly Cell[])[] = [];
  const say = (what: string, fill: string): void => void out.push([{ text: what }, { text: fill }]);
  const none = (field: Parameters<Bom['claims']>[0]): boolean => bom.claims(field).length === 0;
  if (bom.licences.length === 0) say('Licence', 'the front matter of README.md, or a LICENSE file');
  if (bom.identity.version === undefined) say('Version', 'metadata of the hub, or the overlay');
  if (none('organisation') && none('author')) say('Who made it', 'CITATION.cff, or the overlay');
  if (none('release-date')) say('When it was released', 'CITATION.cff, or the overlay');
  if (bom.kind === 'model') {
    if (bom.parameters === undefined) say('Number of parameters', 'headers of the weight files');
    if (bom.datasets.length + bom.localDatasets.length === 0) say('Training data', 'the front matter of README.md (datasets)');
    if (bom.details.section('limitations').length === 0 && bom.overlay.model?.limitations === undefined) say('Limitations', 'README.md, section "Limitations"');
    if (bom.details.energy.length === 0) say('Energy', 'emissions.csv of CodeCarbon');
  }
  for (const base of bom.baseModels) if (base.revision === undefined) say(`Revision of ${base.id.value}`, 'adapter_config.json (revision)');
  for (const file of bom.files) if (file.sha256 === undefined && file.role !== 'link') say(`Content of ${file.path}`, 'a file that can be read to its end');
  for (const [kind, count] of Object.entries(bom.omitted)) say(`${count} more ${kind}`, 'nothing: more were declared than any model has');
  if (bom.excluded > 0) say(`${bom.excluded} files that were left out`, 'a scan without --exclude');
  say('What it needs at run time', 'nothing: the files do not say it');
  return table('What is not known', out, { head: ['Unknown', 'What would tell'] });
}

function contradictions(bom: Bom): Table {
  return table('Contradictions', bom.conflicts.map(({ field, values }) => [{ text: field, mark: 'wrong' as const }, { text: values.slice(0, 10).map(({ value, source }) => `${value} (${source})`).join(' ≠ ') }]), { head: ['Of', 'Said'] });
}

function findings(bom: Bom): Table {
  const ranks = ['critical', 'high', 'medium', 'low', 'info'];
  const sorted = bom.findings.toSorted((a, b) => Number(a.suppressed !== undefined) - Number(b.suppressed !== undefined) || ranks.indexOf(a.severity) - ranks.indexOf(b.severity));
  return table('Findings', sorted.map(({ rule, severity, artefact, message, suppressed }) => [
    { text: severity, ...(suppressed === undefined && ranks.indexOf(severity) < 2 ? { mark: 'wrong' as const } : {}) }, { text: rule, code: true }, { text: artefact === '' ? 'the whole' : artefact, code: true }, { text: message }, { text: suppressed === undefined ? 'open' : `accepted: ${suppressed}` },
  ]), { head: ['Severity', 'Rule', 'Where', 'What', 'State'], ...(sorted.length === 0 ? { lead: `Nothing was found by the rules${bom.summary.incomplete > 0 ? ' in what could be read' : ''}.` } : {}) });
}

function scored(score: Score | undefined): Table {
  if (score === undefined) return table('Completeness', []);
  return table(`Completeness: ${score.title}`, score.elements.map(({ title, cluster, state, value, why, fill }) => [
    { text: cluster }, { text: title }, { text: state, mark: state === 'filled' ? 'good' as const : state === 'contradicted' ? 'wrong' as const : 'unknown' as const },
    { text: value ?? '', ...(state === 'filled' ? {} : { note: [why, fill === undefined ? undefined : `from: ${fill}`].filter((text) => text !== undefined).join('; ') }) },
  ]), { head: ['Cluster', 'Element', 'State', 'Value'], lead: `${score.filled} of ${score.of} elements, ${score.points} of 100 points (${score.source}).` });
}
