// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import type { FactOf } from '../../src/model/fact.ts';
import type { Span } from '../../src/model/span.ts';

/** Different operators of one model; the standard has two hundred. */
const most = 5000;

interface Use {
  readonly operator: string;
  readonly domain: string;
  /** Name of the first node that uses it. */
  readonly name: string;
  readonly at: Span;
  count: number;
}

/** Operators with how often they are used: graphs have a hundred thousand nodes, and facts are for people. */
export class Operators {
  readonly #uses = new Map<string, Use>();
  readonly #defined = new Set<string>();
  #dropped = 0;

  add(operator: string, domain: string, name: string, at: Span): void {
    const key = `${domain}\0${operator}`;
    const use = this.#uses.get(key);
    if (use !== undefined) use.count += 1;
    else if (this.#uses.size < most) this.#uses.set(key, { operator, domain, name, at, count: 1 });
    else this.#dropped += 1;
  }

  /** A function of the model itself: nodes that call it need no code from elsewhere. */
  define(name: string, domain: string): void {
    if (this.#defined.size < most) this.#defined.add(`${domain}\0${name}`);
  }

  *facts(): Generator<FactOf<'node' | 'malformed'>> {
    for (const [key, { operator, domain, name, at, count }] of this.#uses) {
      yield {
        kind: 'node', operator: clip(operator, 120), name: clip(name, 120), domain: clip(domain, 120), count, at,
        ...(this.#defined.has(key) ? { detail: { defined: 'model' } } : {}),
      };
    }
    if (this.#dropped > 0) yield { kind: 'malformed', code: 'onnx/operators', what: `model uses more than ${most} different operators; ${this.#dropped} nodes are not listed` };
  }
}
