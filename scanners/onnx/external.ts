// SPDX-License-Identifier: Apache-2.0
// External data: entries 'location', 'offset', 'length', 'checksum' (https://onnx.ai/onnx/repo-docs/ExternalData.html)
import { clip } from '../../src/bytes/clip.ts';
import type { FactOf } from '../../src/model/fact.ts';
import type { TensorProto } from './tensor.ts';

/** Different files that tensors of one model lie in; more are not listed. */
const most = 10_000;

interface Place {
  from: number;
  to: number;
  tensors: number;
  readonly at: number;
}

/** Where a tensor's numbers lie, when one file is named and its range can be told. */
export function outsideOf({ external, bytes }: TensorProto): FactOf<'tensor'>['outside'] {
  const value = (key: string): string | undefined => external.findLast(([name]) => name === key)?.[1];
  const file = value('location');
  const [begin, length] = [Number(value('offset') ?? 0), Number(value('length') ?? bytes ?? Number.NaN)];
  if (file === undefined || file.length > 256 || external.filter(([key]) => key === 'location').length > 1) return undefined;
  return begin >= 0 && length > 0 && Number.isSafeInteger(begin) && Number.isSafeInteger(begin + length) ? { file, at: [begin, begin + length] } : undefined;
}

/** Files outside that tensors lie in, with the bytes that are used of each. */
export class External {
  readonly #places = new Map<string, Place>();

  add(tensor: TensorProto, at: number, complain: (code: string, what: string, at: number) => void): void {
    const all = (key: string): string[] => tensor.external.filter(([name]) => name === key).map(([, value]) => value);
    const locations = all('location');
    const label = clip(tensor.name, 80);
    if (locations.length > 1) complain('external-location', `tensor ${label} names ${locations.length} locations; readers disagree on which one counts`, at);
    const offset = this.#number(all('offset').at(-1), 'offset', label, at, complain) ?? 0;
    const stated = this.#number(all('length').at(-1), 'length', label, at, complain);
    const needed = tensor.bytes === undefined ? undefined : Number(tensor.bytes);
    if (stated !== undefined && needed !== undefined && stated !== needed) {
      complain('size-differs', `tensor ${label} has ${stated} bytes outside, but ${tensor.dtype} [${clip(tensor.shape.join(', '), 120)}] needs ${needed}`, at);
    }
    const end = offset + (stated ?? needed ?? 0);
    for (const location of locations) {
      const place = this.#places.get(location);
      if (place !== undefined) {
        place.from = Math.min(place.from, offset);
        place.to = Math.max(place.to, end);
        place.tensors += 1;
      } else if (this.#places.size < most) {
        this.#places.set(location, { from: offset, to: end, tensors: 1, at });
      }
    }
  }

  #number(text: string | undefined, key: string, label: string, at: number, complain: (code: string, what: string, at: number) => void): number | undefined {
    if (text === undefined) return undefined;
    const number = Number(text);
    if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(number)) return number;
    complain('external-range', `tensor ${label} has the ${key} '${clip(text, 40)}' outside, which is no whole number from 0 to 2^53`, at);
    return undefined;
  }

  *facts(): Generator<FactOf<'link'>> {
    for (const [location, { from, to, tensors, at }] of this.#places) {
      yield { kind: 'link', target: clip(location), role: 'external-data', detail: `offset=${from} length=${to - from} tensors=${tensors}`, at: [at, at] };
    }
  }
}
