// SPDX-License-Identifier: Apache-2.0
import type { Artefact, Inspected } from './artefact.ts';
import type { FactKind, FactOf } from './fact.ts';
import type { Span } from './span.ts';

export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
/** critical: loading hands over control. high: strong evidence of tampering, or code could hide here. medium: needs a person. low: hygiene. */
export type Severity = (typeof severities)[number];

/** Whether a severity reaches a threshold; nothing reaches 'never'. */
export function atLeastSeverity(severity: Severity, threshold: Severity | 'never'): boolean {
  return threshold !== 'never' && severities.indexOf(severity) <= severities.indexOf(threshold);
}

export const confidences = ['high', 'medium', 'low'] as const;
/** How sure the rule is that what it says is so. Never mixed with severity. */
export type Confidence = (typeof confidences)[number];

/** What a rule has to say about an artefact. Severity and confidence come from the rule unless the hit grades itself. */
export interface Hit {
  /** One sentence: thing, found, relation, allowed. */
  readonly message: string;
  readonly at?: Span;
  /** Short lines that let a person check the message. */
  readonly evidence?: readonly string[];
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  /** What makes this hit the same one in the next release although bytes moved; the message when absent. */
  readonly key?: string;
  /** Only for rules over the collection: the artefact concerned; the root ('') when absent. */
  readonly artefact?: string;
}

/** One artefact as a rule sees it. */
export interface Subject<K extends FactKind = FactKind> {
  readonly artefact: Artefact;
  readonly coverage: Inspected['coverage'];
  /** Facts of the kinds the rule reads, in the order they were said. */
  readonly facts: readonly FactOf<K>[];
}

/** Everything that was inspected, sorted by id. */
export interface Collection {
  /** Base name of the scanned root. */
  readonly root: string;
  readonly all: readonly Inspected[];
  /** The artefact with that id, or undefined. */
  find(id: string): Inspected | undefined;
  /** Ids of root files and members, for names in the same folder. */
  has(id: string): boolean;
}

interface RuleText {
  /** File name, docs anchor, SARIF rule id. */
  readonly id: string;
  readonly title: string;
  /** Why it matters, for a reader who does not know the format. */
  readonly why: string;
  /** What to do next. */
  readonly fix: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** CWE, CVE/GHSA, paper, spec section. */
  readonly references: readonly string[];
  /** Provisions of ETSI EN 304 223, like '5.2.3-1'. */
  readonly provisions: readonly string[];
  /** Two paths under fixtures/: a file or folder that raises it, and a near miss that must not. */
  readonly example: readonly [raises: string, clean: string];
}

/** A rule over one artefact at a time. Asked only when the artefact has facts of a kind in `reads`; `file` is its root file and all that is nested in it. */
export interface ArtefactRule<K extends FactKind = FactKind> extends RuleText {
  readonly over: 'artefact';
  readonly reads: readonly K[];
  check(subject: Subject<K>, file: Collection): Iterable<Hit>;
}

/** A rule over everything that was scanned together: what is missing, dangling, or in conflict between files. */
export interface CollectionRule<K extends FactKind = FactKind> extends RuleText {
  readonly over: 'collection';
  /** All kinds of facts that `check` looks at: others may have been left behind where the file was inspected. */
  readonly reads: readonly K[];
  check(among: Collection): Iterable<Hit>;
}

export type Rule = ArtefactRule | CollectionRule;

/** Defines a rule over single artefacts; the compiler holds `check` to the kinds in `reads`. */
export function rule<const K extends FactKind>(definition: Omit<ArtefactRule<K>, 'over'>): Rule {
  return { over: 'artefact', ...shaped(definition) } as unknown as Rule; // K only narrows what check() is given
}

/** Defines a rule over the whole collection. */
export function collectionRule<const K extends FactKind>(definition: Omit<CollectionRule<K>, 'over'>): Rule {
  return { over: 'collection', ...shaped(definition) } as unknown as Rule;
}

/** All rules have the same properties in the same order, as scanners do, and for the same reason. */
function shaped(rule: RuleText & { readonly reads: unknown; readonly check: unknown }): object {
  const { id, title, why, fix, severity, confidence, references, provisions, example, reads, check } = rule;
  return { id, title, why, fix, severity, confidence, references, provisions, example, reads, check };
}
