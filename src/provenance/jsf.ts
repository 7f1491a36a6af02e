// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, verify as verifyBytes, type JsonWebKey, type KeyObject } from 'node:crypto';
import { UsageError } from '../model/usage-error.ts';
import { array, Fault, object, parseJson, string, type Json, type JsonObject, type Reader } from './json.ts';
import { hashFor, keyName, publicPem } from './keys.ts';
import { printable } from './names.ts';
import { signatureBy, type Signer } from './signer.ts';

// JSON Signature Format (JSF 0.82): the signature stands in the document it signs, as CycloneDX has it. Signed are the bytes of
// the document in the form of RFC 8785, with everything of the signature but its value.

/** JSF's names by ours; the length of r and s in bytes, where the signature is such a pair. */
const algorithms: Readonly<Record<string, { readonly name: string; readonly half?: number }>> = {
  'P-256': { name: 'ES256', half: 32 },
  'P-384': { name: 'ES384', half: 48 },
  'P-521': { name: 'ES512', half: 66 },
  Ed25519: { name: 'Ed25519' },
};

const at: Reader = { kind: 'signature', where: 'the document' };

/** The document with a signature in it, in place of one that was there. Its bytes were checked to be JSON without doubtful parts. */
export async function signJsf(bytes: Buffer, signer: Signer): Promise<string> {
  const { name, half } = algorithmFor(signer.publicKey);
  const { signature: _, ...rest } = documentIn(bytes);
  const about: JsonObject = signer.chain === undefined
    ? { publicKey: jwkOf(signer.publicKey) }
    : { certificatePath: signer.chain.map((raw) => raw.toString('base64')) };
  const unsigned = { ...rest, signature: { algorithm: name, ...about } };
  const made = await signatureBy(signer, Buffer.from(canonical(unsigned)));
  const value = (half === undefined ? made : pairOf(made, half)).toString('base64url');
  return `${JSON.stringify({ ...rest, signature: { ...unsigned.signature, value } }, undefined, 2)}\n`;
}

/** Who is trusted: a key, or what turns a chain of certificates into the key of the first (and throws `Fault`). */
export type JsfTrust = KeyObject | ((chain: readonly Buffer[]) => KeyObject);

/** Throws `Fault` unless the document holds a signature by whom is trusted. */
export function verifyJsf(bytes: Buffer, trust: JsfTrust): void {
  const document = documentIn(bytes);
  if (!Object.hasOwn(document, 'signature')) throw new Fault('signature', 'the document holds no signature');
  const where = { ...at, where: 'signature' };
  const found = object(document['signature'], where, [], ['*']);
  for (const many of ['signers', 'chain']) if (Object.hasOwn(found, many)) throw new Fault('unsupported', `the signature is one of several (${many}), which are not read here`);
  object(found, where, ['algorithm', 'value'], ['keyId', 'publicKey', 'certificatePath']); // "excludes" would leave parts unsigned
  const key = keyFor(found, trust);
  const { name, half } = algorithmFor(key);
  const stated = string(found['algorithm'], { ...at, where: 'signature.algorithm' });
  if (stated !== name) throw new Fault('signature', `the signature is made by ${printable(stated)}, the key is for ${name}`);
  const text = string(found['value'], { ...at, where: 'signature.value' });
  const value = Buffer.from(text, 'base64url');
  if (value.toString('base64url') !== text) throw new Fault('signature', 'signature.value is not canonical base64url');
  const { value: _, ...unsigned } = found;
  const data = Buffer.from(canonical({ ...document, signature: unsigned }));
  if (!verifyBytes(hashFor(key), data, half === undefined ? key : { key, dsaEncoding: 'ieee-p1363' }, value)) {
    throw new Fault('signature', 'the signature does not match: the document was changed, or signed with another key');
  }
}

function keyFor(found: JsonObject, trust: JsfTrust): KeyObject {
  if (typeof trust === 'function') {
    if (!Object.hasOwn(found, 'certificatePath')) throw new Fault('material', 'the signature comes without a certificate, which the certificates given as trusted need');
    const path = array(found['certificatePath'], { ...at, where: 'certificatePath' });
    return trust(path.map((one) => Buffer.from(string(one, { ...at, where: 'certificatePath' }), 'base64')));
  }
  if (!Object.hasOwn(found, 'publicKey')) return trust;
  let named: KeyObject | undefined;
  try {
    named = createPublicKey({ key: found['publicKey'] as JsonWebKey, format: 'jwk' });
  } catch {
    // said below: the key that is trusted is the one given, and this one is not it
  }
  if (named === undefined || publicPem(named) !== publicPem(trust)) throw new Fault('key', 'the signature names another key than the one given');
  return trust;
}

function algorithmFor(key: KeyObject): { readonly name: string; readonly half?: number } {
  const kind = keyName(key);
  const found = algorithms[kind];
  if (found === undefined) throw new UsageError(`a ${kind} key does not sign BOMs here; allowed are P-256, P-384, P-521 and Ed25519`);
  return found;
}

function documentIn(bytes: Buffer): JsonObject {
  return object(parseJson(bytes, at), at, [], ['*']);
}

function jwkOf(key: KeyObject): Json {
  return key.export({ format: 'jwk' }) as Json;
}

/** RFC 8785: keys by UTF-16 code units, numbers and strings as ECMAScript writes them, no white space. */
export function canonical(value: Json | undefined): string {
  if (typeof value === 'number') {
    // Beyond this two numbers that differ are read as one: what was signed would not be what is read.
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) throw new Fault('signature', `the document holds the number ${value}, which readers do not agree on`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new Fault('signature', 'the document holds text that is not valid Unicode');
    return JSON.stringify(value);
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonical).join(',')}]`;
  const found = value as JsonObject;
  return `{${Object.keys(found).sort().map((key) => `${canonical(key)}:${canonical(found[key])}`).join(',')}}`;
}

/** DER's pair of integers as two halves of fixed length (RFC 7518, 3.4). */
function pairOf(der: Buffer, half: number): Buffer {
  const body = der[1]! < 0x80 ? 2 : 3; // P-521 takes more than 127 bytes
  const parts: Buffer[] = [];
  for (let place = body; place < der.length;) {
    const size = der[place + 1]!;
    const integer = der.subarray(place + 2, place + 2 + size);
    const bare = integer.length > half ? integer.subarray(integer.length - half) : integer;
    parts.push(Buffer.concat([Buffer.alloc(half - bare.length), bare]));
    place += 2 + size;
  }
  return Buffer.concat(parts);
}
