// SPDX-License-Identifier: Apache-2.0
import { X509Certificate, type KeyObject } from 'node:crypto';
import { UsageError } from '../model/usage-error.ts';
import { Fault } from './json.ts';
import { checkKey, publicPem, type KeySet } from './keys.ts';
import { printable } from './names.ts';

/** Certificates a bundle may hold. */
const mostCertificates = 16;
/** Signatures checked in search of a path: a chain made of look-alikes must not take for ever. */
const mostSteps = 200;

const oid = { keyUsage: '551d0f', basicConstraints: '551d13', extendedKeyUsage: '551d25', subjectAltName: '551d11', nameConstraints: '551d1e' } as const;
/** Critical extensions that are understood here; any other must refuse the certificate (RFC 5280, 4.2). */
const understood: ReadonlySet<string> = new Set([oid.keyUsage, oid.basicConstraints, oid.extendedKeyUsage, oid.subjectAltName]);
const codeSigning = ['1.3.6.1.5.5.7.3.3', '2.5.29.37.0'];

/** Reads trusted certificates from PEM text. `from` names the file in messages. */
export function rootsFrom(pem: string, from: string): X509Certificate[] {
  const blocks = pem.split('-----BEGIN CERTIFICATE-----').slice(1).map((text) => text.split('-----END CERTIFICATE-----')[0]!);
  if (blocks.length === 0) throw new UsageError(`${from} holds no certificate in PEM form`);
  return blocks.map((text) => {
    try {
      return new X509Certificate(Buffer.from(text, 'base64'));
    } catch (error) {
      throw new UsageError(`${from} holds a certificate that cannot be read`, { cause: error });
    }
  });
}

/**
 * The key of the first certificate, if a path leads from it to one of the roots and all on it are valid at `at`.
 * Throws `Fault` otherwise. Revocation is not looked at; name constraints are refused, not evaluated.
 */
export function keyOfChain(chain: readonly Buffer[], roots: readonly X509Certificate[], at: Date, set: KeySet = 'oms'): KeyObject {
  if (chain.length === 0 || chain.length > mostCertificates) throw new Fault('certificate', `the signature comes with ${chain.length} certificates; allowed are 1 to ${mostCertificates}`);
  const [leaf, ...between] = chain.map(certificate);
  checkUsage(leaf!);
  checkTime(leaf!, at);
  checkCritical(leaf!);
  if (!leadsToRoot(leaf!, between, roots, at)) throw new Fault('certificate', `no valid path leads from the signer's certificate to a trusted one at ${at.toISOString()}`);
  try {
    checkKey(leaf!.publicKey, 'it', set);
  } catch (error) {
    throw new Fault('certificate', `the key in the signer's certificate is refused: ${(error as Error).message}`);
  }
  return leaf!.publicKey;
}

/** Key usage of the signer: signatures, and code signing where the certificate says what else it is for. */
function checkUsage(leaf: X509Certificate): void {
  const usage = extensionsOf(leaf).get(oid.keyUsage);
  const extended = leaf.keyUsage as readonly string[] | undefined; // Node's name for the extended key usage
  const mayCode = extended?.some((one) => codeSigning.includes(one));
  if (usage !== undefined ? !hasDigitalSignature(usage) : mayCode !== true) throw new Fault('certificate', 'the key usage of the signer\'s certificate does not allow signatures');
  if (mayCode === false) throw new Fault('certificate', 'the extended key usage of the signer\'s certificate does not allow code signing');
}

/**
 * The certificates to put into a signature, in DER, leaf first. Throws `UsageError` for what a verifier would refuse: a
 * leaf that is not the key's, that may not sign, that is out of time or whose issuers are, and issuers out of order.
 */
export function chainFor(publicKey: KeyObject, leaf: X509Certificate, above: readonly X509Certificate[], at: Date): Buffer[] {
  const chain = [leaf];
  if (publicPem(leaf.publicKey) !== publicPem(publicKey)) throw new UsageError('the certificate is of another key than the one that signs');
  for (const one of above) if (!chain.some(({ raw }) => raw.equals(one.raw))) chain.push(one);
  if (chain.length > mostCertificates) throw new UsageError(`the chain has ${chain.length} certificates; ${mostCertificates} are allowed`);
  try {
    checkUsage(leaf);
    for (const one of chain) {
      checkTime(one, at, one === leaf ? "the signer's certificate" : 'a certificate above it');
      checkCritical(one);
    }
  } catch (error) {
    if (error instanceof Fault) throw new UsageError(error.message, { cause: error });
    throw error;
  }
  for (const [index, issuer] of chain.slice(1).entries()) {
    const below = chain[index]!;
    if (below.checkIssued(issuer) && isSignedBy(below, issuer) && issuer.ca) continue;
    throw new UsageError(`certificate ${index + 2} of the chain (${shownName(issuer)}) did not issue the one before it (${shownName(below)}); give them from the signer's up`);
  }
  return chain.map(({ raw }) => raw);
}

function shownName(one: X509Certificate): string {
  return printable(one.subject.replaceAll('\n', ', ')).slice(0, 80);
}

function certificate(raw: Buffer): X509Certificate {
  try {
    const read = new X509Certificate(raw);
    if (read.raw.equals(raw)) return read;
  } catch {
    // said below
  }
  throw new Fault('certificate', 'a certificate in the signature is not one whole DER certificate');
}

function leadsToRoot(leaf: X509Certificate, between: readonly X509Certificate[], roots: readonly X509Certificate[], at: Date): boolean {
  const paths: X509Certificate[][] = [[leaf]];
  let steps = 0;
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const last = path.at(-1)!;
    if (roots.some((root) => root.raw.equals(last.raw))) return true;
    for (const issuer of [...between, ...roots]) {
      if (path.some((one) => one.raw.equals(issuer.raw)) || !last.checkIssued(issuer)) continue;
      if (++steps > mostSteps) throw new Fault('certificate', `the certificates have more than ${mostSteps} ways to be chained`);
      if (isSignedBy(last, issuer) && mayIssue(issuer, path, at)) paths.push([...path, issuer]);
    }
  }
  return false;
}

function isSignedBy(one: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return one.verify(issuer.publicKey);
  } catch {
    return false; // a key of a kind that OpenSSL does not know
  }
}

/** Whether a certificate may stand above `below`, leaf first. */
function mayIssue(issuer: X509Certificate, below: readonly X509Certificate[], at: Date): boolean {
  if (!issuer.ca) return false; // basic constraints, and keyCertSign where a key usage is given
  try {
    checkTime(issuer, at);
    checkCritical(issuer);
    const extensions = extensionsOf(issuer);
    if (extensions.has(oid.nameConstraints)) return false;
    const constraints = extensions.get(oid.basicConstraints);
    const length = constraints === undefined ? undefined : inside(inside(constraints)[0]?.body ?? Buffer.alloc(0)).find(({ tag }) => tag === 0x02);
    // RFC 5280, 4.2.1.9: intermediates below this one that did not issue themselves; the leaf does not count.
    const intermediates = below.slice(1).filter((one) => one.subject !== one.issuer).length;
    return length === undefined || (length.body.length === 1 && intermediates <= length.body[0]!);
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

function checkTime(one: X509Certificate, at: Date, what = "the signer's certificate"): void {
  if (!(at >= one.validFromDate)) throw new Fault('certificate', `${what} is valid from ${one.validFrom}, not yet at ${at.toISOString()}`);
  if (!(at <= one.validToDate)) throw new Fault('certificate', `${what} expired at ${one.validTo}, before ${at.toISOString()}`);
}

function checkCritical(one: X509Certificate): void {
  for (const { body } of extensionList(one)) {
    const [id, critical] = inside(body);
    if (critical?.tag === 0x01 && critical.body[0] !== 0 && !understood.has(id!.body.toString('hex'))) {
      throw new Fault('certificate', `a certificate has a critical extension that is not understood (${id!.body.toString('hex').slice(0, 64)})`);
    }
  }
}

/** Values of the extensions by the hex of their identifier. */
function extensionsOf(one: X509Certificate): Map<string, Buffer> {
  return new Map(extensionList(one).map(({ body }) => {
    const parts = inside(body);
    if (parts.length < 2) throw new Fault('certificate', 'a certificate has a broken extension');
    return [parts[0]!.body.toString('hex'), parts.at(-1)!.body];
  }));
}

interface Der {
  readonly tag: number;
  readonly body: Buffer;
}

/** RFC 5280, 4.1: the extensions are element [3] of the first element of a certificate. */
function extensionList(one: X509Certificate): Der[] {
  const signed = inside(inside(one.raw)[0]?.body ?? Buffer.alloc(0))[0];
  const found = inside(signed?.body ?? Buffer.alloc(0)).find(({ tag }) => tag === 0xa3);
  return found === undefined ? [] : inside(inside(found.body)[0]?.body ?? Buffer.alloc(0));
}

/** Bit 0 of the bit string: the first byte counts unused bits. */
function hasDigitalSignature(value: Buffer): boolean {
  const bits = inside(value)[0];
  return bits?.tag === 0x03 && bits.body.length > 1 && (bits.body[1]! & 0x80) !== 0;
}

/** The DER elements side by side in some bytes. Only definite lengths of up to 4 bytes. */
function inside(bytes: Buffer): Der[] {
  const found: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at + 1] ?? 0x80;
    const more = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || more > 4 || at + 2 + more > bytes.length) throw new Fault('certificate', 'a certificate has a length that cannot be read');
    const size = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    if (start + size > bytes.length) throw new Fault('certificate', 'a certificate has an element that leaves it');
    found.push({ tag: bytes[at]!, body: bytes.subarray(start, start + size) });
    at = start + size;
  }
  return found;
}
