// SPDX-License-Identifier: Apache-2.0
// Anyone's BOM, checked: what the official schema says, then what it cannot say.
import { violations } from '../schema/index.ts';
import { cyclonedxGroups, lintCyclonedx } from './cyclonedx/index.ts';
import { levels, mostProblems, type Level, type Lint, type Problem } from './lint.ts';
import { locate, type Position } from './locate.ts';
import type { Read } from './read.ts';
import { lintSpdx, spdxGroups } from './spdx/index.ts';

export { readBom, readBomFile, readLimits, type Read, type ReadLimits } from './read.ts';
export { levels, type Level, type Lint, type Problem } from './lint.ts';
export type { Position } from './locate.ts';

export interface PlacedProblem extends Problem {
  readonly position: Position;
}

/** What was found in one file. */
export interface Checked {
  /** 'CycloneDX 1.7', 'SPDX 3.0.1'; absent when the file is no BOM that can be read. */
  readonly format?: string;
  /** 'checked', or why not: `unchecked` for a format that is not checked here, `unreadable`, `limit` for what is beyond the limits. */
  readonly state: 'checked' | 'unchecked' | 'unreadable' | 'limit';
  /** Why it was not checked. */
  readonly what?: string;
  /** Where reading stopped. */
  readonly at?: Position;
  /** Errors first, then by place. At most a thousand of the schema and a thousand of the lint. */
  readonly problems: readonly PlacedProblem[];
  /** Whether there may be more than are listed. */
  readonly cut: boolean;
}

const ofSchema: Lint = {
  id: 'schema',
  level: 'error',
  title: 'not what the official JSON Schema asks for',
  why: 'Readers refuse a document that breaks the schema, or drop the part that does.',
  fix: 'Correct the value at the place named.',
};
const ofReading: readonly Lint[] = [
  { id: 'unreadable', level: 'error', title: 'no BOM that can be read', why: 'No reader can use it.', fix: 'Write the document again, as JSON in UTF-8.' },
  { id: 'duplicate-key', level: 'error', title: 'a key stands twice in one object', why: 'Some readers keep the first value and some the last, so two people see two documents.', fix: 'Keep one.' },
  { id: 'not-json', level: 'error', title: 'something that JSON does not have', why: 'Strict readers refuse the document.', fix: 'Take it out: NaN and Infinity are no JSON, and a JSON text begins without a byte-order mark.' },
];

/** Every lint there is, by id, in a fixed order. */
export const lints: ReadonlyMap<string, Lint> = new Map([ofSchema, ...ofReading, ...[...cyclonedxGroups, ...spdxGroups].flatMap((group) => group.lints)].map((lint) => [lint.id, lint]));

/** Checks what was read: schema and lint. */
export function check(read: Read): Checked {
  if (read.kind === 'unchecked') return { state: 'unchecked', what: read.what, problems: [], cut: false };
  if (read.kind === 'unreadable') {
    const position = read.at ?? { line: 1, column: 1 };
    const stopped = { what: read.what, cut: false, ...(read.at === undefined ? {} : { at: read.at }) };
    if (read.limit) return { ...stopped, state: 'limit', problems: [] };
    return { ...stopped, state: 'unreadable', problems: [{ code: 'unreadable', level: 'error', pointer: '', message: read.what, position }] };
  }
  const schema = violations(read.document, read.schema).map(({ pointer, message }): Problem => ({ code: 'schema', level: 'error', pointer, message }));
  const lint = read.kind === 'cyclonedx' ? lintCyclonedx(read.document) : lintSpdx(read.document);
  const all = [...read.problems, ...schema, ...lint];
  const positions = locate(read.bytes, all.map(({ pointer }) => pointer));
  const placed = all.map((problem): PlacedProblem => ({ ...problem, position: positions.get(problem.pointer)! }));
  placed.sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level) || a.position.line - b.position.line || a.position.column - b.position.column || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
  const format = `${read.kind === 'cyclonedx' ? 'CycloneDX' : 'SPDX'} ${read.version}`;
  return { format, state: 'checked', problems: placed, cut: schema.length >= mostProblems || lint.length >= mostProblems };
}

/** How many problems of each level. */
export function counts(problems: readonly Problem[]): Record<Level, number> {
  const out: Record<Level, number> = { error: 0, warning: 0, note: 0 };
  for (const { level } of problems) out[level] += 1;
  return out;
}
