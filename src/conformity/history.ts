// SPDX-License-Identifier: Apache-2.0
// Releases as a ledger tells them: plain data, so that checks need know nothing of signatures.

/** One release, or one change of prompts and configuration between releases. */
export interface Release {
  /** From 1. */
  readonly sequence: number;
  readonly name: string;
  readonly version: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** What was recorded: a release, or a change on the way. */
  readonly event: 'release' | 'change' | 'evaluation' | 'disposal';
  /** SHA-256 of the subject as conformity reports it. */
  readonly subject: string;
  /** SHA-256 of every file of the subject. */
  readonly files: Readonly<Record<string, string>>;
  /** AI-BOMs by path and SHA-256. */
  readonly boms: Readonly<Record<string, string>>;
  /** Evaluations: path and SHA-256. */
  readonly evaluations: Readonly<Record<string, string>>;
  readonly verdict: 'clean' | 'findings' | 'incomplete' | 'empty';
  /** Findings by severity. */
  readonly findings: Readonly<Record<string, number>>;
  /** Fingerprints of findings at high or above, at most 500. */
  readonly open: readonly string[];
  readonly tool: string;
  readonly ruleset: string;
  /** Who recorded it, and why. */
  readonly by: string;
  readonly note: string;
}

export interface History {
  readonly path: string;
  readonly sha256: string;
  /** `chain-only`: the chain holds, and no key was given to check the signatures with. */
  readonly state: 'verified' | 'chain-only' | 'broken';
  /** Where it breaks and how; empty when it holds. */
  readonly faults: readonly string[];
  /** SHA-256 of the last line: whoever keeps it can tell a shortened ledger. */
  readonly head: string;
  /** Entries up to the first that does not hold. */
  readonly releases: readonly Release[];
  readonly signers: readonly string[];
}

/** Paths whose digest differs between two states of the files, those only in one included. */
export function changedFiles(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): { readonly added: string[]; readonly removed: string[]; readonly changed: string[] } {
  const [old, fresh] = [new Map(Object.entries(before)), new Map(Object.entries(now))];
  return {
    added: [...fresh.keys()].filter((path) => !old.has(path)).sort(),
    removed: [...old.keys()].filter((path) => !fresh.has(path)).sort(),
    changed: [...fresh.keys()].filter((path) => old.has(path) && old.get(path) !== fresh.get(path)).sort(),
  };
}
