// SPDX-License-Identifier: Apache-2.0
// RFC 3161 timestamps: the parts of a response (RFC 3161, 2.4.2; RFC 5652, 5.1) that have to be looked at before a
// library verifies it, and the request for one.
import { X509Certificate } from 'node:crypto';
import { Fault } from '../json.ts';
import { der, dotted, elements, tags, type Element } from './der.ts';
import { sha256 } from './form.ts';
import type { TrustedRoot } from './trust.ts';

const signedData = '1.2.840.113549.1.7.2';
const tstInfo = '1.2.840.113549.1.9.16.1.4';
const sha256Oid = Buffer.from('608648016503040201', 'hex');
const timeStamping = '1.3.6.1.5.5.7.3.8';
/** Certificates in a timestamp that are looked at, and steps of a path. */
const mostCertificates = 8;

const fault = (what: string): Fault => new Fault('timestamp', what);
const inside = (bytes: Buffer): Element[] => elements(bytes, 'the timestamp', 'timestamp');

/** What a response says; nothing of it is verified. */
interface Response {
  /** DER of the time-stamp information: what the authority signed. */
  readonly info: readonly Element[];
  readonly certificates: readonly X509Certificate[];
}

function read(response: Buffer): Response {
  const [outer, more] = inside(response);
  const [status, token] = outer?.tag === tags.sequence && more === undefined ? inside(outer.body) : [];
  const granted = status === undefined ? undefined : inside(status.body)[0]?.body;
  if (granted === undefined) throw fault('what came is not a timestamp response');
  if (token === undefined || granted.length !== 1 || granted[0]! > 1) throw fault(`the timestamp was not granted (status ${granted.toString('hex')})`);
  const [type, content] = inside(token.body);
  if (type?.tag !== tags.oid || dotted(type.body) !== signedData || content?.tag !== 0xa0) throw fault('the timestamp is not signed data');
  const parts = inside(inside(content.body)[0]?.body ?? Buffer.alloc(0));
  const [infoType, holder] = inside(parts[2]?.body ?? Buffer.alloc(0));
  if (infoType?.tag !== tags.oid || dotted(infoType.body) !== tstInfo || holder?.tag !== 0xa0) throw fault('the signed data is not a timestamp');
  const octets = inside(holder.body)[0];
  const info = inside(inside(octets?.body ?? Buffer.alloc(0))[0]?.body ?? Buffer.alloc(0));
  const set = parts.slice(3).find(({ tag }) => tag === 0xa0);
  const raws = (set === undefined ? [] : inside(set.body)).filter(({ tag }) => tag === tags.sequence).slice(0, mostCertificates);
  return { info, certificates: raws.flatMap(({ raw }) => certificate(raw)) };
}

function certificate(raw: Buffer): X509Certificate[] {
  try {
    return [new X509Certificate(raw)];
  } catch {
    return []; // of no use for a path, then
  }
}

/** A trusted root of nothing but timestamp authorities: those that signed `timestamps` and lead to a given certificate. */
export function rootOfAuthorities(timestamps: readonly Buffer[], given: readonly X509Certificate[]): TrustedRoot {
  const authorities = timestamps.map((stamp, index) => {
    const { certificates } = read(stamp);
    const leaves = [...given, ...certificates].filter((one) => !one.ca && ((one.keyUsage as readonly string[] | undefined) ?? []).includes(timeStamping));
    const paths = leaves.map((leaf) => pathFrom(leaf, given, certificates)).filter((path) => path !== undefined);
    if (paths.length === 0) throw fault(`timestamp ${index}: no path leads from a timestamp authority's certificate to a given one; give its chain up to the root`);
    return paths;
  }).flat();
  const timestampAuthorities = authorities.map((path) => ({
    certChain: { certificates: path.map(({ raw }) => ({ rawBytes: raw.toString('base64') })) },
    validFor: { start: '1970-01-01T00:00:00Z' }, // the certificates say when they count
  }));
  return { json: { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities }, logs: new Map() };
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
  const { info } = read(response);
  const [algorithm, hash] = inside(info[2]?.body ?? Buffer.alloc(0));
  const named = inside(algorithm?.body ?? Buffer.alloc(0))[0];
  if (named?.tag !== tags.oid || !named.body.equals(sha256Oid) || hash === undefined || !hash.body.equals(sha256(data))) throw fault('the timestamp is over something else than was asked for');
  const integers = info.slice(5).filter(({ tag }) => tag === tags.integer);
  if (nonce !== undefined && !integers.some(({ body }) => body.equals(nonce))) throw fault('the timestamp does not answer the request (another nonce)');
}
