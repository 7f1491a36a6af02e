// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Language, Parser, type Tree } from 'web-tree-sitter';

let ready: Promise<Parser> | undefined;

/** The parser is a WebAssembly module: it is loaded when the first program text is met (some 30 ms). */
async function parser(): Promise<Parser> {
  await Parser.init();
  const made = new Parser();
  made.setLanguage(await Language.load(readFileSync(fileURLToPath(import.meta.resolve('tree-sitter-python/tree-sitter-python.wasm')))));
  return made;
}

/** Parses Python text; what is no Python becomes error nodes, and the rest is still understood. The caller deletes the tree. */
export async function parsePython(text: string): Promise<Tree> {
  ready ??= parser();
  const tree = (await ready).parse(text);
  if (tree === null) throw new Error('the parser has no language'); // cannot be: it was set above
  return tree;
}
