// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest';
import { LimitReached, Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Scanner } from '../../src/model/scanner.ts';

/** Truncations, flipped bytes and lying lengths of one file: deterministic, about 120 of them. */
export function* mutations(bytes: Uint8Array): Generator<Uint8Array> {
  for (let length = 1; length < bytes.length; length = Math.max(length + 1, Math.floor(length * 1.6))) yield bytes.slice(0, length);
  const step = Math.max(1, Math.floor(bytes.length / 24));
  for (const put of [0x00, 0xff, 0x7f]) {
    for (let at = 0; at < bytes.length; at += step) {
      const changed = new Uint8Array(bytes);
      changed[at] = put;
      yield changed;
    }
  }
  for (let at = 0; at + 8 <= Math.min(bytes.length, 256); at += 8) {
    const changed = new Uint8Array(bytes);
    changed.fill(0xff, at, at + 8);
    yield changed;
  }
}

/** Runs a scanner over mutations: only the errors of the house may escape, and each must end soon. */
export async function hostile(scanner: Scanner, bytes: Uint8Array, name: string): Promise<void> {
  for (const changed of mutations(bytes)) {
    const source = new MemorySource(changed, new Budget({ ...defaultLimits, timeout: 20, facts: 50_000 }));
    const sample = { name, size: changed.length, head: changed.subarray(0, 65536), tail: changed.subarray(-67584) };
    scanner.recognise(sample);
    const begun = performance.now();
    let said = 0;
    try {
      for await (const fact of scanner.inspect(source, sample)) {
        said += 1;
        if (fact.at !== undefined) expect(fact.at[0] >= 0 && fact.at[0] <= fact.at[1] && fact.at[1] <= changed.length, JSON.stringify(fact)).toBe(true);
        if (fact.kind === 'child') await fact.source.digest();
      }
    } catch (error) {
      const named = error instanceof Malformed || error instanceof LimitReached || error instanceof Unsupported;
      if (!named) throw new Error(`${name}: ${String(error)}`, { cause: error });
    }
    expect(said).toBeLessThan(50_000);
    expect(performance.now() - begun).toBeLessThan(5000);
  }
}
