// SPDX-License-Identifier: Apache-2.0
// What a template reaches for, out of its syntax tree. Nothing is rendered.
import { clip } from '../../src/bytes/clip.ts';
import { LimitReached } from '../../src/bytes/errors.ts';
import type { Budget } from '../../src/bytes/limits.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { Conversation } from './conversation.ts';
import { childrenOf, constant, textOf, type Node } from './tree.ts';
import { writes } from './written.ts';

type NodeFact = FactOf<'node'>;

/** Different names of one kind in one template; real ones have a few dozen. */
const listed = 1000;

export function* described(program: Node, budget: Budget): Generator<NodeFact> {
  const conversation = new Conversation(program);
  const told = new Map<string, Set<string>>();
  const fresh = (operator: string, name: string): boolean => {
    const names = told.get(operator) ?? new Set();
    told.set(operator, names);
    if (names.has(name)) return false;
    // Never in silence: what matters could stand behind a thousand names that do not.
    if (names.size >= listed) throw new LimitReached('template', `more than ${listed} different names of one kind (${operator})`);
    names.add(name);
    return true;
  };
  const open: Node[] = [program];
  for (let seen = 0; open.length > 0; seen += 1) {
    if (seen % 4096 === 0) budget.tick();
    const node = open.pop()!;
    for (const fact of [...ofNode(node), ...conversation.asks(node), ...writes(node)]) if (fresh(fact.operator, fact.name)) yield fact;
    for (const child of childrenOf(node)) open.push(child);
  }
}

function* ofNode(node: Node): Generator<NodeFact> {
  if (node.type === 'MemberExpression') {
    const property = node['property'] as Node;
    const name = node['computed'] === true ? constant(property) : textOf(property['value']);
    if (name !== undefined) yield { kind: 'node', operator: 'attribute', name: clip(name), detail: { of: clip(rootOf(node['object'] as Node)) } };
    else if (makesText(property)) yield { kind: 'node', operator: 'attribute', name: '?', detail: { of: clip(rootOf(node['object'] as Node)) } };
  } else if (node.type === 'FilterExpression' || node.type === 'FilterStatement') {
    const filter = node['filter'] as Node;
    const call = filter.type === 'CallExpression';
    const name = textOf(((call ? filter['callee'] : filter) as Node)['value']) ?? '?';
    const args = call ? (filter['args'] as Node[]) : [];
    const [operand] = args;
    const given = operand === undefined ? undefined : (constant(operand) ?? '?');
    yield { kind: 'node', operator: 'filter', name: given === undefined || name !== 'attr' ? clip(name) : `attr ${clip(given)}`, ...(given === undefined ? {} : { detail: { operand: clip(given) } }) };
    const of = node.type === 'FilterExpression' ? clip(rootOf(node['operand'] as Node)) : "''";
    for (const part of attributesAsked(name, args)) yield { kind: 'node', operator: 'attribute', name: clip(part), detail: { of } };
  } else if (node.type === 'CallExpression') {
    yield { kind: 'node', operator: 'call', name: clip(rootOf(node)) };
    for (const part of formatFields(node['callee'] as Node)) yield { kind: 'node', operator: 'attribute', name: clip(part), detail: { of: 'a value that is formatted' } };
  }
}

/** Whether an index is text put together, not a number: messages[loop.index0 - 1] reads no attribute. */
function makesText(node: Node): boolean {
  if (node.type === 'FilterExpression') {
    const filter = node['filter'] as Node;
    const name = ((filter.type === 'CallExpression' ? filter['callee'] : filter) as Node)['value'];
    return name === 'join' || name === 'format' || name === 'replace' || name === 'reverse';
  }
  if (node.type !== 'BinaryExpression') return false;
  const { value } = node['operator'] as { value?: unknown };
  if (value === '~') return true;
  const sides = [node['left'] as Node, node['right'] as Node];
  return value === '+' && !sides.some(isNumber);
}

function isNumber(node: Node): boolean {
  if (node.type === 'IntegerLiteral' || node.type === 'FloatLiteral' || node.type === 'UnaryExpression') return true;
  if (node.type === 'FilterExpression') return ['length', 'count', 'int', 'float', 'abs', 'round', 'sum'].includes(String((node['filter'] as Node)['value']));
  if (node.type === 'MemberExpression') return rootOf(node) === 'loop';
  return node.type === 'BinaryExpression' && [node['left'] as Node, node['right'] as Node].some(isNumber);
}

/** Filters that read an attribute of each item, by the place of its name among the arguments; -1 where only by keyword. */
const attributePlace: Readonly<Record<string, number>> = {
  selectattr: 0, rejectattr: 0, groupby: 0, sum: 0, map: -1, sort: -1, unique: -1, min: -1, max: -1, join: -1,
};

/** Attributes that a filter reads: map(attribute='a.b'), selectattr('a'), map('attr', 'a'). */
function attributesAsked(filter: string, args: readonly Node[]): string[] {
  if (!Object.hasOwn(attributePlace, filter)) return [];
  const keyword = args.find((arg) => arg.type === 'KeywordArgumentExpression' && (arg['key'] as Node)['value'] === 'attribute');
  const plain = args.filter((arg) => arg.type !== 'KeywordArgumentExpression');
  const attr = filter === 'map' && plain[0] !== undefined && constant(plain[0]) === 'attr';
  const asked = keyword === undefined ? plain[attr ? 1 : attributePlace[filter]!] : (keyword['value'] as Node);
  return asked === undefined ? [] : (constant(asked)?.split('.') ?? (attr ? ['?'] : []));
}

/** Attributes that the fields of a format text read: '{0.a[b]}'.format(x) (Python, Format String Syntax). */
function formatFields(callee: Node): string[] {
  if (callee.type !== 'MemberExpression') return [];
  const method = textOf((callee['property'] as Node)['value']);
  const text = method === 'format' || method === 'format_map' ? constant(callee['object'] as Node) : undefined;
  return [...(text ?? '').matchAll(/\{[^{}:!.[]{0,64}[.[]([^{}:!]{1,256})/g)].flatMap(([, path]) => path!.split(/[.[\]]+/)).filter((part) => part !== '');
}

/** The name at the beginning of a.b(c).d, as far as it is one. */
function rootOf(node: Node): string {
  let at = node;
  for (let step = 0; step < 1000; step += 1) {
    if (at.type === 'Identifier') return textOf(at['value']) ?? '?';
    const next = at['callee'] ?? at['object'] ?? at['operand'];
    if (typeof next !== 'object' || next === null) return at.type === 'StringLiteral' ? "''" : at.type;
    at = next as Node;
  }
  return '?';
}
