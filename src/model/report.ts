// SPDX-License-Identifier: Apache-2.0
import type { Inspected } from './artefact.ts';
import type { Finding } from './finding.ts';
import type { Severity } from './rule.ts';

export type Verdict = 'clean' | 'findings' | 'incomplete' | 'empty';

/** The result of a scan: what every document (JSON, SARIF, HTML, BOM, signature) is a projection of. */
export interface Report {
  readonly tool: { readonly name: 'assay'; readonly version: string; readonly ruleset: string };
  /** Base name of what was scanned, never an absolute path. */
  readonly root: string;
  /** Which part of the files was scanned, 'I/N'; absent when all were. */
  readonly shard?: string;
  /** Severity from which findings fail the scan; 'never' when none does. */
  readonly failOn: Severity | 'never';
  readonly summary: {
    readonly verdict: Verdict;
    /** Artefacts, nested ones included. */
    readonly artefacts: number;
    /** Files under the root. */
    readonly files: number;
    /** Bytes of the files under the root. */
    readonly bytes: number;
    /** Artefacts with coverage `partial` or `failed`. */
    readonly incomplete: number;
    /** Artefacts with coverage `unsupported`. */
    readonly unsupported: number;
    /** Entries that the caller asked to leave out. */
    readonly excluded: number;
    readonly findings: Readonly<Record<Severity, number>>;
  };
  /** Sorted by id. */
  readonly inspected: readonly Inspected[];
  /** Sorted by artefact, rule, position. */
  readonly findings: readonly Finding[];
}
