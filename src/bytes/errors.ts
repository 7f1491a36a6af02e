// SPDX-License-Identifier: Apache-2.0

/**
 * The bytes break their format. `code` is stable and kebab-case behind the format's name ('zip/no-directory');
 * the message says thing, found, relation, allowed. `at` is the byte where reading stopped, when known.
 */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly code: string;
  readonly at: number | undefined;
  constructor(code: string, what: string, at?: number) {
    super(what);
    this.code = code;
    this.at = at;
  }
}

/** A limit of src/bytes/limits.ts stands in the way. What was said before it stands; the rest becomes a gap. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';
  readonly limit: string;
  constructor(limit: string, what: string) {
    super(what);
    this.limit = limit;
  }
}

/** The bytes ask for something no reader here has: a compression method, a format version. Becomes a gap. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
  readonly why: 'unsupported' | 'encrypted';
  constructor(what: string, why: 'unsupported' | 'encrypted' = 'unsupported') {
    super(what);
    this.why = why;
  }
}

/** The file is not what it was when it was opened. */
export class Changed extends Error {
  override readonly name = 'Changed';
}

/** A file that was longer when it was opened. */
export function shrunk(size: number, end: number): Changed {
  return new Changed(`it ended at byte ${end} although it had ${size} bytes when it was opened`);
}
