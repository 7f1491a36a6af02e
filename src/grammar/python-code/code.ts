// SPDX-License-Identifier: Apache-2.0

/** A code object of CPython (Include/cpython/code.h), as far as describing it needs. All texts are attacker-controlled. */
export interface Code {
  /** Qualified name where there is one. */
  readonly name: string;
  readonly file: string;
  /** co_code: instructions. */
  readonly bytes: Uint8Array;
  /** co_names: globals, attributes and modules. */
  readonly names: readonly string[];
  /** Local variables by the index of LOAD_FAST. */
  readonly locals: readonly string[];
  /** Variables by the index of LOAD_DEREF: up to 3.10 cells and free ones, since 3.11 those behind the locals as well. */
  readonly cells: readonly string[];
  /** Text constants, those in tuples included. */
  readonly texts: readonly string[];
}

/** What a person would look for in code. */
export interface Reached {
  readonly imports: readonly string[];
  /** Dotted names that it looks up. */
  readonly references: readonly string[];
}

/** What the bytes of a `code` fact hold. */
export interface CodeFact extends Reached {
  readonly kind: 'code';
  readonly language: 'python-bytecode';
  readonly name: string;
  readonly file?: string;
  readonly texts: readonly string[];
}
