// SPDX-License-Identifier: Apache-2.0
// The form of what witnesses a signature: log entries and timestamps, as Sigstore's protobuf JSON lays them out. The
// library that verifies them reads leniently (any base64, unknown fields, fields it never looks at); so every field is
// looked at here first, and those that repeat what a proof says must say the same.
import { createHash } from 'node:crypto';
import { array, base64, Fault, object, parseJson, string, type Json, type JsonObject, type Reader } from '../json.ts';
import { printable } from '../names.ts';

/** Entries and timestamps that are looked at: one of each is usual. */
const mostWitnesses = 16;
/** Hashes of an inclusion proof: a log has fewer than 2^64 entries. */
const mostHashes = 64;
/** Characters of a checkpoint, which may carry the signatures of many witnesses. */
const longestCheckpoint = 1 << 16;
/** Base64 characters of a timestamp with its certificates. */
const longestTimestamp = 1 << 18;

/** One log entry, checked for form only. */
export interface Entry {
  readonly logId: Buffer;
  /** Place in the log, as text. */
  readonly index: string;
  readonly kind: string;
  readonly version: string;
  /** Seconds since 1970; only the promise makes it worth something. */
  readonly integratedTime: number;
  /** Whether a signed entry timestamp is there. */
  readonly promise: boolean;
  /** Whether a proof of inclusion under a checkpoint is there. */
  readonly proof: boolean;
  /** The canonicalised body, parsed. */
  readonly body: JsonObject;
}

/** Log entries and timestamps of a signature. Nothing in it is trusted. */
export interface Witnesses {
  readonly entries: readonly Entry[];
  /** DER of RFC 3161 responses. */
  readonly timestamps: readonly Buffer[];
}

const place = (where: string): Reader => ({ kind: 'bundle', where });

/** Reads `tlogEntries` and `timestampVerificationData`. */
export function witnessesOf(material: JsonObject): Witnesses {
  const entries = listed(material['tlogEntries'], 'tlogEntries').map((one, index) => entryOf(one, `log entry ${index}`));
  const data = material['timestampVerificationData'] ?? null;
  const stamps = data === null ? [] : listed(object(data, place('timestampVerificationData'), [], ['rfc3161Timestamps'])['rfc3161Timestamps'], 'rfc3161Timestamps');
  const timestamps = stamps.map((one, index) => {
    const where = `timestamp ${index}`;
    const text = object(one, place(where), ['signedTimestamp'])['signedTimestamp'];
    if (typeof text === 'string' && text.length > longestTimestamp) throw new Fault('bundle', `${where} is too long (${text.length} characters of ${longestTimestamp} allowed)`);
    return base64(text, place(where));
  });
  return { entries, timestamps };
}

function listed(value: Json | undefined, where: string): readonly Json[] {
  const list = array(value ?? [], place(where));
  if (list.length > mostWitnesses) throw new Fault('bundle', `${where} has ${list.length} members; allowed are ${mostWitnesses}`);
  return list;
}

function entryOf(value: Json, where: string): Entry {
  const entry = object(value, place(where), ['logId', 'kindVersion', 'canonicalizedBody'], ['logIndex', 'integratedTime', 'inclusionPromise', 'inclusionProof']);
  const kindVersion = object(entry['kindVersion'], place(`${where}: kindVersion`), ['kind', 'version']);
  const index = whole(entry['logIndex'], `${where}: logIndex`);
  const integratedTime = Number(whole(entry['integratedTime'], `${where}: integratedTime`));
  const promise = entry['inclusionPromise'] ?? null;
  if (promise !== null) base64(object(promise, place(`${where}: inclusionPromise`), ['signedEntryTimestamp'])['signedEntryTimestamp'], place(`${where}: signedEntryTimestamp`));
  const [kind, version] = ['kind', 'version'].map((field) => string(kindVersion[field], place(`${where}: ${field}`)));
  // What Rekor v2 writes: it keeps no time, so that one beside it was put there by somebody else.
  if (promise === null && version === '0.0.2' && kind !== 'intoto' && integratedTime !== 0) throw new Fault('bundle', `${where} says when it was made, which a log of version 2 does not`);
  const proof = entry['inclusionProof'] ?? null;
  if (proof !== null) {
    const own = checkProof(proof, where);
    // A log of one tree only: nothing else vouches for the outer index then.
    if (promise === null && own !== index) throw new Fault('bundle', `${where} says index ${index}, its proof ${own}`);
  }
  const body = base64(entry['canonicalizedBody'], place(`${where}: canonicalizedBody`));
  return {
    logId: base64(object(entry['logId'], place(`${where}: logId`), ['keyId'])['keyId'], place(`${where}: keyId`)),
    index,
    kind: kind!,
    version: version!,
    integratedTime,
    promise: promise !== null,
    proof: proof !== null && (object(proof, place(where), [], ['*'])['checkpoint'] ?? null) !== null,
    body: object(parseJson(body, place(`${where}: canonicalizedBody`)), place(`${where}: canonicalizedBody`), [], ['*']),
  };
}

/** Gives the index the proof speaks of. The checkpoint is what is signed; size and root beside it must agree with it. */
function checkProof(value: Json, where: string): string {
  const proof = object(value, place(`${where}: inclusionProof`), ['rootHash', 'treeSize'], ['logIndex', 'hashes', 'checkpoint']);
  const hashes = array(proof['hashes'] ?? [], place(`${where}: hashes`));
  if (hashes.length > mostHashes) throw new Fault('bundle', `${where} has a proof of ${hashes.length} hashes; allowed are ${mostHashes}`);
  for (const one of hashes) base64(one, place(`${where}: a hash of the proof`));
  const root = base64(proof['rootHash'], place(`${where}: rootHash`));
  const size = whole(proof['treeSize'], `${where}: treeSize`);
  const checkpoint = proof['checkpoint'] ?? null;
  if (checkpoint !== null) checkCheckpoint(string(object(checkpoint, place(`${where}: checkpoint`), ['envelope'])['envelope'], place(`${where}: checkpoint`)), size, root, where);
  return whole(proof['logIndex'], `${where}: logIndex of the proof`);
}

/** A signed note (C2SP signed-note, tlog-checkpoint): origin, size, root hash, more lines; empty line; signature lines. */
function checkCheckpoint(envelope: string, size: string, root: Buffer, where: string): void {
  if (envelope.length > longestCheckpoint) throw new Fault('bundle', `${where} has a checkpoint of ${envelope.length} characters; allowed are ${longestCheckpoint}`);
  const [head, ...rest] = envelope.split('\n\n');
  const [, foundSize, foundRoot] = head!.split('\n');
  if (rest.length !== 1 || !rest[0]!.endsWith('\n') || rest[0]!.slice(0, -1).split('\n').some((line) => !/^\u2014 \S+ [A-Za-z0-9+/]+={0,2}$/u.test(line))) {
    throw new Fault('bundle', `${where} has a checkpoint that is not a signed note`);
  }
  // Bits behind the last whole byte are no part of a signature, and must be none of the text either.
  const signatures = rest[0]!.slice(0, -1).split('\n').map((line) => line.slice(line.lastIndexOf(' ') + 1));
  if (signatures.some((one) => Buffer.from(one, 'base64').toString('base64') !== one)) throw new Fault('bundle', `${where} has a checkpoint whose signature is not canonical base64`);
  if (foundSize !== size) throw new Fault('bundle', `${where} has a proof for a tree of ${size} entries and a checkpoint for ${printable(String(foundSize))}`);
  if (foundRoot !== root.toString('base64')) throw new Fault('bundle', `${where} has a proof for another root hash than its checkpoint`);
}

/** A protobuf int64 that is not negative, as text; absent or null stands for 0. */
function whole(value: Json | undefined, where: string): string {
  const text = typeof value === 'number' ? String(value) : value ?? '0';
  if (typeof text !== 'string' || !/^(?:0|[1-9]\d{0,18})$/.test(text)) throw new Fault('bundle', `${where} is ${printable(JSON.stringify(value))}; allowed is a whole number from 0 up`);
  return text;
}

/** SHA-256. */
export function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
