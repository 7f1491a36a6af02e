// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../../model/fact.ts';
import { leavesFolder } from './paths.ts';

type Node = FactOf<'node'>;

const occasions: Readonly<Record<string, string>> = {
  load: 'while the model is loaded', restore: 'when its weights are restored or saved', signature: 'when the model is called', function: 'when one of its functions is called',
};

/** In words, with a space before: on which occasions a node runs. */
export function when(node: Node): string {
  const runs = runsOf(node);
  return runs.length === 0 ? ', in a part that no signature reaches' : ` ${runs.map((one) => occasions[one] ?? one).join(', ')}`;
}

export function runsOf({ detail }: Node): string[] {
  return detail?.['runs']?.split(' ') ?? [];
}

/** Constant texts that the operand with the file's name is made of. */
export function filesOf({ detail }: Node): string[] {
  return detail?.['file']?.split(' | ') ?? [];
}

/** The first constant part of a file's name that leads out of the model's folder, and how. */
export function leaving(node: Node): { readonly file: string; readonly how: string } | undefined {
  for (const file of filesOf(node)) {
    const how = leavesFolder(file);
    if (how !== undefined) return { file, how };
  }
  return undefined;
}

/** Where a file's name comes from, for a message. */
export function fileText(node: Node): string {
  const files = filesOf(node);
  if (files.length > 0) return `'${files.join("', '")}'`;
  const from = node.detail?.['from'] ?? 'computed';
  return from.includes('argument') ? 'a path that the caller gives' : from === 'asset' ? 'a file of its assets' : 'a path that it works out';
}
