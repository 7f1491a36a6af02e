// SPDX-License-Identifier: Apache-2.0
import type { X509Certificate } from 'node:crypto';
import { Fault } from '../json.ts';
import { printable } from '../names.ts';
import { dotted, elements, tags } from './der.ts';

/** Who must have signed. Both are demanded: an identity says nothing without who vouches for it. */
export interface Policy {
  /** The whole identity, or a pattern that has to match the whole of it. */
  readonly identity: string | RegExp;
  /** URL of the service that vouched for the identity; compared exactly. */
  readonly issuer: string;
}

/** Whom a certificate names. */
export interface Identity {
  readonly identity: string;
  readonly issuer: string;
  /** What else the certificate authority certified, by name: repository, ref, trigger … (Fulcio's OIDs). */
  readonly claims: Readonly<Record<string, string>>;
}

/** Characters of an identity or a claim. */
const longest = 4096;

/** Fulcio's extensions below 1.3.6.1.4.1.57264.1 (sigstore/fulcio, docs/oid-info.md). */
const claimNames: Readonly<Record<number, string>> = {
  8: 'issuer', 9: 'buildSignerURI', 10: 'buildSignerDigest', 11: 'runnerEnvironment', 12: 'sourceRepositoryURI', 13: 'sourceRepositoryDigest',
  14: 'sourceRepositoryRef', 15: 'sourceRepositoryIdentifier', 16: 'sourceRepositoryOwnerURI', 17: 'sourceRepositoryOwnerIdentifier',
  18: 'buildConfigURI', 19: 'buildConfigDigest', 20: 'buildTrigger', 21: 'runInvocationURI', 22: 'sourceRepositoryVisibilityAtSigning',
};
const fulcio = '1.3.6.1.4.1.57264.1.';

/** A pattern that has to match from end to end. Throws `SyntaxError`. */
export function anchored(pattern: string): RegExp {
  void new RegExp(pattern, 'u'); // alone first: `a)|(b` would close the group
  return new RegExp(`^(?:${pattern})$`, 'u');
}

/** What the signer's certificate says of the signer. It must be one that signs code, and no authority itself. */
export function identityIn(certificate: X509Certificate): Identity {
  if (certificate.ca) throw new Fault('certificate', 'the signer\'s certificate is that of a certificate authority');
  if (!((certificate.keyUsage as readonly string[] | undefined) ?? []).includes('1.3.6.1.5.5.7.3.3')) {
    throw new Fault('certificate', 'the extended key usage of the signer\'s certificate does not name code signing');
  }
  const extensions = extensionsOf(certificate);
  const names = elements(elements(extensions.get('2.5.29.17') ?? Buffer.from([0x30, 0]), 'the certificate')[0]?.body ?? Buffer.alloc(0), 'the certificate');
  if (names.length !== 1) throw new Fault('identity', `the signer's certificate has ${names.length} names; allowed is 1`);
  const claims: Record<string, string> = {};
  for (const [number, name] of Object.entries(claimNames)) {
    const value = extensions.get(`${fulcio}${number}`);
    if (value !== undefined) claims[name] = derText(value);
  }
  const { issuer: newer, ...others } = claims;
  const older = extensions.get(`${fulcio}1`);
  if (newer === undefined && older === undefined) throw new Fault('identity', 'the signer\'s certificate does not say who vouched for the identity');
  return { identity: nameOf(names[0]!), issuer: newer ?? utf8(older!), claims: others };
}

/** Throws unless the certificate names whom the policy demands. */
export function checkPolicy(found: Identity, policy: Policy): void {
  const { identity, issuer } = policy;
  const met = typeof identity === 'string' ? found.identity === identity : identity.test(found.identity);
  if (!met) {
    const wanted = typeof identity === 'string' ? printable(identity) : `what matches ${printable(identity.source)}`;
    throw new Fault('identity', `the signer is ${printable(found.identity)}; allowed is ${wanted}`);
  }
  if (found.issuer !== issuer) throw new Fault('identity', `the identity was vouched for by ${printable(found.issuer)}; allowed is ${printable(issuer)}`);
}

/** RFC 5280, 4.1: extensions are element [3] of the first element of a certificate. Values by dotted identifier. */
function extensionsOf(certificate: X509Certificate): Map<string, Buffer> {
  const what = 'the certificate';
  const signed = elements(elements(certificate.raw, what)[0]?.body ?? Buffer.alloc(0), what)[0];
  const holder = elements(signed?.body ?? Buffer.alloc(0), what).find(({ tag }) => tag === 0xa3);
  const found = new Map<string, Buffer>();
  for (const { body } of holder === undefined ? [] : elements(elements(holder.body, what)[0]?.body ?? Buffer.alloc(0), what)) {
    const parts = elements(body, what);
    const value = parts.at(-1);
    if (parts[0]?.tag !== tags.oid || value?.tag !== tags.octets) throw new Fault('certificate', 'the signer\'s certificate has a broken extension');
    const id = dotted(parts[0].body);
    if (found.has(id)) throw new Fault('certificate', `the signer's certificate has the extension ${id} twice`);
    found.set(id, value.body);
  }
  return found;
}

/** RFC 5280, 4.2.1.6: e-mail [1], URI [6], or Fulcio's otherName [0] for user names. */
function nameOf({ tag, body }: { tag: number; body: Buffer }): string {
  if (tag === 0x81 || tag === 0x86) return utf8(body);
  if (tag === 0xa0) {
    const [type, value] = elements(body, 'the certificate');
    if (type !== undefined && value !== undefined && dotted(type.body) === `${fulcio}7`) return derText(value.body);
  }
  throw new Fault('identity', `the name in the signer's certificate is of a kind (${tag}) that is not an e-mail address, a URI or a user name`);
}

function derText(value: Buffer): string {
  const [text, more] = elements(value, 'the certificate');
  if (text?.tag !== tags.utf8 || more !== undefined) throw new Fault('certificate', 'the signer\'s certificate has a claim that is not text');
  return utf8(text.body);
}

function utf8(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (bytes.length > longest || text.length === 0 || !Buffer.from(text).equals(bytes)) throw new Fault('identity', 'the signer\'s certificate has a name that is empty, too long or not UTF-8');
  return text;
}
