// SPDX-License-Identifier: Apache-2.0
// A document for people, before it is text, Markdown or HTML. Every text in it may come from an artefact.

/** A piece of a line; `to` names the anchor it leads to. */
export type Inline = string | { readonly text: string; readonly to?: string; readonly code?: boolean };
export type Line = string | readonly Inline[];

export interface Row {
  readonly id?: string;
  readonly cells: readonly Line[];
  /** A word that tells how good or bad it is, for colours. */
  readonly tone?: string;
}

export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: 'text'; readonly line: Line }
  | { readonly kind: 'list'; readonly items: readonly Line[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly Row[] }
  | { readonly kind: 'code'; readonly text: string };

export const heading = (level: 1 | 2 | 3, text: string): Block => ({ kind: 'heading', level, text });
export const says = (line: Line): Block => ({ kind: 'text', line });
export const list = (items: readonly Line[]): Block => ({ kind: 'list', items });
export const table = (head: readonly string[], rows: readonly Row[]): Block => ({ kind: 'table', head, rows });
export const code = (text: string): Block => ({ kind: 'code', text });
