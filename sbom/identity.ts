// SPDX-License-Identifier: Apache-2.0
import type { ContentDigest } from './files.ts';
import type { BaseModel } from './lineage.ts';
import { buildPurl } from './purl.ts';
import { lastPart, publishable, sameName, withoutFolders } from './text.ts';
import { isCard, type Facts, type Value } from './value.ts';

/** What the subject is called, and how it can be found again. */
export interface Identity {
  readonly name: Value;
  /** Organisation on the hub. */
  readonly group?: Value;
  /** Commit on the hub, else 'sha256:' and the content digest; absent when neither is known. */
  readonly version?: Value;
  readonly purl?: Value;
  /** Names that were set aside, and why. */
  readonly rejected: readonly { readonly name: Value; readonly why: string }[];
}

/** A repository on a model hub, as its local cache tells: the paths that the hub's own client writes. */
interface Hub {
  readonly kind: 'models' | 'datasets';
  readonly group: string;
  readonly name: string;
  readonly commit?: string;
  readonly source: string;
}

const cacheFolder = /(?:^|\/)(models|datasets)--([A-Za-z0-9][\w.-]*?)--([A-Za-z0-9][\w.-]*)(?:\/|$)/;

/**
 * Name, version and purl of the subject. Precedence of names: given by the user; hub evidence; the card; GGUF
 * general.name (or another weights header); the folder. What names a base model never names the subject.
 */
export function identify(root: string, paths: readonly string[], facts: Facts, bases: readonly BaseModel[], digest: ContentDigest | undefined, known: Known = {}): Identity {
  const hub = hubOf(root, paths);
  const [givenGroup, given] = partsOf(known);
  const rejected: { name: Value; why: string }[] = [];
  const candidates: Value[] = [];
  if (given !== undefined && given.trim() !== '') candidates.push({ value: given.trim(), origin: 'given', source: '', confidence: 'high' });
  if (hub !== undefined) candidates.push({ value: hub.name, origin: 'observed', source: hub.source, confidence: 'medium', how: 'folder names of a hub cache' });
  if (known.remote !== undefined) candidates.push({ value: known.remote.name, origin: 'observed', source: known.remote.source, confidence: 'medium', how: 'remote of the git checkout' });
  candidates.push(...claimedNames(facts));
  const folder = publishable(withoutFolders(root)).trim();
  candidates.push({ value: folder === '' ? 'unknown' : folder, origin: 'observed', source: '', confidence: 'low', how: 'name of the file or folder' });
  const name = candidates.find((candidate) => {
    const base = candidate.origin === 'declared' ? bases.find(({ id, weak }) => !weak && sameName(lastPart(id.value), lastPart(candidate.value))) : undefined;
    if (base !== undefined) rejected.push({ name: candidate, why: `names the base model ${base.id.value}` });
    return base === undefined;
  })!;
  const place = placeOf(hub, known, givenGroup, given);
  const version = known.version === undefined ? versionOf(hub, known.commit, digest) : { value: known.version, origin: 'given' as const, source: 'overlay', confidence: 'high' as const, how: 'given by the user' };
  const purl = purlOf(name, place, hub?.commit ?? known.commit?.value, digest);
  const group: Value | undefined = place === undefined ? undefined : { value: place.group, origin: place.origin, source: place.source, confidence: 'medium' };
  return {
    name,
    rejected,
    ...(group === undefined ? {} : { group }),
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
  };
}

function claimedNames(facts: Facts): Value[] {
  const claims = facts.ofSubject('name');
  const cards = claims.filter(({ source }) => isCard(source) || facts.datasetSources.has(source)).toSorted((a, b) => Number(isCard(b.source)) - Number(isCard(a.source)));
  const headers = claims.filter(({ source }) => /\.(gguf|safetensors)(!|$)/i.test(source));
  // Several headers with different names (a model and its projector) name no one thing.
  const agreed = headers.every(({ value }) => value === headers[0]!.value) ? headers.slice(0, 1) : [];
  return [...cards.slice(0, 1), ...agreed].map((name) => ({ ...name, value: withoutFolders(name.value.trim()) }));
}

function hubOf(root: string, paths: readonly string[]): Hub | undefined {
  const found = new Map<string, { match: RegExpExecArray; source: string }>();
  const commits = new Set<string>();
  const direct = cacheFolder.exec(root);
  if (direct !== null) found.set(direct[0], { match: direct, source: '' });
  for (const path of paths) {
    const match = direct === null ? cacheFolder.exec(path) : null;
    if (match !== null && match.index === 0) found.set(match[0], { match, source: found.get(match[0])?.source ?? path });
    const snapshot = /(?:^|\/)snapshots\/([0-9a-f]{40})\//.exec(path);
    if (snapshot !== null) commits.add(snapshot[1]!);
  }
  const only = [...found.values()][0];
  // A folder with several repositories, or with files beside one, is not that repository.
  if (only === undefined || found.size > 1 || (direct === null && paths.some((path) => cacheFolder.exec(path)?.index !== 0))) return undefined;
  const [, kind, group, name] = only.match;
  return {
    kind: kind as Hub['kind'],
    group: group!,
    name: name!,
    source: only.source,
    ...(commits.size === 1 ? { commit: [...commits][0]! } : {}),
  };
}

/** What is known of the subject beside its files' own words. */
export interface Known {
  /** Given by the user: 'name' or 'organisation/name'. */
  readonly name?: string;
  readonly group?: string;
  readonly version?: string;
  readonly commit?: Value;
  readonly remote?: { readonly host: string; readonly kind: 'models' | 'datasets'; readonly group: string; readonly name: string; readonly source: string };
}

function partsOf({ name, group }: Known): [group: string | undefined, name: string | undefined] {
  const match = name === undefined ? null : /^([A-Za-z0-9][\w.-]{0,95})\/([A-Za-z0-9][\w.-]{0,95})$/.exec(name.trim());
  return match === null ? [group, name] : [match[1]!, match[2]!];
}

interface Place {
  readonly type: 'huggingface' | 'github' | undefined;
  readonly group: string;
  readonly name: string;
  readonly source: string;
  readonly origin: Value['origin'];
  readonly how: string;
}

/** Where the subject is published, as far as there is evidence: a hub cache, a remote; or the user's word beside a commit of the hub. */
function placeOf(hub: Hub | undefined, known: Known, group: string | undefined, name: string | undefined): Place | undefined {
  if (hub !== undefined) return { type: hub.kind === 'models' ? 'huggingface' : undefined, group: hub.group, name: hub.name, source: hub.source, origin: 'observed', how: 'folder names of a hub cache' };
  const { remote, commit } = known;
  if (remote !== undefined) return { type: remote.kind === 'models' ? (remote.host as 'huggingface' | 'github') : undefined, group: remote.group, name: remote.name, source: remote.source, origin: 'observed', how: 'remote of the git checkout' };
  if (group === undefined || name === undefined) return undefined;
  const fetched = commit?.source.startsWith('.cache/huggingface/') === true;
  return { type: fetched ? 'huggingface' : undefined, group, name, source: 'overlay', origin: 'given', how: fetched ? 'name given by the user, commit of the hub\'s client' : 'given by the user' };
}

function versionOf(hub: Hub | undefined, commit: Value | undefined, digest: ContentDigest | undefined): Value | undefined {
  if (hub?.commit !== undefined) return { value: hub.commit, origin: 'observed', source: hub.source, confidence: 'medium', how: 'snapshot folder of a hub cache' };
  if (commit !== undefined) return commit;
  if (digest === undefined) return undefined;
  return { value: `sha256:${digest.sha256}`, origin: 'derived', source: '', confidence: 'high', how: `SHA-256 of ${digest.of}` };
}

function purlOf(name: Value, place: Place | undefined, commit: string | undefined, digest: ContentDigest | undefined): Value | undefined {
  // Datasets on the hub have no agreed form of purl yet (package-url/purl-spec#534).
  if (place?.type !== undefined) {
    const purl = buildPurl({ type: place.type, namespace: place.group, name: place.name, ...(commit === undefined ? {} : { version: commit }) });
    if (purl !== undefined) return { value: purl, origin: place.origin, source: place.source, confidence: 'medium', how: place.how };
  }
  if (digest === undefined) return undefined; // a name alone identifies nothing
  const checksum = `sha256:${digest.sha256}`;
  const purl = buildPurl({ type: 'generic', name: name.value, version: checksum, qualifiers: { checksum } });
  return purl === undefined ? undefined : { value: purl, origin: 'derived', source: '', confidence: name.confidence, how: 'name and content digest' };
}
