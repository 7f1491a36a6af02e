// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { clip } from '../../src/bytes/clip.ts';
import { isObject, type JsonObject } from '../../src/grammar/json.ts';

/** OID 1.3.6.1.4.1.57264.1.8 (Fulcio: issuer of the identity token), and the older .1.1, as DER. */
const issuerV2 = Buffer.from('060a2b0601040183bf300108', 'hex');
const issuerV1 = Buffer.from('060a2b0601040183bf300101', 'hex');

/** Who the bundle says signed it: a certificate's subject alternative name and token issuer, or the hint of a key. Not verified. */
export function signerOf(material: JsonObject): { identity: string; issuer: string } {
  const key = material['publicKey'];
  if (isObject(key)) return { identity: typeof key['hint'] === 'string' ? clip(`key ${key['hint']}`) : 'key', issuer: '' };
  const leaf = isObject(material['certificate']) ? material['certificate'] : firstOf(material['x509CertificateChain']);
  if (leaf === undefined || typeof leaf['rawBytes'] !== 'string') return { identity: '', issuer: '' };
  const der = Buffer.from(leaf['rawBytes'], 'base64');
  try {
    const { subjectAltName, subject } = new X509Certificate(der);
    return { identity: clip((subjectAltName ?? subject).replace(/^(?:URI|email|DNS):/, '')), issuer: clip(issuerIn(der) ?? '') };
  } catch {
    return { identity: 'unreadable certificate', issuer: '' };
  }
}

function firstOf(chain: unknown): JsonObject | undefined {
  const list = isObject(chain) ? chain['certificates'] : undefined;
  const [first] = Array.isArray(list) ? (list as unknown[]) : [];
  return isObject(first) ? first : undefined;
}

/** The extension's value: OCTET STRING holding a UTF8String (.8) or the bare text (.1). Short lengths only, as issuers are. */
function issuerIn(der: Buffer): string | undefined {
  const newer = der.indexOf(issuerV2);
  if (newer >= 0) {
    const at = newer + issuerV2.length; // 04 len 0c len text
    const length = der[at + 3];
    if (der[at] === 0x04 && der[at + 2] === 0x0c && length !== undefined && length < 0x80) return der.toString('utf8', at + 4, at + 4 + length);
  }
  const older = der.indexOf(issuerV1);
  if (older < 0) return undefined;
  const at = older + issuerV1.length;
  const length = der[at + 1];
  return der[at] === 0x04 && length !== undefined && length < 0x80 ? der.toString('utf8', at + 2, at + 2 + length) : undefined;
}
