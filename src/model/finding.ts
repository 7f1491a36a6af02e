// SPDX-License-Identifier: Apache-2.0
import type { Confidence, Severity } from './rule.ts';
import type { Span } from './span.ts';

/** A rule's hit, complete enough to be printed, compared with the last release, and put into a BOM. */
export interface Finding {
  /** Rule id. */
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Artefact id; '' for the scanned root as a whole. */
  readonly artefact: string;
  readonly message: string;
  readonly at?: Span;
  /** 32 hex digits; equal in the next release when rule, artefact and substance are. */
  readonly fingerprint: string;
  readonly evidence: readonly string[];
  readonly provisions: readonly string[];
  readonly references: readonly string[];
  /** Set when a baseline names this fingerprint: why it was accepted. */
  readonly suppressed?: string;
}
