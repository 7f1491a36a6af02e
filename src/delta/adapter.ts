// SPDX-License-Identifier: Apache-2.0
// LoRA adapters (arXiv 2106.09685): the spectrum of B·A from two small matrices, without the product.
import { clip } from '../bytes/clip.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { FactOf } from '../model/fact.ts';
import { numbersOf } from '../weigh/numbers.ts';
import type { Model, Placed } from './models.ts';
import { eigenvalues } from './spectrum.ts';

const blind = 'what the adapter does: that shows only where it is run';
const highestRank = 512;
const mostNumbers = 1 << 26;

interface Module {
  readonly name: string;
  readonly rank: number;
  /** Frobenius norm of B·A. */
  readonly norm: number;
  /** Directions with 99 % of the energy. */
  readonly used: number;
}

/** One study of the whole adapter; undefined where there is no pair of A and B. Throws what the sources throw. */
export async function adapter(model: Model, open: (id: string) => ByteSource | undefined): Promise<FactOf<'study'> | undefined> {
  const modules: Module[] = [];
  for (const [name, a] of model.tensors) {
    if (!/lora_(A|down)/.test(name)) continue;
    const b = model.tensors.get(name.replace('lora_A', 'lora_B').replace('lora_down', 'lora_up'));
    const found = b === undefined ? undefined : await moduleOf(name, a, b, open);
    if (found !== undefined) modules.push(found);
  }
  if (modules.length === 0) return undefined;
  const energy = modules.reduce((sum, { norm }) => sum + norm * norm, 0);
  const largest = modules.reduce((most, one) => (one.norm > most.norm ? one : most));
  const share = energy === 0 ? 0 : (largest.norm * largest.norm) / energy;
  const used = modules.map((one) => one.used).toSorted((x, y) => x - y);
  const what = `adapter of ${modules.length} modules, rank ${[...new Set(modules.map(({ rank }) => rank))].toSorted((x, y) => x - y).join(', ')}; directions in use: ${used[0]} to ${used.at(-1)}, median ${used[used.length >> 1]}; ${clip(largest.name.replace(/\.lora_.*$/, ''), 80)} holds ${(100 * share).toFixed(0)} % of the change`;
  return {
    kind: 'study', question: 'adapter-spectrum', outcome: 'assessed', of: clip(model.folder === '' ? model.file : model.folder), what, n: modules.length, among: modules.length, blind,
    detail: { modules: modules.length, 'largest share': Number(share.toFixed(3)), 'median directions': used[used.length >> 1]! },
  };
}

/** The squares of the singular values of B·A are the eigenvalues of Lᵀ·(BᵀB)·L, with L·Lᵀ = A·Aᵀ. */
async function moduleOf(name: string, a: Placed, b: Placed, open: (id: string) => ByteSource | undefined): Promise<Module | undefined> {
  const rank = a.shape[0] ?? 0;
  if (rank < 1 || rank > highestRank || b.shape[1] !== rank) return undefined;
  const [x, y] = [await numbers(a, open), await numbers(b, open)];
  if (x === undefined || y === undefined) return undefined;
  const columns = x.length / rank;
  const rows = y.length / rank;
  const left = new Float64Array(rank * rank);
  for (let i = 0; i < rank; i += 1) for (let j = 0; j <= i; j += 1) {
    let dot = 0;
    for (let k = 0; k < columns; k += 1) dot += x[i * columns + k]! * x[j * columns + k]!;
    left[i * rank + j] = left[j * rank + i] = dot;
  }
  const right = new Float64Array(rank * rank);
  for (let k = 0; k < rows; k += 1) for (let i = 0; i < rank; i += 1) for (let j = 0; j < rank; j += 1) right[i * rank + j]! += y[k * rank + i]! * y[k * rank + j]!;
  const values = eigenvalues(congruent(cholesky(left, rank), right, rank), rank).map((value) => Math.max(0, value));
  const all = values.reduce((sum, value) => sum + value, 0);
  let [used, sum] = [0, 0];
  for (; used < rank && sum < 0.99 * all; used += 1) sum += values[used]!;
  return { name, rank, norm: Math.sqrt(all), used };
}

async function numbers({ dtype, shape, file, begin, end }: Placed, open: (id: string) => ByteSource | undefined): Promise<Float64Array | undefined> {
  const source = open(file);
  const read = numbersOf(dtype);
  const elements = shape.reduce((product, size) => product * size, 1);
  if (source === undefined || read === undefined || !Number.isSafeInteger(elements) || elements < 1 || elements > mostNumbers || read.elements !== 1 || elements * read.bytes !== end - begin) return undefined;
  const out = new Float64Array(elements);
  read.decode(await source.read(begin, end - begin), out);
  return out.every((value) => Number.isFinite(value)) ? out : undefined;
}

/** G = L·Lᵀ; a direction without energy gets a row of zeros. */
function cholesky(g: Float64Array, n: number): Float64Array {
  const l = new Float64Array(n * n);
  for (let j = 0; j < n; j += 1) {
    let diagonal = g[j * n + j]!;
    for (let k = 0; k < j; k += 1) diagonal -= l[j * n + k]! ** 2;
    const root = diagonal > 1e-12 * g[j * n + j]! ? Math.sqrt(diagonal) : 0;
    l[j * n + j] = root;
    if (root === 0) continue;
    for (let i = j + 1; i < n; i += 1) {
      let sum = g[i * n + j]!;
      for (let k = 0; k < j; k += 1) sum -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = sum / root;
    }
  }
  return l;
}

/** Lᵀ·H·L. */
function congruent(l: Float64Array, h: Float64Array, n: number): Float64Array {
  const half = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) for (let k = 0; k < n; k += 1) {
    const value = h[i * n + k]!;
    if (value !== 0) for (let j = 0; j <= k; j += 1) half[i * n + j]! += value * l[k * n + j]!;
  }
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k += 1) for (let i = 0; i <= k; i += 1) {
    const value = l[k * n + i]!;
    if (value !== 0) for (let j = 0; j < n; j += 1) out[i * n + j]! += value * half[k * n + j]!;
  }
  return out;
}
