// SPDX-License-Identifier: Apache-2.0
// The result: provision by provision, what was evidenced, what was attested, what is missing, what nobody looked at.
import type { Severity } from '../model/rule.ts';
import type { CheckedDeclaration } from './statements.ts';
import type { Subject, RootKind } from './basis.ts';
import type { Component } from './components.ts';
import type { EvidenceClass, Party, Role } from './profile.ts';

export const statuses = ['evidenced', 'attested', 'gap', 'contradicted', 'needs-attestation', 'not-assessed', 'not-applicable'] as const;
export type Status = (typeof statuses)[number];

/** What each status means, for legends. */
export const meanings: Readonly<Record<Status, string>> = {
  evidenced: 'every check behind it ran on a complete scan and passed',
  attested: 'a person states it, the statement is in date, the documents cited have the digests stated, and no check says otherwise',
  gap: 'a check failed, or a person says that it is not met',
  contradicted: 'a person says that it is met or does not apply, and a check says otherwise',
  'needs-attestation': 'nothing speaks against it; a person has to say how it is met',
  'not-assessed': 'a check could not be run, or the scan is incomplete',
  'not-applicable': 'it does not concern the subject, for the reason given',
};

/** A file that shows something, with its digest. */
export interface EvidenceFile {
  readonly path: string;
  /** Absent where the file could not be read to its end; such a file evidences nothing. */
  readonly sha256?: string;
}

/** A gap, as it is listed. */
export interface ConformityFinding {
  /** 32 hex digits; equal in the next run when check, place and substance are. That of the scan where it is one of its findings. */
  readonly fingerprint: string;
  /** Check, or 'RULES' for rules of the scan that name the provision, or 'STATEMENT' for what a person says. */
  readonly check: string;
  readonly severity: Severity;
  /** Path under the root; '' for the whole. */
  readonly artefact: string;
  readonly message: string;
  readonly fix: string;
  /** Ids of the provisions that it is held against. */
  readonly provisions: readonly string[];
  /** The scan's rule, where it is one of its findings. */
  readonly rule?: string;
  /** An exception that covers it: it stays a gap. */
  readonly accepted?: string;
}

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly outcome: 'held' | 'failed' | 'not-applicable' | 'not-assessed';
  readonly what: string;
  readonly rules: readonly string[];
  /** Fingerprints. */
  readonly findings: readonly string[];
  /** Files behind it, the first hundred; `files` counts all. */
  readonly evidence: readonly EvidenceFile[];
  readonly files: number;
}

export interface ProvisionResult {
  readonly id: string;
  readonly number: string;
  readonly uk: string;
  readonly principle: number;
  readonly verbs: readonly string[];
  readonly force: 'shall' | 'should';
  readonly phase: string;
  readonly addressees: readonly Party[];
  readonly summary: string;
  readonly evidenceClass: EvidenceClass;
  readonly status: Status;
  /** Why it has this status, in a sentence. */
  readonly reason: string;
  readonly checks: readonly CheckResult[];
  readonly evidence: readonly EvidenceFile[];
  /** Fingerprints. */
  readonly findings: readonly string[];
  readonly attestation?: {
    readonly state: string;
    readonly statement: string;
    readonly by: string;
    readonly date: string;
    readonly expires?: string;
    readonly counts: boolean;
    readonly faults: readonly string[];
    readonly documents: readonly { readonly path: string; readonly sha256: string; readonly title?: string }[];
  };
  /** What a person still has to show; '' when nothing. */
  readonly open: string;
}

export interface Conformity {
  readonly schemaVersion: 1;
  readonly disclaimer: string;
  readonly standard: { readonly id: string; readonly name: string; readonly version: string; readonly profileVersion: string; readonly shownAs: string };
  readonly tool: { readonly name: 'assay'; readonly version: string; readonly ruleset: string };
  readonly subject: Subject;
  readonly root: string;
  readonly roles: readonly Role[];
  readonly kind: RootKind;
  readonly deployed: boolean;
  readonly asOf: { readonly date: string; readonly from: string };
  readonly scan: { readonly complete: boolean; readonly why: readonly string[]; readonly verdict: string; readonly files: number; readonly bytes: number; readonly rules: number };
  readonly signatures: readonly { readonly path: string; readonly state: string; readonly signer: string; readonly sha256?: string }[];
  readonly boms: readonly { readonly path: string; readonly sha256?: string; readonly items: number; readonly problems: number }[];
  readonly ledger?: { readonly path: string; readonly state: string; readonly entries: number; readonly head: string; readonly faults: readonly string[] };
  readonly declaration?: { readonly path: string; readonly sha256: string; readonly signature: string; readonly detail: string; readonly faults: readonly string[] };
  /** Provisions by force and status; there is no percentage. */
  readonly counts: Readonly<Record<'shall' | 'should', Readonly<Record<Status, number>>>>;
  readonly provisions: readonly ProvisionResult[];
  readonly findings: readonly ConformityFinding[];
  readonly components: readonly Component[];
  readonly exceptions: readonly { readonly component: string; readonly lacks: readonly string[]; readonly justification: string; readonly mitigations: readonly string[]; readonly owner: string; readonly expires: string; readonly faults: readonly string[] }[];
  readonly changes?: { readonly since: string; readonly added: readonly string[]; readonly removed: readonly string[]; readonly changed: readonly string[] };
  /** Files of the subject with their digests, for those who check without assay. */
  readonly files: readonly EvidenceFile[];
  /** Excerpts of the documentation for those who use the system: limits, failure modes, prohibited uses. */
  readonly forUsers: readonly { readonly topic: string; readonly path: string; readonly text: string }[];
  /** Techniques of the threat lists that the rules looked for, and whether any was found: an overlay, never a verdict. */
  readonly threats: readonly { readonly id: string; readonly list: string; readonly rules: number; readonly findings: number }[];
}

export type { CheckedDeclaration };
