// SPDX-License-Identifier: Apache-2.0
import { UsageError } from '../model/usage-error.ts';

/** Why something in a folder cannot be signed or hashed. */
export type RefusalKind = 'empty' | 'symlink' | 'special' | 'name' | 'changed' | 'missing' | 'unreadable';

/** What stands in the way, and where. `name` is relative to the model; '' for the model as a whole. */
export interface Refusal {
  readonly kind: RefusalKind;
  readonly name: string;
  /** One sentence that names the file. */
  readonly detail: string;
}

/** A model that cannot be signed as it is. Printed like a usage error: the person can mend it. */
export class Refused extends UsageError {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}
