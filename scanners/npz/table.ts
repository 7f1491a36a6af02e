// SPDX-License-Identifier: Apache-2.0
// Arrays of an archive that belong together row by row: x_train with y_train, images with labels.
import type { ByteSource } from '../../src/bytes/source.ts';
import { openNpy, type Npy } from '../../src/grammar/npy.ts';
import { openMember } from '../../src/grammar/zip/open.ts';
import { walk } from '../../src/grammar/zip/walk.ts';
import type { Cell, RowBatch, Wanted } from '../../src/model/scanner.ts';

export interface Column {
  readonly name: string;
  readonly array: Npy;
}

/** Arrays of one split with as many rows. */
export interface Group {
  readonly split: string;
  readonly rows: number;
  readonly columns: readonly Column[];
}

export interface Table {
  readonly groups: readonly Group[];
  close(): void;
}

const fewest = 20;
const most = { members: 64, batch: 8 << 20 } as const;

/** The table that an archive holds: two arrays or more with the same number of rows. Nothing else is opened longer than it takes to see. */
export async function openTable(source: ByteSource): Promise<Table | undefined> {
  const { members } = await walk(source);
  const arrays = new Map<string, { readonly name: string; readonly split: string; readonly array: Npy }>();
  const closing: (() => void)[] = [];
  const close = (): void => {
    for (const one of closing) one();
  };
  for (const member of members.filter(({ name }) => name.endsWith('.npy')).slice(0, most.members)) {
    const opened = await openMember(source, member);
    const array = await openNpy(opened.source);
    if (array === undefined || array.shape[0]! < fewest) {
      opened.close();
      continue;
    }
    closing.push(() => opened.close());
    const { name, split } = placed(member.name.slice(0, -4));
    if (!arrays.has(`${split}/${name}`)) arrays.set(`${split}/${name}`, { name, split, array });
  }
  const groups: Group[] = [];
  for (const [split, all] of Map.groupBy(arrays.values(), (one) => one.split)) {
    const byRows = [...Map.groupBy(all, ({ array }) => array.shape[0]!)].toSorted(([, a], [, b]) => b.length - a.length);
    const [rows, columns] = byRows[0]!;
    if (columns.length >= 2 && columns.some((column) => isData(column))) groups.push({ split, rows, columns });
  }
  const names = new Set(groups.flatMap(({ columns }) => columns.map(({ name }) => name)));
  if (groups.length > 0 && names.size >= 2) return { groups, close };
  close();
  return undefined;
}

/** Weights and biases agree in their first dimension too: a table has a name that says so, or texts. */
function isData({ name, array }: Column): boolean {
  return array.kind === 'S' || array.kind === 'U' || /^(?:x|y|labels?|targets?|class(?:es)?|images?|texts?|features?|ids?|urls?|samples?|documents?)$/i.test(name);
}

/** 'x_train', 'train_images', 'X_test': the split and what is left. */
function placed(full: string): { name: string; split: string } {
  const parts = full.split('/').at(-1)!.split(/[_.-]/);
  const split = parts.find((part) => /^(?:train|test|val|valid|validation|dev)$/i.test(part));
  const name = parts.filter((part) => part !== split).join('_');
  return split === undefined || name === '' ? { name: full, split: '' } : { name, split: split.toLowerCase() };
}

/** Whether rows of an array are pictures: bytes of height and width, and one, three or four channels. */
function picture({ kind, size, shape }: Npy): { width: number; height: number; channels: number } | undefined {
  const [, height, width, channels = 1] = shape;
  const fits = kind === 'u' && size === 1 && shape.length >= 3 && shape.length <= 4 && height! >= 4 && width! >= 4 && height! <= 4096 && width! <= 4096 && (channels === 1 || channels === 3);
  return fits ? { width: width!, height: height!, channels } : undefined;
}

/** The word for a column's type. */
export function typeOf({ array }: Column): string {
  if (picture(array) !== undefined) return 'bytes';
  if (array.width > 1 || array.shape.length > 1) return 'list';
  return array.kind === 'S' || array.kind === 'U' ? 'string' : array.kind === 'f' ? 'float' : 'int';
}

export async function* tableRows(source: ByteSource, wanted: Wanted): AsyncGenerator<RowBatch> {
  const table = await openTable(source);
  if (table === undefined) return;
  try {
    const names = [...new Set(table.groups.flatMap(({ columns }) => columns.map(({ name }) => name)))];
    const split = table.groups.some((group) => group.split !== '');
    const columns = split ? [...names, 'split'] : names;
    let first = 0;
    for (const group of table.groups) {
      const arrays = names.map((name) => group.columns.find((column) => column.name === name)?.array);
      const rowBytes = arrays.reduce((sum, array) => sum + (array === undefined ? 0 : array.width * array.size), 1);
      const step = Math.max(1, Math.min(1024, Math.floor(most.batch / rowBytes)));
      for (let begin = 0; begin < group.rows; begin += step) {
        source.budget.tick();
        const end = Math.min(group.rows, begin + step);
        const numbers = Array.from({ length: end - begin }, (_, i) => first + begin + i).filter((row) => wanted(row));
        if (numbers.length === 0) continue;
        const parts = await Promise.all(arrays.map(async (array) => array?.read(begin, end)));
        const rows = numbers.map((row) => [...arrays.map((array, i) => cellOf(array, parts[i], row - first - begin)), ...(split ? [group.split] : [])]);
        yield { columns, first: numbers[0]!, rows, numbers };
      }
      first += group.rows;
    }
  } finally {
    table.close();
  }
}

/** A picture as PGM or PPM (netpbm), so that whoever reads pictures can read it; a row of numbers as a list. */
function cellOf(array: Npy | undefined, values: readonly (number | string)[] | Uint8Array | undefined, row: number): Cell {
  if (array === undefined || values === undefined) return null;
  const { width } = array;
  const look = picture(array);
  if (look !== undefined && values instanceof Uint8Array) {
    return Buffer.concat([Buffer.from(`P${look.channels === 1 ? 5 : 6} ${look.width} ${look.height} 255\n`), values.subarray(row * width, (row + 1) * width)]);
  }
  if (width === 1 && array.shape.length === 1) return values[row] ?? null;
  return Array.from(values.slice(row * width, (row + 1) * width));
}
