// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../bytes/errors.ts';

/** A Python literal, as `ast.literal_eval` would make it. Integers stay text: they have no bound there. */
export type Literal =
  | { readonly type: 'none' }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'int'; readonly text: string }
  | { readonly type: 'str' | 'bytes'; readonly value: string }
  | { readonly type: 'tuple' | 'list'; readonly items: readonly Literal[] }
  /** In the order written; a key that is there twice is there twice. */
  | { readonly type: 'dict'; readonly entries: readonly (readonly [Literal, Literal])[] };

const deepest = 32;
const digitsAllowed = 64;
const escapes: Readonly<Record<string, string>> = { '\\': '\\', "'": "'", '"': '"', n: '\n', r: '\r', t: '\t' };

/**
 * Parses None, True, False, integers, strings, tuples, lists and dictionaries, and nothing else: no operators, floats,
 * sets or joined strings. Throws `Malformed('python-literal/…')` with the position in characters.
 */
export function parseLiteral(text: string): Literal {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#wrong('more text after the literal');
  }

  value(depth: number): Literal {
    if (depth > deepest) throw this.#wrong(`nesting deeper than ${deepest}`);
    this.#space();
    const first = this.#text[this.#at] ?? '';
    if (first === '(') return this.#tuple(depth);
    if (first === '[') return { type: 'list', items: this.#items('[', ']', depth).items };
    if (first === '{') return this.#dict(depth);
    const word = /^(?:None|True|False)\b/.exec(this.#ahead(6))?.[0];
    if (word !== undefined) {
      this.#at += word.length;
      return word === 'None' ? { type: 'none' } : { type: 'bool', value: word === 'True' };
    }
    if (first === "'" || first === '"') return { type: 'str', value: this.#string() };
    if (/^[bBuU]['"]/.test(this.#ahead(2))) {
      this.#at += 1;
      return { type: first.toLowerCase() === 'b' ? 'bytes' : 'str', value: this.#string() };
    }
    return this.#integer();
  }

  #integer(): Literal {
    const found = /^-?(?:0|[1-9]\d*)/.exec(this.#ahead(digitsAllowed))?.[0];
    if (found === undefined || found.length >= digitsAllowed) throw this.#wrong('neither a literal nor a number that is read here');
    this.#at += found.length;
    if (this.#text[this.#at] === 'L') this.#at += 1; // Python 2 wrote long integers so, and numpy takes them
    if (/^[\w.]/.test(this.#ahead(1))) throw this.#wrong('a number that is no plain integer');
    return { type: 'int', text: found };
  }

  #tuple(depth: number): Literal {
    const { items, comma } = this.#items('(', ')', depth);
    if (items.length === 1 && !comma) return items[0]!; // only brackets
    return { type: 'tuple', items };
  }

  #items(open: string, close: string, depth: number): { readonly items: readonly Literal[]; readonly comma: boolean } {
    const items: Literal[] = [];
    let comma = true;
    this.#expect(open);
    while (!this.#taken(close)) {
      if (!comma) throw this.#wrong(`no comma and no ${close}`);
      items.push(this.value(depth + 1));
      comma = this.#taken(',');
    }
    return { items, comma };
  }

  #dict(depth: number): Literal {
    const entries: [Literal, Literal][] = [];
    let comma = true;
    this.#expect('{');
    while (!this.#taken('}')) {
      if (!comma) throw this.#wrong('no comma and no }');
      const key = this.value(depth + 1);
      this.#expect(':');
      entries.push([key, this.value(depth + 1)]);
      comma = this.#taken(',');
    }
    return { type: 'dict', entries };
  }

  #string(): string {
    const quote = this.#text[this.#at]!;
    if (this.#ahead(3) === quote.repeat(3)) throw this.#wrong('a string in three quotes');
    const parts: string[] = [];
    for (let at = this.#at + 1; ; at += 1) {
      const letter = this.#text[at];
      if (letter === undefined || letter === '\n' || letter === '\0') throw this.#wrong('a string without an end');
      if (letter === quote) {
        this.#at = at + 1;
        return parts.join('');
      }
      if (letter !== '\\') parts.push(letter);
      else {
        const hex = /^x([0-9a-fA-F]{2})/.exec(this.#text.slice(at + 1, at + 4))?.[1];
        const plain = escapes[this.#text[at + 1] ?? ''];
        if (hex === undefined && plain === undefined) throw this.#wrong('an escape that is not read here');
        parts.push(plain ?? String.fromCharCode(Number.parseInt(hex!, 16)));
        at += hex === undefined ? 1 : 3;
      }
    }
  }

  #space(): void {
    while (/^[ \t\r\n\f]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }
  #ahead(length: number): string {
    return this.#text.slice(this.#at, this.#at + length);
  }
  #taken(letter: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== letter) return false;
    this.#at += 1;
    return true;
  }
  #expect(letter: string): void {
    if (!this.#taken(letter)) throw this.#wrong(`no ${letter}`);
  }
  #wrong(what: string): Malformed {
    return new Malformed('python-literal/syntax', `Python literal has ${what} at character ${this.#at} of ${this.#text.length}`);
  }
}
