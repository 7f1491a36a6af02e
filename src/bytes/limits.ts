// SPDX-License-Identifier: Apache-2.0
import { LimitReached } from './errors.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

interface Limit {
  readonly value: number;
  readonly unit: 'bytes' | 'levels' | 'count' | 'seconds';
  readonly why: string;
}

/** Every limit there is, per root file unless it says otherwise. The command line's `--max-*` and `--timeout` come from here. */
export const limitTable = {
  depth: { value: 10, unit: 'levels', why: 'containers inside containers' },
  facts: { value: 500_000, unit: 'count', why: 'facts said about one root file, members included' },
  children: { value: 200_000, unit: 'count', why: 'members inspected in one root file; 10,000 and one for each 16 of its bytes at most' },
  read: { value: 256 * MiB, unit: 'bytes', why: 'one random read, which is held in memory' },
  memory: { value: 32 * MiB, unit: 'bytes', why: 'one unpacked member held in memory; a longer one goes to a temporary file' },
  inflated: { value: 32 * GiB, unit: 'bytes', why: 'unpacked from one root file in all; 2 GiB and 100 times its size at most' },
  sparse: { value: 16 * GiB, unit: 'bytes', why: 'bytes of one file that the disk does not hold (holes)' },
  fileSize: { value: 8 * 1024 * GiB, unit: 'bytes', why: 'one root file' },
  timeout: { value: 300, unit: 'seconds', why: 'inspecting one root file, plus one second for each 32 MiB' },
  heap: { value: 1536 * MiB, unit: 'bytes', why: 'resident memory of one inspecting process' },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limitTable;
export type Limits = Readonly<Record<LimitName, number>>;

/** The limits as plain numbers, in the table's units. */
export const defaultLimits: Limits = Object.fromEntries(
  Object.entries(limitTable).map(([name, limit]) => [name, limit.value]),
) as Record<LimitName, number>; // fromEntries forgets the keys

/** What counts up while a root file is inspected. */
type Spendable = 'facts' | 'children' | 'inflated';

/**
 * What one root file may still cost. One object is shared by the file and everything nested in it, so that nesting
 * cannot refill it.
 */
export class Budget {
  readonly limits: Limits;
  /** Milliseconds on the performance clock after which reading stops. */
  readonly deadline: number;
  readonly #spent: Record<Spendable, number> = { facts: 0, children: 0, inflated: 0 };

  constructor(limits: Limits = defaultLimits, size = 0) {
    // A small file that unpacks without end is stopped long before one that is large to begin with.
    this.limits = {
      ...limits,
      inflated: Math.min(limits.inflated, 2 * GiB + 100 * size),
      children: Math.min(limits.children, 10_000 + Math.ceil(size / 16)),
    };
    this.deadline = performance.now() + 1000 * allowedSeconds(limits, size);
  }

  /** Adds to a counter; throws `LimitReached` when that passes its limit. */
  spend(name: Spendable, amount: number): void {
    const asked = this.#spent[name] + amount;
    if (asked > this.limits[name]) {
      throw new LimitReached(name, `${limitTable[name].why}: ${asked} ${limitTable[name].unit}, allowed ${this.limits[name]}`);
    }
    this.#spent[name] = asked;
  }

  /** How much of a counter is left. */
  left(name: Spendable): number {
    return this.limits[name] - this.#spent[name];
  }

  /** Throws `LimitReached` once the deadline has passed. Long loops that do not read call it now and then. */
  tick(): void {
    if (performance.now() > this.deadline) {
      throw new LimitReached('timeout', `inspection took longer than its ${this.limits.timeout} s plus the allowance for its size`);
    }
  }
}

/** Seconds that a file of `size` bytes may take: a fixed part and one for reading it at 32 MiB/s. */
export function allowedSeconds(limits: Limits, size: number): number {
  return limits.timeout + size / (32 * MiB);
}
