// SPDX-License-Identifier: Apache-2.0
import { isUtf8 } from 'node:buffer';
import { lstatSync, readdirSync, readlinkSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { basename, dirname, matchesGlob, relative, resolve, sep } from 'node:path';
import { clip } from '../bytes/clip.ts';
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
 * Lists all files below the paths without following any symbolic link out of them. A link to a file under the root is
 * a second name of it, and inspected as such: loaders go by names, and in a hub cache only the links have them. A path
 * itself may be a link: the person at the keyboard named it. Throws `UsageError` for a path that is not there or cannot be listed.
 *
 * @param exclude Globs on ids; a folder that matches is left out with all below it.
 */
export function walk(paths: readonly string[], exclude: readonly string[] = []): Walked {
  const walker = new Walker(exclude);
  const prefixes = prefixesFor(paths);
  paths.forEach((path, index) => walker.root(path, paths.length > 1 ? prefixes[index]! : ''));
  const jobs = withCompanions(walker.named());
  jobs.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { root: prefixes.join(', '), jobs, others: walker.others, excluded: walker.excluded };
}

/** Weights without a header are told by the description beside them: OpenVINO writes model.xml and model.bin. */
function withCompanions(jobs: readonly Job[]): Job[] {
  const ids = new Set(jobs.flatMap(({ id }) => (id.endsWith('.xml') ? [id] : [])));
  if (ids.size === 0) return [...jobs];
  return jobs.map((job) => {
    const description = job.id.endsWith('.bin') ? `${job.id.slice(0, -4)}.xml` : undefined;
    return description !== undefined && ids.has(description) ? { ...job, beside: basename(description) } : job;
  });
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

/** Different names by which links may lead to one file; further ones are a gap, or each would cost a whole inspection. */
const mostNames = 8;

/** Files that go by their digest, as a hub cache keeps them: where a link names one, the digest is no name of interest. */
const digestName = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

class Walker {
  readonly #links: { readonly id: string; readonly real: Buffer; readonly size: number; readonly fact: Fact }[] = [];
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
    const text = nameOf(entry.name);
    const id = folder === '' ? text : `${folder}/${text}`;
    if (this.#exclude.some((glob) => matchesGlob(id, glob) || matchesGlob(`${id}/`, glob))) {
      this.excluded += 1;
      return;
    }
    if (entry.isDirectory()) this.#folder(path, id, depth + 1, false);
    else if (entry.isSymbolicLink()) this.#link(id, path);
    else if (entry.isFile()) {
      let size = 0;
      try {
        size = lstatSync(path).size;
      } catch {
        // gone since it was listed: opening it says so
      }
      this.jobs.push({ path: pathOf(path), id, size });
    } else this.#say(id, [gap('a device, socket or pipe: it has no bytes of its own and was not opened', 'unreadable')]);
  }

  /** Jobs with the names that links give to files added. */
  named(): Job[] {
    const own = new Map(this.jobs.map((job) => [keyOf(job.path), job]));
    const names = new Map<string, Set<string>>();
    const dropped = new Set<Job>();
    const jobs: Job[] = [];
    for (const { id, real, size, fact } of this.#links.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
      const path = pathOf(real);
      const target = own.get(keyOf(path));
      const name = id.slice(id.lastIndexOf('/') + 1);
      const known = names.get(keyOf(path)) ?? new Set(target === undefined ? [] : [target.id.slice(target.id.lastIndexOf('/') + 1)]);
      names.set(keyOf(path), known);
      if (known.has(name)) this.#say(id, [fact]); // inspected under this name already
      else if (known.size >= mostNames) this.#say(id, [fact, gap(`a file that links give more than ${mostNames} names was not inspected under this one`, 'limit')]);
      else {
        known.add(name);
        jobs.push({ path, id, size, known: [fact] });
        if (target !== undefined && digestName.test(target.id.slice(target.id.lastIndexOf('/') + 1))) dropped.add(target);
      }
    }
    return [...this.jobs.filter((job) => !dropped.has(job)), ...jobs];
  }

  /** A link that stays under the root is kept for `named`, if a file is there; any other is told, not followed. */
  #link(id: string, path: Buffer): void {
    let raw = Buffer.alloc(0);
    let target = '';
    try {
      raw = readlinkSync(path, { encoding: 'buffer' });
      target = clip(nameOf(raw));
      const real = realpathSync(path, { encoding: 'buffer' });
      const stat = statSync(real);
      const fact: Fact = { kind: 'link', role: 'symlink', target, detail: this.#inside(real) ? 'inside' : 'outside' };
      if (fact.detail === 'outside') this.#say(id, [fact, gap(`a symbolic link leads out of the scanned folder (to ${target}) and was not followed`, 'unreadable')]);
      else if (stat.isFile()) this.#links.push({ id, real, size: stat.size, fact });
      else this.#say(id, [fact]); // what it leads to is inspected where it lies
    } catch {
      const from = relative(this.#root, resolve(dirname(path.toString()), raw.toString()));
      const outside = from === '..' || from.startsWith(`..${sep}`);
      const fact: Fact = { kind: 'link', role: 'symlink', target, detail: outside ? 'outside' : 'dangling' };
      this.#say(id, outside ? [fact, gap(`a symbolic link leads out of the scanned folder (to ${target}) and was not followed`, 'unreadable')] : [fact]);
    }
  }

  #inside(real: Buffer): boolean {
    const root = Buffer.from(this.#root.endsWith(sep) ? this.#root : `${this.#root}${sep}`);
    return real.equals(Buffer.from(this.#root)) || real.subarray(0, root.length).equals(root);
  }

  #say(id: string, facts: readonly Fact[]): void {
    const incomplete = facts.some((fact) => fact.kind === 'gap');
    const artefact = { id, size: 0, format: facts[0]?.kind === 'link' ? 'symlink' : 'unknown', digests: {} };
    this.others.push({ artefact, coverage: incomplete ? 'failed' : 'complete', facts });
  }
}

/** A path for a job: as text where it is UTF-8, else as its bytes. */
function pathOf(path: Buffer): Job['path'] {
  return isUtf8(path) ? path.toString() : { base64: path.toString('base64') };
}

function keyOf(path: Job['path']): string {
  return typeof path === 'string' ? path : `\0${path.base64}`;
}

function gap(what: string, why: 'limit' | 'unreadable'): Fact {
  return { kind: 'gap', what, why, holds: 'anything' };
}

/**
 * A name as text. Bytes that are not UTF-8 are written \xNN, and so are a '!' at the end (`!/` begins a member of a
 * container) and a backslash that could be taken for such an escape: different names stay different.
 */
function nameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) {
    return text.replaceAll('\\x', '\\x5cx').replace(/!$/, '\\x21');
  }
  const escaped = Array.from(bytes, (byte) => (byte < 0x80 && byte !== 0x5c ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`));
  return escaped.join('');
}

function reason(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ELOOP') return 'its symbolic links go round in a circle';
  return typeof code === 'string' ? code : String(error);
}
