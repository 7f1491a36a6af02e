// SPDX-License-Identifier: Apache-2.0
// Cells as questions want them: conversations told apart into prompt and response, records of one level laid flat.
import type { Cell } from '../model/scanner.ts';

type CellRecord = { readonly [field: string]: Cell };

/** Turns one kind of nested cell into further columns. */
export interface Derived {
  readonly name: string;
  readonly of: string;
  readonly take: (cell: Cell | undefined) => Cell;
}

/** Columns taken out of nested ones, judged by cells of that column. */
export function derivedFrom(name: string, cells: readonly (Cell | undefined)[]): Derived[] {
  const filled = cells.filter((cell) => cell !== null && cell !== undefined);
  if (filled.length === 0) return [];
  const most = (test: (cell: Cell | undefined) => boolean): boolean => filled.filter((cell) => test(cell)).length >= 0.8 * filled.length;
  if (most(isConversation)) {
    if (/^(?:chosen|rejected|response|completion|output)$/i.test(name)) return [{ name: `${name}.text`, of: name, take: (cell) => sideOf(cell, 'response') }];
    return [
      { name: `${name}.prompt`, of: name, take: (cell) => sideOf(cell, 'prompt') },
      { name: `${name}.response`, of: name, take: (cell) => sideOf(cell, 'response') },
    ];
  }
  if (!most(isRecord)) return [];
  const fields = new Set<string>();
  for (const cell of filled) for (const field of Object.keys(cell as CellRecord)) if (fields.size < 32) fields.add(field);
  return [...fields].map((field) => ({ name: `${name}.${field}`, of: name, take: (cell): Cell => (isRecord(cell) && Object.hasOwn(cell, field) ? (cell[field] ?? null) : null) }));
}

function isRecord(cell: Cell | undefined): cell is CellRecord {
  return typeof cell === 'object' && cell !== null && !Array.isArray(cell) && !(cell instanceof Uint8Array);
}

/** OpenAI's [{role, content}] and ShareGPT's [{from, value}]. */
function isConversation(cell: Cell | undefined): cell is readonly CellRecord[] {
  return Array.isArray(cell) && cell.length > 0 && cell.every((turn: Cell) => isRecord(turn) && speaker(turn) !== undefined && said(turn) !== undefined);
}

function speaker(turn: CellRecord): string | undefined {
  const who = turn['role'] ?? turn['from'];
  return typeof who === 'string' ? who.toLowerCase() : undefined;
}

function said(turn: CellRecord): string | undefined {
  const text = turn['content'] ?? turn['value'];
  if (typeof text === 'string') return text;
  if (text === null || text === undefined) return ''; // a call of a tool
  if (!Array.isArray(text)) return undefined;
  return (text as readonly Cell[]).map((part) => (isRecord(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n');
}

const answering: ReadonlySet<string> = new Set(['assistant', 'gpt', 'model', 'bot', 'chatgpt', 'bing', 'bard', 'ai']);

function sideOf(cell: Cell | undefined, side: 'prompt' | 'response'): Cell {
  if (!isConversation(cell)) return typeof cell === 'string' ? cell : null;
  const texts = cell.filter((turn) => answering.has(speaker(turn)!) === (side === 'response')).map((turn) => said(turn)!);
  return texts.join('\n');
}
