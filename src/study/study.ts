// SPDX-License-Identifier: Apache-2.0
// Puts all questions to one data set, in as few passes over its rows as they ask for.
import { clip } from '../bytes/clip.ts';
import { LimitReached } from '../bytes/errors.ts';
import type { Cell, RowBatch, Scanner, Wanted } from '../model/scanner.ts';
import { hash32, randomFrom } from '../sketch/random.ts';
import {
  columnsOf, mostPasses, notAssessable, type Asking, type Batch, type Candidate, type Context, type DataSet, type Question, type Row, type SetFile, type StudyFact,
} from './question.ts';
import { fileColumns, readRows, reasonOf, type FileRows, type Place } from './reading.ts';
import { Profile, withRoles } from './roles.ts';
import { splitNamed, type Draft } from './sets.ts';
import { derivedFrom, type Derived } from './shape.ts';

/** What one study may cost. */
export interface StudyLimits {
  /** Seconds in all, and one more for each MiB that is read. */
  readonly seconds: number;
  /** Bytes of files whose rows are all read; of a larger set, a sample of about as much. */
  readonly bytes: number;
  /** Bytes that all questions together should not exceed. */
  readonly memory: number;
}

export const studyLimits: StudyLimits = { seconds: 300, bytes: 1 << 30, memory: 512 << 20 };

/** What goes to the process that studies. */
export interface StudyTask {
  readonly draft: Draft;
  /** Root files by id. */
  readonly places: readonly (readonly [id: string, place: Place])[];
  /** Models that may be run on the set. */
  readonly models?: readonly Candidate[];
  readonly limits: StudyLimits;
}

/** Rows looked at beforehand, to know what the columns are for. */
const peeked = { rows: 2000, files: 64, pictures: 48 } as const;
/** Columns whose cells are kept; of a wider table the first ones. */
const mostColumns = 2000;
/** Sampling takes or leaves rows in runs of this many. */
const runOfRows = 64;

/** Compressed formats hold more text than their size says. */
const expansion: Readonly<Record<string, number>> = { parquet: 3, zip: 3, gzip: 4, zstd: 4, xz: 5, bzip2: 5, npz: 1.5 };

/** All that the questions say of a data set, the account of its rows first. Never throws. */
export async function study(task: StudyTask, scanners: readonly Scanner[], questions: readonly Question[]): Promise<StudyFact[]> {
  try {
    return await new Study(task, scanners).put(questions);
  } catch (error) {
    return [{ ...notAssessable(account, task.draft, `the study stopped: ${reasonOf(error)}`) }];
  }
}

/** Not a question of the list: what was read of the set, which every other answer rests on. */
const account = {
  id: 'rows',
  blind: 'Rows are read as the usual loaders read them; what a loading script makes of them is not known. Roles of columns are guessed from names and values unless they are stated.',
} as const;

interface Active {
  readonly question: Question;
  readonly asking: Asking;
  readonly failed?: StudyFact;
}

class Study {
  readonly #task: StudyTask;
  readonly #scanners: readonly Scanner[];
  readonly #deadline: number;
  readonly #seconds: number;
  readonly #places: ReadonlyMap<string, Place>;
  /** Share of rows that is read. */
  readonly #share: number;
  readonly #troubles = new Map<string, string>();
  #derived: readonly Derived[] = [];
  #set!: DataSet;
  #seen = 0;

  constructor(task: StudyTask, scanners: readonly Scanner[]) {
    this.#task = task;
    this.#scanners = scanners;
    const { draft, limits } = task;
    const size = draft.files.reduce((sum, file) => sum + file.size * expansionOf(file), 0);
    this.#share = Math.min(1, limits.bytes / Math.max(size, 1));
    this.#seconds = secondsFor(task);
    this.#deadline = performance.now() + 1000 * this.#seconds;
    this.#places = new Map(task.places);
  }

  async put(questions: readonly Question[]): Promise<StudyFact[]> {
    const peek = await this.#peek();
    if (peek === undefined) return [];
    this.#set = peek;
    const answers = new Map<string, StudyFact[]>();
    let active: Active[] = [];
    const able = questions.filter((question) => {
      const needs = question.needs(peek);
      if (needs !== true) answers.set(question.id, [notAssessable(question, peek, needs)]);
      return needs === true;
    });
    for (const question of able) active.push({ question, asking: question.begin(peek, this.#context(question, able.length)) });
    for (let pass = 1; pass <= mostPasses; pass += 1) {
      const broken = await this.#pass(active, pass);
      for (const [id, fact] of broken) answers.set(id, [fact]);
      active = active.filter(({ question }) => !broken.has(question.id));
      const more: Active[] = [];
      for (const one of active) {
        const again = await this.#guard(one.question, async () => pass < mostPasses && (await one.asking.again?.(pass)) === true);
        if (again === true) more.push(one);
        else answers.set(one.question.id, again === false ? await this.#end(one) : [again]);
      }
      active = more;
      if (active.length === 0) break;
    }
    return [this.#account(), ...questions.flatMap(({ id }) => answers.get(id) ?? [])];
  }

  async #end({ question, asking }: Active): Promise<StudyFact[]> {
    const facts = await this.#guard(question, async () => {
      const out: StudyFact[] = [];
      for await (const fact of asking.end()) out.push(bounded(fact));
      return out;
    });
    return Array.isArray(facts) ? facts : [facts];
  }

  /** A question that fails leaves the others alone. */
  async #guard<T>(question: Question, work: () => Promise<T>): Promise<T | StudyFact> {
    try {
      return await work();
    } catch (error) {
      return notAssessable(question, this.#set, error instanceof LimitReached ? error.message : `the question failed, which is a bug in assay: ${reasonOf(error)}`);
    }
  }

  async #pass(active: readonly Active[], pass: number): Promise<Map<string, StudyFact>> {
    const broken = new Map<string, StudyFact>();
    const shaper = new Shaper(this.#set, this.#derived);
    let seen = 0;
    for await (const { file, batch: raw } of this.#read(this.#task.draft.files, (file) => this.#wanted(file))) {
      this.#tick();
      const batch = shaper.shape(file, raw);
      seen += batch.rows.length;
      this.#seen = Math.max(this.#seen, seen);
      for (const { question, asking } of active) {
        if (broken.has(question.id)) continue;
        try {
          const waits = asking.batch(batch, pass);
          if (waits !== undefined) await waits;
        } catch (error) {
          broken.set(question.id, await this.#guard<StudyFact>(question, () => Promise.reject(error)));
        }
      }
    }
    return broken;
  }

  #read(files: readonly SetFile[], wanted: (file: SetFile) => Wanted): AsyncGenerator<FileRows> {
    return readRows({
      kind: this.#task.draft.kind, files, places: this.#places, scanners: this.#scanners, seconds: this.#seconds, wanted,
      trouble: (file, why) => void (this.#troubles.size < 1000 && this.#troubles.set(file.id, why)),
    });
  }

  #wanted(file: SetFile): Wanted {
    if (this.#share >= 1) return () => true;
    const below = this.#share * 2 ** 32;
    const seed = hash32(file.id, 1);
    return (row) => hash32(String(Math.floor(row / runOfRows)), seed) < below;
  }

  /** The first rows of some files: what columns there are, and what for. Undefined when the files are no data after all. */
  async #peek(): Promise<DataSet | undefined> {
    const { draft } = this.#task;
    const files = [...new Map(draft.files.map((file) => [file.split, file])).values()]; // the last of each split, and the first of all
    const first = draft.kind === 'images' || draft.kind === 'texts' ? spread(draft.files, draft.kind === 'images' ? peeked.pictures : 200) : [...new Set([draft.files[0]!, ...files])].slice(0, 4);
    const names: string[] = draft.kind === 'images' || draft.kind === 'texts' ? [...fileColumns[draft.kind]] : draft.columns.slice(0, mostColumns);
    const cells = new Map<string, (Cell | undefined)[]>(names.map((name) => [name, []]));
    let binary = 0;
    // Files that are rows may lie in one container: those are read together, tables one after the other.
    for (const files of draft.kind === 'images' || draft.kind === 'texts' ? [first] : first.map((file) => [file])) {
      for await (const { batch } of takeRows(this.#read(files, () => () => true), peeked.rows)) {
        batch.columns.forEach((name, index) => {
          let list = cells.get(name);
          if (list === undefined && cells.size < mostColumns) cells.set(name, (list = []));
          for (const row of batch.rows) list?.push(row[index]);
        });
        if (draft.kind === 'texts') for (const [cell] of batch.rows) if (typeof cell === 'string' && cell.slice(0, 4096).includes('\0')) binary += 1;
      }
    }
    if (draft.kind === 'texts' && binary > first.length / 10) return undefined;
    this.#derived = [...cells].flatMap(([name, list]) => derivedFrom(name, list)).slice(0, mostColumns);
    const profiles = [...cells].map(([name, list]) => profileOf(name, list));
    for (const { name, of, take } of this.#derived) profiles.push(profileOf(name, cells.get(of)!.map((cell) => take(cell))));
    const { kind, size, rows } = draft;
    const columns = kind === 'images' || kind === 'texts' ? fileRoles(kind, profiles, draft) : withRoles(profiles, draft.target, draft.stated?.columns);
    const splits = [...new Set(draft.files.flatMap(({ split }) => (split === undefined ? [] : [split])))];
    return { name: draft.name, kind, files: draft.files, splits, columns, size, ...(rows === undefined ? {} : { rows }) };
  }

  #context(question: Question, questions: number): Context {
    const { limits, draft } = this.#task;
    return {
      random: (name) => randomFrom(question.id, name, draft.name),
      tick: () => this.#tick(),
      memory: Math.max(16 << 20, Math.min(96 << 20, Math.floor(limits.memory / Math.max(1, questions)))),
      expected: draft.rows === undefined ? undefined : Math.ceil(draft.rows * this.#share),
      models: this.#task.models ?? [],
      seen: () => this.#counts(),
    };
  }

  #counts(): { readonly n: number; readonly among?: number } {
    const { rows } = this.#task.draft;
    return { n: this.#seen, ...(rows !== undefined && rows > this.#seen ? { among: rows } : {}) };
  }

  #tick(): void {
    if (performance.now() > this.#deadline) throw new LimitReached('timeout', `the study took longer than ${this.#seconds} s`);
  }

  #account(): StudyFact {
    const set = this.#set;
    const roles = (role: 'label' | 'text'): string => columnsOf(set, role).map(({ name }) => clip(name, 64)).slice(0, 8).join(', ');
    const { among } = this.#counts();
    const sampled = this.#share < 1 ? `a sample of ${(100 * this.#share).toPrecision(3)} % in runs of ${runOfRows} rows` : 'all rows';
    const troubles = [...this.#troubles];
    const what = [
      `${this.#seen} rows${among === undefined ? '' : ` of ${among}`} of ${set.columns.length} columns in ${set.files.length} files: ${sampled}`,
      set.splits.length === 0 ? 'no splits' : `splits ${set.splits.slice(0, 8).map((split) => clip(split, 32)).join(', ')}`,
      ...set.columns.filter(({ roles: own }) => own.length > 0).slice(0, 16).map(({ name, roles: own, stated }) => `${clip(name, 64)} is ${own.join(' and ')}${stated ? ' as stated' : ''}`),
      ...(troubles.length === 0 ? [] : [`${troubles.length} files were not read to their end, the first ${clip(troubles[0]![0], 96)}: ${clip(troubles[0]![1], 160)}`]),
    ];
    return bounded({
      kind: 'study', question: account.id, outcome: this.#seen === 0 ? 'not-assessable' : 'assessed', of: set.name, what: what.join('; '), ...this.#counts(), blind: account.blind,
      detail: { kind: set.kind, files: set.files.length, columns: set.columns.length, label: roles('label'), text: roles('text'), troubles: troubles.length },
    });
  }
}

/** Seconds that a study may take. */
export function secondsFor({ draft, limits }: StudyTask): number {
  const read = Math.min(limits.bytes, draft.files.reduce((sum, file) => sum + file.size * expansionOf(file), 0));
  return limits.seconds + Math.ceil(read / (1 << 20)) + Math.ceil(draft.size / (16 << 20));
}

function expansionOf({ id, format }: SetFile): number {
  const outer = /\.(gz|zst|xz|bz2)!\//.exec(id) === null ? undefined : 1; // a member's size is what it unfolds to
  return outer ?? expansion[format] ?? 1;
}

/** Puts the cells of rows into the order of the set's columns. */
class Shaper {
  readonly #set: DataSet;
  readonly #derived: readonly Derived[];
  readonly #split: number;
  #columns: readonly string[] | undefined;
  /** For each column of the set, its place in the rows as they come; -1 where it is not there. */
  #places: number[] = [];
  #takes: ((cell: Cell | undefined) => Cell)[] = [];

  constructor(set: DataSet, derived: readonly Derived[]) {
    this.#set = set;
    this.#derived = derived;
    this.#split = set.columns.findIndex(({ roles }) => roles.includes('split'));
  }

  shape(file: SetFile, { columns, first, rows, numbers, names }: RowBatch): Batch {
    if (columns !== this.#columns) this.#learn(columns);
    const own = file.split ?? '';
    const out = rows.map((cells, i): Row => {
      const placed = this.#places.map((place, j) => {
        const take = this.#takes[j];
        const cell = place === -1 ? null : (cells[place] ?? null);
        return take === undefined ? cell : take(cell);
      });
      const said = this.#split === -1 || own !== '' ? null : placed[this.#split];
      const split = typeof said === 'string' ? (splitNamed(said) ?? clip(said, 32)) : own;
      return { id: names?.[i] ?? `${file.id}#${numbers?.[i] ?? first + i}`, split, cells: placed };
    });
    return { file, rows: out };
  }

  #learn(columns: readonly string[]): void {
    this.#columns = columns;
    const index = new Map(columns.map((name, i) => [name, i]));
    const derived = new Map(this.#derived.map((one) => [one.name, one]));
    this.#places = this.#set.columns.map(({ name }) => index.get(name) ?? index.get(derived.get(name)?.of ?? '\0') ?? -1);
    this.#takes = [];
    this.#set.columns.forEach(({ name }, j) => {
      const one = derived.get(name);
      if (one !== undefined && !index.has(name)) this.#takes[j] = one.take;
    });
  }
}

function profileOf(name: string, cells: readonly (Cell | undefined)[]): Profile {
  const profile = new Profile(name);
  for (const cell of cells) profile.add(cell);
  return profile;
}

function fileRoles(kind: 'images' | 'texts', profiles: readonly Profile[], draft: Draft): DataSet['columns'] {
  const labelled = draft.files.some(({ label }) => label !== undefined);
  const classes = new Set(draft.files.map(({ label }) => label)).size;
  return profiles.map((profile, index) => ({
    name: profile.name, type: index === 0 ? (kind === 'images' ? 'bytes' : 'string') : 'string', stated: false,
    roles: index === 0 ? [kind === 'images' ? 'image' : 'text'] as const : labelled ? ['label'] as const : [],
    distinct: index === 0 ? profile.values.size : classes, filled: profile.rows === 0 ? 0 : profile.filled / profile.rows,
    length: profile.texts === 0 ? 0 : profile.characters / profile.texts,
  }));
}

/** Files at even distances. */
function spread(files: readonly SetFile[], most: number): SetFile[] {
  const step = Math.max(1, Math.floor(files.length / most));
  return files.filter((_, index) => index % step === 0).slice(0, most);
}

/** The first rows, `most` or somewhat more. */
async function* takeRows(all: AsyncGenerator<FileRows>, most: number): AsyncGenerator<FileRows> {
  let taken = 0;
  for await (const one of all) {
    yield one;
    taken += one.batch.rows.length;
    if (taken >= most) return;
  }
}

/** Facts stay small whatever a question says: texts are cut, lists too. */
function bounded(fact: StudyFact): StudyFact {
  return {
    ...fact,
    of: clip(fact.of, 256),
    what: clip(fact.what, 1024),
    ...(fact.trigger === undefined ? {} : { trigger: clip(fact.trigger, 256) }),
    ...(fact.rows === undefined ? {} : { rows: fact.rows.slice(0, 64).map((id) => clip(id, 256)) }),
    ...(fact.excerpts === undefined ? {} : { excerpts: fact.excerpts.slice(0, 8).map((text) => clip(text, 256)) }),
    ...(fact.picture === undefined || fact.picture.length <= 32 << 10 ? {} : { picture: '' }),
  };
}
