// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { UsageError } from '../../model/usage-error.ts';
import { checkKey, hashFor, keyName, type KeySet } from '../keys.ts';
import { printable } from '../names.ts';
import type { Signer } from '../signer.ts';
import { Module, type Attribute, type Token } from './module.ts';
import { keyUriFrom, type KeyUri } from './uri.ts';

/** CKA_…, CKO_… and CKM_… of pkcs11t.h. */
const attributes = { class: 0, label: 3, value: 0x11, id: 0x102, modulus: 0x120, exponent: 0x122, curve: 0x180, point: 0x181, always: 0x202 } as const;
const objects = { certificate: 1, publicKey: 2, privateKey: 3 } as const;
const mechanisms = { rsa: 1, ecdsa: 0x1041, eddsa: 0x1057 } as const;

/** Where the PIN comes from when the URI names no file. */
export type AskPin = (file: string | undefined, token: string) => Promise<string | undefined>;

/**
 * A key on a token (`--signer pkcs11:URI`, RFC 7512), which never leaves it: it gets the digest of the statement, or for Ed25519
 * the statement. Needs the optional package koffi.
 */
export async function pkcs11Signer(text: string, set: KeySet, askPin: AskPin): Promise<Signer> {
  const uri = keyUriFrom(text);
  let koffi: typeof import('koffi');
  try {
    koffi = (await import('koffi')).default as unknown as typeof import('koffi');
  } catch (error) {
    throw new UsageError('--signer pkcs11: needs the optional package koffi, which is not installed; npm install koffi', { cause: error });
  }
  const module = new Module(koffi, uri.module);
  const token = tokenFor(module.tokens(), uri);
  const session = module.open(token.slot);
  const name = token.label === '' ? `slot ${token.slot}` : printable(token.label);
  const pin = token.ownKeypad ? undefined : await askPin(uri.pinFile, `the token ${name}`);
  if (token.needsLogin) {
    if (pin === undefined && !token.ownKeypad) throw new UsageError(`the token ${name} wants a PIN; give pin-source=file:PATH in the URI, --password-file or $ASSAY_PASSWORD`);
    module.login(session, 1, pin);
  }
  const key = onlyOne(module, session, uri, objects.privateKey, name);
  const publicKey = publicKeyOf(module, session, uri, key, name);
  checkKey(publicKey, `the key on the token ${name}`, set);
  const always = module.attribute(session, key, attributes.always)?.[0] === 1;
  const again = (): void => {
    if (always) module.login(session, 2, pin);
  };
  return { describes: `${keyName(publicKey)} on the token ${name}`, publicKey, sign: (data) => Promise.resolve(signed(module, { session, key, again }, publicKey, data)) };
}

function signed(module: Module, { session, key, again }: { session: bigint; key: bigint; again: () => void }, publicKey: KeyObject, data: Buffer): Buffer {
  const hash = hashFor(publicKey);
  if (hash === null) return module.sign(session, key, mechanisms.eddsa, data, again);
  const digest = createHash(hash).update(data).digest();
  if (publicKey.asymmetricKeyType === 'rsa') return module.sign(session, key, mechanisms.rsa, Buffer.concat([digestInfo(hash), digest]), again);
  return asn1(module.sign(session, key, mechanisms.ecdsa, digest, again));
}

function tokenFor(tokens: readonly Token[], uri: KeyUri): Token {
  const found = tokens.filter((token) => (uri.token === undefined || token.label === uri.token) && (uri.serial === undefined || token.serial === uri.serial)
    && (uri.manufacturer === undefined || token.manufacturer === uri.manufacturer) && (uri.model === undefined || token.model === uri.model) && (uri.slot === undefined || token.slot === uri.slot));
  if (found.length === 1) return found[0]!;
  const labels = tokens.map(({ label }) => printable(label)).join(', ');
  throw new UsageError(`${found.length} tokens of ${uri.module} are the one that the URI names; allowed is 1 (tokens: ${labels === '' ? 'none' : labels})`);
}

/** CKA_CLASS is a CK_ULONG. */
function ulong(module: Module, value: number): Buffer {
  const out = Buffer.alloc(module.ulong);
  out.writeUInt32LE(value);
  return out;
}

function onlyOne(module: Module, session: bigint, { object, id }: KeyUri, kind: number, token: string): bigint {
  const wanted: Attribute[] = [
    { type: attributes.class, value: ulong(module, kind) },
    ...(object === undefined ? [] : [{ type: attributes.label, value: Buffer.from(object, 'utf8') }]), ...(id === undefined ? [] : [{ type: attributes.id, value: id }]),
  ];
  const found = module.find(session, wanted);
  if (found.length !== 1) throw new UsageError(`${found.length} private keys on the token ${token} are the one that the URI names; allowed is 1`);
  return found[0]!;
}

/** From the public key beside the private one, or from its certificate: tokens of the PIV kind keep only that. */
function publicKeyOf(module: Module, session: bigint, uri: KeyUri, key: bigint, token: string): KeyObject {
  const id = module.attribute(session, key, attributes.id);
  const same: Attribute[] = id !== undefined && id.length > 0 ? [{ type: attributes.id, value: id }] : [{ type: attributes.label, value: Buffer.from(uri.object ?? '', 'utf8') }];
  const read = (object: bigint, type: number): Buffer | undefined => module.attribute(session, object, type);
  try {
    for (const object of [...module.find(session, [{ type: attributes.class, value: ulong(module, objects.publicKey) }, ...same]), key]) {
      const [curve, point, modulus, exponent] = [attributes.curve, attributes.point, attributes.modulus, attributes.exponent].map((type) => read(object, type));
      if (curve !== undefined && point !== undefined) return pointKey(curve, point);
      if (modulus !== undefined && exponent !== undefined) return createPublicKey({ format: 'jwk', key: { kty: 'RSA', n: stripped(modulus).toString('base64url'), e: stripped(exponent).toString('base64url') } });
    }
    for (const object of module.find(session, [{ type: attributes.class, value: ulong(module, objects.certificate) }, ...same])) {
      const der = read(object, attributes.value);
      if (der !== undefined) return new X509Certificate(der).publicKey;
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the public key on the token ${token} cannot be read: ${printable((error as Error).message)}`, { cause: error });
  }
  throw new UsageError(`the token ${token} shows neither a public key nor a certificate for the key that the URI names`);
}

/** Edwards keys have as their curve the name or the identifier of Ed25519 (PKCS#11 v3.0, 2.3.5); their points are 32 bytes. */
function pointKey(curve: Buffer, point: Buffer): KeyObject {
  // CKA_EC_POINT is a DER OCTET STRING; some tokens leave the wrapping away.
  const wrapped = point[0] === 4 && point[1] === point.length - 2 ? point.subarray(2) : point[0] === 4 && point[1] === 0x81 && point[2] === point.length - 3 ? point.subarray(3) : point;
  if (wrapped.length === 32) return createPublicKey({ format: 'der', type: 'spki', key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), wrapped]) });
  const ecPublicKey = Buffer.from('06072a8648ce3d0201', 'hex');
  return createPublicKey({ format: 'der', type: 'spki', key: der(0x30, Buffer.concat([der(0x30, Buffer.concat([ecPublicKey, curve])), der(0x03, Buffer.concat([Buffer.of(0), wrapped]))])) });
}

function der(tag: number, body: Buffer): Buffer {
  const length = body.length < 0x80 ? Buffer.of(body.length) : body.length < 0x100 ? Buffer.of(0x81, body.length) : Buffer.of(0x82, body.length >> 8, body.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, body]);
}

/** r and s, side by side and equally long, as SEQUENCE of INTEGER (RFC 3279, 2.2.3). */
function asn1(both: Buffer): Buffer {
  const half = both.length / 2;
  return der(0x30, Buffer.concat([both.subarray(0, half), both.subarray(half)].map((part) => {
    const bare = stripped(part);
    return der(0x02, bare[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bare]) : bare);
  })));
}

/** Without leading zeros, of which one stays when there is nothing else. */
function stripped(number: Buffer): Buffer {
  let begin = 0;
  while (begin < number.length - 1 && number[begin] === 0) begin++;
  return number.subarray(begin);
}

/** DigestInfo up to the digest (RFC 8017, 9.2, note 1). */
function digestInfo(hash: string): Buffer {
  const known: Readonly<Record<string, string>> = {
    sha256: '3031300d060960864801650304020105000420', sha384: '3041300d060960864801650304020205000430', sha512: '3051300d060960864801650304020305000440',
  };
  const prefix = known[hash];
  if (prefix === undefined) throw new UsageError(`a token cannot sign a digest of ${hash} with RSA`);
  return Buffer.from(prefix, 'hex');
}
