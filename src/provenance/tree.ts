// SPDX-License-Identifier: Apache-2.0
import { isUtf8 } from 'node:buffer';
import { lstatSync, readdirSync, realpathSync, statSync, type BigIntStats, type Dirent } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../model/usage-error.ts';
import { stampOf } from './hash.ts';
import { isUnder, printable } from './names.ts';
import type { Refusal } from './refused.ts';

/** A regular file of the model. */
export interface TreeFile {
  /** Relative to the model, '/' separated; the base name when the model is a single file. */
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Identity when it was seen, from `stampOf`. */
  readonly stamp: string;
}

/** What lies under a path, before anything is hashed. */
export interface Tree {
  readonly kind: 'file' | 'folder';
  /** Absolute, links resolved. */
  readonly root: string;
  /** Base name of the path as the person gave it. */
  readonly name: string;
  /** Unordered. */
  readonly files: readonly TreeFile[];
  /** Names that exist but were left out, because they are ignored; a folder stands for all below it. Not the signature. */
  readonly ignored: readonly string[];
  /** What cannot be signed: links, devices, names that are not UTF-8, folders that cannot be read. */
  readonly refusals: readonly Refusal[];
}

/** Names that version control keeps in the root of a model: left out unless asked for (OMS v1.0, default exclusions). */
export const gitPaths = ['.git', '.gitattributes', '.github', '.gitignore'] as const;

/** A model's path, resolved once, so that everything else is said relative to it. */
export interface Root {
  readonly kind: 'file' | 'folder';
  readonly path: string;
  readonly name: string;
}

/** Resolves the path a person gave. A link is followed here, and only here: it is the person's own. */
export function rootOf(path: string): Root {
  try {
    const real = realpathSync(path);
    const stat = statSync(real);
    if (!stat.isFile() && !stat.isDirectory()) throw new UsageError(`${path} is neither a file nor a folder`);
    return { kind: stat.isFile() ? 'file' : 'folder', path: real, name: basename(resolve(path)) || basename(real) || 'model' };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`, { cause: error });
  }
}

/** The path relative to a model folder, '/' separated, or undefined when it lies outside, or is the folder itself. */
export function nameWithin(root: Root, path: string): string | undefined {
  if (root.kind === 'file') return undefined;
  const full = resolve(path);
  let real = full;
  try {
    real = join(realpathSync(dirname(full)), basename(full)); // the file itself may not exist yet
  } catch {
    return undefined; // nor does its folder: it cannot be inside
  }
  const name = relative(root.path, real);
  if (name === '' || name === '..' || name.startsWith(`..${sep}`) || resolve(name) === name) return undefined;
  return name.split(sep).join('/');
}

/**
 * Lists the regular files under a root by the rules of OMS v1.0. `ignore` holds names; each covers what lies below it.
 * `follow` takes links for what they lead to: any file, and folders inside the model, under the link's name.
 */
export function walk(root: Root, ignore: ReadonlySet<string>, signature: string | undefined, follow = false): Tree {
  if (root.kind === 'file') {
    const stat = lstatSync(root.path, { bigint: true });
    return { kind: 'file', root: root.path, name: root.name, files: [fileOf(root.name, root.path, stat)], ignored: [], refusals: [] };
  }
  const files: TreeFile[] = [];
  const ignored: string[] = [];
  const refusals: Refusal[] = [];
  let entries = 0;
  const folders: Folder[] = [{ name: '', real: root.path }];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    const folder = at.name;
    for (const entry of entriesOf(join(root.path, folder), folder, refusals)) {
      const shown = `${folder === '' ? '' : `${folder}/`}${entry.name.toString('utf8')}`;
      if (!isUtf8(entry.name)) refusals.push(refusal('name', shown, 'has a name that is not valid UTF-8'));
      else if (shown === signature) continue;
      else if (isUnder(shown, ignore)) ignored.push(entry.isDirectory() ? `${shown}/` : shown);
      else if (entry.isDirectory()) folders.push({ name: shown, real: join(at.real, entry.name.toString('utf8')), above: at });
      else if (entry.isSymbolicLink() && follow) {
        const found = behindLink(shown, join(root.path, shown), at, root.path);
        if ('kind' in found) refusals.push(found);
        else if ('real' in found) folders.push(found);
        else files.push(found);
        if (++entries > mostLinks) throw new UsageError(`${printable(root.name)} has more than ${mostLinks} links on its ways, counted each time they are met`);
      } else if (entry.isSymbolicLink()) refusals.push(refusal('symlink', shown, 'is a symbolic link; put the file itself in its place, or ignore it'));
      else if (!entry.isFile()) refusals.push(refusal('special', shown, 'is neither a file nor a folder'));
      else addFile(shown, join(root.path, shown), files, refusals);
    }
  }
  return { kind: 'folder', root: root.path, name: root.name, files, ignored, refusals };
}

/**
 * One file that the walk left out although it is listed in a signature: ignoring never hides a listed file.
 * Every folder on the way is checked, so that no link leads elsewhere.
 */
export function findListed(root: Root, name: string, follow = false): TreeFile | Refusal {
  let path = root.path;
  const parts = name.split('/');
  for (const [index, part] of parts.entries()) {
    path = join(path, part);
    let stat: BigIntStats;
    try {
      stat = lstatSync(path, { bigint: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return refusal('missing', name, 'is listed, but is not there');
      return refusal('unreadable', name, `cannot be read (${code})`);
    }
    const last = index === parts.length - 1;
    if (last && follow && stat.isSymbolicLink()) {
      const found = behindLink(name, path, { name: '', real: root.path }, root.path);
      return 'real' in found ? refusal('missing', name, 'is listed, but is not a file there') : found;
    }
    if (stat.isSymbolicLink()) return refusal('symlink', name, last ? 'is a symbolic link' : 'lies behind a symbolic link');
    if (last && stat.isFile()) return fileOf(name, path, stat);
    if (last && !stat.isDirectory()) return refusal('special', name, 'is neither a file nor a folder');
    if (last || !stat.isDirectory()) break;
  }
  return refusal('missing', name, 'is listed, but is not a file there');
}

/** Names of links that were followed to files outside the model (OMS v1.0, 6.1.1: to be warned of). */
export function outsideOf({ kind, root, files }: Tree): string[] {
  const inside = root.endsWith(sep) ? root : `${root}${sep}`;
  return kind === 'file' ? [] : files.filter(({ path }) => !path.startsWith(inside)).map(({ name }) => name);
}

/** A refusal whose sentence names the file. */
export function refusal(kind: Refusal['kind'], name: string, what: string): Refusal {
  return { kind, name, detail: `${printable(name)} ${what}` };
}

/** A folder on the walk: where it really is, and the folders it was reached through. */
interface Folder {
  readonly name: string;
  readonly real: string;
  readonly above?: Folder;
}

/** Links may multiply the ways through a tree without end. */
const mostLinks = 1_000_000;

/**
 * What a link leads to, under the link's name: a file anywhere, or a folder in the model. A folder outside could be the whole disk,
 * and one that the way came through would never end.
 */
function behindLink(name: string, path: string, from: Folder, root: string): TreeFile | Folder | Refusal {
  try {
    const real = realpathSync(path);
    const stat = lstatSync(real, { bigint: true });
    if (stat.isFile()) return fileOf(name, real, stat);
    if (!stat.isDirectory()) return refusal('symlink', name, 'is a symbolic link to something other than a file or folder');
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) return refusal('symlink', name, 'is a symbolic link to a folder outside the model');
    for (let one: Folder | undefined = from; one !== undefined; one = one.above) {
      if (one.real === real) return refusal('symlink', name, 'is a symbolic link back to a folder above it');
    }
    return { name, real, above: from };
  } catch (error) {
    return refusal('symlink', name, `is a symbolic link that leads nowhere (${(error as NodeJS.ErrnoException).code})`);
  }
}

function addFile(name: string, path: string, files: TreeFile[], refusals: Refusal[]): void {
  try {
    const stat = lstatSync(path, { bigint: true });
    if (stat.isFile()) files.push(fileOf(name, path, stat));
    else refusals.push(refusal('changed', name, 'changed while the folder was listed'));
  } catch (error) {
    refusals.push(refusal('unreadable', name, `cannot be read (${(error as NodeJS.ErrnoException).code})`));
  }
}

function entriesOf(path: string, name: string, refusals: Refusal[]): Dirent<Buffer>[] {
  try {
    return readdirSync(path, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    refusals.push(refusal('unreadable', name, `cannot be listed (${(error as NodeJS.ErrnoException).code})`));
    return [];
  }
}

function fileOf(name: string, path: string, stat: BigIntStats): TreeFile {
  return { name, path, size: Number(stat.size), stamp: stampOf(stat) };
}
