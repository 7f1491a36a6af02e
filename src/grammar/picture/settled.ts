// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../bytes/errors.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Span } from '../../model/span.ts';

interface Broken {
  readonly kind: 'malformed';
  readonly code: string;
  readonly what: string;
}

interface Region {
  readonly kind: 'region';
  readonly name: string;
  readonly at: Span;
}

/**
 * Reads a picture from its beginning to where `reached` says, and lets a damaged one count as read. A picture that is cut short is
 * cut short for every program: what is left of it belongs to it. Where a part begins wrongly reading ends, and what follows stays
 * without an owner, so that it is looked at for what it is.
 */
export async function* settled<F>(parts: AsyncIterable<F>, source: ByteSource, reached: () => number, name: string): AsyncGenerator<F | Broken | Region> {
  let end: number | undefined;
  try {
    yield* parts;
  } catch (error) {
    if (!(error instanceof Malformed) || error.at === undefined || error.at <= 8) throw error; // not even its beginning is right
    yield { kind: 'malformed', code: error.code, what: error.message };
    end = error.code.endsWith('/truncated') ? source.size : error.at;
  }
  yield { kind: 'region', name, at: [0, Math.min(source.size, end ?? reached())] };
}
