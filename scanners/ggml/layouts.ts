// SPDX-License-Identifier: Apache-2.0
// What stands before the tensors differs from program to program, and nothing in the file says which one wrote it.
import type { ClaimField } from '../../src/model/fact.ts';

export type Magic = 'ggml' | 'ggmf' | 'ggjt' | 'ggla';

export interface Layout {
  readonly id: string;
  readonly magics: readonly Magic[];
  /** Versions, where the magic has one. */
  readonly versions?: readonly number[];
  /** Numbers of 32 bits behind magic and version: what those mean that reports tell; undefined for others. */
  readonly numbers: readonly (ClaimField | 'ftype' | undefined)[];
  /** Which of them is the number of words; undefined when there are no words. */
  readonly words?: number;
  /** The number of words is written again before them. */
  readonly again?: boolean;
  /** Each word has a score behind it; llama.cpp since ggmf. */
  readonly scores?: boolean;
  /** Filters of an audio front end stand before the words: two numbers and their product of floats. */
  readonly filters?: boolean;
}

const [vocabulary, hidden, layers, context] = ['vocabulary-size', 'hidden-size', 'layers', 'context-length'] as const;
const no = undefined;

/** In the order they are tried: those that say more about themselves first. */
export const layouts: readonly Layout[] = [
  { id: 'whisper', magics: ['ggml'], numbers: [vocabulary, no, hidden, no, layers, context, no, no, no, no, 'ftype'], words: 0, again: true, filters: true },
  { id: 'llama', magics: ['ggmf', 'ggjt'], versions: [1, 2, 3], numbers: [vocabulary, hidden, no, no, layers, no, 'ftype'], words: 0, scores: true },
  { id: 'rwkv', magics: ['ggmf'], versions: [100, 101], numbers: [vocabulary, hidden, layers, 'ftype'] },
  { id: 'gpt-2', magics: ['ggml'], numbers: [vocabulary, context, hidden, no, layers, 'ftype'], words: 0, again: true },
  { id: 'gpt-j', magics: ['ggml'], numbers: [vocabulary, context, hidden, no, layers, no, 'ftype'], words: 0, again: true },
  { id: 'gpt-neox', magics: ['ggml'], numbers: [vocabulary, context, hidden, no, layers, no, no, 'ftype'], words: 0, again: true },
  { id: 'llama or bert', magics: ['ggml'], numbers: [vocabulary, hidden, no, no, layers, no, 'ftype'], words: 0 },
  { id: 'bloom', magics: ['ggml'], numbers: [vocabulary, hidden, no, no, layers, 'ftype'], words: 0 },
  { id: 'gpt-neox without a count', magics: ['ggml'], numbers: [vocabulary, context, hidden, no, layers, no, no, 'ftype'], words: 0 },
  { id: 'mpt', magics: ['ggml'], numbers: [hidden, context, no, layers, vocabulary, no, no, 'ftype'], words: 4 },
  { id: 'lora', magics: ['ggla'], versions: [1], numbers: [no, no] },
  ...[6, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 16].map((count): Layout => ({ id: `${count} numbers and no words`, magics: ['ggml'], numbers: Array.from({ length: count }, () => undefined) })),
];

/** Block of a type: how many numbers in how many bytes, and the name under which it is known now. */
export interface Block {
  readonly name: string;
  readonly numbers: number;
  readonly bytes: number;
}

const both: readonly (readonly [type: number, block: Block])[] = [
  [0, { name: 'F32', numbers: 1, bytes: 4 }], [1, { name: 'F16', numbers: 1, bytes: 2 }], [6, { name: 'Q5_0', numbers: 32, bytes: 22 }], [7, { name: 'Q5_1', numbers: 32, bytes: 24 }],
  [10, { name: 'Q2_K', numbers: 256, bytes: 84 }], [11, { name: 'Q3_K', numbers: 256, bytes: 110 }], [12, { name: 'Q4_K', numbers: 256, bytes: 144 }], [13, { name: 'Q5_K', numbers: 256, bytes: 176 }],
  [14, { name: 'Q6_K', numbers: 256, bytes: 210 }], [15, { name: 'Q8_K', numbers: 256, bytes: 292 }], [16, { name: 'I8', numbers: 1, bytes: 1 }], [17, { name: 'I16', numbers: 1, bytes: 2 }], [18, { name: 'I32', numbers: 1, bytes: 4 }],
  [24, { name: 'I8', numbers: 1, bytes: 1 }], [25, { name: 'I16', numbers: 1, bytes: 2 }], [26, { name: 'I32', numbers: 1, bytes: 4 }], [27, { name: 'I64', numbers: 1, bytes: 8 }], [28, { name: 'F64', numbers: 1, bytes: 8 }],
  [30, { name: 'BF16', numbers: 1, bytes: 2 }],
];

/** Since May 2023 (GGJT 3, quantisation version 2), scales have 16 bits. */
export const blocksNow: ReadonlyMap<number, Block> = new Map([
  ...both, [2, { name: 'Q4_0', numbers: 32, bytes: 18 }], [3, { name: 'Q4_1', numbers: 32, bytes: 20 }], [8, { name: 'Q8_0', numbers: 32, bytes: 34 }], [9, { name: 'Q8_1', numbers: 32, bytes: 36 }],
]);

/** Before, 32; the order of the numbers in a block was another one too, so that the names of now would be wrong. */
export const blocksThen: ReadonlyMap<number, Block> = new Map([
  ...both, [2, { name: 'Q4_0 of 2023', numbers: 32, bytes: 20 }], [3, { name: 'Q4_1 of 2023', numbers: 32, bytes: 24 }], [4, { name: 'Q4_2', numbers: 16, bytes: 10 }], [5, { name: 'Q4_3', numbers: 16, bytes: 12 }],
  [6, { name: 'Q5_0 of 2023', numbers: 32, bytes: 22 }], [7, { name: 'Q5_1 of 2023', numbers: 32, bytes: 24 }], [8, { name: 'Q8_0 of 2023', numbers: 32, bytes: 36 }],
]);
