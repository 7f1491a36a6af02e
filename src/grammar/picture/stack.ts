// SPDX-License-Identifier: Apache-2.0
// Arrays as rows of a data set: pictures as greymaps and pixmaps (PGM, PPM), which any reader of pictures takes; labels as numbers.
import type { ByteSource } from '../../bytes/source.ts';
import { ByteWindow } from '../../bytes/window.ts';

/** An array of pictures or labels, rows first. */
export interface Stack {
  /** Where its elements begin. */
  readonly data: number;
  readonly element: 'U8' | 'I8' | 'I16' | 'U16' | 'I32' | 'U32' | 'I64' | 'U64' | 'F32' | 'F64';
  readonly little: boolean;
  /** Rows that are there in full. */
  readonly rows: number;
  /** Height, width and channels of each row; undefined for labels. */
  readonly picture?: { readonly height: number; readonly width: number; readonly channels: 1 | 3; readonly planes: boolean };
}

const widths = { U8: 1, I8: 1, I16: 2, U16: 2, I32: 4, U32: 4, I64: 8, U64: 8, F32: 4, F64: 8 } as const;
/** Sides of pictures that a stack of them is taken to have: less are vectors, more are something else. */
const sides = [4, 4096] as const;

/** The layout of one row, where a shape is that of a stack of pictures: n × h × w, with channels first or last. */
export function pictureShape(shape: readonly number[]): Stack['picture'] {
  const usual = (n: number | undefined): boolean => n !== undefined && n >= sides[0] && n <= sides[1];
  const [, a, b, c] = shape;
  if (shape.length === 3 && usual(a) && usual(b)) return { height: a!, width: b!, channels: 1, planes: false };
  if (shape.length !== 4) return undefined;
  if ((c === 1 || c === 3) && usual(a) && usual(b)) return { height: a!, width: b!, channels: c, planes: false };
  if ((a === 1 || a === 3) && usual(b) && usual(c)) return { height: b!, width: c!, channels: a, planes: true };
  return undefined;
}

/** Rows in batches of at most 4 MiB; `wanted` leaves out whole rows. */
export async function* stackRows({ data, element, little, rows, picture }: Stack, source: ByteSource, wanted: (row: number) => boolean): AsyncGenerator<{ readonly columns: readonly string[]; readonly first: number; readonly rows: (readonly (number | Uint8Array)[])[]; readonly numbers: number[] }> {
  const each = widths[element] * (picture === undefined ? 1 : picture.height * picture.width * picture.channels);
  const most = Math.max(1, Math.min(8192, Math.floor((4 << 20) / each)));
  const window = new ByteWindow(source, 'array', data);
  const columns = [picture === undefined ? 'label' : 'image'];
  let top: number | undefined;
  for (let first = 0; first < rows; first += most) {
    source.budget.tick();
    const count = Math.min(most, rows - first);
    await window.load(count * each, 'rows');
    const view = window.view(count * each);
    const out: (readonly (number | Uint8Array)[])[] = [];
    const numbers: number[] = [];
    for (let n = 0; n < count; n += 1) {
      if (!wanted(first + n)) continue;
      numbers.push(first + n);
      if (picture === undefined) {
        out.push([valueAt(view, n, element, little)]);
        continue;
      }
      // Floats are from 0 to 1 or from 0 to 255: the first rows tell which.
      top ??= element.startsWith('F') ? largest(view, element, little) : 255;
      out.push([greymap(view, n, element, little, picture, top <= 1.5 ? 255 : 1)]);
    }
    yield { columns, first, rows: out, numbers };
  }
}

const readers: Readonly<Record<Stack['element'], (view: DataView, n: number, little: boolean) => number>> = {
  U8: (view, n) => view.getUint8(n),
  I8: (view, n) => view.getInt8(n),
  U16: (view, n, little) => view.getUint16(2 * n, little),
  I16: (view, n, little) => view.getInt16(2 * n, little),
  U32: (view, n, little) => view.getUint32(4 * n, little),
  I32: (view, n, little) => view.getInt32(4 * n, little),
  U64: (view, n, little) => Number(view.getBigUint64(8 * n, little)),
  I64: (view, n, little) => Number(view.getBigInt64(8 * n, little)),
  F32: (view, n, little) => view.getFloat32(4 * n, little),
  F64: (view, n, little) => view.getFloat64(8 * n, little),
};

function valueAt(view: DataView, n: number, element: Stack['element'], little: boolean): number {
  return readers[element](view, n, little);
}

function largest(view: DataView, element: Stack['element'], little: boolean): number {
  let most = 0;
  for (let n = 0; n < Math.min(100_000, view.byteLength / widths[element]); n += 1) most = Math.max(most, valueAt(view, n, element, little));
  return most;
}

function greymap(view: DataView, row: number, element: Stack['element'], little: boolean, { height, width, channels, planes }: NonNullable<Stack['picture']>, gain: number): Uint8Array {
  const pixels = height * width;
  const head = Buffer.from(`P${channels === 3 ? 6 : 5} ${width} ${height} 255\n`, 'latin1');
  const out = new Uint8Array(head.length + pixels * channels);
  out.set(head);
  const first = row * pixels * channels;
  for (let p = 0; p < pixels; p += 1) {
    for (let c = 0; c < channels; c += 1) {
      const value = valueAt(view, first + (planes ? c * pixels + p : p * channels + c), element, little);
      out[head.length + p * channels + c] = Math.max(0, Math.min(255, Math.round(value * gain)));
    }
  }
  return out;
}
