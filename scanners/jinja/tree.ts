// SPDX-License-Identifier: Apache-2.0
// The syntax tree of @huggingface/jinja, and what can be asked of any part of it.

/** A node of the parser's tree (@huggingface/jinja, ast.d.ts): `type` and children by name. */
export interface Node {
  readonly type: string;
  readonly [child: string]: unknown;
}

/** The text an expression always has: a literal, or literals put together. */
export function constant(node: Node): string | undefined {
  if (node.type === 'StringLiteral') return textOf(node['value']);
  if (node.type !== 'BinaryExpression') return undefined;
  const { value } = node['operator'] as { value?: unknown };
  if (value !== '+' && value !== '~') return undefined;
  const [left, right] = [constant(node['left'] as Node), constant(node['right'] as Node)];
  return left === undefined || right === undefined ? undefined : left + right;
}

export function childrenOf(node: Node): Node[] {
  const out: Node[] = [];
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) for (const item of value as unknown[]) pushNode(out, item);
    else if (value instanceof Map) for (const [key, item] of value as Map<unknown, unknown>) {
      pushNode(out, key);
      pushNode(out, item);
    } else pushNode(out, value);
  }
  return out;
}

function pushNode(out: Node[], value: unknown): void {
  if (typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string') out.push(value as Node);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
