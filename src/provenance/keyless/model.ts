// SPDX-License-Identifier: Apache-2.0
import type { X509Certificate } from 'node:crypto';
import { bundleType, preAuthEncoding, type Bundle } from '../bundle.ts';
import { Fault } from '../json.ts';
import type { Keyless, VerifyOptions } from '../verification.ts';
import { witnessesOf } from './form.ts';
import { checkPolicy } from './identity.ts';
import type { TrustedRoot } from './trust.ts';
import { establish, leafOf, signedEnvelope, type Established } from './witness.ts';

/** True when an identity is demanded, rather than a key or a certificate under given ones. */
export function isKeyless(trusted: VerifyOptions['key']): trusted is Keyless {
  return 'policy' in trusted;
}

/**
 * What the witnesses of a model's signature establish: who signed and when, for keyless signatures; when, for others if it
 * is asked for. Undefined when nothing of the kind is asked for. Throws `Fault` for what is demanded and not proven.
 */
export async function establishModel(bundle: Bundle, { key: trusted, witnesses }: Pick<VerifyOptions, 'key' | 'witnesses'>): Promise<Established | undefined> {
  const { material, payload, signature, verificationMaterial } = bundle;
  const signed = signedEnvelope(payload, preAuthEncoding(payload), signature);
  if (isKeyless(trusted)) {
    if (material.method === 'key') throw new Fault('material', 'the signature was made with a bare key, behind which no identity stands; verify it with --key PEM');
    if (material.method === 'certificate') throw new Fault('material', 'the signature was made with a certificate of its own authority; verify it with --certificate-chain PEM');
    const established = await establish(bundleType, verificationMaterial, signed, trusted.root, { entries: 1, times: 1 });
    checkPolicy(established.signer!, trusted.policy);
    return established;
  }
  if (witnesses === undefined || material.method === 'keyless') return undefined;
  // Whether the signature holds, and for whose key, is checked by whoever asked for the time.
  const key = material.method === 'certificate' ? leafOf(verificationMaterial).publicKey : 'type' in trusted ? trusted : undefined;
  if (key === undefined) return undefined;
  const byOthers = { ...signed, verify: () => true };
  if (!Array.isArray(witnesses)) {
    const established = await establish(bundleType, verificationMaterial, byOthers, witnesses as Exclude<typeof witnesses, readonly X509Certificate[]>, { entries: 0, times: 1 }, key);
    return established;
  }
  const { timestamps } = witnessesOf(verificationMaterial);
  if (timestamps.length === 0) throw new Fault('timestamp', 'a timestamp authority is given, but the signature comes with no timestamp');
  const { tlogEntries: _, ...withoutLog } = verificationMaterial;
  return establish(bundleType, withoutLog, byOthers, rootOf(witnesses as readonly X509Certificate[]), { entries: 0, times: 1 }, key);
}

/** A trusted root of one timestamp authority and nothing else. Its certificates say when it counts. */
function rootOf(chain: readonly X509Certificate[]): TrustedRoot {
  const json = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', tlogs: [], ctlogs: [], certificateAuthorities: [], timestampAuthorities: [] };
  return { json, logs: new Map(), timestampAuthorities: [{ chain }] };
}
