// SPDX-License-Identifier: Apache-2.0
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statfsSync, statSync, writeFileSync, type Stats } from 'node:fs';
import { homedir, uptime } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../model/usage-error.ts';
import type { Algorithm } from './hash.ts';

/**
 * Digests of files that have not changed since they were hashed (docs/signing.md, "What is hashed again"). An entry goes by
 * device, inode, size, modification and *change* time in nanoseconds, and range. The kernel sets the change time on every write,
 * truncation, rename over it and change of times; no call sets it back. What remains to be guarded against, and how:
 *
 * - a write within the same tick of the clock as the last one: entries younger than `tick` when hashed are not kept;
 * - stores through a shared mapping, which touch the change time only when they dirty a clean page: the file is synced first, so
 *   that every page is clean (`HashJob.settle`), and only file systems that then fault are used;
 * - change times that a crash, another system or another disk under the same number brings back: entries hold for one boot;
 * - the clock being set back: all entries are dropped when it was;
 * - entries that somebody else wrote: the file is authenticated under a key that lies elsewhere, and both belong to the person.
 *
 * Assumed: nobody writes to the disk past the file system or sets the clock back and forth, which takes root.
 */
export interface DigestCache {
  /** The digest of bytes `start` to `end` of a file that was seen with `stamp` (from `stampOf`); undefined when it is not known. */
  get(file: Seen, algorithm: Algorithm, start: number, end: number): string | undefined;
  put(file: Seen, algorithm: Algorithm, start: number, end: number, digest: string): void;
  /** Digests that `get` gave. */
  readonly hits: number;
  /** Why some files are always hashed; undefined when none is. */
  readonly refusal: string | undefined;
  /** Writes what is new. */
  save(): void;
}

export interface Seen {
  readonly path: string;
  readonly stamp: string;
}

/** `statfs` types whose change times are known to hold under all of the above: ext2 to ext4, XFS, btrfs. */
const sound: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e]);

/** Bytes of a cache file; some 400,000 entries. */
const largest = 64 * 1024 * 1024;

/** Milliseconds by which the clock may seem to have gone back, since the time since boot is only known to 10 ms. */
const slack = 500;

interface Stored {
  readonly version: 1;
  readonly boot: string;
  /** Wall clock less time since boot, in milliseconds: it falls when the clock is set back. */
  readonly offset: number;
  readonly entries: Readonly<Record<string, string>>;
}

/** Where this machine says which boot it is in, and where the key is kept. Others for tests only. */
export interface Surroundings {
  readonly bootFile: string;
  readonly keyFile: string;
  readonly offset: () => number;
  readonly fileSystem: (path: string) => number;
}

export const surroundings: Surroundings = {
  bootFile: '/proc/sys/kernel/random/boot_id',
  keyFile: join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'assay/digest-cache.key'),
  offset: () => Date.now() - uptime() * 1000,
  fileSystem: (path) => statfsSync(path).type,
};

/** Opens the cache in a folder, which is made when it is not there. Throws `UsageError` where it could not be trusted. */
export function openDigestCache(folder: string, here: Surroundings = surroundings): DigestCache {
  const boot = bootOf(here);
  ownFolder(folder);
  const key = keyIn(here.keyFile);
  const path = join(folder, 'digests-1.json');
  const known = new Map(Object.entries(entriesIn(path, key, boot, here.offset())));
  const used = new Map<string, string>();
  const systems = new Map<string, boolean>();
  let hits = 0;
  let isNew = false;
  let refusal: string | undefined;
  const isSound = ({ path: file, stamp }: Seen): boolean => {
    const device = stamp.slice(0, stamp.indexOf(':'));
    let found = systems.get(device);
    if (found === undefined) {
      const type = here.fileSystem(file);
      found = sound.has(type);
      if (!found) refusal = `the file system (type 0x${type.toString(16)}) is not one whose change times are known to be sound`;
      systems.set(device, found);
    }
    return found;
  };
  return {
    get(file, algorithm, start, end) {
      if (!isSound(file)) return undefined;
      const name = nameOf(file, algorithm, start, end);
      const digest = known.get(name);
      if (digest === undefined) return undefined;
      hits += 1;
      used.set(name, digest);
      return digest;
    },
    put(file, algorithm, start, end, digest) {
      if (!isSound(file)) return;
      isNew = true;
      used.set(nameOf(file, algorithm, start, end), digest);
    },
    get hits() { return hits; },
    get refusal() { return refusal; },
    save() {
      if (!isNew) return;
      // What was used now comes last, and stays when there is too much.
      const all = [...known].filter(([name]) => !used.has(name)).concat([...used]);
      let entries = all;
      let text = sealed({ version: 1, boot, offset: here.offset(), entries: Object.fromEntries(entries) }, key);
      while (text.length > largest && entries.length > 1) {
        entries = entries.slice(Math.ceil(entries.length / 2));
        text = sealed({ version: 1, boot, offset: here.offset(), entries: Object.fromEntries(entries) }, key);
      }
      const temporary = `${path}.${randomBytes(6).toString('hex')}`;
      try {
        writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
        renameSync(temporary, path);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw new UsageError(`--digest-cache ${folder} cannot be written: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
      }
    },
  };
}

function nameOf({ stamp }: Seen, algorithm: Algorithm, start: number, end: number): string {
  return `${stamp}:${algorithm}:${start}:${end}`;
}

function bootOf({ bootFile }: Surroundings): string {
  try {
    return readFileSync(bootFile, 'utf8').trim();
  } catch (error) {
    throw new UsageError('--digest-cache is only available on Linux: no other system says which boot it is in', { cause: error });
  }
}

/** The folder must be the person's, and nobody else may write there. */
function ownFolder(folder: string): void {
  let stat: Stats;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    stat = statSync(folder);
  } catch (error) {
    throw new UsageError(`--digest-cache ${folder} cannot be used: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
  if (!stat.isDirectory()) throw new UsageError(`--digest-cache ${folder} is not a folder`);
  if (isOthers(stat, 0o022)) throw new UsageError(`--digest-cache ${folder} can be written by others; give a folder of your own (chmod go-w)`);
}

function isOthers({ uid, mode }: Stats, bits: number): boolean {
  return uid !== process.getuid?.() || (mode & bits) !== 0;
}

/** The key of the person on this machine, made when first needed. */
function keyIn(path: string): Buffer {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, randomBytes(32), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw new UsageError(`the key of the digest cache cannot be written to ${path}: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const stat = fstatSync(fd);
    const key = readFileSync(fd);
    if (!stat.isFile() || key.length !== 32 || isOthers(stat, 0o077)) throw new UsageError(`the key of the digest cache, ${path}, is not 32 bytes that only you can read; remove it, and a new one is made`);
    return key;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the key of the digest cache, ${path}, cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function sealed(stored: Stored, key: Buffer): string {
  const text = JSON.stringify(stored);
  return `${createHmac('sha256', key).update(text).digest('hex')}\n${text}`;
}

/** What can be trusted of a cache file; nothing when it is another's, of another boot, or from before the clock was set back. */
function entriesIn(path: string, key: Buffer, boot: string, offset: number): Readonly<Record<string, string>> {
  let text: string;
  try {
    if (statSync(path).size > largest) return {};
    text = readFileSync(path, 'utf8');
  } catch {
    return {}; // none yet
  }
  const mac = Buffer.from(text.slice(0, 64), 'hex');
  const right = createHmac('sha256', key).update(text.slice(65)).digest();
  if (mac.length !== right.length || !timingSafeEqual(mac, right)) return {};
  const stored = JSON.parse(text.slice(65)) as Stored; // written here: nobody else has the key
  return stored.version === 1 && stored.boot === boot && offset >= stored.offset - slack ? stored.entries : {};
}
