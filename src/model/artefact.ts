// SPDX-License-Identifier: Apache-2.0
import type { Fact } from './fact.ts';

/** Lower-case hex digests of an artefact's bytes. `sha256` is absent when the bytes were not read to their end. */
export interface Digests {
  readonly sha256?: string;
  /** By the other algorithms that some record of this file uses; names as in `record` facts. */
  readonly others?: Readonly<Record<string, string>>;
}

/**
 * A file, or something inside a file.
 *
 * `id` is the path relative to the scanned root, '/' separated; a member of a container follows after `!/`,
 * as in `models/ckpt.pt!/archive/data.pkl`.
 */
export interface Artefact {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Ids of the scanners that understood it, sorted and joined by '+' (a polyglot has several); 'unknown' when none did. */
  readonly format: string;
  readonly digests: Digests;
}

/**
 * How much of an artefact was looked at: `complete`; `partial` when some reader stopped early; `failed` when no reader
 * got anywhere; `unsupported` when no scanner claims such bytes (they are hashed, not understood).
 */
export type Coverage = 'complete' | 'partial' | 'failed' | 'unsupported';

/** One artefact with everything that was read in it. Plain JSON: it crosses process boundaries. */
export interface Inspected {
  readonly artefact: Artefact;
  readonly coverage: Coverage;
  readonly facts: readonly Fact[];
}

/** The file that an artefact is, or lies in: 'a/b.zip' of 'a/b.zip!/c'. */
export function fileOf(id: string): string {
  return id.split('!/', 1)[0]!;
}

/** Whether an artefact is an ONNX model, whatever else it is besides. */
export function isOnnx({ format }: Artefact): boolean {
  return format.split('+').includes('onnx');
}

/** Whether an artefact is of a format, whatever else it is besides. */
export function isFormat({ format }: Artefact, id: string): boolean {
  return format.split('+').includes(id);
}
