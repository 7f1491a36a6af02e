// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { childrenOf, constant, textOf, type Node } from './tree.ts';

type NodeFact = FactOf<'node'>;

/** Variables that hold what a user wrote, by the names that templates are given them under. */
const given = /^(content|user_?(message|input|text|prompt)|prompt|query|text)$/;
/** Fields of messages and of their parts. */
const parts = /^(role|type|name|id|tool_calls?|tool_call_id|function|arguments|length)$/;
const comparing = new Set(['startswith', 'endswith', 'find', 'rfind', 'index', 'rindex', 'count', '__contains__']);
const selecting = new Set(['select', 'reject', 'selectattr', 'rejectattr']);
/** Rounds in which variables take what others hold. */
const rounds = 6;
/** Expressions looked into for one question: real ones have a few dozen parts. */
const deepest = 2000;

/**
 * What a template asks of the conversation. `content-branch`: when a message's content has `name`, it writes `text`;
 * `content-test`: it compares content with `name` elsewhere; `content-rewrite`: it replaces `name` in content with `by`.
 */
export class Conversation {
  readonly #names = new Set<string>();

  constructor(program: Node) {
    const holders: (readonly [name: string, value: readonly Node[]])[] = [];
    const open = [program];
    while (open.length > 0) {
      const node = open.pop()!;
      if (node.type === 'Set' || node.type === 'SetStatement') holders.push([nameOf(node['assignee'] as Node), [...(node['value'] === null ? [] : [node['value'] as Node]), ...(node['body'] as Node[])]]);
      else if (node.type === 'For') for (const name of loopNames(node['loopvar'] as Node)) holders.push([name, [node['iterable'] as Node]]);
      open.push(...childrenOf(node));
    }
    for (let round = 0; round < rounds; round += 1) {
      const before = this.#names.size;
      for (const [name, values] of holders) if (name !== '' && values.some((value) => this.#reads(value))) this.#names.add(name);
      if (this.#names.size === before) break;
    }
  }

  *asks(node: Node): Generator<NodeFact> {
    if (node.type === 'If') yield* this.#branch(node['test'] as Node, [...(node['body'] as Node[]), ...(node['alternate'] as Node[])]);
    else if (node.type === 'Ternary') yield* this.#branch(node['condition'] as Node, [node['trueExpr'] as Node, node['falseExpr'] as Node]);
    else if (node.type === 'SelectExpression') yield* this.#branch(node['test'] as Node, [node['lhs'] as Node]);
    for (const literal of this.#compared(node)) yield { kind: 'node', operator: 'content-test', name: clip(literal) };
    const change = this.#rewritten(node);
    if (change !== undefined) yield { kind: 'node', operator: 'content-rewrite', name: clip(change[0]), detail: { by: clip(change[1]) } };
  }

  *#branch(test: Node, body: readonly Node[]): Generator<NodeFact> {
    const triggers: string[] = [];
    const open = [test];
    for (let seen = 0; open.length > 0 && seen < deepest; seen += 1) {
      const node = open.pop()!;
      triggers.push(...this.#compared(node));
      open.push(...childrenOf(node));
    }
    const written = triggers.length === 0 ? '' : body.flatMap(outputOf).join('').replaceAll(/\s+/g, ' ').trim();
    if (written !== '') yield { kind: 'node', operator: 'content-branch', name: clip(triggers.join(' | ')), detail: { text: clip(written) } };
  }

  /** Texts that this expression compares content with. */
  #compared(node: Node): string[] {
    if (node.type === 'BinaryExpression') {
      const operator = String((node['operator'] as { value?: unknown }).value);
      if (operator === '+' || operator === '~' || operator === 'and' || operator === 'or') return [];
      const sides = [node['left'] as Node, node['right'] as Node];
      const texts = sides.flatMap(textsOf);
      return texts.length > 0 && sides.some((side) => textsOf(side).length === 0 && this.#reads(side)) ? texts : [];
    }
    if (node.type === 'CallExpression') {
      const callee = node['callee'] as Node;
      if (callee.type !== 'MemberExpression' || !comparing.has(textOf((callee['property'] as Node)['value']) ?? '')) return [];
      return this.#reads(callee['object'] as Node) ? (node['args'] as Node[]).flatMap(textsOf) : [];
    }
    if (node.type === 'FilterExpression') {
      const [name, args] = filterOf(node);
      if (!selecting.has(name)) return [];
      const texts = args.flatMap(textsOf);
      if (!texts.includes('content') && !this.#reads(node['operand'] as Node)) return [];
      return texts.slice(name.endsWith('attr') ? 2 : 1); // the attribute and the test's name come first
    }
    return [];
  }

  /** What is replaced in content, and by what. */
  #rewritten(node: Node): readonly [string, string] | undefined {
    let [object, args]: [Node | undefined, Node[]] = [undefined, []];
    if (node.type === 'FilterExpression') {
      const [name, given_] = filterOf(node);
      if (name === 'replace') [object, args] = [node['operand'] as Node, given_];
    } else if (node.type === 'CallExpression' && (node['callee'] as Node).type === 'MemberExpression') {
      const callee = node['callee'] as Node;
      if (textOf((callee['property'] as Node)['value']) === 'replace') [object, args] = [callee['object'] as Node, node['args'] as Node[]];
    }
    const [from, to] = args.map((arg) => constant(arg));
    return object === undefined || from === undefined || !this.#reads(object) ? undefined : [from, to ?? '?'];
  }

  /** Whether an expression reads what was written in the conversation. */
  #reads(expression: Node): boolean {
    const open = [expression];
    for (let seen = 0; open.length > 0 && seen < deepest; seen += 1) {
      const node = open.pop()!;
      if (node.type === 'Identifier' && (given.test(String(node['value'])) || this.#names.has(String(node['value'])))) return true;
      if (node.type === 'StringLiteral' && node['value'] === 'content') return true;
      if (node.type === 'MemberExpression') {
        if (this.#names.has(nameOf(node))) return true;
        const property = node['property'] as Node;
        if (parts.test(textOf(property['value']) ?? '')) continue; // about a message or a part of it, not what it says
      }
      // The whole conversation made into one text.
      if (node.type === 'FilterExpression' && /^(string|tojson|join|pprint)$/.test(filterOf(node)[0]) && mentions(node['operand'] as Node, 'messages')) return true;
      // A key says nothing: {'role': 'system', 'content': …}
      if (node.type === 'ObjectLiteral') open.push(...(node['value'] as Map<Node, Node>).values());
      else open.push(...childrenOf(node));
    }
    return false;
  }
}

function mentions(expression: Node, name: string): boolean {
  return (expression.type === 'Identifier' && expression['value'] === name) || childrenOf(expression).some((child) => child.type !== 'MemberExpression' && mentions(child, name));
}

/** Name and arguments of a filter. */
function filterOf(node: Node): [string, Node[]] {
  const filter = node['filter'] as Node;
  return filter.type === 'CallExpression' ? [textOf((filter['callee'] as Node)['value']) ?? '', filter['args'] as Node[]] : [textOf(filter['value']) ?? '', []];
}

/** 'x' of x, 'ns.x' of ns.x; '' for anything else. */
function nameOf(node: Node): string {
  if (node.type === 'Identifier') return textOf(node['value']) ?? '';
  if (node.type !== 'MemberExpression' || node['computed'] === true) return '';
  const [object, property] = [node['object'] as Node, node['property'] as Node];
  return object.type === 'Identifier' ? `${textOf(object['value']) ?? ''}.${textOf(property['value']) ?? ''}` : '';
}

function loopNames(node: Node): string[] {
  return node.type === 'Identifier' ? [nameOf(node)] : childrenOf(node).map(nameOf);
}

/** The text of a literal, or those of a list of literals. */
function textsOf(node: Node): string[] {
  const text = constant(node);
  if (text !== undefined) return [text];
  return node.type === 'ArrayLiteral' || node.type === 'TupleLiteral' ? (node['value'] as Node[]).flatMap((item) => constant(item) ?? []) : [];
}

/** Texts that the statements of a branch write out by themselves. */
function outputOf(node: Node): string[] {
  if (node.type === 'StringLiteral') return [String(node['value'])];
  if (node.type === 'BinaryExpression') return [...outputOf(node['left'] as Node), ...outputOf(node['right'] as Node)];
  if (node.type === 'If') return [...(node['body'] as Node[]), ...(node['alternate'] as Node[])].flatMap(outputOf);
  if (node.type === 'For') return (node['body'] as Node[]).flatMap(outputOf);
  if (node.type === 'Set' || node.type === 'SetStatement') return node['value'] === null ? [] : outputOf(node['value'] as Node);
  return [];
}
