// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { UsageError } from '../model/usage-error.ts';
import type { DigestCache } from './digest-cache.ts';
import type { Algorithm, HashJob, Outcome } from './hash.ts';
import { hashAll } from './hash-pool.ts';
import { byCodePoint, byPart, printable } from './names.ts';
import { Refused } from './refused.ts';
import { gitPaths, outsideOf, refusal, walk, type Root, type Tree, type TreeFile } from './tree.ts';

/** How a model is cut into resources. `shardSize` (bytes) is there for `shards` only. */
export type Serialization =
  | { readonly method: 'files'; readonly hash: Algorithm }
  | { readonly method: 'shards'; readonly hash: Algorithm; readonly shardSize: number };

/** `python-1.1` writes what the Python package model-signing 1.1 demands where it departs from OMS v1.0. */
export type Profile = 'spec' | 'python-1.1';

/** Bytes; the reference's default. */
export const defaultShardSize = 1_000_000_000;

/** Resources in one manifest. A million take about 250 MB in a signature, and V8 holds no text beyond 512 MiB. */
const mostResources = 1_000_000;

/** One line of a manifest: a file, or a piece of one. */
export interface Resource {
  /** Path relative to the model, with `:start:end` behind it for a shard. */
  readonly name: string;
  readonly algorithm: string;
  /** Lower-case hex. */
  readonly digest: string;
}

/** Every byte of a model, by digest, in the order of the profile: under `spec`, by code points of the names. */
export interface Manifest {
  /** Base name of the model; informative. */
  readonly model: string;
  readonly serialization: Serialization;
  readonly resources: readonly Resource[];
  /** Lower-case hex SHA-256 over the resources' digests. */
  readonly rootDigest: string;
  /** What was left out, as recorded in a statement; sorted. */
  readonly ignorePaths: readonly string[];
  /** Whether links were taken for what they lead to. */
  readonly allowSymlinks: boolean;
  /** Names of links that lead to files outside the model. */
  readonly outside: readonly string[];
  /** Bytes that were hashed. */
  readonly bytes: number;
  /** Files that leave no trace in the manifest: empty ones, which have no shard. */
  readonly uncovered: readonly string[];
}

export interface MeasureOptions {
  readonly serialization: Serialization;
  /** Names relative to the model. */
  readonly ignore: readonly string[];
  readonly ignoreGit: boolean;
  /** Name of the signature file, when it lies in the model. */
  readonly signature?: string | undefined;
  readonly profile: Profile;
  /** Sign what links lead to, under their names. */
  readonly allowSymlinks?: boolean;
  /** Digests that are known already. */
  readonly cache?: DigestCache | undefined;
}

/** One file or shard to be hashed, and the name it will have. */
export interface Piece {
  readonly file: TreeFile;
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** Lists and hashes a model. Throws `Refused` when it holds anything that cannot be signed, or nothing at all. */
export async function measure(root: Root, options: MeasureOptions): Promise<Manifest> {
  const { serialization, profile } = options;
  const ignorePaths = new Set([...(options.ignoreGit ? gitPaths : []), ...options.ignore]);
  const allowSymlinks = options.allowSymlinks === true;
  const tree = walk(root, ignorePaths, options.signature, allowSymlinks);
  const first = tree.refusals.toSorted((a, b) => byCodePoint(a.name, b.name))[0];
  if (first !== undefined) {
    const more = tree.refusals.length - 1;
    throw new Refused(more === 0 ? first : { ...first, detail: `${first.detail} (and ${more} more that cannot be signed)` });
  }
  const count = tree.files.reduce((sum, { size }) => sum + (serialization.method === 'files' ? 1 : Math.ceil(size / serialization.shardSize)), 0);
  if (count > mostResources) {
    const cure = serialization.method === 'files' ? 'sign parts of it' : 'take larger shards';
    throw new UsageError(`${printable(tree.name)} makes ${count} resources, ${mostResources} are allowed; ${cure}`);
  }
  const pieces = tree.files.flatMap((file) => piecesOf(file, nameIn(tree, file, profile), serialization)).sort(orderOf(profile));
  if (pieces.length === 0) throw new Refused({ kind: 'empty', name: '', detail: `${printable(tree.name)} holds nothing to sign` });
  const outcomes = await hashPieces(pieces, serialization.hash, options.cache);
  const resources = pieces.map((piece, index): Resource => {
    const outcome = outcomes[index]!;
    if ('failure' in outcome) throw new Refused(refusal(outcome.failure, piece.file.name, outcome.detail));
    return { name: piece.name, algorithm: algorithmName(serialization, profile), digest: outcome.digest };
  });
  const recorded = options.signature === undefined ? ignorePaths : new Set([...ignorePaths, options.signature]);
  return {
    model: tree.name,
    serialization,
    resources,
    rootDigest: rootDigest(resources),
    ignorePaths: [...recorded].sort(byCodePoint),
    allowSymlinks,
    outside: outsideOf(tree),
    bytes: pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0),
    uncovered: serialization.method === 'files' ? [] : tree.files.filter((file) => file.size === 0).map((file) => file.name),
  };
}

/** Hashes pieces on every core, but for those whose digest is known; outcome `i` belongs to piece `i`. */
export async function hashPieces(pieces: readonly Piece[], hash: Algorithm, cache?: DigestCache): Promise<Outcome[]> {
  const outcomes = pieces.map(({ file, start, end }): Outcome | undefined => {
    const digest = cache?.get(file, hash, start, end);
    return digest === undefined ? undefined : { digest };
  });
  const unknown = pieces.map((_, index) => index).filter((index) => outcomes[index] === undefined);
  const settle = cache === undefined ? {} : { settle: true };
  const jobs = unknown.map((index): HashJob => {
    const { file, start, end } = pieces[index]!;
    return { path: file.path, stamp: file.stamp, start, end, ...settle };
  });
  const found = await hashAll(jobs, hash);
  for (const [place, index] of unknown.entries()) {
    const outcome = found[place]!;
    const { file, start, end } = pieces[index]!;
    outcomes[index] = outcome;
    if ('digest' in outcome && outcome.settled === true) cache?.put(file, hash, start, end, outcome.digest);
  }
  return outcomes as Outcome[];
}

/** The resources of one file: itself, or its shards in order; an empty file has no shard (OMS v1.0). */
export function piecesOf(file: TreeFile, name: string, serialization: Serialization): Piece[] {
  if (serialization.method === 'files') return [{ file, start: 0, end: file.size, name }];
  const pieces: Piece[] = [];
  for (let start = 0; start < file.size; start += serialization.shardSize) {
    const end = Math.min(start + serialization.shardSize, file.size);
    pieces.push({ file, start, end, name: `${name}:${start}:${end}` });
  }
  return pieces;
}

/** The root digest: SHA-256 over the raw digests in listed order, whatever the resources' own algorithm; names are not in it. */
export function rootDigest(resources: readonly Resource[]): string {
  const hash = createHash('sha256');
  for (const { digest } of resources) hash.update(digest, 'hex');
  return hash.digest('hex');
}

/**
 * The order of resources, which the root digest depends on. OMS v1.0 goes by the whole name, so that the shard 16..24
 * comes before 8..16; the Python package goes by path, then by offset.
 */
function orderOf(profile: Profile): (a: Piece, b: Piece) => number {
  if (profile === 'spec') return (a, b) => byCodePoint(a.name, b.name);
  return (a, b) => byPart(a.file.name, b.file.name) || a.start - b.start;
}

function nameIn(tree: Tree, file: TreeFile, profile: Profile): string {
  return tree.kind === 'file' && profile === 'python-1.1' ? '.' : file.name;
}

function algorithmName(serialization: Serialization, profile: Profile): string {
  const sharded = serialization.method === 'shards' && profile === 'python-1.1';
  return sharded ? `${serialization.hash}-sharded-${serialization.shardSize}` : serialization.hash;
}
