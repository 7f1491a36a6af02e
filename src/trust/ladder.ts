// SPDX-License-Identifier: Apache-2.0
// Facts in, a table out: what the origin of weights, data, code, tokenizer, licence and base model rests on.
import { fileOf, type Inspected } from '../model/artefact.ts';
import { comparedRecords, recordNames, type Compared } from '../model/compared.ts';
import type { FactOf } from '../model/fact.ts';
import type { Finding } from '../model/finding.ts';
import { components, places, type Component, type ComponentProvenance, type Place } from '../model/report.ts';
import type { Collection } from '../model/rule.ts';

/** A signature that was checked, and the files it covers; by whom, in the words of the policy. */
export interface Verified {
  readonly signer: string;
  /** The bundle, as an id or a name. */
  readonly signature: string;
  /** Ids of the files whose bytes were found as signed. */
  readonly files: ReadonlySet<string>;
  readonly components?: readonly Component[];
}

interface Evidence {
  readonly place: Place;
  readonly what: string;
  readonly from: string;
}

const weights = /\.(safetensors|bin|pt|pth|ckpt|gguf|ggml|onnx|h5|hdf5|keras|tflite|pb|msgpack|pkl|pickle|joblib|npz|pdparams|mar)$/i;
const data = /\.(csv|tsv|jsonl|ndjson|parquet|arrow|feather|tfrecord|npy|arff|txt\.gz)$/i;
const code = /\.(py|ipynb|sh|js|mjs|ts|cu|cpp|so|dll|dylib)$/i;
const tokenizer = /(^|\/)(tokenizer(_config)?\.json|tokenizer\.model|spiece\.model|sentencepiece\.bpe\.model|vocab\.(json|txt)|merges\.txt|special_tokens_map\.json|added_tokens\.json|chat_template\.jinja)$/i;

/** Which component a file belongs to, by its name; undefined for prose, pictures and configuration. */
export function componentOf(id: string): Component | undefined {
  if (tokenizer.test(id)) return 'tokenizer';
  if (weights.test(id)) return 'weights';
  if (code.test(id)) return 'code';
  return data.test(id) ? 'data' : undefined;
}

/** What speaks of other files is no component itself. */
const evidenceFormats = new Set(['attestation', 'bom', 'checksum-list', 'data-versioning', 'git-object', 'hub-metadata', 'oci', 'symlink']);

function isEvidence(format: string): boolean {
  return format.split('+').some((one) => evidenceFormats.has(one));
}

/** Rules whose findings mean that two sources disagree about a component. */
const conflicts: Readonly<Record<string, Component>> = { 'licence-conflict': 'licence', 'base-model-conflict': 'base-model', 'licence-text-differs': 'licence' };

/** The table for a collection. Components without any file or statement are left out, the licence never. */
export function ladder(among: Collection, findings: readonly Finding[], verified: readonly Verified[] = []): ComponentProvenance[] {
  const byTarget = Map.groupBy(comparedRecords(among), ({ record }) => record.target);
  const named = shardsNamed(among);
  const evidence = new Map<Component, Evidence[][]>(components.map((component) => [component, []]));
  for (const one of among.all) {
    const { id } = one.artefact;
    const component = id.includes('!/') || isEvidence(one.artefact.format) ? undefined : componentOf(id);
    if (component !== undefined) evidence.get(component)!.push(ofFile(id, component, byTarget.get(id) ?? [], named, verified, one));
  }
  evidence.get('licence')!.push(...ofLicence(among, verified));
  evidence.get('base-model')!.push(...ofBaseModel(among));
  for (const { rule, artefact, suppressed } of findings) {
    const component = conflicts[rule];
    if (component !== undefined && suppressed === undefined) evidence.get(component)!.push([{ place: 'contradicted', what: rule, from: artefact }]);
  }
  return components.flatMap((component) => row(component, evidence.get(component)!));
}

/** A file's best evidence decides, unless something contradicts it. */
function placeOf(evidence: readonly Evidence[]): Place {
  if (evidence.some(({ place }) => place === 'contradicted')) return 'contradicted';
  return places.find((place) => evidence.some((one) => one.place === place)) ?? 'absent';
}

function row(component: Component, items: readonly (readonly Evidence[])[]): ComponentProvenance[] {
  if (items.length === 0) return component === 'licence' ? [{ component, place: 'absent', of: 0, evidence: [] }] : [];
  const found = items.map(placeOf);
  const place = found.reduce((worst, one) => (places.indexOf(one) > places.indexOf(worst) ? one : worst), 'verified' as Place);
  const groups = Map.groupBy(items.flat(), ({ place: at, what }) => `${at}\n${what}`);
  const evidence = [...groups.values()].map((group) => ({ ...group.toSorted((a, b) => (a.from < b.from ? -1 : 1))[0]!, of: group.length }));
  const without = found.filter((one) => one === 'absent').length;
  if (without > 0) evidence.push({ place: 'absent', what: 'nothing speaks of them', from: '', of: without });
  evidence.sort((a, b) => places.indexOf(a.place) - places.indexOf(b.place) || (a.what < b.what ? -1 : 1));
  return [{ component, place, of: items.length, evidence }];
}

function ofFile(id: string, component: Component, records: readonly Compared[], named: ReadonlyMap<string, string>, verified: readonly Verified[], one: Inspected): Evidence[] {
  const out: Evidence[] = [];
  for (const { signer, signature, files, components: only } of verified) {
    if (files.has(id) && (only === undefined || only.includes(component))) out.push({ place: 'verified', what: `signature of ${signer}`, from: signature });
  }
  for (const { record, outcome } of records) {
    const what = `${record.algorithm} in ${recordNames[record.by]}`;
    if (outcome === 'equal') out.push({ place: 'bound', what, from: record.from });
    else if (outcome === 'different') out.push({ place: 'contradicted', what, from: record.from });
    else if (outcome === 'unknown') out.push({ place: 'declared', what: `${what}, not compared`, from: record.from });
  }
  const index = named.get(id);
  if (index !== undefined) out.push({ place: 'declared', what: 'named by an index', from: index });
  // A header that says what the file is and whose it is.
  if (one.facts.some((fact) => fact.kind === 'claim' && (fact.field === 'name' || fact.field === 'author' || fact.field === 'repository'))) out.push({ place: 'declared', what: 'says so itself', from: id });
  return out;
}

/** Files that an index of shards names, with the index. */
function shardsNamed(among: Collection): Map<string, string> {
  const out = new Map<string, string>();
  for (const { artefact, facts } of among.all) {
    const folder = artefact.id.slice(0, artefact.id.lastIndexOf('/') + 1);
    for (const fact of facts) if (fact.kind === 'link' && fact.role === 'shard') out.set(folder + fact.target, artefact.id);
  }
  return out;
}

function ofLicence(among: Collection, verified: readonly Verified[]): Evidence[][] {
  const out: Evidence[][] = [];
  for (const { artefact, facts } of among.all) {
    const said = facts.find((fact) => fact.kind === 'claim' && fact.field === 'licence');
    if (said === undefined) continue;
    const signed = verified.find(({ files, components: only }) => files.has(fileOf(artefact.id)) && (only === undefined || only.includes('licence')));
    out.push([signed === undefined ? { place: 'declared', what: 'stated', from: artefact.id } : { place: 'verified', what: `stated in a file signed by ${signed.signer}`, from: artefact.id }]);
  }
  return out;
}

/** A base model named with a commit or digest is bound to bytes; one named by a moving name is only declared. */
function ofBaseModel(among: Collection): Evidence[][] {
  const links = among.all.flatMap(({ artefact, facts }) => (
    facts.filter((fact): fact is FactOf<'link'> => fact.kind === 'link' && fact.role === 'base-model').map((link) => ({ id: artefact.id, link }))
  ));
  return [...Map.groupBy(links, ({ link }) => link.target.toLowerCase()).values()].map((same) => {
    const pinned = same.find(({ link }) => /^[0-9a-f]{40}$|^[0-9a-f]{64}$/i.test(link.revision ?? ''));
    return [pinned === undefined ? { place: 'declared', what: 'named without a revision', from: same[0]!.id } : { place: 'bound', what: 'named with its commit', from: pinned.id }];
  });
}
