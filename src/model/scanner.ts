// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../bytes/source.ts';
import type { FactKind, FactOf } from './fact.ts';
import type { Span } from './span.ts';

/** What recognition may look at: the ends of the bytes and the last part of the name. All of it attacker-controlled. */
export interface Sample {
  /** File name without folders. */
  readonly name: string;
  /** Bytes in all. */
  readonly size: number;
  /** The first 64 KiB at most. */
  readonly head: Uint8Array;
  /** The last 66 KiB at most (room for a zip's end-of-central-directory record with its longest comment). */
  readonly tail: Uint8Array;
  /** Name of a file beside this one that may say what its numbers are, for formats of two files. Nobody has read it yet. */
  readonly beside?: string;
}

/**
 * `yes`: the content says so. `maybe`: worth a try; when it then turns out malformed before it said anything, the guess
 * is dropped in silence. `no`: not this format.
 */
export type Recognition = 'no' | 'maybe' | 'yes';

/** Something inside the artefact that is to be inspected like a file of its own, now, before the generator goes on. */
export interface Child {
  readonly kind: 'child';
  /** Name inside the container, as written there. */
  readonly name: string;
  readonly source: ByteSource;
  /** Where its stored (packed) bytes lie in the container, when they lie in one piece. */
  readonly at?: Span;
}

/** A value in a row. Pictures and other blobs are bytes; a nested column is a list or a record. */
export type Cell = null | boolean | number | bigint | string | Uint8Array | readonly Cell[] | { readonly [field: string]: Cell };

/** Consecutive rows of a table. `first` counts from 0 within the artefact; a row has one cell for each column. */
export interface RowBatch {
  readonly columns: readonly string[];
  readonly first: number;
  readonly rows: readonly (readonly Cell[])[];
  /** Where rows were left out: the number of each row here, which `first` then is not enough for. */
  readonly numbers?: readonly number[];
  /** Where rows have names of their own (members of a container): one for each. */
  readonly names?: readonly string[];
}

/** Which rows are wanted, so that a reader need not parse the others. The same answer for the same number. */
export type Wanted = (row: number) => boolean;

/**
 * Reads one format and says what is there; never what it thinks of it.
 *
 * A scanner throws `Malformed` when the bytes cannot be read further, and lets errors of the source pass: the driver
 * turns each into a fact, and keeps what was said before. A scanner must not catch them, buffer without bound, or
 * import another scanner.
 */
export interface Scanner<K extends FactKind = FactKind> {
  /** Folder name; also the format's name in reports. */
  readonly id: string;
  /** One line for `assay formats`. */
  readonly title: string;
  /** Usual file name endings, with the dot. For people and for `extension-mismatch`; recognition goes by content. */
  readonly extensions: readonly string[];
  /** Formats this one is a use of: a torch checkpoint is a `zip`. They are not named beside it, and make no polyglot. */
  readonly basis?: readonly string[];
  /** Runs only where no other scanner claims the artefact. */
  readonly fallback?: boolean;
  /** Looks at parts of a large file and never reads it from end to end: it can be hashed on another thread meanwhile. */
  readonly parts?: boolean;
  /** It is nothing but one file in another coat: what is inside is told even where nothing understands it. */
  readonly wraps?: boolean;
  /** What could hide in a part that was not read. */
  readonly holds: 'code' | 'weights' | 'data' | 'anything';
  /** Kinds of fact it can say; the compiler holds `inspect` to it. */
  readonly says: readonly K[];
  /** Never throws, never reads further than the sample. */
  recognise(sample: Sample): Recognition;
  inspect(source: ByteSource, sample: Sample): AsyncIterable<FactOf<NoInfer<K>> | Child>;
  /**
   * The rows of a table in batches of some thousand at most, for the studies that look at a data set as a whole. Same rules as
   * `inspect`: bounded, and what is too long is cut or left out and said so by `inspect`. Rows that are not `wanted` may be
   * left out, and are better not parsed.
   */
  readonly rows?: ((source: ByteSource, sample: Sample, wanted: Wanted) => AsyncIterable<RowBatch>) | undefined;
}

/**
 * Checks a scanner against its own `says`, and forgets the exact kinds. All scanners have the same properties in the same
 * order: each of thousands of small files asks every one, and an engine finds its way fastest in objects of one shape.
 */
export function scanner<const K extends FactKind>(definition: Scanner<K>): Scanner {
  const plain: Scanner = definition;
  // oxlint-disable-next-line typescript/unbound-method -- scanners are plain records: none has a `this`
  const { id, title, extensions, basis = [], fallback = false, parts = false, wraps = false, holds, says, recognise, inspect, rows } = plain;
  return { id, title, extensions, basis, fallback, parts, wraps, holds, says, recognise, inspect, rows };
}
