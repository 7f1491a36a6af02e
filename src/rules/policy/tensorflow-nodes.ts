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
  const hidden = hiding(node);
  if (files.length > 0) return `'${files.join("', '")}'${hidden.length === 0 ? '' : ` (made into a name by ${hidden.join(', ')})`}`;
  const from = node.detail?.['from'] ?? 'computed';
  return from.includes('argument') ? 'a path that the caller gives' : from === 'asset' ? 'a file of its assets' : 'a path that it works out';
}

/** What savers make the names of their files with. */
const ordinary = new Set(['StringJoin', 'ShardedFilename', 'ShardedFilespec', 'Select', 'SelectV2', 'StaticRegexFullMatch', 'RegexFullMatch', 'Pack', 'ExpandDims', 'Reshape', 'Switch', 'Merge', 'Squeeze', 'ConcatV2', 'MergeV2Checkpoints', 'StridedSlice', 'Split', 'Unpack', 'AsString']);

/** Operators that the name of a file goes through although no saver uses them: such a name is hidden. */
export function hiding({ detail }: Node): string[] {
  return (detail?.['through'] ?? '').split(' ').filter((one) => one !== '' && !ordinary.has(one));
}
