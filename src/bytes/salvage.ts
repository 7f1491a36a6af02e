// SPDX-License-Identifier: Apache-2.0
import { LimitReached, Malformed } from './errors.ts';
import type { Budget } from './limits.ts';
import { spool, type Spooled } from './spool.ts';

/** What was unpacked before the stream ended, and why it ended early; `ended` is absent when it was whole. */
export interface Salvaged extends Spooled {
  readonly ended?: Malformed | LimitReached;
}

/**
 * Like `spool`, but keeps what came before a break or a limit: loaders that unpack while they read have run by then what
 * lies there. The caller looks at the source, and then throws `ended`.
 */
export async function salvage(bytes: AsyncIterable<Uint8Array>, budget: Budget): Promise<Salvaged> {
  let ended: Malformed | LimitReached | undefined;
  async function* untilBroken(): AsyncGenerator<Uint8Array> {
    try {
      for await (const part of bytes) {
        if (part.length > budget.left('inflated')) {
          yield part.subarray(0, budget.left('inflated'));
          budget.spend('inflated', part.length); // throws
        }
        yield part;
      }
    } catch (error) {
      if (!(error instanceof Malformed || error instanceof LimitReached) || (error instanceof LimitReached && error.limit === 'timeout')) throw error;
      ended = error;
    }
  }
  const spooled = await spool(untilBroken(), budget);
  return { ...spooled, ...(ended === undefined ? {} : { ended }) };
}
