// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

const longest = 512;

/** The bom-refs of one document: each is given once, whatever names the artefacts choose. */
export class References {
  /** How often a ref was asked for. */
  readonly #used = new Map<string, number>();
  readonly #byPath = new Map<string, string>();

  /** A ref like `wanted` that is not in use yet; remembered for the artefact at `path`. */
  claim(wanted: string, path?: string): string {
    const short = wanted.length > longest ? `${wanted.slice(0, longest)}~${digestOf(wanted)}` : wanted;
    let ref = short;
    while (this.#used.has(ref)) {
      const n = (this.#used.get(short) ?? 1) + 1;
      this.#used.set(short, n);
      ref = `${short}#${n}`;
    }
    this.#used.set(ref, 1);
    if (path !== undefined) this.#byPath.set(path, ref);
    return ref;
  }

  /** The ref of an artefact; undefined when it has none. */
  of(path: string): string | undefined {
    return this.#byPath.get(path);
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
