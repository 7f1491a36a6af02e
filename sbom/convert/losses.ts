// SPDX-License-Identifier: Apache-2.0
import { pointerOf, type Place } from '../schema/pointer.ts';

/** Something that the other format or version has no member for. */
export interface Loss {
  /** Member, with the kind of object it stood in: 'component.isExternal'. */
  readonly what: string;
  /** `kept`: it stands in a property instead, and comes back on the way back · `lost`: gone. */
  readonly how: 'kept' | 'lost';
  readonly count: number;
  /** JSON pointer to the first, in the document that was converted. */
  readonly first: string;
}

/** Counts losses of each kind: a document can have the same one a million times. */
export class Losses {
  readonly #all = new Map<string, { what: string; how: 'kept' | 'lost'; count: number; first: string }>();

  add(what: string, how: 'kept' | 'lost', place: Place | undefined): void {
    const key = `${how} ${what}`;
    const known = this.#all.get(key);
    if (known === undefined) this.#all.set(key, { what, how, count: 1, first: pointerOf(place) });
    else known.count += 1;
  }

  list(): Loss[] {
    return [...this.#all.values()].sort((a, b) => (a.how < b.how ? 1 : a.how > b.how ? -1 : a.what < b.what ? -1 : 1));
  }
}

/** Name of the property that keeps a member. */
export const keeper = 'assay:converted:';
/** A longer member is not kept: a property is no place for a document. */
export const longestKept = 65_536;
