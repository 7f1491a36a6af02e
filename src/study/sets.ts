// SPDX-License-Identifier: Apache-2.0
// Finds data sets among what was inspected: by columns that scanners told, by names, and by folders of classes.
import type { Inspected } from '../model/artefact.ts';
import { pairedArrays } from './pairs.ts';
import type { SetFile } from './question.ts';
import type { Stated } from './stated.ts';

/** A data set before its rows were looked at. Plain JSON: it travels to the process that studies it. */
export interface Draft {
  readonly name: string;
  readonly kind: 'table' | 'images' | 'texts' | 'samples';
  readonly files: readonly SetFile[];
  readonly size: number;
  /** Rows in all, where every file's are known. */
  readonly rows?: number;
  /** Column names by what inspection told, in order. Empty for files that are rows. */
  readonly columns: readonly string[];
  /** What the artefacts say is the label: never more than a hint. */
  readonly target?: string;
  readonly stated?: Stated;
}

/** Smaller sets of files are a folder with some pictures or notes, not a data set. */
const fewest = { pictures: 20, texts: 40, inClass: 5 } as const;
/** Files of one set; of more, every n-th is taken. */
const mostFiles = 200_000;

const picture = /\.(?:png|jpe?g|gif|webp|bmp|tiff?|p[gp]m)$/i;
const pictureFormats: ReadonlySet<string> = new Set(['png', 'jpeg', 'gif', 'webp', 'bmp', 'tiff', 'netpbm', 'image']);
const document = /\.(?:txt|md|eml|html?|rst|text)$/i;
/** Texts that stand beside data and models, and are none. */
const notText = /(?:^|\/)(?:readme|licen[cs]e|notice|copying|changelog|changes|authors|contributing|requirements[^/]*|vocab|merges|spiece|classes|labels|sha256sums|md5sums|index|todo|robots|cmakelists)(?:\.[a-z]+)?$/i;
const hidden = /(?:^|\/)\.[^/]/;
const numberedPart = /^(?:parts?|shards?|chunks?|batch|volume|vol|dir|disk|bucket)[-_ ]?\d+$/i;

/** Data sets among the artefacts, by name. Their files are disjoint. */
export function findSets(inspected: readonly Inspected[], stated: readonly Stated[] = []): Draft[] {
  const taken = new Set<string>();
  const out: Draft[] = [];
  const add = (draft: Draft): void => {
    for (const { id } of draft.files) taken.add(id);
    out.push(draft);
  };
  for (const one of stated) {
    const draft = fromStated(one, inspected.filter(({ artefact }) => !taken.has(artefact.id)));
    if (draft !== undefined) add(draft);
  }
  const paired = pairedArrays(inspected.filter(({ artefact }) => !taken.has(artefact.id)));
  for (const draft of paired.drafts) add(draft);
  for (const id of paired.taken) taken.add(id);
  for (const draft of tables(inspected.filter(({ artefact }) => !taken.has(artefact.id)))) add(draft);
  // The members of a tar of samples are parts of its rows.
  const tars = new Set(out.filter(({ kind }) => kind === 'samples').flatMap(({ files }) => files.map(({ id }) => id)));
  const inTar = (id: string): boolean => id.includes('!/') && tars.has(id.slice(0, id.lastIndexOf('!/')));
  for (const draft of folders(inspected.filter(({ artefact }) => !taken.has(artefact.id) && !inTar(artefact.id)))) add(draft);
  return unique(out).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

interface Candidate {
  readonly file: SetFile;
  readonly key: string;
  readonly columns: readonly string[];
  readonly target: string | undefined;
  readonly samples: boolean;
}

/** Files with columns, grouped by folder and name without split and shard; those whose columns do not fit stand alone. */
function tables(inspected: readonly Inspected[]): Draft[] {
  const candidates = inspected.flatMap((one): Candidate[] => candidate(one));
  const out: Draft[] = [];
  for (const [key, group] of Map.groupBy(candidates, (one) => `${one.key}\n${one.file.format}`)) {
    const name = key.slice(0, key.indexOf('\n'));
    for (const alike of fitting(group)) {
      // Files of one name in several folders are several sets, unless a split or a shard's number tells them apart.
      out.push(draftOf(alike.length === group.length ? name : alike[0]!.file.id, alike));
    }
  }
  return out;
}

function candidate({ artefact, facts }: Inspected): Candidate[] {
  const columns: string[] = [];
  let rows: number | undefined;
  let target: string | undefined;
  for (const fact of facts) {
    if (fact.kind === 'column') columns.push(fact.name);
    else if (fact.kind === 'anomaly' && fact.measure === 'rows') rows = fact.value;
    else if (fact.kind === 'claim' && fact.field === 'target') target = fact.value;
  }
  if (columns.length === 0 || hidden.test(artefact.id)) return [];
  const { key, split } = placeOf(artefact.id);
  return [{
    file: { id: artefact.id, size: artefact.size, format: artefact.format, ...(split === undefined ? {} : { split }), ...(rows === undefined ? {} : { rows }) },
    key, columns, target, samples: artefact.format.split('+').includes('tar'),
  }];
}

/** Groups whose columns agree; a test split may lack some (its labels, say). */
function fitting(group: readonly Candidate[]): Candidate[][] {
  const out: { readonly names: Set<string>; readonly members: Candidate[] }[] = [];
  for (const one of group.toSorted((a, b) => b.columns.length - a.columns.length)) {
    const home = out.find(({ names, members }) => {
      const shared = one.columns.filter((name) => names.has(name)).length;
      return shared === one.columns.length && (shared === names.size || (2 * shared >= names.size && members[0]!.file.split !== one.file.split));
    });
    if (home === undefined) out.push({ names: new Set(one.columns), members: [one] });
    else home.members.push(one);
  }
  return out.map(({ members }) => members);
}

function draftOf(name: string, group: readonly Candidate[]): Draft {
  const files = ordered(group.map(({ file }) => file));
  const rows = files.every((file) => file.rows !== undefined) ? files.reduce((sum, file) => sum + file.rows!, 0) : undefined;
  const target = group.find((one) => one.target !== undefined)?.target;
  return {
    name, kind: group[0]!.samples ? 'samples' : 'table', files, size: sizeOf(files), columns: group[0]!.columns,
    ...(rows === undefined ? {} : { rows }), ...(target === undefined ? {} : { target }),
  };
}

const splits: readonly (readonly [RegExp, string])[] = [
  [/^(?:train|training|trn)$/, 'train'],
  [/^(?:test|testing|tst|holdout|eval|evaluation)$/, 'test'],
  [/^(?:val|valid|validation|dev)$/, 'validation'],
  [/^(?:unsupervised|unlabell?ed)$/, 'unsupervised'],
];

/** The split that a folder's or file's name is, or undefined. */
export function splitNamed(name: string): string | undefined {
  const lower = name.toLowerCase();
  return splits.find(([pattern]) => pattern.test(lower))?.[1];
}

/** Where a file belongs: its folder and name without what tells splits and shards apart. */
export function placeOf(id: string): { key: string; split: string | undefined } {
  let split: string | undefined;
  const segments = id.replaceAll('!/', '/').split('/');
  const file = segments.pop()!;
  // 'train.csv.gz!/train.csv': what is packed alone has its own name twice.
  const around = segments.at(-1)?.replace(/\.(?:gz|bz2|xz|zst|lz4|zip)$/i, '');
  if (around !== undefined && around !== segments.at(-1) && id.includes('!/') && around.split('.')[0] === file.split('.')[0]) segments.pop();
  const folder = segments.filter((segment) => {
    const named = splitNamed(segment);
    split ??= named;
    return named === undefined;
  });
  // 'imdb_train-00000-of-00002.parquet': the words without endings, split and numbers.
  const stem = file.replace(/\.(?:csv|tsv|jsonl?|ndjson|parquet|arrow|feather|tfrecords?|tar|txt|npz|npy|db|sqlite3?|ipc)(?:\.(?:gz|zst|bz2|xz|snappy))?$/i, '');
  const words = stem.split(/[-_. ]+/).filter((word) => {
    const named = splitNamed(word);
    split ??= named;
    return named === undefined && !/^\d+$/.test(word) && word !== 'of';
  });
  const rest = words.join('-');
  const plain = rest === '' || /^(?:data|part|shard|dataset|tfrecord|chunk|\d+)$/i.test(rest);
  const key = plain ? folder.join('/') || rest || '.' : [...folder, words.join('-').length === stem.length ? file : rest].join('/');
  return { key, split };
}

/** Pictures and texts that are rows: folders of classes, or one folder full of them. */
function folders(inspected: readonly Inspected[]): Draft[] {
  return [
    ...classFolders(inspected.filter(({ artefact }) => isPicture(artefact)), 'images', fewest.pictures),
    ...classFolders(inspected.filter(({ artefact }) => isDocument(artefact)), 'texts', fewest.texts),
  ];
}

function classFolders(inspected: readonly Inspected[], kind: 'images' | 'texts', least: number): Draft[] {
  const byFolder = Map.groupBy(inspected, ({ artefact }) => artefact.id.slice(0, artefact.id.lastIndexOf('/') + 1));
  const byParent = Map.groupBy([...byFolder], ([folder]) => parentOf(folder));
  const out: Draft[] = [];
  const groups = new Map<string, SetFile[]>();
  for (const [parent, children] of byParent) {
    // Folders named by a split hold rows, or classes that lie one level further down; numbered parts hold rows of all classes.
    const mayBeClass = (folder: string): boolean => splitNamed(lastOf(folder)) === undefined && !numberedPart.test(lastOf(folder));
    const classes = children.filter(([folder, files]) => mayBeClass(folder) && files.length >= fewest.inClass);
    const className = classNames(classes.map(([folder]) => lastOf(folder)));
    for (const [folder, files] of children) {
      const labelled = classes.length >= 2 && files.length >= fewest.inClass && mayBeClass(folder);
      const home = labelled ? parent : folder;
      const { key, split } = folderPlace(home);
      const list = groups.get(`${labelled ? 'classes' : 'flat'}\n${key}`) ?? [];
      for (const { artefact } of files) {
        list.push({ id: artefact.id, size: artefact.size, format: artefact.format, rows: 1, ...(split === undefined ? {} : { split }), ...(labelled ? { label: className(lastOf(folder)) } : {}) });
      }
      groups.set(`${labelled ? 'classes' : 'flat'}\n${key}`, list);
    }
  }
  for (const [key, all] of groups) {
    if (all.length < least) continue;
    const step = Math.ceil(all.length / mostFiles);
    const files = ordered(all).filter((_, index) => index % step === 0);
    out.push({ name: key.slice(key.indexOf('\n') + 1) || '.', kind, files, size: sizeOf(files), rows: files.length, columns: [] });
  }
  return out;
}

/** Batches of one class (spam-1, spam-2) are that class; where all folders are numbered alike, the numbers are the classes. */
function classNames(folders: readonly string[]): (folder: string) => string {
  const stem = (folder: string): string => /^(.*[a-z])[-_ .]?\d+$/i.exec(folder)?.[1] ?? folder;
  const stems = Map.groupBy(folders, stem);
  return (folder) => (stems.size >= 2 && stems.get(stem(folder))!.length >= 2 ? stem(folder) : folder);
}

function folderPlace(folder: string): { key: string; split: string | undefined } {
  let split: string | undefined;
  const kept = folder.replaceAll('!/', '/').split('/').filter((segment) => {
    if (segment === '') return false;
    const named = splitNamed(segment);
    split ??= named;
    return named === undefined;
  });
  return { key: kept.join('/') || '.', split };
}

function isPicture({ id, format }: Inspected['artefact']): boolean {
  return !hidden.test(id) && (picture.test(id) || format.split('+').some((one) => pictureFormats.has(one)));
}

/** Texts of a corpus have an ending that says so, or (mail, news) none at all; nothing else may know them. */
function isDocument({ id, format, size }: Inspected['artefact']): boolean {
  if (hidden.test(id) || notText.test(id) || size === 0 || size > 4 << 20 || !(format === 'unknown' || format === 'text' || format === 'card')) return false;
  return document.test(id) || !id.slice(id.lastIndexOf('/') + 1).includes('.') || /(?:^|\/)[0-9a-f]*[.-]?[0-9a-f]{8,}$/i.test(id) || /\/\d+\.[0-9a-f]{32}$/.test(id);
}

function fromStated(stated: Stated, inspected: readonly Inspected[]): Draft | undefined {
  const chosen = inspected.filter(({ artefact }) => stated.files.some((prefix) => matches(artefact.id, prefix)));
  const tabled = chosen.flatMap((one) => candidate(one));
  const base = tabled.length > 0
    ? draftOf(stated.name, tabled.toSorted((a, b) => b.columns.length - a.columns.length))
    : [...classFolders(chosen.filter(({ artefact }) => isPicture(artefact)), 'images', 1), ...classFolders(chosen.filter(({ artefact }) => isDocument(artefact)), 'texts', 1)][0];
  return base === undefined ? undefined : { ...base, name: stated.name, files: ordered(base.files.map((file) => withSplit(file, stated))), stated };
}

function withSplit(file: SetFile, { splits: named }: Stated): SetFile {
  const split = Object.entries(named ?? {}).find(([, prefixes]) => prefixes.some((prefix) => matches(file.id, prefix)))?.[0];
  return split === undefined ? file : { ...file, split };
}

/** A path names a file, all below a folder, or all members of a container. */
function matches(id: string, path: string): boolean {
  const prefix = path.replace(/\/+$/, '');
  return prefix === '.' || id === prefix || id.startsWith(`${prefix}/`) || id.startsWith(`${prefix}!/`);
}

/** By split (training first), then by id: the order in which rows are read. */
function ordered(files: readonly SetFile[]): SetFile[] {
  const order = ['train', 'validation', 'test'];
  const rank = ({ split }: SetFile): number => (split === undefined ? -1 : (order.indexOf(split) + order.length + 1) % (order.length + 1));
  return files.toSorted((a, b) => rank(a) - rank(b) || compare(a.split ?? '', b.split ?? '') || compare(a.id, b.id));
}

function sizeOf(files: readonly SetFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function unique(drafts: readonly Draft[]): Draft[] {
  const seen = new Map<string, number>();
  return drafts.map((given) => {
    // 'train.csv' alone in a folder leaves no name when its split is taken off: then it is called as it is.
    const draft = given.name === '.' && given.files.length === 1 ? { ...given, name: given.files[0]!.id } : given;
    const nth = (seen.get(draft.name) ?? 0) + 1;
    seen.set(draft.name, nth);
    return nth === 1 ? draft : { ...draft, name: `${draft.name}#${nth}` };
  });
}

function parentOf(folder: string): string {
  const inner = folder.slice(0, -1);
  return inner.slice(0, inner.lastIndexOf('/') + 1);
}

function lastOf(folder: string): string {
  const inner = folder.slice(0, -1);
  return inner.slice(inner.lastIndexOf('/') + 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
