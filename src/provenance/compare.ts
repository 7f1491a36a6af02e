// SPDX-License-Identifier: Apache-2.0
import { hashPieces, type Piece } from './manifest.ts';
import { isUnder, printable } from './names.ts';
import type { ListedPiece, Statement } from './statement.ts';
import { findListed, gitPaths, outsideOf, refusal, walk, type Root, type Tree, type TreeFile } from './tree.ts';
import type { Note, Problem, VerifyOptions } from './verification.ts';

/** How a folder differs from what was signed. */
interface Differences {
  readonly problems: Problem[];
  readonly notes: Note[];
  /** Listed files that were looked at, for a part of the model. */
  checked?: number;
}

/**
 * Compares what lies under `root` with a signed list. Every listed file is checked; ignore lists and defaults only
 * excuse files that are not listed.
 */
export async function compare(root: Root, statement: Statement, options: VerifyOptions): Promise<Differences> {
  const all = namesFor(root, statement);
  const differences: Differences = { problems: [], notes: [] };
  if (all === undefined) {
    differences.problems.push({ kind: 'missing', name: '.', detail: 'the signature is of a single file; give that file, not its folder' });
    return differences;
  }
  // The default exclusions excuse unlisted files even when the statement does not record them (OMS v1.0, 6.2.1).
  const ignore = new Set([...gitPaths, ...(statement.ignorePaths ?? []), ...(options.ignore ?? [])]);
  const whole = walk(root, ignore, options.signatureName, statement.allowSymlinks);
  const tree = options.only === undefined ? whole : partOf(whole, options.only);
  const listed = options.only === undefined ? all : listedIn(all, options.only, differences);
  noteOutside(tree, differences);
  noteUnlisted(tree, listed, statement, options, differences);
  await checkListed(root, tree, listed, statement, options.cache, differences);
  return differences;
}

/** What the walk found in the wanted places. What bars the way to one, such as a folder that cannot be listed, counts as there. */
function partOf(tree: Tree, only: readonly string[]): Tree {
  const wanted = new Set(only);
  const concerns = (name: string): boolean => isUnder(name, wanted) || only.some((one) => one.startsWith(`${name}/`));
  return {
    ...tree,
    files: tree.files.filter(({ name }) => isUnder(name, wanted)),
    ignored: tree.ignored.filter((name) => concerns(name.replace(/\/$/, ''))),
    refusals: tree.refusals.filter(({ name }) => concerns(name)),
  };
}

/** The listed files in the wanted places. A place where the signature lists nothing is a problem: a typing error must not verify. */
function listedIn(
  all: ReadonlyMap<string, readonly ListedPiece[]>, only: readonly string[], to: Differences,
): ReadonlyMap<string, readonly ListedPiece[]> {
  const listed = new Map<string, readonly ListedPiece[]>();
  const unmet = new Set(only);
  for (const [name, pieces] of all) {
    const met = only.filter((one) => name === one || name.startsWith(`${one}/`));
    if (met.length === 0) continue;
    for (const one of met) unmet.delete(one);
    listed.set(name, pieces);
  }
  for (const name of unmet) to.problems.push({ kind: 'missing', name, detail: `${printable(name)} is asked for, but the signature lists nothing there` });
  to.checked = listed.size;
  to.notes.push({ kind: 'partial', detail: `${listed.size} of ${all.size} listed files were looked at; of the others nothing is known` });
  return listed;
}

/** Listed pieces by file name. A single file goes by its base name or by '.', whichever was signed; undefined for '.' in a folder. */
function namesFor(root: Root, statement: Statement): ReadonlyMap<string, readonly ListedPiece[]> | undefined {
  const single = statement.files.get('.');
  if (single === undefined) return statement.files;
  return root.kind === 'file' ? new Map([[root.name, single]]) : undefined;
}

function noteUnlisted(tree: Tree, listed: ReadonlyMap<string, unknown>, statement: Statement, options: VerifyOptions, to: Differences): void {
  const extra = (kind: Problem['kind'], name: string, detail: string): void => {
    if (options.ignoreUnsigned === true) to.notes.push({ kind: 'unsigned', name, detail: `${detail}; accepted with --ignore-unsigned-files` });
    else to.problems.push({ kind, name, detail });
  };
  for (const file of tree.files) {
    if (listed.has(file.name)) continue;
    // An empty file has no shard, so a list of shards cannot name it.
    if (statement.serialization.method === 'shards' && file.size === 0) {
      to.notes.push({ kind: 'uncovered', name: file.name, detail: `${printable(file.name)} is empty, and shards do not cover empty files` });
    } else extra('extra', file.name, `${printable(file.name)} is there, but was not signed`);
  }
  for (const { kind, name, detail } of tree.refusals) {
    if (listed.has(name)) continue; // checked with the listed files
    // A folder that cannot be listed may hide anything, listed files too: those are then missing.
    extra(kind, name, detail);
  }
  for (const name of tree.ignored) {
    if (!listed.has(name)) to.notes.push({ kind: 'ignored', name, detail: `${printable(name)} is ignored: nothing there was verified beyond the files the signature lists` });
  }
}

/** OMS v1.0, 6.1.1: links that lead out of the model are followed where the signer allowed links, with a warning. */
function noteOutside(tree: Tree, to: Differences): void {
  for (const name of outsideOf(tree)) to.notes.push({ kind: 'symlinks-allowed', name, detail: `${printable(name)} is a link that leads out of the model` });
}

async function checkListed(
  root: Root, tree: Tree, listed: ReadonlyMap<string, readonly ListedPiece[]>, statement: Statement, cache: VerifyOptions['cache'], to: Differences,
): Promise<void> {
  const there = new Map(tree.files.map((file) => [file.name, file]));
  const pieces: Piece[] = [];
  const expected: string[] = [];
  for (const [name, parts] of listed) {
    const file = there.get(name) ?? locate(root, name, statement.allowSymlinks);
    if ('kind' in file) {
      to.problems.push(file);
      continue;
    }
    const end = parts.at(-1)?.end ?? file.size;
    if (end !== file.size) {
      to.problems.push({ kind: 'changed', name, detail: `${printable(name)} has ${file.size} bytes, ${end} were signed` });
      continue;
    }
    for (const part of parts) {
      pieces.push({ file, start: part.start, end: part.end ?? file.size, name });
      expected.push(part.digest);
    }
  }
  const outcomes = await hashPieces(pieces, statement.serialization.hash, cache);
  if (cache !== undefined && cache.hits > 0) to.notes.push({ kind: 'cached', detail: `${cache.hits} of ${pieces.length} digests are remembered from an earlier run since this machine was started; those files were not read again` });
  const reported = new Set<string>();
  for (const [index, { name, start, end }] of pieces.entries()) {
    const outcome = outcomes[index]!;
    if (reported.has(name) || ('digest' in outcome && outcome.digest === expected[index])) continue;
    reported.add(name); // one sentence per file, however many shards differ
    if ('failure' in outcome) to.problems.push(refusal(outcome.failure, name, outcome.detail));
    else {
      const where = statement.serialization.method === 'shards' ? ` in bytes ${start}..${end}` : '';
      to.problems.push({ kind: 'changed', name, detail: `${printable(name)} differs${where} from what was signed` });
    }
  }
}

function locate(root: Root, name: string, follow: boolean): TreeFile | Problem {
  if (root.kind === 'folder') return findListed(root, name, follow);
  return refusal('missing', name, `is listed, but ${printable(root.name)} was given`);
}
