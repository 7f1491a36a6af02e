// SPDX-License-Identifier: Apache-2.0
// What a question to a data set is, and what it is given. Questions are listed in questions/index.ts; study.ts puts them.
import type { FactOf } from '../model/fact.ts';
import type { Cell } from '../model/scanner.ts';
import type { Random } from '../sketch/random.ts';

export type StudyFact = FactOf<'study'>;

/**
 * What a column is for. `text` is running text to learn from; `prompt` and `response` are the two sides of instruction data
 * (taken out of conversations too), `chosen` and `rejected` those of preferences; `digest` names the bytes that a URL had.
 */
export const roles = [
  'label', 'text', 'code', 'prompt', 'response', 'chosen', 'rejected', 'image', 'url', 'digest', 'embedding', 'number', 'id', 'split', 'source', 'path',
] as const;
export type Role = (typeof roles)[number];

/** A column, as recognised from its name and from the rows that were looked at beforehand (`peeked` rows of the set at most). */
export interface SetColumn {
  readonly name: string;
  /** As in `column` facts: null, bool, int, float, string, list, object, mixed; 'bytes' for blobs. */
  readonly type: string;
  /** Empty where it is not known what it is for. */
  readonly roles: readonly Role[];
  /** The roles are stated by whoever asked for the scan, not guessed. */
  readonly stated: boolean;
  /** It is taken for the label by its place alone: neither its name nor the data say so. */
  readonly guessed?: true;
  /** Different values among the filled cells looked at; counting stops at 4096. */
  readonly distinct: number;
  /** Share of cells that are neither null nor ''. */
  readonly filled: number;
  /** Mean characters of the texts among them. */
  readonly length: number;
}

/** One file (or member of one) whose rows belong to the set. */
export interface SetFile {
  /** Id of the artefact. */
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  readonly format: string;
  /** 'train', 'test', 'validation', or as it is called; absent where nothing says so. */
  readonly split?: string;
  /** Class of all its rows, where the folder says so. */
  readonly label?: string;
  /** Rows, where inspection has counted them. */
  readonly rows?: number;
  /** Id of the array that holds the labels of its rows, where they lie apart (IDX, NumPy). */
  readonly labels?: string;
}

export interface DataSet {
  /** Relative path of what the files have in common: 'data/imdb', 'train.csv'. Unique in a scan. */
  readonly name: string;
  /** `table`: rows of columns. `images` and `texts`: one file for each row. `samples`: members of tars grouped by key (WebDataset). */
  readonly kind: 'table' | 'images' | 'texts' | 'samples';
  /** In the order in which they are read: by split, then by id. */
  readonly files: readonly SetFile[];
  /** In that order, different ones. */
  readonly splits: readonly string[];
  /** Cells of every row stand in this order. */
  readonly columns: readonly SetColumn[];
  /** Rows in all, where inspection has counted them. */
  readonly rows?: number;
  /** Bytes of all files. */
  readonly size: number;
}

/**
 * Rows of one file in order, with the set's columns; a column that a file has not is null in all its rows. Sampling leaves
 * out whole rows, so that `ids` need not be consecutive.
 */
export interface Batch {
  readonly file: SetFile;
  readonly rows: readonly Row[];
}

export interface Row {
  /** 'file#index' with the index counted from 0, or the member's own name: unique in the set, for people to find it again. */
  readonly id: string;
  /** 'train' and the like, of the file or by the split column; '' where nothing says so. */
  readonly split: string;
  readonly cells: readonly Cell[];
}

/** A model that lies beside a set. */
export interface Candidate {
  /** Id of its artefact. */
  readonly id: string;
  readonly path: string;
}

/** What a question may use while it is asked. */
export interface Context {
  /** A stream of random numbers of its own: the same for the same question, name and data set. */
  random(name: string): Random;
  /** Throws `LimitReached` when the study has taken too long; for long loops. */
  tick(): void;
  /** Bytes that this question should not exceed in what it keeps. */
  readonly memory: number;
  /** Rows that the passes will give, where that is known: fewer than `set.rows` where the set is sampled. */
  readonly expected: number | undefined;
  /** Models of the same scan that may have been trained on the set, where they may be run. */
  readonly models?: readonly Candidate[];
  /** Facts that speak of how many rows were seen: spread it into the fact ({ n, among? }). Right once a pass has ended. */
  seen(): { readonly n: number; readonly among?: number };
}

/** One question put to one data set. */
export interface Asking {
  /** Rows of a pass, in order. The first pass is 1. What is kept must be bounded: `Context.memory`. */
  batch(batch: Batch, pass: number): void | Promise<void>;
  /** After each pass: whether another one is wanted. At most `mostPasses` are given. */
  again?(pass: number): boolean | Promise<boolean>;
  /** What came out: at least one fact. */
  end(): Iterable<StudyFact> | AsyncIterable<StudyFact>;
}

/** Passes over the rows that a question gets at most. */
export const mostPasses = 3;

export interface Question {
  /** Kebab-case; `question` of its facts. */
  readonly id: string;
  /** One line: what is asked. */
  readonly title: string;
  /** What it cannot see: `blind` of its facts. */
  readonly blind: string;
  /** True where the set has what it takes, else why not, in words. */
  needs(set: DataSet): true | string;
  begin(set: DataSet, context: Context): Asking;
}

/** A column with its place in a row. */
export interface Placed extends SetColumn {
  readonly index: number;
}

/** All columns with one of the roles. */
export function columnsOf(set: DataSet, ...wanted: readonly Role[]): Placed[] {
  return set.columns.flatMap((column, index) => (column.roles.some((role) => wanted.includes(role)) ? [{ ...column, index }] : []));
}

/** The first column with the role. */
export function columnOf(set: DataSet, role: Role): Placed | undefined {
  return columnsOf(set, role)[0];
}

/** The label of a row as text, or undefined where it has none. Numbers that are equal have the same text. */
export function labelOf(cell: Cell | undefined): string | undefined {
  if (cell === null || cell === undefined || cell === '') return undefined;
  if (typeof cell === 'string') return cell.length <= 256 ? cell : cell.slice(0, 256);
  return typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean' ? String(cell) : undefined;
}

/** A cell as running text; undefined for what is none. */
export function textOf(cell: Cell | undefined): string | undefined {
  return typeof cell === 'string' ? cell : undefined;
}

/** A cell as a number, also where a table of text spells one; undefined for what is none, and for NaN. */
export function numberOf(cell: Cell | undefined): number | undefined {
  if (typeof cell === 'number') return Number.isNaN(cell) ? undefined : cell;
  if (typeof cell === 'bigint') return Number(cell);
  if (typeof cell !== 'string' || cell === '' || cell.length > 64) return undefined;
  const number = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?\s*$/.test(cell) ? Number(cell) : Number.NaN;
  return Number.isNaN(number) ? undefined : number;
}

/** A question that was not put, as a fact. */
export function notAssessable(question: Pick<Question, 'id' | 'blind'>, set: Pick<DataSet, 'name'>, why: string): StudyFact {
  return { kind: 'study', question: question.id, outcome: 'not-assessable', of: set.name, what: why, n: 0, blind: question.blind };
}
