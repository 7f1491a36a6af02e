// SPDX-License-Identifier: Apache-2.0
// RFC 3161 timestamps (2.4.1, 2.4.2; RFC 5652, 5.1 to 5.4). Not left to the Sigstore library: that refuses times with
// fewer or more than three digits of a second, and authorities whose key is RSA, which most are.
import { createHash, verify as verifyBytes, X509Certificate, type KeyObject } from 'node:crypto';
import { Fault } from '../json.ts';
import { der, dotted, elements, tags, type Element } from './der.ts';
import { sha256 } from './form.ts';

const signedData = '1.2.840.113549.1.7.2';
const tstInfo = '1.2.840.113549.1.9.16.1.4';
const contentTypeAttribute = '1.2.840.113549.1.9.3';
const messageDigestAttribute = '1.2.840.113549.1.9.4';
const hashes: Readonly<Record<string, string>> = { '2.16.840.1.101.3.4.2.1': 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384', '2.16.840.1.101.3.4.2.3': 'sha512' };
/** Signature algorithms (RFC 5754, 3.2 and 3.3; RFC 8419, 2): the hash, null where the key brings its own, undefined where the digest algorithm says. */
const algorithms: Readonly<Record<string, { readonly type: string; readonly hash?: string | null }>> = {
  '1.2.840.10045.4.3.2': { type: 'ec', hash: 'sha256' }, '1.2.840.10045.4.3.3': { type: 'ec', hash: 'sha384' }, '1.2.840.10045.4.3.4': { type: 'ec', hash: 'sha512' },
  '1.2.840.113549.1.1.11': { type: 'rsa', hash: 'sha256' }, '1.2.840.113549.1.1.12': { type: 'rsa', hash: 'sha384' }, '1.2.840.113549.1.1.13': { type: 'rsa', hash: 'sha512' },
  '1.2.840.113549.1.1.1': { type: 'rsa' }, '1.3.101.112': { type: 'ed25519', hash: null },
};
const sha256Oid = Buffer.from('608648016503040201', 'hex');
const timeStamping = '1.3.6.1.5.5.7.3.8';
/** Certificates in a timestamp that are looked at, and steps of a path. */
const mostCertificates = 8;

const fault = (what: string): Fault => new Fault('timestamp', what);
const inside = (bytes: Buffer): Element[] => elements(bytes, 'the timestamp', 'timestamp');

/** What a response says; nothing of it is verified. */
interface Response {
  /** The time-stamp information: what the authority signed, and its parts. */
  readonly content: Buffer;
  readonly info: readonly Element[];
  readonly certificates: readonly X509Certificate[];
  /** The parts of what the signer says, in the order of RFC 5652, 5.3. */
  readonly signer: readonly Element[];
}

/** An authority that is trusted: its certificate and those above it up to a root, in any order, and when it counts. */
export interface Authority {
  readonly chain: readonly X509Certificate[];
  readonly start?: Date;
  readonly end?: Date;
}

function read(response: Buffer): Response {
  const [outer, more] = inside(response);
  const [status, token, last] = outer?.tag === tags.sequence && more === undefined ? inside(outer.body) : [];
  const granted = status?.tag === tags.sequence ? inside(status.body)[0] : undefined;
  if (granted?.tag !== tags.integer || last !== undefined) throw fault('what came is not a timestamp response');
  if (token?.tag !== tags.sequence || granted.body.toString('hex') !== '00') throw fault(`the timestamp was not granted (status ${granted.body.toString('hex').slice(0, 16)})`);
  const [type, content] = inside(token.body);
  if (type?.tag !== tags.oid || dotted(type.body) !== signedData || content?.tag !== 0xa0) throw fault('the timestamp is not signed data');
  const parts = inside(sequence(inside(content.body)[0], 'the timestamp'));
  const [version, algorithms, about] = parts;
  if (version?.tag !== tags.integer || !['01', '03', '04', '05'].includes(version.body.toString('hex'))) throw fault('the signed data is of an unknown version');
  const [infoType, holder] = inside(sequence(about, 'the content of the timestamp'));
  if (infoType?.tag !== tags.oid || dotted(infoType.body) !== tstInfo || holder?.tag !== 0xa0) throw fault('the signed data is not a timestamp');
  const [octets] = inside(holder.body);
  const [info, after] = octets?.tag === tags.octets ? inside(octets.body) : [];
  const signers = parts.at(-1)?.tag === tags.set ? inside(parts.at(-1)!.body) : [];
  if (octets === undefined || after !== undefined || signers.length !== 1) throw fault('the timestamp has to have one content and one signer');
  const signer = inside(sequence(signers[0], 'the signer of the timestamp'));
  const listed = algorithms?.tag === tags.set ? inside(algorithms.body) : [];
  if (!listed.some((one) => one.tag === tags.sequence && oidOf(one) === oidOf(signer[2]))) throw fault('the timestamp does not list the digest that its signer uses');
  const set = parts.slice(3).find(({ tag }) => tag === 0xa0);
  const raws = (set === undefined ? [] : inside(set.body)).filter(({ tag }) => tag === tags.sequence).slice(0, mostCertificates + 1);
  if (raws.length > mostCertificates) throw fault(`the timestamp comes with more than ${mostCertificates} certificates`);
  return { content: octets.body, info: inside(sequence(info, 'the content of the timestamp')), certificates: raws.map(({ raw }) => certificate(raw)), signer };
}

function sequence(element: Element | undefined, what: string): Buffer {
  if (element?.tag !== tags.sequence) throw fault(`${what} cannot be read`);
  return element.body;
}

function certificate(raw: Buffer): X509Certificate {
  try {
    return new X509Certificate(raw);
  } catch {
    throw fault('the timestamp comes with a certificate that cannot be read');
  }
}

/**
 * When an authority says that `data` existed. Throws `Fault` unless one that is given made the timestamp, over this data,
 * while all its certificates were valid.
 */
export function verifyTimestamp(response: Buffer, data: Buffer, authorities: readonly Authority[]): Date {
  const stamp = read(response);
  checkImprint(stamp, data);
  const time = timeOf(stamp);
  const attributes = attributesOf(stamp);
  const failures = new Set<string>();
  for (const { chain, start, end } of authorities) {
    if ((start !== undefined && time < start) || (end !== undefined && time > end)) {
      failures.add(`an authority counts from ${start?.toISOString() ?? 'ever'} to ${end?.toISOString() ?? 'now'}, the timestamp is of ${time.toISOString()}`);
      continue;
    }
    for (const leaf of [...chain, ...stamp.certificates]) {
      if (!isSigner(leaf, stamp) || leaf.ca || !((leaf.keyUsage as readonly string[] | undefined) ?? []).includes(timeStamping)) continue;
      const path = pathFrom(leaf, chain, stamp.certificates);
      const failure = path === undefined ? 'no path leads from its certificate to a root that was given' : expired(path, time) ?? (isSignedWith(stamp, attributes, leaf.publicKey) ? undefined : 'its signature does not match');
      const strange = failure ?? strangerAmong(stamp.certificates, chain);
      if (strange === undefined) return time;
      failures.add(strange);
    }
  }
  throw fault(`the timestamp is not one of a trusted authority${failures.size === 0 ? '' : ` (${[...failures].slice(0, 4).join('; ')})`}`);
}

function checkImprint({ info }: Response, data: Buffer): void {
  const [algorithm, hash] = inside(info[2]?.body ?? Buffer.alloc(0));
  const named = inside(algorithm?.body ?? Buffer.alloc(0))[0];
  const name = named?.tag === tags.oid ? hashes[dotted(named.body)] : undefined;
  if (name === undefined) throw fault('the timestamp is over a digest of a kind that is not allowed; SHA-256, SHA-384 and SHA-512 are');
  if (hash === undefined || !hash.body.equals(createHash(name).update(data).digest())) throw fault('the timestamp is over something else than this signature');
}

/** GeneralizedTime in UTC (RFC 3161, 2.4.2): seconds may have any number of digits behind them. */
function timeOf({ info }: Response): Date {
  const [, year, month, day, hour, minute, second, fraction] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(info[4]?.body.subarray(0, 32).toString('latin1') ?? '') ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${(fraction ?? '').slice(0, 4)}Z`);
  if (info[4]?.tag !== 0x18 || Number.isNaN(time.getTime())) throw fault('the timestamp does not say when');
  return time;
}

/** What is signed: attributes, of which one is the digest of the content. Gives them as they are signed. */
function attributesOf({ signer, content }: Response): Buffer {
  const attributes = signer[3];
  const digest = hashes[oidOf(signer[2])];
  if (attributes?.tag !== 0xa0 || digest === undefined) throw fault('the timestamp has no signed attributes, or a digest of a kind that is not allowed');
  const values = new Map<string, Buffer>();
  for (const { body } of inside(attributes.body)) {
    const [type, set] = inside(body);
    if (type?.tag !== tags.oid || set?.tag !== tags.set || values.has(dotted(type.body))) throw fault('the signed attributes of the timestamp cannot be read');
    values.set(dotted(type.body), inside(set.body)[0]?.body ?? Buffer.alloc(0));
  }
  const type = values.get(contentTypeAttribute);
  if (type === undefined || dotted(type) !== tstInfo || values.get(messageDigestAttribute)?.equals(createHash(digest).update(content).digest()) !== true) {
    throw fault('the signed attributes of the timestamp are not about its content');
  }
  // RFC 5652, 5.4: signed under the tag of a set, not under the one they travel with.
  return Buffer.concat([Buffer.from([tags.set]), attributes.raw.subarray(1)]);
}

function oidOf(algorithm: Element | undefined): string {
  const id = inside(algorithm?.body ?? Buffer.alloc(0))[0];
  return id?.tag === tags.oid ? dotted(id.body) : '';
}

/** Whether a certificate has the issuer and serial number by which the signer is named. */
function isSigner(one: X509Certificate, { signer }: Response): boolean {
  const [issuer, serial] = inside(signer[1]?.tag === tags.sequence ? signer[1].body : Buffer.alloc(0));
  const own = inside(inside(inside(one.raw)[0]!.body)[0]!.body).filter(({ tag }) => tag !== 0xa0); // without the version
  return issuer !== undefined && serial !== undefined && own[0]!.raw.equals(serial.raw) && own[2]!.raw.equals(issuer.raw);
}

function expired(path: readonly X509Certificate[], at: Date): string | undefined {
  const one = path.find(({ validFromDate, validToDate }) => !(at >= validFromDate && at <= validToDate));
  return one === undefined ? undefined : `a certificate of the authority is valid from ${one.validFrom} to ${one.validTo}, the timestamp is of ${at.toISOString()}`;
}

function isSignedWith({ signer }: Response, attributes: Buffer, key: KeyObject): boolean {
  const algorithm = algorithms[oidOf(signer[4])];
  const signature = signer[5];
  if (algorithm === undefined || algorithm.type !== key.asymmetricKeyType || signature?.tag !== tags.octets) return false;
  return verifyBytes(algorithm.hash === undefined ? hashes[oidOf(signer[2])] : algorithm.hash, attributes, key, signature.body);
}

/**
 * Certificates that come along are signed by nobody here: none may be there that has nothing to do with the authority. One
 * of another root is fine if it certifies an issuer of others, as roots do for each other.
 */
function strangerAmong(certificates: readonly X509Certificate[], chain: readonly X509Certificate[]): string | undefined {
  const belongs = (one: X509Certificate): boolean => chain.some(({ raw }) => raw.equals(one.raw)) || pathFrom(one, chain, certificates) !== undefined
    || certificates.some((other) => other !== one && other.checkIssued(one) && isSignedBy(other, one));
  return certificates.every(belongs) ? undefined : 'it comes with a certificate that is not of the authority';
}

/** From a certificate up to a root that was given; those that came along may stand between, as their issuers' signatures hold. */
function pathFrom(leaf: X509Certificate, given: readonly X509Certificate[], others: readonly X509Certificate[]): X509Certificate[] | undefined {
  const path = [leaf];
  for (let at = leaf; path.length <= mostCertificates;) {
    if (at.issuer === at.subject) return given.some(({ raw }) => raw.equals(at.raw)) && path.length > 1 ? path : undefined;
    const issuer = [...given, ...others].find((one) => one.ca && !path.includes(one) && at.checkIssued(one) && isSignedBy(at, one));
    if (issuer === undefined) return undefined;
    path.push(issuer);
    at = issuer;
  }
  return undefined;
}

function isSignedBy(one: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return one.verify(issuer.publicKey);
  } catch {
    return false; // a key of a kind that OpenSSL does not know
  }
}

/** A request for a timestamp over `data` (RFC 3161, 2.4.1), which asks for the authority's certificate to come along. */
export function timestampRequest(data: Buffer, nonce: Buffer): Buffer {
  const algorithm = der(tags.sequence, der(tags.oid, sha256Oid), der(0x05));
  return der(tags.sequence,
    der(tags.integer, Buffer.from([1])),
    der(tags.sequence, algorithm, der(tags.octets, sha256(data))),
    der(tags.integer, nonce),
    der(0x01, Buffer.from([0xff])));
}

/** Throws unless a response is a timestamp over `data`, and answers the request with this nonce where one was sent. */
export function checkResponse(response: Buffer, data: Buffer, nonce?: Buffer): void {
  const stamp = read(response);
  checkImprint(stamp, data);
  timeOf(stamp);
  const integers = stamp.info.slice(5).filter(({ tag }) => tag === tags.integer);
  if (nonce !== undefined && !integers.some(({ body }) => body.equals(nonce))) throw fault('the timestamp does not answer the request (another nonce)');
}
