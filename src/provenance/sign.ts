// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../model/usage-error.ts';
import { bundleType, largestPayload, payloadType, preAuthEncoding } from './bundle.ts';
import { hintOf } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { signatureBy, type Signer } from './signer.ts';
import { statementOf } from './statement.ts';

export { keySigner } from './signer.ts';

/** Signs a statement over the manifest; gives the text of the bundle, a line of JSON. */
export async function signManifest(manifest: Manifest, signer: Signer): Promise<string> {
  return signPayload(Buffer.from(statementOf(manifest), 'utf8'), signer);
}

/**
 * Signs any in-toto payload, and wraps it in the shape that OMS v1.0 gives to signatures by key or certificate. Written
 * here, not by a Sigstore library: that brings an HTTP client along, and takes longer to load than a small model to sign.
 */
export async function signPayload(payload: Buffer, signer: Signer): Promise<string> {
  if (payload.length > largestPayload) throw new UsageError(`the list of files takes ${payload.length} bytes, ${largestPayload} are allowed; sign parts of the model`);
  const sig = (await signatureBy(signer, preAuthEncoding(payload))).toString('base64');
  const material = signer.chain === undefined
    ? { publicKey: { hint: hintOf(signer.publicKey) } }
    : { x509CertificateChain: { certificates: signer.chain.map((raw) => ({ rawBytes: raw.toString('base64') })) } };
  return `${JSON.stringify({
    mediaType: bundleType,
    verificationMaterial: { ...material, tlogEntries: [] },
    dsseEnvelope: { payload: payload.toString('base64'), payloadType, signatures: [{ sig, keyid: '' }] },
  })}\n`;
}

/** Writes a signature so that a reader finds the old one or the new one, never half of one. */
export function writeSignature(path: string, text: string): void {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile() && !there.isSymbolicLink()) {
    throw new UsageError(`${path} cannot be written: it is there, and not a file`); // a rename would replace /dev/null
  }
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  let fd: number | undefined;
  try {
    fd = openSync(temporary, 'wx', 0o644);
    writeFileSync(fd, text);
    fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    renameSync(temporary, path);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    rmSync(temporary, { force: true });
    throw new UsageError(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`, { cause: error });
  }
}
