// SPDX-License-Identifier: Apache-2.0
import { verify as verifyBytes, type KeyObject, type X509Certificate } from 'node:crypto';
import { parseBundle, preAuthEncoding, preAuthEncodingV02, readBundle, type Bundle } from './bundle.ts';
import { keyOfChain } from './certificates.ts';
import { compare } from './compare.ts';
import { Fault } from './json.ts';
import type { Established } from './keyless/witness.ts';
import { hintOf } from './keys.ts';
import { rootDigest } from './manifest.ts';
import { byCodePoint, printable } from './names.ts';
import { verifies } from './signer.ts';
import { parseStatement, type Statement } from './statement.ts';
import type { Root } from './tree.ts';
import type { Note, Verification, VerifyOptions } from './verification.ts';

/**
 * Checks a signature and then every listed file. The order matters: nothing in the statement is read before the
 * signature holds, and no file is opened before the statement makes sense.
 */
export async function verify(root: Root, options: VerifyOptions): Promise<Verification> {
  let statement: Statement;
  const notes: Note[] = [];
  let established: Established | undefined;
  try {
    const bundle = readBundle(options.signature);
    established = await establishedFor(bundle, options);
    statement = check(bundle, options, notes, established);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { verified: false, problems: [{ kind: error.kind, detail: error.message }], notes };
  }
  const found = rootDigest(statement.resources);
  if (statement.rootDigest !== undefined && found !== statement.rootDigest) {
    const detail = `the root digest of the listed resources is ${found}, the signed one is ${statement.rootDigest}`;
    return { verified: false, problems: [{ kind: 'root-digest', detail }], notes };
  }
  const differences = await compare(root, statement, options);
  const problems = differences.problems.toSorted((a, b) => byCodePoint(a.name ?? '', b.name ?? ''));
  if (options.ignoreUnsigned === true) notes.push({ kind: 'unsigned', detail: 'files that were not signed are let pass, as asked (--ignore-unsigned-files)' });
  notes.push(...differences.notes.toSorted((a, b) => byCodePoint(a.name ?? '', b.name ?? '')));
  const checked = differences.checked === undefined ? {} : { checked: differences.checked };
  return { verified: problems.length === 0, problems, notes, rootDigest: found, statement, files: statement.files.size, ...checked, ...(established === undefined ? {} : { established }) };
}

/** The statement in a signature's bytes, if it is signed by the key and makes sense; throws `Fault` otherwise. */
export function statementSignedBy(bytes: Buffer, key: KeyObject): { statement: Statement; notes: readonly Note[] } {
  const notes: Note[] = [];
  return { statement: check(parseBundle(bytes), { key }, notes), notes };
}

/** Loaded only where it is asked for: the library that checks logs takes longer to load than a small model to verify. */
async function establishedFor(bundle: Bundle, trust: Trust): Promise<Established | undefined> {
  if (!('policy' in trust.key) && trust.witnesses === undefined) return undefined;
  return (await import('./keyless/model.ts')).establishModel(bundle, trust);
}

/** The payload of a bundle in DSSE's own encoding, if whoever is trusted signed it; throws `Fault` otherwise. For attestations. */
export async function payloadSignedBy(bundle: Bundle, trust: Trust): Promise<Buffer> {
  if (holdsAsV02(bundle, trust, [], await establishedFor(bundle, trust))) throw new Fault('signature', 'the signature has the form of model-signing 0.2.0, which attestations never had');
  return bundle.payload;
}

/** Who is trusted, and when. */
export type Trust = Pick<VerifyOptions, 'key' | 'at' | 'keys' | 'witnesses'>;

/** Throws unless whoever is trusted signed the payload; true when that was done in the manner of model-signing 0.2.0. */
function holdsAsV02(bundle: Bundle, { key, keys, at }: Trust, notes: Note[], established: Established | undefined): boolean {
  if ('policy' in key) return keylessHolds(established);
  const [first] = established?.times.map(({ time }) => new Date(time)).toSorted((a, b) => a.getTime() - b.getTime()) ?? [];
  const when = at ?? first;
  return checkSignature(bundle, keyFor(bundle, { key, ...(when === undefined ? {} : { at: when }), ...(keys === undefined ? {} : { keys }) }, notes));
}

function check(bundle: Bundle, trust: Trust, notes: Note[], established?: Established): Statement {
  const v02 = holdsAsV02(bundle, trust, notes, established);
  const statement = parseStatement(bundle.payload);
  if (v02 !== (statement.version === 'v0.1')) throw new Fault('statement', 'the way of signing and the version of the statement do not belong together');
  addNotes(statement, bundle, notes, established !== undefined);
  return statement;
}

/** Never 0.2.0: keyless signatures of that version are not known. */
function keylessHolds(established: Established | undefined): false {
  if (established?.signer === undefined) throw new Error('a keyless signature was not checked');
  return false;
}

/** The key that must have signed: the one given, or that of a certificate which leads to those given. */
function keyFor({ material }: Bundle, { key: trusted, at, keys }: Trust & { readonly key: KeyObject | readonly X509Certificate[] }, notes: Note[]): KeyObject {
  if (isRoots(trusted)) {
    if (material.method === 'certificate') {
      const now = new Date();
      const key = keyOfChain(material.chain, trusted, at ?? now, keys);
      if (at !== undefined && !holdsAt(material.chain, trusted, now, keys)) {
        notes.push({ kind: 'out-of-date', detail: `the certificates hold at ${at.toISOString()}, the time that was given or proven, but no longer or not yet today` });
      }
      return key;
    }
    throw new Fault('material', `the signature was made ${material.method === 'key' ? 'with a bare key' : 'keyless'}, which certificates given as trusted cannot verify`);
  }
  if (material.method !== 'key') {
    const made = material.method === 'certificate' ? 'with a certificate' : 'keyless, with a Sigstore certificate';
    throw new Fault('material', `the signature was made ${made}, which a key cannot verify`);
  }
  if (material.hint !== undefined && material.hint !== hintOf(trusted)) {
    throw new Fault('key', `the signature names another key: ${printable(material.hint)}, not ${hintOf(trusted)}`);
  }
  return trusted;
}

function holdsAt(chain: readonly Buffer[], roots: readonly X509Certificate[], at: Date, keys: Trust['keys']): boolean {
  try {
    keyOfChain(chain, roots, at, keys);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

function isRoots(trusted: KeyObject | readonly X509Certificate[]): trusted is readonly X509Certificate[] {
  return Array.isArray(trusted);
}

/** Largest payload that is tried as one of model-signing 0.2.0: that encoding takes many times its size. */
const largestV02 = 16 * 1024 * 1024;

/** Throws unless the key signed the payload; true when it did so in the manner of model-signing 0.2.0. */
function checkSignature({ payload, signature }: Bundle, key: KeyObject): boolean {
  if (verifies(preAuthEncoding(payload), key, signature)) return false;
  // 0.2.0 hashed with SHA-256 on every curve. Its encoding cannot be mistaken for the right one: the prefix differs.
  if (payload.length <= largestV02 && payload.includes('model_signing/Digests/v0.1')
    && verifyBytes('sha256', preAuthEncodingV02(payload), key, signature)) return true;
  throw new Fault('signature', 'the signature does not match: the signed text was changed, or signed with another key');
}

function addNotes(statement: Statement, bundle: Bundle, notes: Note[], witnessed: boolean): void {
  if (statement.version === 'v0.1') notes.push({ kind: 'legacy', detail: 'the signature has the form of model-signing 0.2.0; sign again' });
  else if (bundle.material.method === 'key' && bundle.material.legacy) notes.push({ kind: 'legacy', detail: 'the signature has the form of model-signing before 1.1.0; sign again' });
  else if (statement.version !== 'v1.0') notes.push({ kind: 'newer', detail: `the statement is ${statement.version}; read as v1.0, fields added since are not looked at` });
  if (statement.allowSymlinks) notes.push({ kind: 'symlinks-allowed', detail: 'the signer allowed symbolic links: they were followed' });
  if (bundle.witnesses > 0 && !witnessed) notes.push({ kind: 'witnesses', detail: 'log entries or timestamps come with the signature; they were not checked, which takes --trusted-root' });
}
