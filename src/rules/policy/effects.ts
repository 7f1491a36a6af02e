// SPDX-License-Identifier: Apache-2.0

/**
 * What calling something does. In the order of how much it matters: `runs-code` evaluates text, bytes or a callable;
 * `loads-code` imports or deserialises what can hold code; `starts-process`; `builds-code` makes a function or a class
 * without running it; `network`, `file`, `environment`; `indirection` reaches another callable or attribute by name or
 * value; `decodes` turns a literal into another one; `suspect` is unlisted, but named or used like something above;
 * `unreviewed` belongs to the standard library, and no model was seen to need it; `unknown` is a function nobody listed;
 * `foreign-class` a class nobody listed; `inert` only constructs a value.
 */
export const effects = [
  'runs-code', 'starts-process', 'loads-code', 'network', 'file', 'environment', 'indirection', 'suspect', 'unreviewed',
  'builds-code', 'decodes', 'unknown', 'foreign-class', 'inert',
] as const;
export type Effect = (typeof effects)[number];

/** A group of policy entries with one effect and one reason. Entries are dotted paths separated by white space. */
export interface Group {
  readonly effect: Effect;
  /** Why: completes "it …" in a message. */
  readonly reason: string;
  /** Modules or names, each with everything below it. */
  readonly trees?: string;
  /** Exactly these names. */
  readonly names?: string;
  /** Any class (CapWords) in these modules or below them; a function in the same module is not meant. */
  readonly classes?: string;
}

/** Negative when `a` matters more than `b`. */
export function byWeight(a: Effect, b: Effect): number {
  return effects.indexOf(a) - effects.indexOf(b);
}

/** Hands over control to whoever wrote the file. */
export function executes(effect: Effect): boolean {
  return effect === 'runs-code' || effect === 'starts-process' || effect === 'loads-code';
}

/** Reaches beyond the process's own memory. */
export function touches(effect: Effect): boolean {
  return effect === 'network' || effect === 'file' || effect === 'environment';
}
