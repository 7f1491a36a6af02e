// SPDX-License-Identifier: Apache-2.0
import type { Inspected } from './artefact.ts';
import type { Finding } from './finding.ts';
import type { Severity } from './rule.ts';

export type Verdict = 'clean' | 'findings' | 'incomplete' | 'empty';

/**
 * What an artefact's origin rests on, best first. verified: a signature that was checked covers these bytes. bound: something
 * unsigned, or signed by nobody we checked, records their digest. declared: something says so. absent: nothing does.
 * contradicted: two of them disagree, which is worse than nothing.
 */
export const places = ['verified', 'bound', 'declared', 'absent', 'contradicted'] as const;
export type Place = (typeof places)[number];

export const components = ['weights', 'data', 'code', 'tokenizer', 'licence', 'base-model'] as const;
export type Component = (typeof components)[number];

/** Where one component of what was scanned stands. */
export interface ComponentProvenance {
  readonly component: Component;
  /** The worst place of any of its files. */
  readonly place: Place;
  /** Files (for a licence or base model: statements) that make up the component. */
  readonly of: number;
  /** What it rests on: each kind of evidence once, with the first document that gives it. */
  readonly evidence: readonly { readonly place: Place; readonly what: string; readonly from: string; readonly of: number }[];
}

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
  /** One row for each component that is there, in the order of `components`. */
  readonly provenance?: readonly ComponentProvenance[];
}
