// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { Fault } from '../json.ts';
import { sha256 } from './form.ts';
import { ask, refusal, ServiceError, type Service } from './http.ts';
import { checkResponse, timestampRequest } from './timestamp.ts';

/**
 * Has a signature timestamped. Asks as RFC 3161 says, which every authority understands, then in Sigstore's own JSON, for
 * those that only know that. Gives the DER of the response. Throws `ServiceError`.
 */
export async function timestampOf(service: Service, signature: Buffer): Promise<Buffer> {
  // A bare origin is one of Sigstore's, whose address ends like this.
  const path = new URL(service.url).pathname === '/' ? '/api/v1/timestamp' : '';
  const nonce = Buffer.concat([Buffer.from([0x40]), randomBytes(15)]); // positive, and no leading zeros
  const first = await ask(service, { path, headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' }, body: timestampRequest(signature, nonce) });
  if (first.status === 200 || first.status === 201) return checked(service, first.body, signature, nonce);
  const body = JSON.stringify({ artifactHash: sha256(signature).toString('base64'), hashAlgorithm: 'sha256', certificates: true, nonce: nonce.readUIntBE(1, 6) });
  const second = await ask(service, { path, headers: { 'content-type': 'application/json', accept: 'application/timestamp-reply' }, body });
  if (second.status !== 200 && second.status !== 201) throw refusal(service, second, path);
  return checked(service, second.body, signature);
}

function checked(service: Service, response: Buffer, signature: Buffer, nonce?: Buffer): Buffer {
  try {
    checkResponse(response, signature, nonce);
  } catch (error) {
    if (error instanceof Fault) throw new ServiceError(`${service.name} answered with something else than a timestamp: ${error.message}`, { cause: error });
    throw error;
  }
  return response;
}

/** Adds a timestamp to the text of a bundle. */
export async function withTimestamp(bundle: string, service: Service): Promise<string> {
  const read = JSON.parse(bundle) as { verificationMaterial: object; dsseEnvelope: { signatures: readonly { sig: string }[] } };
  const stamp = await timestampOf(service, Buffer.from(read.dsseEnvelope.signatures[0]!.sig, 'base64'));
  const timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp: stamp.toString('base64') }] };
  return `${JSON.stringify({ ...read, verificationMaterial: { ...read.verificationMaterial, timestampVerificationData } })}\n`;
}
