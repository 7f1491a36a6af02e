// SPDX-License-Identifier: Apache-2.0
// From a data set's files to rows in the set's columns, whatever they lie in.
import { Malformed, LimitReached, Unsupported, Changed } from '../bytes/errors.ts';
import { FileSource } from '../bytes/file.ts';
import { Budget, defaultLimits } from '../bytes/limits.ts';
import { lines } from '../bytes/lines.ts';
import type { ByteSource } from '../bytes/source.ts';
import { fileOf } from '../model/artefact.ts';
import type { Cell, RowBatch, Sample, Scanner, Wanted } from '../model/scanner.ts';
import type { SetFile } from './question.ts';

/** Where a root file is: a path, or its bytes in base64 when they are no UTF-8. */
export type Place = string | { readonly base64: string };

/** Rows of one file of the set, as its scanner gives them. */
export interface FileRows {
  readonly file: SetFile;
  readonly batch: RowBatch;
}

/** What kept a file from being read to its end, in words. */
export type Trouble = (file: SetFile, why: string) => void;

export interface Reading {
  readonly kind: 'table' | 'images' | 'texts' | 'samples';
  readonly files: readonly SetFile[];
  /** Root files by id. */
  readonly places: ReadonlyMap<string, Place>;
  readonly scanners: readonly Scanner[];
  /** Seconds for one root file. */
  readonly seconds: number;
  /** Which rows of a file are wanted. */
  wanted(file: SetFile): Wanted;
  trouble: Trouble;
}

/** Larger pictures and documents are not rows. */
const largest = 64 << 20;
const headLength = 64 * 1024;
const tailLength = 66 * 1024;

/** Labels that are held beside the rows they belong to. */
const labelsMost = 20_000_000;

/** All rows of all files, root file after root file. What cannot be read is told to `trouble`, and the next file goes on. */
export async function* readRows(reading: Reading): AsyncGenerator<FileRows> {
  for await (const found of readAlone(reading)) {
    const labels = found.file.labels === undefined ? undefined : await labelsOf(found.file, found.file.labels, reading);
    yield labels === undefined ? found : { file: found.file, batch: joined(found.batch, labels) };
  }
}

const lately = new WeakMap<SetFile, Promise<readonly Cell[]>>();

/** The first column of the array of labels, read once for each file. */
function labelsOf(file: SetFile, id: string, reading: Reading): Promise<readonly Cell[]> {
  const known = lately.get(file) ?? (async () => {
    const out: Cell[] = [];
    for await (const { batch } of readAlone({ ...reading, files: [{ id, size: file.size, format: file.format }], wanted: () => () => true })) {
      for (const [cell] of batch.rows) if (out.length < labelsMost) out.push(cell ?? null);
    }
    return out;
  })();
  lately.set(file, known);
  return known;
}

function joined(batch: RowBatch, labels: readonly Cell[]): RowBatch {
  return { ...batch, columns: withLabel(batch.columns), rows: batch.rows.map((row, i) => [...row, labels[batch.numbers?.[i] ?? batch.first + i] ?? null]) };
}

const widened = new WeakMap<readonly string[], readonly string[]>();

/** The same list for the same list: readers of batches compare them so. */
function withLabel(columns: readonly string[]): readonly string[] {
  const known = widened.get(columns) ?? [...columns, 'label'];
  widened.set(columns, known);
  return known;
}

async function* readAlone(reading: Reading): AsyncGenerator<FileRows> {
  for (const [root, files] of Map.groupBy(reading.files, ({ id }) => fileOf(id))) {
    const place = reading.places.get(root);
    if (place === undefined) continue;
    const mine = new Map(files.map((file) => [file.id, file]));
    const budget = new Budget({ ...defaultLimits, timeout: reading.seconds }, files[0]!.id === root ? files[0]!.size : 0);
    let source: FileSource | undefined;
    try {
      source = FileSource.open(typeof place === 'string' ? place : Buffer.from(place.base64, 'base64'), budget, false);
      source.checkReadable();
      for await (const { file, source: bytes, sample } of opened(source, root, mine, reading)) yield* rowsOf(file, bytes, sample, reading);
    } catch (error) {
      reading.trouble(files[0]!, reasonOf(error));
    } finally {
      source?.close();
    }
    for (const file of mine.values()) reading.trouble(file, 'it was not found again');
  }
}

interface Opened {
  readonly file: SetFile;
  readonly source: ByteSource;
  readonly sample: Sample;
}

/** The wanted files in a root file, in the order in which they lie there; each is taken out of `mine`. */
async function* opened(source: ByteSource, id: string, mine: Map<string, SetFile>, reading: Reading, depth = 0): AsyncGenerator<Opened> {
  const name = id.slice(id.lastIndexOf('/') + 1);
  const sample = await sampleOf(source, name);
  const file = mine.get(id);
  if (file !== undefined) {
    mine.delete(id);
    yield { file, source, sample };
  }
  const inside = `${id}!/`;
  const wanted = (prefix: string): boolean => [...mine.keys()].some((one) => one.startsWith(prefix));
  if (depth >= 4 || !wanted(inside)) return;
  for (const scanner of reading.scanners) {
    if (scanner.recognise(sample) === 'no') continue;
    for await (const said of scanner.inspect(source, sample)) {
      if (said.kind !== 'child') continue;
      const inner = `${inside}${said.name}`;
      if (mine.has(inner) || (depth < 3 && mine.size < 64 && wanted(`${inner}!/`))) yield* opened(said.source, inner, mine, reading, depth + 1);
      if (mine.size === 0) return;
    }
  }
}

async function* rowsOf(file: SetFile, source: ByteSource, sample: Sample, reading: Reading): AsyncGenerator<FileRows> {
  try {
    if (reading.kind === 'images' || reading.kind === 'texts') {
      if (!reading.wanted(file)(0)) return;
      if (source.size > largest) throw new LimitReached('row', `${source.size} bytes, allowed for one row ${largest}`);
      const bytes = await source.read(0, source.size);
      const cell = reading.kind === 'images' ? new Uint8Array(bytes) : Buffer.from(bytes).toString(textEncoding(bytes));
      yield { file, batch: { columns: fileColumns[reading.kind], first: 0, rows: [[cell, file.label ?? null]], names: [file.id] } };
      return;
    }
    let found = false;
    for (const scanner of reading.scanners) {
      if (scanner.rows === undefined || scanner.recognise(sample) === 'no') continue;
      found = true;
      for await (const batch of scanner.rows(source, sample, reading.wanted(file))) yield { file, batch };
      break;
    }
    if (!found) yield* linesOf(file, source, reading.wanted(file));
  } catch (error) {
    reading.trouble(file, reasonOf(error));
  }
}

/** Columns of files that are rows. */
export const fileColumns = { images: ['image', 'label'], texts: ['text', 'label'] } as const;

const longestLine = 1 << 20;

/** A text corpus with one document on each line. */
async function* linesOf(file: SetFile, source: ByteSource, wanted: Wanted): AsyncGenerator<FileRows> {
  let rows: string[][] = [];
  let numbers: number[] = [];
  let row = -1;
  const batch = (): FileRows => ({ file, batch: { columns: ['text'], first: numbers[0] ?? 0, rows, numbers } });
  for await (const { bytes } of lines(source, longestLine)) {
    row += 1;
    if (!wanted(row)) continue;
    rows.push([Buffer.from(bytes).toString('utf8')]);
    numbers.push(row);
    if (rows.length < 1024) continue;
    yield batch();
    [rows, numbers] = [[], []];
  }
  if (rows.length > 0) yield batch();
}

/** UTF-8 unless the bytes say otherwise; mail and old corpora are Latin-1. */
function textEncoding(bytes: Uint8Array): 'utf8' | 'latin1' | 'utf16le' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf16le';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'utf8';
  } catch {
    return 'latin1';
  }
}

async function sampleOf(source: ByteSource, name: string): Promise<Sample> {
  const { size } = source;
  const head = await source.read(0, Math.min(headLength, size));
  return { name, size, head, tail: size <= headLength ? head : await source.read(Math.max(0, size - tailLength), Math.min(tailLength, size)) };
}

/** Why reading stopped, in words; errors that are none of ours are bugs, and pass as such. */
export function reasonOf(error: unknown): string {
  if (error instanceof Malformed || error instanceof LimitReached || error instanceof Unsupported || error instanceof Changed) return error.message;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return `the system refused: ${code}`;
  return `the reader failed, which is a bug in assay: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`.slice(0, 240);
}
