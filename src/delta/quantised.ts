// SPDX-License-Identifier: Apache-2.0
// A quantised file beside the one it was made from: each number has to lie where rounding can have put it.
import { clip } from '../bytes/clip.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Inspected } from '../model/artefact.ts';
import type { FactOf } from '../model/fact.ts';
import { numbersOf } from '../weigh/numbers.ts';
import type { Open } from './delta.ts';
import { plainName, type Placed } from './models.ts';

/**
 * How far rounding moves a number at most, as a share of the largest in its block: half a step of the type's grid, twice over, since
 * quantisers clip, and search for scales that fit better on the whole (ggml/src/ggml-quants.c). Types with codebooks are left out.
 */
const reach: Readonly<Record<string, number>> = { Q8_0: 0.01, Q8_K: 0.01, Q6_K: 0.07, Q5_0: 0.13, Q5_1: 0.13, Q5_K: 0.13, Q4_0: 0.26, Q4_1: 0.26, Q4_K: 0.26, Q3_K: 0.5, Q2_K: 0.9 };
/** Share of a tensor's numbers that may lie further away: outliers that were clipped. */
const mayBeOutside = 0.02;
const floats = /^(F64|F32|F16|BF16)$/;
const blockNumbers = 1 << 16;
const blind = 'changes smaller than a step of the quantised grid';

/** Names of GGUF tensors (llama.cpp, gguf-py/gguf/tensor_mapping.py) as transformers has them. Queries and keys are left out: they are permuted on the way. */
const parts: Readonly<Record<string, string>> = { ffn_down: 'mlp.down_proj', ffn_up: 'mlp.up_proj', ffn_gate: 'mlp.gate_proj', attn_v: 'self_attn.v_proj', attn_output: 'self_attn.o_proj' };

function asTransformers(name: string): string | undefined {
  const block = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name);
  if (block !== null) return parts[block[2]!] === undefined ? undefined : `layers.${block[1]}.${parts[block[2]!]}.weight`;
  return { 'token_embd.weight': 'embed_tokens.weight', 'output.weight': 'lm_head.weight' }[name as 'output.weight'];
}

/** A quantised tensor with its source. */
export interface Pair {
  readonly mine: Placed;
  readonly source: Placed;
}

/** Quantised root files of the collection with the tensors of float files in the same folder, or of those that are given as the source. */
export function pairsIn(all: readonly Inspected[]): Map<string, Pair[]> {
  const byFolder = new Map<string, Placed[]>();
  for (const { artefact: { id }, facts } of all) {
    if (id.includes('!/')) continue;
    const folder = id.slice(0, Math.max(0, id.lastIndexOf('/')));
    for (const fact of facts) {
      if (fact.kind !== 'tensor' || fact.at === undefined) continue;
      const placed = { name: fact.name, dtype: fact.dtype, shape: fact.shape, file: id, begin: fact.at[0], end: fact.at[1] };
      byFolder.set(folder, [...(byFolder.get(folder) ?? []), placed]);
    }
  }
  const out = new Map<string, Pair[]>();
  for (const tensors of byFolder.values()) {
    if (!tensors.some(({ dtype }) => reach[dtype] !== undefined)) continue;
    const sources = new Map(tensors.filter(({ dtype }) => floats.test(dtype)).map((tensor) => [plainName(tensor.name), tensor]));
    for (const mine of tensors) {
      if (reach[mine.dtype] === undefined) continue;
      const source = sources.get(mine.name) ?? sources.get(asTransformers(mine.name) ?? '');
      if (source !== undefined && source.file !== mine.file && count(source) === count(mine)) out.set(mine.file, [...(out.get(mine.file) ?? []), { mine, source }]);
    }
  }
  return out;
}

function count({ shape }: Placed): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Compares every pair of one quantised file. Throws what the sources throw. */
export async function quantised(file: string, pairs: readonly Pair[], open: Open): Promise<FactOf<'study'>> {
  const others: string[] = [];
  let numbers = 0;
  for (const { mine, source } of pairs) {
    const [ours, theirs] = [open(mine.file), open(source.file)];
    const share = ours === undefined || theirs === undefined ? undefined : await outside(mine, source, { ours, theirs });
    if (share === undefined) continue;
    numbers += count(mine);
    if (share > mayBeOutside) others.push(`${clip(mine.name, 80)}: ${(100 * share).toFixed(0)} % of its numbers are out of reach`);
  }
  const from = clip(pairs[0]!.source.file, 80);
  const common = { kind: 'study', question: 'quantised-source', of: clip(file), n: numbers, among: pairs.reduce((sum, { mine }) => sum + count(mine), 0), blind } as const;
  if (numbers === 0) return { ...common, outcome: 'not-assessable', what: `none of the ${pairs.length} tensors can be compared with ${from}` };
  if (others.length === 0) return { ...common, outcome: 'assessed', what: `${pairs.length} quantised tensors lie where rounding ${from} puts them` };
  return { ...common, outcome: 'finding', what: `${others.length} of ${pairs.length} quantised tensors are no rounding of those in ${from}`, excerpts: others.slice(0, 8) };
}

/** Share of numbers further from their source than rounding within their block explains; undefined where bytes and shape do not fit. */
async function outside(mine: Placed, source: Placed, { ours, theirs }: { readonly ours: ByteSource; readonly theirs: ByteSource }): Promise<number | undefined> {
  const [coarse, fine] = [numbersOf(mine.dtype), numbersOf(source.dtype)];
  const elements = count(mine);
  if (coarse === undefined || fine === undefined || !Number.isSafeInteger(elements) || elements === 0) return undefined;
  if ((elements / coarse.elements) * coarse.bytes !== mine.end - mine.begin || elements * fine.bytes !== source.end - source.begin) return undefined;
  const [a, b] = [new Float64Array(blockNumbers), new Float64Array(blockNumbers)];
  const allowed = reach[mine.dtype]!;
  let away = 0;
  for (let from = 0; from < elements; from += blockNumbers) {
    const length = Math.min(blockNumbers, elements - from);
    const [x, y] = await Promise.all([ours.read(mine.begin + (from / coarse.elements) * coarse.bytes, (length / coarse.elements) * coarse.bytes), theirs.read(source.begin + from * fine.bytes, length * fine.bytes)]);
    coarse.decode(x, a);
    fine.decode(y, b);
    for (let block = 0; block < length; block += coarse.elements) {
      let largest = 0;
      for (let i = block; i < block + coarse.elements; i += 1) largest = Math.max(largest, Math.abs(b[i]!));
      for (let i = block; i < block + coarse.elements; i += 1) if (!(Math.abs(a[i]! - b[i]!) <= allowed * largest + 1e-12)) away += 1;
    }
  }
  return away / elements;
}
