// SPDX-License-Identifier: Apache-2.0
// Column statistics in one pass: names, narrowest type, rows, nulls. Memory is bounded by the number of columns kept.

export type ColumnType = 'null' | 'bool' | 'int' | 'float' | 'string' | 'list' | 'object' | 'mixed';

interface Column {
  type: ColumnType;
  rows: number;
  nulls: number;
}

/** Columns that are kept; a table with more is counted on, but they are not told. */
const most = 2000;

/** Collects columns by name, in the order they were first seen. */
export class Columns {
  readonly #columns = new Map<string, Column>();
  /** Columns beyond those that are kept. */
  dropped = 0;

  /** Columns that are told. */
  get kept(): number {
    return this.#columns.size;
  }

  /** A column that is there though no row is. */
  declare(name: string): void {
    if (!this.#columns.has(name) && this.#columns.size < most) this.#columns.set(name, { type: 'null', rows: 0, nulls: 0 });
  }

  /** One value of a row. */
  add(name: string, type: ColumnType): void {
    let column = this.#columns.get(name);
    if (column === undefined) {
      if (this.#columns.size >= most) {
        this.dropped += 1;
        return;
      }
      column = { type: 'null', rows: 0, nulls: 0 };
      this.#columns.set(name, column);
    }
    column.rows += 1;
    if (type === 'null') column.nulls += 1;
    else column.type = wider(column.type, type);
  }

  *all(): Generator<{ name: string; type: string; rows: number; nulls: number }> {
    for (const [name, { type, rows, nulls }] of this.#columns) yield { name: name.length <= 256 ? name : `${name.slice(0, 255)}…`, type, rows, nulls };
  }
}

function wider(a: ColumnType, b: ColumnType): ColumnType {
  if (a === b || b === 'null') return a;
  if (a === 'null') return b;
  return (a === 'int' && b === 'float') || (a === 'float' && b === 'int') ? 'float' : 'mixed';
}

/** The type of a JSON value. */
export function typeOfJson(value: unknown): ColumnType {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'list' : 'object';
}

/** The type that a field of text has for whoever reads the table with types inferred. */
export function typeOfText(text: string): ColumnType {
  if (text === '') return 'null';
  if (/^[-+]?\d{1,18}$/.test(text)) return 'int';
  if (text.length < 64 && /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,4})?$/.test(text)) return 'float';
  return /^(true|false)$/i.test(text) ? 'bool' : 'string';
}
