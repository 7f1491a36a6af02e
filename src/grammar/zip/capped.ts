// SPDX-License-Identifier: Apache-2.0
/** Equal oddities of one archive that are told one by one; then only their number is. */
const most = 64;

/** Passes everything on, but of each code of `malformed` only the first 64; at the end it says how many more there were. */
export async function* capped<T extends { readonly kind: string }>(said: AsyncIterable<T>): AsyncGenerator<T | { kind: 'malformed'; code: string; what: string }> {
  const counts = new Map<string, number>();
  for await (const one of said) {
    const code = one.kind === 'malformed' && 'code' in one ? String(one.code) : undefined;
    const count = code === undefined ? 0 : (counts.get(code) ?? 0) + 1;
    if (code !== undefined) counts.set(code, count);
    if (count <= most) yield one;
  }
  for (const [code, count] of counts) {
    if (count > most) yield { kind: 'malformed', code, what: `${count - most} more like the ${most} named` };
  }
}
