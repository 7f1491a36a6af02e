// SPDX-License-Identifier: Apache-2.0
// Where the tensors of a checkpoint lie in its storages: offset, sizes and strides as torch._utils._rebuild_tensor_v2 is given them.
import { clip } from '../../bytes/clip.ts';
import type { Tensor } from './libraries.ts';

type Span = readonly [begin: number, end: number];

/** A `tensor` or `malformed` fact, as the model has them. */
export type Placed =
  | { readonly kind: 'tensor'; readonly name: string; readonly dtype: string; readonly shape: readonly number[]; readonly at?: Span }
  | { readonly kind: 'malformed'; readonly code: string; readonly what: string };

/** Odd tensors that are told one by one. */
const shown = 16;

/**
 * The tensors over storages. `places` are the bytes of storages that lie here, by key; a tensor has a place where it is one dense
 * piece of them, row by row, and its numbers have the low byte first. Codes of what is odd begin with `format`.
 */
export function* placed(format: string, tensors: readonly Tensor[], places: ReadonlyMap<string, Span>, little: boolean): Generator<Placed> {
  const counts = new Map<string, number>();
  for (const tensor of tensors) {
    if (tensor.storage === undefined) continue;
    const { name, dtype, shape } = tensor;
    const place = places.get(tensor.storage);
    const found = lie(tensor, place);
    const odd = 'code' in found;
    yield { kind: 'tensor', name: clip(name), dtype, shape, ...(!odd && found.at !== undefined && little ? { at: found.at } : {}) };
    if (!odd) continue;
    const count = (counts.get(found.code) ?? 0) + 1;
    counts.set(found.code, count);
    if (count <= shown) yield { kind: 'malformed', code: `${format}/${found.code}`, what: `tensor ${clip(name, 80)} ${found.what}` };
  }
  for (const [code, count] of counts) if (count > shown) yield { kind: 'malformed', code: `${format}/${code}`, what: `${count - shown} more like the ${shown} named` };
}

/** The place of a tensor, if it has one, or what is wrong with it. torch refuses what is negative or outside when it loads. */
function lie({ shape, view, storage }: Tensor, place: Span | undefined): { readonly at?: Span } | { readonly code: string; readonly what: string } {
  if (view === undefined) return {};
  const { offset, strides, width } = view;
  const negative = [offset, ...shape, ...strides].find((number) => number < 0);
  if (negative !== undefined) return { code: 'tensor-negative', what: `has offset ${offset}, sizes [${list(shape)}] and strides [${list(strides)}]: ${negative} is negative` };
  if (strides.length !== shape.length) return { code: 'tensor-strides', what: `has ${shape.length} sizes and ${strides.length} strides` };
  if (shape.includes(0)) return {};
  const elements = shape.reduce((product, size) => product * size, 1);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
  if (!Number.isSafeInteger(elements) || !Number.isSafeInteger(last)) return { code: 'tensor-size', what: `has sizes [${list(shape)}] and strides [${list(strides)}], which no memory holds` };
  if (width === 0 || place === undefined) return {};
  const room = Math.floor((place[1] - place[0]) / width);
  if (last >= room) return { code: 'tensor-outside', what: `reaches element ${last} of storage ${clip(storage ?? '', 40)}, which holds ${room}` };
  // Sides of one element may have any stride, and a stride of 0 repeats what is there on purpose (Tensor.expand).
  const sides = shape.map((size, axis) => ({ size, stride: strides[axis]! })).filter(({ size }) => size > 1);
  let dense = 1;
  for (const { size, stride } of sides.toReversed()) {
    if (stride !== dense) {
      dense = 0;
      break;
    }
    dense *= size;
  }
  if (dense > 0) return { at: [place[0] + offset * width, place[0] + (offset + elements) * width] };
  const spread = sides.filter(({ stride }) => stride > 0);
  const distinct = spread.reduce((product, { size }) => product * size, 1);
  if (distinct > last - offset + 1) return { code: 'tensor-overlap', what: `has ${distinct} elements with sizes [${list(shape)}] and strides [${list(strides)}] in the room of ${last - offset + 1}` };
  return {};
}

function list(numbers: readonly number[]): string {
  return clip(numbers.slice(0, 12).join(', '), 100);
}
