// SPDX-License-Identifier: Apache-2.0
import { fingerprint, groups, signature } from '../../sketch/minhash.ts';

/** Groups of texts that are nearly the same (Jaccard similarity of about 0.6), and of short ones that are the same. */
export function clustered(texts: readonly string[], tick: () => void): number[][] {
  const signatures = texts.map((text) => signature(text));
  const short = new Map<number, number[]>();
  texts.forEach((text, index) => {
    if (signatures[index] !== undefined) return;
    const key = fingerprint(text.toLowerCase());
    const list = short.get(key);
    if (list === undefined) short.set(key, [index]);
    else list.push(index);
  });
  return [...groups(signatures, 0.55, tick), ...[...short.values()].filter(({ length }) => length > 1)];
}
