// SPDX-License-Identifier: Apache-2.0
// WebDataset (https://github.com/webdataset/webdataset): members that follow each other and share a name up to its first dot are one
// sample; what stands behind the dot names the part.
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import type { Cell, RowBatch, Wanted } from '../../src/model/scanner.ts';
import { Walk, type Member } from './walk.ts';

export interface Samples {
  /** Parts in the order in which they were first seen. */
  readonly parts: readonly string[];
  readonly samples: readonly (readonly [key: string, parts: ReadonlyMap<string, Member>])[];
}

const fewest = 20;
const most = { parts: 64, text: 4 << 20, bytes: 32 << 20 } as const;
const batch = { rows: 64, bytes: 16 << 20 } as const;
/** Parts that make a sample of members; without one of them a tar is an archive. */
const content = /^(?:jpe?g|png|webp|gif|ppm|pgm|tiff?|bmp|wav|flac|mp3|mp4|npy|pth|txt|text|transcript|caption|json|jsn)$/;

/** The samples of an archive, or undefined when it is no WebDataset: 20 samples at least, most of them with the same two parts or more. */
export function samplesOf(members: readonly Member[]): Samples | undefined {
  const samples: [string, Map<string, Member>][] = [];
  const parts = new Map<string, number>();
  for (const member of members) {
    const [, key, part] = /^((?:.*\/|)[^./]+)\.([^/]{1,64})$/.exec(member.name.slice(0, 4096)) ?? [];
    if (key === undefined || part === undefined || !(member.type === '0' || member.type === '7')) continue;
    const name = part.toLowerCase();
    let last = samples.at(-1);
    if (last === undefined || last[0] !== key) samples.push((last = [key, new Map()]));
    if (!last[1].has(name)) last[1].set(name, member);
    if (parts.has(name) || parts.size < most.parts) parts.set(name, (parts.get(name) ?? 0) + 1);
  }
  const common = [...parts].filter(([, count]) => count >= 0.8 * samples.length).map(([name]) => name);
  const is = samples.length >= fewest && common.length >= 2 && common.some((name) => content.test(name.split('.').at(-1)!));
  return is ? { parts: [...parts.keys()], samples } : undefined;
}

/** The type that a part's cells have. */
export function typeOf(part: string): string {
  const kind = part.split('.').at(-1)!;
  if (/^(?:txt|text|transcript|caption)$/.test(kind)) return 'string';
  if (/^(?:cls|cls2|class|count|index|inx|id)$/.test(kind)) return 'int';
  return /^(?:json|jsn)$/.test(kind) ? 'object' : 'bytes';
}

/** One row for each sample: its key, and a cell for each part, read as the library's decoders do. */
export async function* sampleRows(source: ByteSource, wanted: Wanted): AsyncGenerator<RowBatch> {
  const { members } = await new Walk(source, { id: 'python' }).run();
  const found = samplesOf(members);
  if (found === undefined) return;
  const columns = ['__key__', ...found.parts];
  let rows: Cell[][] = [];
  let numbers: number[] = [];
  let size = 0;
  for (const [row, [key, parts]] of found.samples.entries()) {
    if (!wanted(row)) continue;
    source.budget.tick();
    const cells: Cell[] = [key];
    for (const part of found.parts) {
      const member = parts.get(part);
      cells.push(member === undefined ? null : await cellOf(source, part, member));
      size += Math.min(member?.size ?? 0, most.bytes);
    }
    rows.push(cells);
    numbers.push(row);
    if (rows.length < batch.rows && size < batch.bytes) continue;
    yield { columns, first: numbers[0]!, rows, numbers };
    [rows, numbers, size] = [[], [], 0];
  }
  if (rows.length > 0) yield { columns, first: numbers[0]!, rows, numbers };
}

async function cellOf(source: ByteSource, part: string, { data, size }: Member): Promise<Cell> {
  const type = typeOf(part);
  const longest = type === 'bytes' ? most.bytes : most.text;
  if (size > longest || data + size > source.size) return null;
  const bytes = await source.read(data, size);
  if (type === 'bytes') return new Uint8Array(bytes);
  const text = asBuffer(bytes).toString('utf8');
  if (type === 'string') return text;
  if (type === 'int') return /^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : text.slice(0, 256);
  try {
    return JSON.parse(text) as Cell;
  } catch {
    return null; // the member itself is inspected as JSON, which says what is wrong with it
  }
}
