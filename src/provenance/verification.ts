// SPDX-License-Identifier: Apache-2.0
import type { KeyObject, X509Certificate } from 'node:crypto';
import type { DigestCache } from './digest-cache.ts';
import type { FaultKind } from './json.ts';
import type { Policy } from './keyless/identity.ts';
import type { TrustedRoot } from './keyless/trust.ts';
import type { Established } from './keyless/witness.ts';
import type { KeySet } from './keys.ts';
import type { RefusalKind } from './refused.ts';
import type { Statement } from './statement.ts';

/** Why a model is not verified. `name` is relative to the model; absent when it concerns the signature or the whole. */
export interface Problem {
  readonly kind: FaultKind | RefusalKind | 'root-digest' | 'extra';
  readonly name?: string;
  /** One sentence. */
  readonly detail: string;
}

/** Something a person should know about a signature that holds. */
export interface Note {
  readonly kind: 'legacy' | 'newer' | 'symlinks-allowed' | 'witnesses' | 'ignored' | 'unsigned' | 'uncovered' | 'partial' | 'out-of-date' | 'attested' | 'cached';
  readonly name?: string;
  readonly detail: string;
}

/** The result of verifying. Verified means: no problem at all. */
export interface Verification {
  readonly verified: boolean;
  /** Sorted by kind of check, then name. */
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** SHA-256 of the signed list of digests, lower-case hex; absent when the signature itself does not hold. */
  readonly rootDigest?: string;
  /** What was signed; absent when the signature does not hold. */
  readonly statement?: Statement;
  /** Files the signature lists; absent when it does not hold. */
  readonly files?: number;
  /** Of these, the ones that were looked at; absent when that was all of them. */
  readonly checked?: number;
  /** Who signed, when, and which logs hold it, as far as that was asked for and proven. */
  readonly established?: Established;
}

/** Trust in whom a certificate authority of a trusted root vouches for. */
export interface Keyless {
  readonly policy: Policy;
  readonly root: TrustedRoot;
}

export interface VerifyOptions {
  /** The public key that is trusted, or the certificates, or the identity. A key that comes with the signature never is. */
  readonly key: KeyObject | readonly X509Certificate[] | Keyless;
  /** Who may witness the time of a signature by key or certificate, which is then demanded: logs and authorities, or authorities by certificate. */
  readonly witnesses?: TrustedRoot | readonly X509Certificate[];
  /** When the certificates have to be valid; absent: now. */
  readonly at?: Date;
  /** Keys that may have signed; absent: those of OMS v1.0. */
  readonly keys?: KeySet;
  /** Path of the signature. */
  readonly signature: string;
  /** Its name, when it lies in the model. */
  readonly signatureName?: string | undefined;
  /** Names relative to the model that may be there unsigned, beside those the signature records. */
  readonly ignore?: readonly string[];
  /** Files that are not listed are noted, not held against the model. */
  readonly ignoreUnsigned?: boolean;
  /** Digests that are known already. */
  readonly cache?: DigestCache | undefined;
  /** Names relative to the model, each for itself and all below it: nothing else is looked at. Absent: everything. */
  readonly only?: readonly string[];
}
