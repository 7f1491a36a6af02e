// SPDX-License-Identifier: Apache-2.0
// Tensor info: name (string, at most 64 bytes), u32 dimensions, their sizes, u32 type, u64 offset into the data.
import { clip } from '../../src/bytes/clip.ts';
import { exact } from '../../src/bytes/cursor.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteWindow } from '../../src/bytes/window.ts';
import { tensorTypes } from './types.ts';
import { readName } from './values.ts';

export interface TensorInfo {
  readonly name: string;
  readonly dtype: string;
  /** In the file's order: the first size is that of a row. Sizes beyond 2^53 are rounded. */
  readonly shape: readonly number[];
  /** Into the data section; undefined beyond 2^53. */
  readonly offset: number | undefined;
  /** Bytes; undefined for unknown types and beyond 2^53. */
  readonly bytes: number | undefined;
  readonly knownType: boolean;
}

const mostDimensions = 4;
const longestName = 64;
const greatest = 2n ** 63n - 1n;

export async function readTensor(window: ByteWindow, version: number, complain: (code: string, what: string, at: number) => void): Promise<TensorInfo> {
  const at = window.offset;
  const name = await readName(window, version, 65_535, 'tensor name');
  const odd = (code: string, what: string): void => complain(code, `tensor ${clip(name, 80)} ${what}`, at);
  if (Buffer.byteLength(name) > longestName) odd('name-length', `has a name of ${Buffer.byteLength(name)} bytes, allowed ${longestName}`);
  await window.load(4, 'number of dimensions');
  const dimensions = window.u32();
  if (dimensions > 64) throw new Malformed('gguf/dimensions', `tensor ${clip(name, 80)} has ${dimensions} dimensions, allowed ${mostDimensions}`, at);
  if (dimensions > mostDimensions) odd('dimensions', `has ${dimensions} dimensions, allowed ${mostDimensions}`);
  const sizes: bigint[] = [];
  for (let i = 0; i < dimensions; i += 1) {
    await window.load(version === 1 ? 4 : 8, 'size of a dimension');
    sizes.push(version === 1 ? BigInt(window.u32()) : window.u64());
  }
  await window.load(4, 'tensor type');
  const id = window.u32();
  const type = tensorTypes.get(id);
  if (type === undefined) odd('unknown-type', `has the type ${id}, which no reader here knows`);
  await window.load(8, 'tensor offset');
  const offset = exact(window.u64());
  if (offset === undefined) odd('outside', 'begins beyond 2^53');
  return {
    name, dtype: type?.name ?? `type ${id}`, shape: sizes.map(Number), offset, knownType: type !== undefined,
    bytes: type === undefined ? undefined : size(sizes, type.block, type.bytes, odd),
  };
}

/** Elements and bytes in BigInt: products that wrap around in 64 bits are the attack (CVE-2026-33298). */
function size(sizes: readonly bigint[], block: number, bytes: number, odd: (code: string, what: string) => void): number | undefined {
  let elements = 1n;
  for (const one of sizes) elements *= one;
  const shown = sizes.join(', ');
  if (elements > greatest) {
    odd('overflow', `has [${clip(shown, 120)}] elements, more than 2^63`);
    return undefined;
  }
  if ((sizes[0] ?? 1n) % BigInt(block) !== 0n) odd('row-size', `has rows of ${sizes[0]} elements, no multiple of its type's block of ${block}`);
  const total = ((elements + BigInt(block) - 1n) / BigInt(block)) * BigInt(bytes);
  if (total > greatest) odd('overflow', `has [${clip(shown, 120)}] elements, ${total} bytes, more than 2^63`);
  return exact(total);
}

