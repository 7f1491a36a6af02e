// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../model/report.ts';
import type { Rule, Severity } from '../model/rule.ts';
import type { Asset } from './asset.ts';
import type { Declaration } from './declaration.ts';
import type { History } from './history.ts';
import type { Role } from './profile.ts';

/** What the scanned folder is, as its owner says: decides which provisions concern it. `unknown` is judged as a release. */
export const rootKinds = ['release', 'deploy', 'training', 'data', 'development', 'unknown'] as const;
export type RootKind = (typeof rootKinds)[number];

/** Something that a BOM lists. */
export interface BomItem {
  readonly name: string;
  readonly type: string;
  readonly isFile: boolean;
  readonly external: boolean;
  readonly version?: string;
  readonly purl?: string;
  /** Digests by the algorithm's name in CycloneDX, lower-case hex. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** A BOM that lies under the root or was named. */
export interface BomFile {
  readonly path: string;
  readonly sha256?: string;
  readonly format: string;
  readonly items: readonly BomItem[];
  /** Ids of vulnerabilities or findings with the state and the words that go with them. */
  readonly statements: readonly Advisory[];
  /** Types of references to documents outside ('security-contact', 'threat-model'), with their addresses. */
  readonly references: readonly { readonly type: string; readonly url: string }[];
  /** Errors that the schema and the lint have against it. */
  readonly problems: number;
  /** Lifecycle phases it states. */
  readonly phases: readonly string[];
  /** Flat text of the model cards in it: what documentation checks may read beside README files. */
  readonly card: string;
}

/** A statement about one finding, for those downstream: VEX, or an advisory. */
export interface Advisory {
  readonly path: string;
  readonly id: string;
  readonly state: string;
  readonly description: string;
  readonly impact: string;
  readonly action: string;
}

/** A signature over the root. */
export interface SignatureFile {
  readonly path: string;
  readonly sha256?: string;
  /** `unchecked` when no key was given, or the form of signature is not verified here. */
  readonly state: 'verified' | 'refused' | 'unchecked';
  /** The one file that it is for; absent when it is for the root as a whole. */
  readonly of?: string;
  /** Who signed: the key's hint, the subject of a certificate, or an identity. */
  readonly signer: string;
  readonly problems: readonly string[];
  /** Names and SHA-256 digests that it lists; believed only where it is verified. */
  readonly files: ReadonlyMap<string, string>;
  /** Files that lie under the root and that it does not list. */
  readonly outside: readonly string[];
}

/** Everything that the checks look at. Made once; checks only read it. */
export interface Basis {
  readonly report: Report;
  readonly rules: readonly Rule[];
  /** Files under the root, by path; records that are no part of the subject included. */
  readonly assets: readonly Asset[];
  /** Why the scan does not cover everything; empty when it does. */
  readonly incomplete: readonly string[];
  /** Texts of files that documentation and records are read from; undefined where only a report was given. */
  readonly texts: ReadonlyMap<string, string> | undefined;
  /** Whether the report has facts in it. */
  readonly hasFacts: boolean;
  /** Whether every rule of this version was asked; false for a report made with others. */
  readonly allRules: boolean;
  readonly boms: readonly BomFile[];
  readonly advisories: readonly Advisory[];
  readonly signatures: readonly SignatureFile[];
  /** Hints of keys, or identities, whose signature counts; empty: whoever holds the key that was given. */
  readonly signers: readonly string[];
  readonly history?: History;
  readonly declaration?: Declaration;
  readonly subject: Subject;
  readonly roles: readonly Role[];
  readonly kind: RootKind;
  /** False for a system that will never be deployed, which the standard leaves out. */
  readonly deployed: boolean;
  /** YYYY-MM-DD by which dates are judged, and where it is from. */
  readonly asOf: string;
  readonly asOfFrom: 'SOURCE_DATE_EPOCH' | '--at' | 'the clock';
}

/** What the evidence is about. */
export interface Subject {
  readonly name: string;
  readonly version?: string;
  /**
   * SHA-256 of the lines that `sha256sum` prints for all files of the subject in the order of their bytes, paths relative to
   * the root; undefined when a file could not be hashed.
   */
  readonly digest?: string;
  readonly files: number;
  readonly bytes: number;
  /** Files under the root that are left out of the digest, since they are statements about it. */
  readonly excluded: readonly string[];
}

/** Something that a check found missing or wrong. */
export interface Gap {
  /** One sentence: thing, found, relation, allowed. */
  readonly message: string;
  /** Path under the root; '' for the whole. */
  readonly artefact: string;
  readonly severity?: Severity;
  /** What makes it the same gap in the next release; the message when absent. */
  readonly key?: string;
  /** True where something was not found, which may be elsewhere; false for something that is there and wrong. */
  readonly absent?: boolean;
  /** Fingerprint of the scan's finding that it is, where it is one. */
  readonly finding?: string;
}

/** How a check came out. `evidence` are paths of files that show it. */
export type Outcome =
  | { readonly outcome: 'held'; readonly what: string; readonly evidence: readonly string[] }
  | { readonly outcome: 'failed'; readonly gaps: readonly Gap[]; readonly evidence: readonly string[] }
  | { readonly outcome: 'not-applicable' | 'not-assessed'; readonly what: string };

/** One check. `planned`: known, and not written; it is shown as not assessed. */
export interface Check {
  readonly id: string;
  readonly title: string;
  /** Of a gap that does not grade itself. */
  readonly severity: Severity;
  /** What to do about a gap. */
  readonly fix: string;
  /** Rules of the scan that stand behind it. */
  readonly rules?: readonly string[];
  readonly run?: (basis: Basis) => Outcome;
  readonly planned?: string;
}

export const held = (what: string, evidence: readonly string[]): Outcome => ({ outcome: 'held', what, evidence });
export const notApplicable = (what: string): Outcome => ({ outcome: 'not-applicable', what });
export const notAssessed = (what: string): Outcome => ({ outcome: 'not-assessed', what });
/** Failed when there is a gap, held otherwise. */
export function judged(gaps: readonly Gap[], what: string, evidence: readonly string[]): Outcome {
  return gaps.length > 0 ? { outcome: 'failed', gaps, evidence } : held(what, evidence);
}
export function failed(message: string, artefact = '', more: Partial<Gap> = {}): Outcome {
  return { outcome: 'failed', gaps: [{ message, artefact, ...more }], evidence: [] };
}

/** For checks that read files: what they say when there is only a report. */
export const noTexts = notAssessed('only a report was given; the files themselves were not at hand');
