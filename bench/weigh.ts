// SPDX-License-Identifier: Apache-2.0
// Speed of the full pass over f32 weights in memory, as a ratio to hashing the same bytes with SHA-256 on the same core.
import { hash } from 'node:crypto';
import { Budget } from '../src/bytes/limits.ts';
import { MemorySource } from '../src/bytes/source.ts';
import { add, plain } from '../src/weigh/plain.ts';
import { weigh } from '../src/weigh/weigh.ts';

const length = 32 << 20;
let state = 7;
const values = Float32Array.from({ length }, () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return ((state / 2 ** 32) ** 2 - 0.3) * 0.1;
});
const bytes = new Uint8Array(values.buffer);
const median = async (run: () => Promise<void> | void): Promise<number> => {
  const seconds: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const begin = performance.now();
    await run();
    seconds.push((performance.now() - begin) / 1000);
  }
  return seconds.toSorted((a, b) => a - b)[2]!;
};
const hashing = await median(() => void hash('sha256', bytes));
const statistics = await median(() => add(plain(), values, length));
const full = await median(async () => {
  for await (const _ of weigh(new MemorySource(bytes, new Budget()), [{ kind: 'tensor', name: 'w', dtype: 'F32', shape: [length], at: [0, bytes.length] }], 'full')) void _;
});
for (const [name, seconds] of Object.entries({ hashing, statistics, full })) {
  console.log(`${name}: ${(bytes.length / seconds / 1e9).toFixed(2)} GB/s, ${(seconds / hashing).toFixed(2)} of hashing`);
}
