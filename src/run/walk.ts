// SPDX-License-Identifier: Apache-2.0
import { lstatSync, readdirSync, readlinkSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { basename, dirname, matchesGlob, relative, resolve, sep } from 'node:path';
import type { Job } from '../inspect/inspect.ts';
import type { Inspected } from '../model/artefact.ts';
import type { Fact } from '../model/fact.ts';
import { UsageError } from '../model/usage-error.ts';

/** What lies under the paths given: files to inspect, and everything that is no file, already told as facts. */
export interface Walked {
  /** Base name of the one path, or all base names. Never an absolute path. */
  readonly root: string;
  /** In code-unit order of their ids. */
  readonly jobs: readonly Job[];
  readonly others: readonly Inspected[];
  /** Entries left out by `exclude`. */
  readonly excluded: number;
}

/**
 * Lists all files below the paths without following any symbolic link below them. A path itself may be a link: the
 * person at the keyboard named it. Throws `UsageError` for a path that is not there or cannot be listed.
 *
 * @param exclude Globs on ids; a folder that matches is left out with all below it.
 */
export function walk(paths: readonly string[], exclude: readonly string[] = []): Walked {
  const walker = new Walker(exclude);
  const prefixes = prefixesFor(paths);
  paths.forEach((path, index) => walker.root(path, paths.length > 1 ? prefixes[index]! : ''));
  walker.jobs.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { root: prefixes.join(', '), jobs: walker.jobs, others: walker.others, excluded: walker.excluded };
}

function prefixesFor(paths: readonly string[]): string[] {
  const used = new Set<string>();
  return paths.map((path) => {
    const name = basename(resolve(path)) || 'root';
    let unique = name;
    for (let n = 2; used.has(unique); n += 1) unique = `${name}#${n}`;
    used.add(unique);
    return unique;
  });
}

/** Folders deeper than this are not entered: no real tree is, and path names have an end. */
const deepest = 256;

class Walker {
  readonly jobs: Job[] = [];
  readonly others: Inspected[] = [];
  excluded = 0;
  readonly #exclude: readonly string[];
  /** Folders on the way down, by device and inode: bind mounts can loop too. */
  readonly #open = new Set<string>();
  #root = '';

  constructor(exclude: readonly string[]) {
    this.#exclude = exclude;
  }

  root(path: string, prefix: string): void {
    if (path === '-') throw new UsageError("'-' (standard input) cannot be scanned: an artefact is read at random places; name a file or folder");
    let real: string;
    let stat;
    try {
      real = realpathSync(path);
      stat = statSync(real);
    } catch (error) {
      throw new UsageError(`${path} cannot be read: ${reason(error)}`);
    }
    if (stat.isDirectory()) {
      this.#root = real;
      this.#folder(Buffer.from(real), prefix, 0, true);
    } else if (stat.isFile()) {
      const name = basename(resolve(path));
      this.jobs.push({ path: real, id: prefix === '' ? name : prefix, size: stat.size });
    } else {
      throw new UsageError(`${path} is neither a file nor a folder; name one of these`);
    }
  }

  #folder(path: Buffer, id: string, depth: number, top: boolean): void {
    let entries: Dirent<Buffer>[];
    const self = lstatSync(path, { bigint: true });
    const key = `${self.dev}:${self.ino}`;
    if (depth > deepest || this.#open.has(key)) {
      this.#say(id, [gap(depth > deepest ? `folders nested more than ${deepest} levels deep were not entered` : 'the folder contains itself and was not entered again', 'limit')]);
      return;
    }
    try {
      entries = readdirSync(path, { encoding: 'buffer', withFileTypes: true });
    } catch (error) {
      if (top) throw new UsageError(`${path.toString()} cannot be listed: ${reason(error)}`);
      this.#say(id, [gap(`the folder cannot be listed: ${reason(error)}`, 'unreadable')]);
      return;
    }
    this.#open.add(key);
    entries.sort((a, b) => Buffer.compare(a.name, b.name));
    for (const entry of entries) this.#entry(entry, Buffer.concat([path, Buffer.from(sep), entry.name]), id, depth);
    this.#open.delete(key);
  }

  #entry(entry: Dirent<Buffer>, path: Buffer, folder: string, depth: number): void {
    const { text, utf8 } = nameOf(entry.name);
    const id = folder === '' ? text : `${folder}/${text}`;
    if (this.#exclude.some((glob) => matchesGlob(id, glob) || matchesGlob(`${id}/`, glob))) {
      this.excluded += 1;
      return;
    }
    if (entry.isDirectory()) this.#folder(path, id, depth + 1, false);
    else if (entry.isSymbolicLink()) this.#say(id, this.#link(path));
    else if (entry.isFile()) {
      let size = 0;
      try {
        size = lstatSync(path).size;
      } catch {
        // gone since it was listed: opening it says so
      }
      this.jobs.push({ path: utf8 ? path.toString() : { base64: path.toString('base64') }, id, size });
    } else this.#say(id, [gap('a device, socket or pipe: it has no bytes of its own and was not opened', 'unreadable')]);
  }

  /** A link is told, never followed: what it leads to is inspected where it lies, if that is under the root. */
  #link(path: Buffer): Fact[] {
    const target = nameOf(readlinkSync(path, { encoding: 'buffer' })).text;
    let where: 'inside' | 'outside' | 'dangling';
    try {
      const real = realpathSync(path.toString());
      const from = relative(this.#root, real);
      where = from === '..' || from.startsWith(`..${sep}`) || resolve(this.#root, from) !== real ? 'outside' : 'inside';
    } catch {
      const from = relative(this.#root, resolve(dirname(path.toString()), target));
      where = from === '..' || from.startsWith(`..${sep}`) ? 'outside' : 'dangling';
    }
    const link: Fact = { kind: 'link', role: 'symlink', target, detail: where };
    if (where !== 'outside') return [link];
    return [link, gap(`a symbolic link leads out of the scanned folder (to ${target}) and was not followed`, 'unreadable')];
  }

  #say(id: string, facts: readonly Fact[]): void {
    const incomplete = facts.some((fact) => fact.kind === 'gap');
    const artefact = { id, size: 0, format: facts[0]?.kind === 'link' ? 'symlink' : 'unknown', digests: {} };
    this.others.push({ artefact, coverage: incomplete ? 'failed' : 'complete', facts });
  }
}

function gap(what: string, why: 'limit' | 'unreadable'): Fact {
  return { kind: 'gap', what, why, holds: 'anything' };
}

/**
 * A name as text. Bytes that are not UTF-8 are written \xNN, and so are a '!' at the end (`!/` begins a member of a
 * container) and a backslash that could be taken for such an escape: different names stay different.
 */
function nameOf(bytes: Buffer): { text: string; utf8: boolean } {
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) {
    return { text: text.replaceAll('\\x', '\\x5cx').replace(/!$/, '\\x21'), utf8: true };
  }
  const escaped = Array.from(bytes, (byte) => (byte < 0x80 && byte !== 0x5c ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`));
  return { text: escaped.join(''), utf8: false };
}

function reason(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ELOOP') return 'its symbolic links go round in a circle';
  return typeof code === 'string' ? code : String(error);
}
