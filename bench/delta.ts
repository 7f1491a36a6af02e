// SPDX-License-Identifier: Apache-2.0
// How surely an edit of a base model is found, and how often honest changes are taken for one. `node bench/delta.ts [SEEDS]`
// Carriers: matrices of normal numbers, and of heavy tails, in f32, bf16 and f16, as they are stored after the change.
import { Budget } from '../src/bytes/limits.ts';
import { MemorySource, type ByteSource } from '../src/bytes/source.ts';
import { delta } from '../src/delta/delta.ts';
import type { Model } from '../src/delta/models.ts';

const seeds = Number(process.argv[2] ?? 20);
const [layers, width] = [12, 192];

function normal(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
}

const stored: Record<string, (values: Float32Array) => Uint8Array> = {
  F32: (values) => new Uint8Array(values.slice().buffer),
  F16: (values) => new Uint8Array(Float16Array.from(values).buffer),
  BF16: (values) => new Uint8Array(Uint16Array.from(new Uint32Array(values.slice().buffer), (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16).buffer),
};

function model(matrices: readonly Float32Array[], dtype: string): { model: Model; open: (id: string) => ByteSource } {
  const parts = matrices.map((values) => stored[dtype]!(values));
  let at = 0;
  const tensors = new Map(parts.map((bytes, i) => {
    const begin = at;
    at += bytes.length;
    return [`layers.${i}.weight`, { name: `layers.${i}.weight`, dtype, shape: [width, width], file: 'm', begin, end: at }] as const;
  }));
  const source = new MemorySource(Buffer.concat(parts), new Budget());
  return { model: { folder: 'm', file: 'm', tensors, bytes: at, digests: new Map() }, open: () => source };
}

function lowRank(values: Float32Array, rank: number, share: number, next: () => number): Float32Array {
  const d = new Float64Array(values.length);
  for (let r = 0; r < rank; r += 1) {
    const [u, v] = [Array.from({ length: width }, next), Array.from({ length: width }, next)];
    for (let i = 0; i < width; i += 1) for (let j = 0; j < width; j += 1) d[i * width + j]! += u[i]! * v[j]!;
  }
  const norm = (of: Float32Array | Float64Array): number => Math.sqrt([...of].reduce((sum, x) => sum + x * x, 0));
  const scale = (share * norm(values)) / norm(d);
  return values.map((x, i) => x + scale * d[i]!);
}

type Change = (matrices: readonly Float32Array[], next: () => number) => Float32Array[];
const changes: Record<string, Change> = {
  'rank-one edit of one matrix, 1 % of its norm': (all, next) => all.map((values, i) => (i === 7 ? lowRank(values, 1, 0.01, next) : values.slice())),
  'rank-one edits of three matrices, 1 %': (all, next) => all.map((values, i) => (i % 4 === 2 ? lowRank(values, 1, 0.01, next) : values.slice())),
  'honest: all trained, 2 %': (all, next) => all.map((values) => values.map((x) => x + 0.02 * 0.05 * next())),
  'honest: last layer trained, 5 %': (all, next) => all.map((values, i) => (i === layers - 1 ? values.map((x) => x + 0.05 * 0.05 * next()) : values.slice())),
  'honest: adapter of rank 8 merged everywhere, 3 %': (all, next) => all.map((values) => lowRank(values, 8, 0.03, next)),
  'honest: adapter of rank 8 merged into every second matrix, 3 %': (all, next) => all.map((values, i) => (i % 2 === 0 ? lowRank(values, 8, 0.03, next) : values.slice())),
  'honest: the base itself': (all) => all.map((values) => values.slice()),
};

console.log('| change | stored as | findings |\n| --- | --- | --- |');
for (const [name, change] of Object.entries(changes)) {
  for (const dtype of Object.keys(stored)) {
    let found = 0;
    for (let seed = 1; seed <= seeds; seed += 1) {
      const next = normal(seed);
      const base = Array.from({ length: layers }, () => Float32Array.from({ length: width * width }, () => (seed % 2 === 0 ? 0.05 * next() : 0.03 * next() ** 3)));
      const [mine, theirs] = [model(change(base, next), dtype), model(base, dtype)];
      const told = await delta(mine.model, theirs.model, 'given', { mine: mine.open, base: theirs.open });
      if (told.some(({ outcome }) => outcome === 'finding')) found += 1;
    }
    console.log(`| ${name} | ${dtype} | ${found} of ${seeds} |`);
  }
}
