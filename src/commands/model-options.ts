// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import type { DigestCache } from '../provenance/digest-cache.ts';
import { algorithms, type Algorithm } from '../provenance/hash.ts';
import type { KeySet } from '../provenance/keys.ts';
import { defaultShardSize, type MeasureOptions, type Profile, type Serialization } from '../provenance/manifest.ts';
import { faultOfIgnore } from '../provenance/names.ts';
import { nameWithin, rootOf, type Root } from '../provenance/tree.ts';

/** How a model is read: common to `digest` and `sign`. As commander gives them. */
export interface ModelOptions {
  readonly signature?: string;
  readonly ignore?: readonly string[];
  readonly ignoreGit?: boolean;
  readonly serialization?: string;
  readonly shardSize?: string;
  readonly hash?: string;
  readonly omsProfile?: string;
  readonly digestCache?: string;
}

/** Adds the options of `ModelOptions`. */
export function addModelOptions(command: Command): Command {
  return command
    .option('--signature <FILE>', 'the signature, never part of the model (default: PATH/model.sig, or FILE.sig for a single file)')
    .option('--ignore <PATH>', 'leave out this file or folder; repeatable', collect)
    .option('--ignore-git', 'leave out .git, .gitattributes, .github and .gitignore in the root of the model (default)', true)
    .option('--no-ignore-git', 'include them')
    .option('--serialization <METHOD>', 'one digest per file, or per shard of a file: files, shards', 'files')
    .option('--shard-size <BYTES>', `bytes of a shard (default: ${defaultShardSize})`)
    .option('--hash <NAME>', 'sha256, blake2b, blake3', 'sha256')
    .option('--oms-profile <PROFILE>', 'spec; python-1.1 for what the Python package model-signing 1.1 demands; extended for Ed25519 and RSA keys too', 'spec')
    .option('--digest-cache <DIR>', cacheHelp);
}

/** For `--digest-cache`. */
export const cacheHelp = 'remember digests there, so that files that did not change since are not read again (Linux; for this boot)';

/** Does work with the cache that was asked for, and keeps what is new in it. */
export async function withCache<T>(folder: string | undefined, work: (cache: DigestCache | undefined) => Promise<T>): Promise<T> {
  if (folder === undefined) return work(undefined);
  const { openDigestCache } = await import('../provenance/digest-cache.ts');
  const cache = openDigestCache(folder);
  const result = await work(cache);
  cache.save();
  if (cache.refusal !== undefined) process.stderr.write(`assay: --digest-cache is not used here: ${cache.refusal}\n`);
  return result;
}

/** Collects a repeatable option. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** Resolves PATH. */
export function modelAt(path: string): Root {
  if (path === '-') throw new UsageError('PATH is -; a model is a file or a folder');
  return rootOf(path);
}

/** Where the signature of the model at `path` is: PATH/model.sig, or FILE.sig for a single file, unless the person says otherwise. */
export function signatureOf(root: Root, path: string, given: string | undefined): string {
  return given ?? (root.kind === 'folder' ? join(path, 'model.sig') : `${path}.sig`);
}

/** What `measure` wants, from what was typed. */
export function measureOptions(root: Root, path: string, options: ModelOptions): MeasureOptions {
  return {
    serialization: serializationFrom(options),
    ignore: ignoreNames(root, options.ignore ?? []),
    ignoreGit: options.ignoreGit ?? true,
    signature: nameWithin(root, signatureOf(root, path, options.signature)),
    profile: profileFrom(options.omsProfile ?? 'spec'),
  };
}

/**
 * Ignored paths as names in the model. They are taken relative to the model; a path that is not there, but leads into
 * the model from the current folder, is taken as that, since shells complete such paths.
 */
export function ignoreNames(root: Root, given: readonly string[]): string[] {
  return given.map((path) => {
    const asName = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
    const fault = path.startsWith('/') ? 'is an absolute path outside the model' : faultOfIgnore(asName);
    if (fault === undefined && existsSync(join(root.path, asName))) return asName;
    const within = nameWithin(root, path);
    const there = path.startsWith('/') || (within !== undefined && existsSync(join(root.path, within))); // absolute paths leave no doubt
    if (within !== undefined && there && faultOfIgnore(within) === undefined) return within;
    if (fault !== undefined) throw new UsageError(`--ignore ${path} ${fault}`);
    return asName;
  });
}

/** Paths of `--only` as names in the model. Taken relative to the model only: a guess could verify another file than was meant. */
export function onlyNames(root: Root, given: readonly string[]): string[] {
  if (root.kind === 'file') throw new UsageError('--only is given, but PATH is a single file; give the folder that was signed');
  return given.map((path) => {
    const name = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
    const fault = path.startsWith('/') ? 'is absolute; give it relative to the model' : faultOfIgnore(name);
    if (fault !== undefined) throw new UsageError(`--only ${path} ${fault}`);
    return name;
  });
}

/** Reads a small text file that an option names. */
export function readSmall(path: string, option: string, most = 1 << 20): string {
  try {
    const { size } = statSync(path);
    if (size > most) throw new UsageError(`${option} ${path} is too large (${size} bytes)`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${option} ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}

function serializationFrom(options: ModelOptions): Serialization {
  const hash = hashFrom(options.hash ?? 'sha256');
  const method = options.serialization ?? 'files';
  if (method === 'files') {
    if (options.shardSize !== undefined) throw new UsageError('--shard-size is given, but --serialization is files; give --serialization shards too');
    return { method, hash };
  }
  if (method !== 'shards') throw new UsageError(`--serialization is ${method}; allowed are files and shards`);
  const shardSize = Number(options.shardSize ?? defaultShardSize);
  if (!/^\d{1,16}$/.test(options.shardSize ?? '1') || !Number.isSafeInteger(shardSize) || shardSize < 1) {
    throw new UsageError(`--shard-size is ${options.shardSize}; allowed is a whole number of bytes from 1 up`);
  }
  return { method, hash, shardSize };
}

function hashFrom(name: string): Algorithm {
  if (!Object.hasOwn(algorithms, name)) throw new UsageError(`--hash is ${name}; allowed are sha256, blake2b and blake3`);
  return name as Algorithm;
}

/** `extended` lays out a model as the specification does; it only allows more keys. */
function profileFrom(name: string): Profile {
  if (name === 'extended') return 'spec';
  if (name !== 'spec' && name !== 'python-1.1') throw new UsageError(`--oms-profile is ${name}; allowed are spec, python-1.1 and extended`);
  return name;
}

/** The keys that `--oms-profile` allows. */
export function keySetOf({ omsProfile = 'spec' }: { readonly omsProfile?: string }): KeySet {
  profileFrom(omsProfile);
  return omsProfile === 'extended' ? 'extended' : 'oms';
}
