// SPDX-License-Identifier: Apache-2.0
import { randomBytes, sign as signBytes, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Signer } from '@sigstore/sign';
import { UsageError } from '../model/usage-error.ts';
import { largestPayload, payloadType } from './bundle.ts';
import { hashFor, hintOf, publicPem } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { statementOf } from './statement.ts';

/** Signs with a key in this process, by the hash that belongs to its curve. */
export function keySigner(key: KeyObject): Signer {
  return {
    sign: (data) => Promise.resolve({
      signature: signBytes(hashFor(key), data, key),
      key: { $case: 'publicKey', publicKey: publicPem(key), hint: hintOf(key) },
    }),
  };
}

/** Signs a statement over the manifest; gives the text of the bundle, a line of JSON. */
export async function signManifest(manifest: Manifest, signer: Signer): Promise<string> {
  return signPayload(Buffer.from(statementOf(manifest), 'utf8'), signer);
}

/** Signs any in-toto payload, and wraps it in the shape that OMS v1.0 gives to key signatures. */
export async function signPayload(payload: Buffer, signer: Signer): Promise<string> {
  if (payload.length > largestPayload) throw new UsageError(`the list of files takes ${payload.length} bytes, ${largestPayload} are allowed; sign parts of the model`);
  // Loaded here: it brings an HTTP client along, which verifying does not need.
  const [{ DSSEBundleBuilder }, { bundleToJSON }] = await Promise.all([import('@sigstore/sign'), import('@sigstore/bundle')]);
  const builder = new DSSEBundleBuilder({ signer, witnesses: [] });
  const built = bundleToJSON(await builder.create({ data: payload, type: payloadType }));
  const { mediaType, verificationMaterial, dsseEnvelope } = built;
  const sig = dsseEnvelope?.signatures[0]?.sig;
  if (dsseEnvelope === undefined || sig === undefined) throw new Error('the bundle that was built has no signature');
  // The builder repeats the hint as keyid and adds an empty list of timestamps; OMS wants neither.
  return `${JSON.stringify({
    mediaType,
    verificationMaterial: { publicKey: { hint: verificationMaterial.publicKey?.hint }, tlogEntries: [] },
    dsseEnvelope: { payload: dsseEnvelope.payload, payloadType: dsseEnvelope.payloadType, signatures: [{ sig, keyid: '' }] },
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
