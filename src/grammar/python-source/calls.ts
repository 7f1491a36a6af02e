// SPDX-License-Identifier: Apache-2.0
import type { Node, Tree } from 'web-tree-sitter';

/** A value in program text as far as it is a literal: a text, a number in its own words, True, False, None; undefined for anything else. */
export type Literal = { readonly type: 'text' | 'number' | 'word'; readonly text: string } | undefined;

/** A call as it is written. */
export interface SourceCall {
  /** Dotted name with imports resolved: 'transformers.AutoModel.from_pretrained'; '?.read' for an attribute of a value. */
  readonly target: string;
  readonly positional: readonly Literal[];
  readonly named: ReadonlyMap<string, Literal>;
  /** Offset in UTF-16 code units. */
  readonly at: number;
}

const mostNodes = 2_000_000;
const mostArguments = 64;

/** All calls of a program, in the order they are written. Visits at most `mostNodes` nodes; `cut` tells whether that was all. */
export function callsIn(tree: Tree): { readonly calls: readonly SourceCall[]; readonly cut: boolean } {
  const names = new Map<string, string>();
  const texts = new Map<string, Literal | 'several'>();
  const found: Node[] = [];
  const cut = !visit(tree, (node) => {
    if (node.type === 'import_statement') imported(node, '', names);
    else if (node.type === 'import_from_statement') imported(node, node.childForFieldName('module_name')?.text ?? '', names);
    else if (node.type === 'assignment') assigned(node, texts);
    else if (node.type === 'call') found.push(node);
  });
  const known = (node: Node): Literal => {
    const value = literal(node);
    if (value !== undefined || node.type !== 'identifier') return value;
    const bound = texts.get(node.text);
    return bound === 'several' ? undefined : bound;
  };
  return { calls: found.map((node) => call(node, names, known)), cut };
}

/** Walks a tree in document order without recursion; false when it was too large to walk to its end. */
function visit(tree: Tree, each: (node: Node) => void): boolean {
  const cursor = tree.walk();
  try {
    for (let count = 0; count < mostNodes; count += 1) {
      const { nodeType } = cursor;
      if (nodeType === 'call' || nodeType === 'assignment' || nodeType.startsWith('import_')) each(cursor.currentNode);
      if (cursor.gotoFirstChild()) continue;
      while (!cursor.gotoNextSibling()) if (!cursor.gotoParent()) return true;
    }
    return false;
  } finally {
    cursor.delete();
  }
}

/** `import a.b as c`, `from m import x as y`: what the name stands for. */
function imported(statement: Node, module: string, names: Map<string, string>): void {
  for (const item of statement.childrenForFieldName('name')) {
    const alias = item.childForFieldName('alias')?.text;
    const name = (item.type === 'aliased_import' ? item.childForFieldName('name')?.text : item.text) ?? '';
    const whole = module === '' ? name : `${module}.${name}`;
    if (alias !== undefined) names.set(alias, whole);
    else if (module === '') names.set(name.split('.', 1)[0]!, name.split('.', 1)[0]!);
    else names.set(name, whole);
  }
}

/** A name that is given one text and nothing else in the whole program stands for that text. */
function assigned(node: Node, texts: Map<string, Literal | 'several'>): void {
  const left = node.childForFieldName('left');
  const right = node.childForFieldName('right');
  if (left?.type !== 'identifier') return;
  const value = right === null ? undefined : literal(right);
  texts.set(left.text, texts.has(left.text) || value === undefined ? 'several' : value);
}

function call(node: Node, names: ReadonlyMap<string, string>, known: (node: Node) => Literal): SourceCall {
  const callee = node.childForFieldName('function');
  const positional: Literal[] = [];
  const named = new Map<string, Literal>();
  const list = node.childForFieldName('arguments');
  for (const item of list?.type === 'argument_list' ? list.namedChildren.slice(0, mostArguments) : []) {
    if (item.type === 'keyword_argument') {
      const value = item.childForFieldName('value');
      named.set(item.childForFieldName('name')?.text ?? '', value === null ? undefined : known(value));
    } else if (item.type !== 'comment') positional.push(known(item));
  }
  return { target: callee === null ? '?' : dotted(callee, names), positional, named, at: node.startIndex };
}

/** 'a.b.c' of nested attributes; what is no name is '?'. */
function dotted(node: Node, names: ReadonlyMap<string, string>): string {
  const steps: string[] = [];
  let at: Node | null = node;
  while (at?.type === 'attribute' && steps.length < 32) {
    steps.unshift(at.childForFieldName('attribute')?.text ?? '?');
    at = at.childForFieldName('object');
  }
  const root = at?.type === 'identifier' ? (names.get(at.text) ?? at.text) : '?';
  return [root, ...steps].join('.');
}

function literal(node: Node): Literal {
  if (node.type === 'string') {
    const parts = node.namedChildren;
    if (parts.some(({ type }) => type === 'interpolation')) return undefined;
    return { type: 'text', text: parts.filter(({ type }) => type === 'string_content').map(({ text }) => text).join('') };
  }
  if (node.type === 'integer' || node.type === 'float') return { type: 'number', text: node.text };
  return node.type === 'true' || node.type === 'false' || node.type === 'none' ? { type: 'word', text: node.text } : undefined;
}
