// SPDX-License-Identifier: Apache-2.0

/** Calls back for every match of a pattern with the flag `g`, which `matchAll` would copy for each text: that takes longer than looking. */
export function eachMatch(text: string, pattern: RegExp, found: (match: string, at: number) => void): void {
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === '') pattern.lastIndex += 1;
    const next = pattern.lastIndex;
    found(match[0], match.index);
    pattern.lastIndex = next; // whatever the caller looked for meanwhile
  }
  pattern.lastIndex = 0;
}
