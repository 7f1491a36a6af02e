// SPDX-License-Identifier: Apache-2.0
// Digests that leave with the release: checksum files, BOMs, signed manifests, data version control, hub metadata.
import { recordsOf } from '../model/records.ts';
import { folderOf, type Asset } from './asset.ts';
import type { Basis } from './basis.ts';
import { listedFiles } from './checks/inventory.ts';

/** One published digest. `strong`: SHA-256 or better, in full. */
export interface Published {
  /** File that states it. */
  readonly source: string;
  /** File that it is of, as a path under the root. */
  readonly path: string;
  /** As in CycloneDX: 'SHA-256', 'MD5' … */
  readonly algorithm: string;
  readonly digest: string;
  readonly strong: boolean;
  /** False for what only a local cache knows, which does not leave with the release. */
  readonly ships: boolean;
}

const byLength: Readonly<Record<number, string>> = { 8: 'CRC32', 32: 'MD5', 40: 'SHA-1', 56: 'SHA-224', 64: 'SHA-256', 96: 'SHA-384', 128: 'SHA-512' };
const strong = new Set(['SHA-256', 'SHA-384', 'SHA-512', 'SHA3-256', 'SHA3-384', 'SHA3-512', 'BLAKE2b-256', 'BLAKE2b-384', 'BLAKE2b-512', 'BLAKE3']);

export function isChecksumFile(name: string): boolean {
  return /^(sha(1|224|256|384|512)|md5|b2|b3|blake2b|blake3)?_?-?(check)?sums?(\.txt)?(\.\w{1,8})?$|\.(sha1|sha256|sha384|sha512|md5)(sum|sums)?$/i.test(name);
}

const remembered = new WeakMap<Basis, readonly Published[]>();

/** Algorithms of records by their name in CycloneDX. */
const named: Readonly<Record<string, string>> = { md5: 'MD5', sha1: 'SHA-1', 'git-sha1': 'SHA-1 of git', sha224: 'SHA-224', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512', blake2b: 'BLAKE2b-512', blake3: 'BLAKE3' };

/** Every digest that a file under the root, or a BOM that was named, states of a file under the root. */
export function published(basis: Basis): readonly Published[] {
  let known = remembered.get(basis);
  if (known === undefined) remembered.set(basis, known = collect(basis));
  return known;
}

function collect(basis: Basis): Published[] {
  const out: Published[] = [];
  const add = (source: string, path: string, algorithm: string, digest: string, ships = true): void => {
    out.push({ source, path, algorithm, digest: digest.toLowerCase(), strong: strong.has(algorithm), ships });
  };
  for (const asset of basis.assets) {
    const text = basis.texts?.get(asset.path);
    if (text === undefined) continue;
    if (isChecksumFile(asset.name)) for (const { name, digest, algorithm } of checksumLines(text, asset)) add(asset.path, name, algorithm, digest);
    else if (asset.name.endsWith('.dvc')) for (const match of text.matchAll(/^[ \t]{0,20}-?[ \t]{0,20}md5: {0,4}([0-9a-f]{32})(?:\.dir)?\s[\s\S]{0,300}?\bpath: {0,4}(\S{1,300})/gm)) add(asset.path, under(folderOf(asset.path), match[2]!), 'MD5', match[1]!);
    else if (/\.cache\/huggingface\/download\/.+\.metadata$/.test(asset.path)) {
      const [, etag] = text.split('\n');
      const path = asset.path.replace(/^(.*\/)?\.cache\/huggingface\/download\/(.+)\.metadata$/, '$1$2');
      if (etag !== undefined && /^[0-9a-f]{64}$/.test(etag.trim())) add(asset.path, path, 'SHA-256', etag.trim(), false);
    } else if (/^croissant\.json$/i.test(asset.name)) for (const { path, sha256 } of croissant(text, folderOf(asset.path))) add(asset.path, path, 'SHA-256', sha256);
  }
  const there = new Set(basis.assets.map(({ path }) => path));
  for (const { from, by, target, algorithm, value } of recordsOf(basis.report.inspected)) {
    // What a lock file or a pointer says of the outside is no publication; nor is what a hub's client noted for itself.
    if (target === undefined || target.includes('!/') || by === 'file-name' || by === 'registry') continue;
    // The subject of a statement has a name, which need not be that of a file.
    if (by === 'attestation' && !there.has(target)) continue;
    add(from.split('!/', 1)[0]!, target, named[algorithm] ?? algorithm, value, by !== 'hub-metadata' && by !== 'pointer');
  }
  for (const { path: source, digest, of } of inDocuments(basis)) add(source, of, 'SHA-256', digest);
  for (const bom of basis.boms) for (const [path, { hashes }] of listedFiles(bom)) for (const [algorithm, digest] of Object.entries(hashes)) add(bom.path, path, algorithm, digest);
  for (const { path: source, files } of basis.signatures) for (const [path, digest] of files) add(source, path, 'SHA-256', digest);
  // A list that was written into the folder that it lists holds a digest of its own beginning.
  const unique = new Map(out.map((one) => [`${one.source}\0${one.path}\0${one.algorithm}\0${one.digest}`, one]));
  return [...unique.values()].filter(({ source, path }) => source !== path);
}

/** SHA-256 digests in documentation, on a line that names a file beside it or below. */
function inDocuments({ assets, texts }: Basis): { path: string; of: string; digest: string }[] {
  const out: { path: string; of: string; digest: string }[] = [];
  const byName = Map.groupBy(assets, ({ name }) => name);
  for (const { path, role, name } of assets) {
    const text = texts?.get(path);
    if (role !== 'documentation' || text === undefined || /^(licen[cs]e|copying|notice)/i.test(name)) continue;
    const below = folderOf(path);
    for (const line of text.split('\n')) {
      if (line.length > 2000 || line.length < 66 || out.length >= 10_000) continue;
      const digests = [...line.matchAll(/(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])/g)].map(([digest]) => digest);
      if (digests.length !== 1) continue; // which of two it is cannot be told
      const words = line.split(/[\s|`*()[\]<>"',:]+/).map((word) => word.slice(word.lastIndexOf('/') + 1));
      const named = words.flatMap((word) => byName.get(word) ?? []).find((one) => one.path !== path && (below === '' || one.path.startsWith(`${below}/`)));
      if (named !== undefined) out.push({ path, of: named.path, digest: digests[0]! });
    }
  }
  return out;
}

function under(folder: string, name: string): string {
  const clean = name.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
  return folder === '' ? clean : `${folder}/${clean}`;
}

/** Lines of coreutils ("digest  name", "digest *name"), of BSD ("SHA256 (name) = digest"), and a digest alone in NAME.sha256. */
function checksumLines(text: string, { path, name }: Asset): { name: string; digest: string; algorithm: string }[] {
  const folder = folderOf(path);
  const out: { name: string; digest: string; algorithm: string }[] = [];
  for (const line of text.split(/\r?\n/).slice(0, 200_000)) {
    const plain = /^\\?([0-9A-Fa-f]{8,128})(?: [ *]|\t)(.{1,1000})$/.exec(line);
    const bsd = /^([A-Za-z0-9-]{3,12}) ?\((.{1,1000})\) ?= ?([0-9A-Fa-f]{8,128})\s*$/.exec(line);
    const alone = /^([0-9A-Fa-f]{32,128})\s*$/.exec(line);
    const [digest, file] = plain !== null ? [plain[1]!, plain[2]!] : bsd !== null ? [bsd[3]!, bsd[2]!] : alone !== null ? [alone[1]!, name.replace(/\.(sha1|sha256|sha384|sha512|md5)(sums?)?$/i, '')] : ['', ''];
    if (digest === '') continue;
    const blake = /b2|blake2/i.test(name) ? `BLAKE2b-${digest.length * 4}` : /b3|blake3/i.test(name) ? 'BLAKE3' : undefined;
    // What is cut short is no digest of any algorithm.
    out.push({ name: under(folder, file.trim()), digest, algorithm: blake ?? byLength[digest.length] ?? 'truncated' });
  }
  return out;
}

function croissant(text: string, folder: string): { path: string; sha256: string }[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return []; // a broken description publishes nothing; the scan says that it is broken
  }
  const list = (parsed as { distribution?: unknown } | null)?.distribution;
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).flatMap((one) => {
    const { contentUrl, sha256 } = (one ?? {}) as { contentUrl?: unknown; sha256?: unknown };
    return typeof contentUrl === 'string' && typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256) && !/^[a-z]+:\/\//i.test(contentUrl) ? [{ path: under(folder, contentUrl), sha256 }] : [];
  });
}
