// SPDX-License-Identifier: Apache-2.0
import type { Plane } from './pictures.ts';

/**
 * What is counted at each position of a picture. A block is `size` × `size` pixels in steps of 8 levels, `offset` moving the
 * steps so that a value near the edge of one is in the middle of the other; a spot is one pixel that differs from all around it.
 */
export interface Feature {
  readonly shape: 'block' | 'spot';
  readonly size: number;
  readonly offset: number;
}

/** Coarser steps than 8 levels find chance agreement in clean JPEG pictures. */
export const features: readonly Feature[] = [
  { shape: 'block', size: 3, offset: 0 },
  { shape: 'block', size: 2, offset: 0 },
  { shape: 'block', size: 5, offset: 0 },
  { shape: 'block', size: 3, offset: 4 },
  { shape: 'spot', size: 1, offset: 0 },
];

const step = 8;
/** A spot differs from every neighbour by at least this many levels. */
const standsOut = 64;

/** Positions across and down at which a feature can lie. */
export function places(feature: Feature, { width, height }: Plane): { readonly across: number; readonly down: number } {
  return { across: Math.max(0, width - feature.size + 1), down: Math.max(0, height - feature.size + 1) };
}

/**
 * Hashes of a feature at row `y` for all `count` pictures: `into[x * count + i]`. 0 stands for no feature.
 */
export function hashRow(feature: Feature, plane: Plane, count: number, y: number, into: Uint32Array): void {
  if (feature.shape === 'spot') spotRow(plane, count, y, into);
  else blockRow(feature, plane, count, y, into);
}

/** The hash of a feature at one place of one picture; the same as `hashRow`'s. */
export function hashAt(feature: Feature, plane: Plane, i: number, x: number, y: number): number {
  if (feature.shape === 'spot') return spotAt(plane, i, x, y);
  const { width, height, channels, pixels } = plane;
  const base = i * width * height * channels;
  let hash = 0;
  for (let column = x; column < x + feature.size; column += 1) {
    hash = (Math.imul(hash, across) + columnHash(pixels, base, width * channels, column * channels, channels, y, feature.size, feature.offset)) | 0;
  }
  return sealed(hash);
}

const down = 0x01000193;
const across = 0x85ebca6b | 0;

function columnHash(pixels: Uint8Array, base: number, stride: number, x: number, channels: number, y: number, size: number, offset: number): number {
  let hash = 0;
  for (let row = y; row < y + size; row += 1) {
    for (let c = 0; c < channels; c += 1) hash = (Math.imul(hash, down) + (((pixels[base + row * stride + x + c]! + offset) / step) | 0) + 1) | 0;
  }
  return hash;
}

function sealed(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) || 1;
}

function blockRow({ size, offset }: Feature, { width, height, channels, pixels }: Plane, count: number, y: number, into: Uint32Array): void {
  const stride = width * channels;
  const each = stride * height;
  const last = width - size;
  const columns = new Int32Array(width);
  for (let i = 0; i < count; i += 1) {
    const base = i * each;
    for (let x = 0; x < width; x += 1) columns[x] = columnHash(pixels, base, stride, x * channels, channels, y, size, offset);
    for (let x = 0; x <= last; x += 1) {
      let hash = 0;
      for (let column = x; column < x + size; column += 1) hash = (Math.imul(hash, across) + columns[column]!) | 0;
      into[x * count + i] = sealed(hash);
    }
  }
}

function spotRow(plane: Plane, count: number, y: number, into: Uint32Array): void {
  for (let i = 0; i < count; i += 1) for (let x = 0; x < plane.width; x += 1) into[x * count + i] = spotAt(plane, i, x, y);
}

function spotAt({ width, height, channels, pixels }: Plane, i: number, x: number, y: number): number {
  const base = i * width * height * channels;
  const at = base + (y * width + x) * channels;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1) {
      if (row === y && column === x) continue;
      const other = base + (row * width + column) * channels;
      let most = 0;
      for (let c = 0; c < channels; c += 1) most = Math.max(most, Math.abs(pixels[at + c]! - pixels[other + c]!));
      if (most < standsOut) return 0;
    }
  }
  let hash = 17;
  for (let c = 0; c < channels; c += 1) hash = hash * 31 + (pixels[at + c]! >> 5) + 1;
  return sealed(hash);
}
