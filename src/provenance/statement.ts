// SPDX-License-Identifier: Apache-2.0
import { algorithms, type Algorithm } from './hash.ts';
import { array, Fault, object, parseJson, string, type Json, type JsonObject, type Reader } from './json.ts';
import type { Manifest, Resource, Serialization } from './manifest.ts';
import { faultOfIgnore, faultOfName, printable } from './names.ts';

const statementType = 'https://in-toto.io/Statement/v1';
const predicatePrefix = 'https://model_signing/signature/v1.';
/** Written by model-signing 0.2.0. */
const legacyPredicate = 'https://model_signing/Digests/v0.1';

/** What a signature says of a model, checked for sense, not yet against any file. */
export interface Statement {
  /** 'v1.0', a later 'v1.N', or 'v0.1' for model-signing 0.2.0. */
  readonly version: string;
  /** Name of the model when it was signed; informative. */
  readonly subject: string;
  /** Absent in v0.1. */
  readonly rootDigest?: string;
  readonly serialization: Serialization;
  readonly allowSymlinks: boolean;
  /** Absent before model-signing 1.1.0. */
  readonly ignorePaths?: readonly string[];
  /** In listed order, which is the order of the root digest. */
  readonly resources: readonly Resource[];
  /** What each listed file is made of, by name; for a single file that may be '.'. */
  readonly files: ReadonlyMap<string, readonly ListedPiece[]>;
}

/** Bytes of a listed file. `end` is absent when the whole file is one resource. */
export interface ListedPiece {
  readonly start: number;
  readonly end?: number;
  readonly digest: string;
}

/** The statement that is signed for a manifest: OMS v1.0, one line, fields always in the same order. */
export function statementOf(manifest: Manifest): string {
  const { serialization } = manifest;
  return JSON.stringify({
    _type: statementType,
    subject: [{ name: manifest.model, digest: { sha256: manifest.rootDigest } }],
    predicateType: `${predicatePrefix}0`,
    predicate: {
      serialization: {
        method: serialization.method,
        hash_type: serialization.hash,
        allow_symlinks: manifest.allowSymlinks,
        ...(serialization.method === 'shards' ? { shard_size: serialization.shardSize } : {}),
        ignore_paths: manifest.ignorePaths,
      },
      resources: manifest.resources.map(({ name, algorithm, digest }) => ({ name, algorithm, digest })),
    },
  });
}

const at: Reader = { kind: 'statement', where: 'the statement' };
const place = (where: string): Reader => ({ ...at, where });

/** Reads the payload of a signature. Every line of it was written by whoever signed: nothing is taken on trust. */
export function parseStatement(payload: Buffer): Statement {
  const statement = object(parseJson(payload, at), at, ['_type', 'subject', 'predicateType', 'predicate']);
  const type = string(statement['_type'], place('_type'));
  if (type !== statementType) throw new Fault('statement', `_type is ${printable(type)}; allowed is ${statementType}`);
  const predicateType = string(statement['predicateType'], place('predicateType'));
  const subjects = array(statement['subject'], place('subject'));
  if (predicateType === legacyPredicate) return legacyStatement(subjects);
  const minor = predicateType.startsWith(predicatePrefix) ? predicateType.slice(predicatePrefix.length) : '';
  if (!/^(0|[1-9]\d{0,3})$/.test(minor)) {
    throw new Fault('statement', `predicateType is ${printable(predicateType)}; allowed is ${predicatePrefix}0`);
  }
  if (subjects.length !== 1) throw new Fault('statement', `the statement has ${subjects.length} subjects; allowed is 1`);
  const subject = object(subjects[0], place('subject'), ['name', 'digest'], ['*']);
  const name = string(subject['name'], place('subject.name'));
  if (name === '') throw new Fault('statement', 'subject.name is empty');
  const digest = object(subject['digest'], place('subject.digest'), ['sha256'], ['*']);
  // A later minor version may add fields (VERSIONING of the spec); in 1.0 an unknown one is a mistake, or bait.
  const more = minor === '0' ? [] : ['*'];
  const predicate = object(statement['predicate'], place('predicate'), ['serialization', 'resources'], more);
  const { serialization, allowSymlinks, ignorePaths } = serializationOf(predicate['serialization'], more);
  const resources = array(predicate['resources'], place('resources')).map((one, index) => resourceOf(one, index, serialization));
  return {
    version: `v1.${minor}`,
    subject: name,
    rootDigest: hex(digest['sha256'], 'the root digest', 'sha256'),
    serialization,
    allowSymlinks,
    ...(ignorePaths === undefined ? {} : { ignorePaths }),
    resources,
    files: filesOf(resources, serialization),
  };
}

interface Settings {
  readonly serialization: Serialization;
  readonly allowSymlinks: boolean;
  readonly ignorePaths: readonly string[] | undefined;
}

function serializationOf(value: Json | undefined, more: readonly string[]): Settings {
  const found = object(value, place('serialization'), ['method', 'hash_type', 'allow_symlinks'], ['shard_size', 'ignore_paths', ...more]);
  const method = string(found['method'], place('method'));
  if (method !== 'files' && method !== 'shards') throw new Fault('statement', `method is ${printable(method)}; allowed are files and shards`);
  const hash = hashTypeOf(found);
  const allowSymlinks = found['allow_symlinks'];
  if (typeof allowSymlinks !== 'boolean') throw new Fault('statement', 'allow_symlinks is neither true nor false');
  const shardSize = found['shard_size'];
  if (method === 'files' && shardSize !== undefined) throw new Fault('statement', 'shard_size is given, but the method is files');
  if (method === 'shards' && !(Number.isSafeInteger(shardSize) && Number(shardSize) > 0)) {
    throw new Fault('statement', `shard_size is ${shardSize === undefined ? 'missing' : printable(JSON.stringify(shardSize))}; allowed is a whole number from 1 up`);
  }
  const listed = found['ignore_paths'];
  const ignorePaths = listed === undefined ? undefined : array(listed, place('ignore_paths')).map((path) => string(path, place('ignore_paths')));
  for (const path of ignorePaths ?? []) {
    const fault = faultOfIgnore(path);
    if (fault !== undefined) throw new Fault('statement', `the ignored path '${printable(path)}' ${fault}`);
  }
  return {
    serialization: method === 'files' ? { method, hash } : { method, hash, shardSize: Number(shardSize) },
    allowSymlinks,
    ignorePaths,
  };
}

function hashTypeOf(found: JsonObject): Algorithm {
  const name = string(found['hash_type'], place('hash_type'));
  if (!Object.hasOwn(algorithms, name)) throw new Fault('statement', `hash_type is ${printable(name)}; allowed are sha256, blake2b and blake3`);
  return name as Algorithm;
}

function resourceOf(value: Json, index: number, serialization: Serialization): Resource {
  const found = object(value, place(`resource ${index}`), ['name', 'algorithm', 'digest'], ['*']);
  const name = string(found['name'], place(`the name of resource ${index}`));
  const algorithm = string(found['algorithm'], place(`the algorithm of ${printable(name)}`));
  const { hash } = serialization;
  // model-signing up to 1.1 writes the shard size into the algorithm's name.
  const sharded = serialization.method === 'shards' ? `${hash}-sharded-${serialization.shardSize}` : hash;
  if (algorithm !== hash && algorithm !== sharded) {
    throw new Fault('statement', `the algorithm of ${printable(name)} is ${printable(algorithm)}, but hash_type is ${hash}`);
  }
  return { name, algorithm, digest: hex(found['digest'], `the digest of ${printable(name)}`, hash) };
}

function hex(value: Json | undefined, what: string, algorithm: Algorithm): string {
  const text = string(value, place(what));
  const { digits } = algorithms[algorithm];
  if (text.length !== digits || !/^[0-9a-f]*$/.test(text)) throw new Fault('statement', `${what} is not ${digits} lower-case hex digits`);
  return text;
}

/** Groups resources into files, and refuses lists that leave a byte unsigned or say anything twice. */
function filesOf(resources: readonly Resource[], serialization: Serialization): Map<string, readonly ListedPiece[]> {
  if (resources.length === 0) throw new Fault('statement', 'the statement lists no resources: it would hold for any model');
  const files = new Map<string, ListedPiece[]>();
  for (const { name, digest } of resources) {
    const piece = serialization.method === 'files' ? { file: name, start: 0, digest } : shardOf(name, digest);
    const { file, ...rest } = piece;
    const known = files.get(file);
    if (known === undefined) {
      const fault = file === '.' ? undefined : faultOfName(file);
      if (fault !== undefined) throw new Fault('statement', `the resource name '${printable(name)}' ${fault}`);
      files.set(file, [rest]);
    } else if (serialization.method === 'files') throw new Fault('statement', `${printable(name)} is listed twice`);
    else known.push(rest);
  }
  if (files.has('.') && files.size > 1) throw new Fault('statement', "the resource name '.', which stands for a single file, is listed beside others");
  if (serialization.method === 'shards') for (const [name, pieces] of files) checkShards(name, pieces, serialization.shardSize);
  return files;
}

function shardOf(name: string, digest: string): ListedPiece & { readonly file: string } {
  const match = /^([^]+):(0|[1-9]\d{0,15}):([1-9]\d{0,15})$/.exec(name);
  const [start, end] = [Number(match?.[2]), Number(match?.[3])];
  if (match === null || !Number.isSafeInteger(end) || start >= end) {
    throw new Fault('statement', `the resource name '${printable(name)}' is not PATH:START:END`);
  }
  return { file: match[1]!, start, end, digest };
}

/** Shards of a file must meet without hole or overlap, each of the stated size but the last. */
function checkShards(name: string, pieces: ListedPiece[], shardSize: number): void {
  pieces.sort((a, b) => a.start - b.start);
  for (const [index, piece] of pieces.entries()) {
    if (piece.start === pieces[index - 1]?.start) throw new Fault('statement', `${printable(name)}:${piece.start}:${piece.end} is listed twice`);
    const full = index < pieces.length - 1;
    const length = piece.end! - piece.start;
    if (piece.start !== index * shardSize || length > shardSize || (full && length !== shardSize)) {
      throw new Fault('statement', `the shards of ${printable(name)} do not meet: ${piece.start}..${piece.end} is shard ${index} of ${shardSize} bytes each`);
    }
  }
}

/** model-signing 0.2.0: one subject per file, nothing in the predicate, no root digest. */
function legacyStatement(subjects: readonly Json[]): Statement {
  const resources = subjects.map((one, index): Resource => {
    const where = place(`subject ${index}`);
    const subject = object(one, where, ['name', 'digest'], ['annotations']);
    const digest = object(subject['digest'], place(`the digest of subject ${index}`), ['sha256']);
    const annotations = object(subject['annotations'] ?? {}, where, [], ['*']);
    const algorithm = annotations['actual_hash_algorithm'] ?? 'file-sha256';
    if (algorithm !== 'file-sha256') throw new Fault('unsupported', `actual_hash_algorithm is ${printable(JSON.stringify(algorithm))}; only file-sha256 can be read`);
    const name = string(subject['name'], where);
    return { name, algorithm: 'sha256', digest: hex(digest['sha256'], `the digest of ${printable(name)}`, 'sha256') };
  });
  const serialization: Serialization = { method: 'files', hash: 'sha256' };
  return { version: 'v0.1', subject: '', serialization, allowSymlinks: false, resources, files: filesOf(resources, serialization) };
}
