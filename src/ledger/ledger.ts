// SPDX-License-Identifier: Apache-2.0
// An append-only ledger of releases: one signed in-toto statement a line, each holding the digest of the line before.
import { createHash, verify as verifyBytes, type KeyObject } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { History, Release } from '../conformity/history.ts';
import { UsageError } from '../model/usage-error.ts';
import { parseBundle, preAuthEncoding } from '../provenance/bundle.ts';
import { Fault } from '../provenance/json.ts';
import { hashFor, hintOf } from '../provenance/keys.ts';
import { keySigner, signPayload } from '../provenance/sign.ts';

/** In-toto predicate type of an entry. */
export const predicateType = 'urn:assay:ledger-entry:1';
const statementType = 'https://in-toto.io/Statement/v1';
/** What the first entry states as the digest of the line before it. */
export const genesis = '0'.repeat(64);

/** Bytes of a whole ledger; an entry of a release of ten thousand files takes about 1.5 MB. */
const largest = 256 << 20;
const mostEntries = 10_000;

export type NewEntry = Omit<Release, 'sequence'>;

/** Reads and checks a ledger. Faults end the reading: what stands after a broken line is worth nothing. Throws `UsageError` for no file. */
export function readLedger(path: string, keys: readonly KeyObject[]): History {
  const text = contents(path);
  const releases: Release[] = [];
  const faults: string[] = [];
  const signers = new Set<string>();
  let head = genesis;
  const lines = text.split('\n');
  const tail = lines.pop();
  if (tail !== '') faults.push(`line ${lines.length + 1} has no end: the ledger was cut, or is being written`);
  if (lines.length > mostEntries) throw new UsageError(`the ledger ${path} has ${lines.length} entries, allowed are ${mostEntries}`);
  for (const [index, line] of lines.entries()) {
    const fault = entry(line, index + 1, head, keys, signers, releases);
    if (fault !== undefined) {
      faults.push(`entry ${index + 1}: ${fault}`);
      break;
    }
    head = sha256(line);
  }
  return { path, sha256: sha256(text), state: faults.length > 0 ? 'broken' : keys.length > 0 ? 'verified' : 'chain-only', faults, head, releases, signers: [...signers] };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function contents(path: string): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new UsageError(`the ledger ${path} is not a file`);
    if (stat.size > largest) throw new UsageError(`the ledger ${path} has ${stat.size} bytes, allowed are ${largest}`);
    return readFileSync(fd, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the ledger ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Checks one line and takes up its release; says in words what is wrong with it. */
function entry(line: string, sequence: number, previous: string, keys: readonly KeyObject[], signers: Set<string>, releases: Release[]): string | undefined {
  let bundle;
  try {
    bundle = parseBundle(Buffer.from(line, 'utf8'));
  } catch (error) {
    if (error instanceof Fault) return `it is no signed statement (${error.message})`;
    throw error;
  }
  if (bundle.material.method !== 'key') return 'it is not signed with a key';
  const { hint } = bundle.material;
  if (keys.length > 0) {
    const key = keys.find((one) => hint === undefined || hintOf(one) === hint);
    if (key === undefined) return `it is signed with another key (${hint?.slice(0, 16)}…)`;
    if (!verifyBytes(hashFor(key), preAuthEncoding(bundle.payload), key, bundle.signature)) return 'its signature does not match: it was changed, or signed with another key';
  }
  signers.add(hint ?? 'unnamed');
  const read = releaseOf(bundle.payload);
  if (typeof read === 'string') return read;
  if (read.release.sequence !== sequence) return `it says that it is entry ${read.release.sequence}: entries were removed, added or moved`;
  if (read.previous !== previous) return 'it does not follow on the entry before it: entries were removed, changed or moved';
  const before = releases.at(-1);
  if (before !== undefined && read.release.time < before.time) return `its time ${read.release.time} lies before that of the entry before it (${before.time})`;
  releases.push(read.release);
  return undefined;
}

type Json = Readonly<Record<string, unknown>>;

function releaseOf(payload: Buffer): { release: Release; previous: string } | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload.toString('utf8'));
  } catch {
    return 'its statement is not JSON';
  }
  const statement = parsed as { _type?: unknown; predicateType?: unknown; subject?: unknown; predicate?: unknown } | null;
  if (statement?._type !== statementType || statement.predicateType !== predicateType) return 'it is not a statement of a ledger entry';
  const predicate = statement.predicate as Json | null;
  const subject = (statement.subject as { digest?: { sha256?: unknown } }[] | undefined)?.[0]?.digest?.sha256;
  if (typeof predicate !== 'object' || predicate === null || typeof subject !== 'string' || !/^[0-9a-f]{64}$/.test(subject)) return 'its statement has no subject or predicate';
  const texts = ['name', 'version', 'time', 'tool', 'ruleset', 'by', 'note', 'previous'] as const;
  for (const field of texts) if (typeof predicate[field] !== 'string') return `its ${field} is missing`;
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(predicate['time'] as string)) return 'its time is not of the form YYYY-MM-DDThh:mm:ssZ';
  if (!isOneOf(predicate['event'], ['release', 'change', 'evaluation', 'disposal']) || !isOneOf(predicate['verdict'], ['clean', 'findings', 'incomplete', 'empty'])) return 'its event or verdict is none that is known';
  for (const field of ['files', 'boms', 'evaluations']) if (!isRecord(predicate[field], (one) => typeof one === 'string' && /^[0-9a-f]{64}$/.test(one))) return `its ${field} are not paths with SHA-256 digests`;
  if (!isRecord(predicate['findings'], (one) => Number.isSafeInteger(one))) return 'its findings are not numbers by severity';
  const { open } = predicate;
  if (!Array.isArray(open) || !open.every((one) => typeof one === 'string')) return 'its open findings are no list of fingerprints';
  if (!Number.isSafeInteger(predicate['sequence'])) return 'its sequence is no number';
  return { previous: predicate['previous'] as string, release: { ...(predicate as unknown as Release), subject } };
}

function isOneOf(value: unknown, allowed: readonly string[]): boolean {
  return typeof value === 'string' && allowed.includes(value);
}

function isRecord(value: unknown, check: (one: unknown) => boolean): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check);
}

/**
 * Signs an entry and appends it. The ledger must hold as it is: adding to a broken one would cover the break. Throws
 * `UsageError`. Gives the digest of the new last line.
 */
export async function append(path: string, given: NewEntry, key: KeyObject, open: KeyObject): Promise<{ sequence: number; head: string }> {
  const history = exists(path) ? readLedger(path, []) : undefined;
  if (history?.state === 'broken') throw new UsageError(`the ledger ${path} is broken: ${history.faults[0]}; nothing was added`);
  const last = history?.releases.at(-1);
  if (last !== undefined && given.time < last.time) throw new UsageError(`the new entry is of ${given.time}, before the last one of ${last.time}; set the clock or SOURCE_DATE_EPOCH right`);
  const sequence = (last?.sequence ?? 0) + 1;
  const { subject, ...rest } = given;
  const statement = { _type: statementType, subject: [{ name: given.name, digest: { sha256: subject } }], predicateType, predicate: { sequence, previous: history?.head ?? genesis, ...rest } };
  const line = (await signPayload(Buffer.from(JSON.stringify(statement), 'utf8'), keySigner(key))).trimEnd();
  // What is written must be what would be read.
  const fault = entry(line, sequence, history?.head ?? genesis, [open], new Set(), last === undefined ? [] : [last]);
  if (fault !== undefined) throw new UsageError(`the entry cannot be written: ${fault}`);
  appendLine(path, line);
  return { sequence, head: sha256(line) };
}

function exists(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new UsageError(`the ledger ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** One write to a file opened for appending: two writers cannot tear each other's lines. */
function appendLine(path: string, line: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o644);
    writeSync(fd, `${line}\n`);
    fsyncSync(fd);
  } catch (error) {
    throw new UsageError(`the ledger ${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
