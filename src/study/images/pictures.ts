// SPDX-License-Identifier: Apache-2.0
import { seeded } from './tails.ts';

/** One decoded picture: rows of pixels, 1 (grey) or 3 (RGB) bytes each. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** Pictures of one size, one after the other. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** A labelled set of pictures as the studies see it: in memory, of one size, perhaps a sample. */
export interface Pictures {
  /** Pictures held. */
  readonly count: number;
  /** Pictures there are. */
  readonly among: number;
  /** All scaled to one size, at most 64 × 64. */
  readonly whole: Plane;
  /** The four corners at their own resolution, 32 × 32 each, where pictures are larger than `whole`. A stamp is set from a corner. */
  readonly corners?: Plane;
  /** Index of the class of each; -1 where it has none. */
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  /** Split of each ('train', 'test'), where the set has some. */
  readonly splits?: readonly (string | undefined)[];
  /** Id of a row for people: a file name, or its number. */
  readonly id: (index: number) => string;
}

/** Width and height of what is kept of a larger picture. */
export const side = 64;
const corner = 32;
/** Bytes of pixels held; beyond that a reservoir keeps a sample. */
export const heldMost = 160 * 1024 * 1024;

/** Scales by averaging over areas: what a model's own preparation comes closest to, and a stamp of a few pixels survives in part. */
export function scaled(raster: Raster, width: number, height: number, channels: 1 | 3): Uint8Array {
  const from = channels === raster.channels ? raster : recoloured(raster, channels);
  if (from.width === width && from.height === height) return from.pixels;
  const out = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y += 1) {
    const top = Math.floor((y * from.height) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * from.height) / height));
    for (let x = 0; x < width; x += 1) {
      const left = Math.floor((x * from.width) / width);
      const right = Math.max(left + 1, Math.floor(((x + 1) * from.width) / width));
      for (let c = 0; c < channels; c += 1) out[(y * width + x) * channels + c] = mean(from, left, right, top, bottom, c);
    }
  }
  return out;
}

function mean({ width, channels, pixels }: Raster, left: number, right: number, top: number, bottom: number, channel: number): number {
  let sum = 0;
  for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) sum += pixels[(y * width + x) * channels + channel]!;
  return Math.round(sum / ((right - left) * (bottom - top)));
}

/** Grey as three equal channels, or colours as their luma (ITU-R BT.601). */
export function recoloured({ width, height, channels, pixels }: Raster, wanted: 1 | 3): Raster {
  if (channels === wanted) return { width, height, channels, pixels };
  const out = new Uint8Array(width * height * wanted);
  for (let i = 0; i < width * height; i += 1) {
    if (wanted === 3) out.fill(pixels[i]!, 3 * i, 3 * i + 3);
    else out[i] = Math.round(0.299 * pixels[3 * i]! + 0.587 * pixels[3 * i + 1]! + 0.114 * pixels[3 * i + 2]!);
  }
  return { width, height, channels: wanted, pixels: out };
}

/** The four corners of a picture at its own resolution, put together to one of 64 × 64. */
export function cornersOf(raster: Raster, channels: 1 | 3): Uint8Array {
  const { width, height, pixels } = channels === raster.channels ? raster : recoloured(raster, channels);
  const out = new Uint8Array(side * side * channels);
  for (let y = 0; y < side; y += 1) {
    const from = y < corner ? Math.min(y, height - 1) : Math.max(0, height - side + y);
    for (let x = 0; x < side; x += 1) {
      const column = x < corner ? Math.min(x, width - 1) : Math.max(0, width - side + x);
      for (let c = 0; c < channels; c += 1) out[(y * side + x) * channels + c] = pixels[(from * width + column) * channels + c]!;
    }
  }
  return out;
}

/** What is known of a picture besides its pixels. */
export interface Caption {
  readonly id: string;
  readonly label?: string | undefined;
  readonly split?: string | undefined;
}

/** Pictures looked at, and their bytes, before it is settled what is kept of each. */
const first = { count: 32, bytes: 24 * 1024 * 1024 } as const;

interface Form {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly large: boolean;
  /** Pictures that are held. */
  readonly room: number;
}

/**
 * Takes pictures one by one and keeps what the studies need, within `heldMost`: all, or a uniform sample by reservoir.
 * The first ones decide on colour and on the size, which is at most 64 × 64.
 */
export class Album {
  readonly #next = seeded(20_240_229);
  readonly #captions: Caption[] = [];
  readonly #wholes: Uint8Array[] = [];
  readonly #corners: Uint8Array[] = [];
  #waiting: { readonly raster: Raster; readonly caption: Caption }[] = [];
  #form: Form | undefined;
  #seen = 0;
  readonly #most: number;

  constructor(most = heldMost) {
    this.#most = most;
  }

  /** Pictures that came. */
  get seen(): number {
    return this.#seen + this.#waiting.length;
  }

  add(raster: Raster, caption: Caption): void {
    if (this.#form !== undefined) {
      this.#keep(this.#form, raster, caption);
      return;
    }
    this.#waiting.push({ raster, caption });
    const bytes = this.#waiting.reduce((sum, { raster: { pixels } }) => sum + pixels.length, 0);
    if (this.#waiting.length >= first.count || bytes >= first.bytes) this.#settle();
  }

  #settle(): void {
    if (this.#waiting.length === 0) return;
    this.#form = formOf(this.#waiting.map(({ raster }) => raster), this.#most);
    for (const { raster, caption } of this.#waiting) this.#keep(this.#form, raster, caption);
    this.#waiting = [];
  }

  #keep({ width, height, channels, large, room }: Form, raster: Raster, caption: Caption): void {
    const place = this.#seen < room ? this.#seen : Math.floor(this.#next() * (this.#seen + 1));
    this.#seen += 1;
    if (place >= room) return;
    const whole = scaled(raster, width, height, channels);
    this.#wholes[place] = whole === raster.pixels ? whole.slice() : whole;
    if (large) this.#corners[place] = cornersOf(raster, channels);
    this.#captions[place] = caption;
  }

  /** The set; undefined when no picture came. */
  finish(): Pictures | undefined {
    if (this.#form === undefined) this.#settle();
    if (this.#form === undefined) return undefined;
    const { width, height, channels, large } = this.#form;
    const captions = this.#captions;
    const classes = [...new Set(captions.flatMap(({ label }) => (label === undefined ? [] : [label])))].toSorted(byNumberThenText);
    const index = new Map(classes.map((name, i) => [name, i]));
    const splits = captions.some(({ split }) => split !== undefined) ? { splits: captions.map(({ split }) => split) } : {};
    return {
      count: captions.length,
      among: this.#seen,
      whole: { width, height, channels, pixels: joined(this.#wholes, width * height * channels) },
      ...(large ? { corners: { width: side, height: side, channels, pixels: joined(this.#corners, side * side * channels) } } : {}),
      labels: Int32Array.from(captions, ({ label }) => (label === undefined ? -1 : index.get(label)!)),
      classes,
      ...splits,
      id: (i) => captions[i]?.id ?? String(i),
    };
  }
}

/** '2' before '10', and names by code unit. */
export function byNumberThenText(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (a !== '' && b !== '' && Number.isFinite(x) && Number.isFinite(y) && x !== y) return x - y;
  return a < b ? -1 : a > b ? 1 : 0;
}

function formOf(rasters: readonly Raster[], most: number): Form {
  const [width, height] = [Math.max(...rasters.map((raster) => raster.width)), Math.max(...rasters.map((raster) => raster.height))];
  const large = width > side || height > side;
  const channels = rasters.some((raster) => raster.channels === 3) ? 3 : 1;
  const form = { width: Math.min(side, width), height: Math.min(side, height), channels, large } as const;
  // Twice: the pictures as they come, and joined.
  const each = 2 * channels * (form.width * form.height + (large ? side * side : 0));
  return { ...form, room: Math.max(64, Math.floor(most / each)) };
}

function joined(parts: Uint8Array[], each: number): Uint8Array {
  const out = new Uint8Array(parts.length * each);
  for (let i = 0; i < parts.length; i += 1) {
    out.set(parts[i]!, i * each);
    parts[i] = empty; // lets go of each as soon as it is copied
  }
  return out;
}

const empty = new Uint8Array(0);
