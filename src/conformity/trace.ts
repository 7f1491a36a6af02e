// SPDX-License-Identifier: Apache-2.0
// From a reported address, domain or digest to the data sets that hold it, and to the models made from those (5.2.4-2.1).

/** What was reported. */
export type Report =
  | { readonly kind: 'url'; readonly value: string }
  | { readonly kind: 'domain'; readonly value: string }
  | { readonly kind: 'sha256'; readonly value: string };

/** Reads a line of a list: a digest, an address, or a domain. Undefined for what is none of them. */
export function reportOf(line: string): Report | undefined {
  const text = line.trim();
  if (/^(sha256:)?[0-9a-fA-F]{64}$/.test(text)) return { kind: 'sha256', value: text.replace(/^sha256:/i, '').toLowerCase() };
  if (/^[a-z][a-z0-9+.-]{1,15}:\/\/\S{3,2000}$/i.test(text)) return { kind: 'url', value: plainUrl(text) };
  const domain = text.replace(/^\*\./, '').replace(/\.$/, '').toLowerCase();
  return /^(?=.{3,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)+$/.test(domain) ? { kind: 'domain', value: domain } : undefined;
}

/** An address as it is compared: without scheme, `www.`, fragment and the last slash; the host in lower case. */
function plainUrl(url: string): string {
  const bare = url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/^www\./i, '').replace(/#.*$/, '').replace(/\/+$/, '');
  const cut = bare.indexOf('/');
  return cut === -1 ? bare.toLowerCase() : `${bare.slice(0, cut).toLowerCase()}${bare.slice(cut)}`;
}

/** How a report is found in text. */
export interface Finder {
  readonly report: Report;
  /** Where it occurs in a text, -1 where not. `whole` is false where the text goes on after its end. */
  find(text: string, lower: string): number;
}

/** Longest piece of text that a report can take, with what must stand beside it. */
export const margin = 2100;

export function finderOf(report: Report): Finder {
  const { kind, value } = report;
  const needle = value.toLowerCase();
  const before = kind === 'sha256' ? /[0-9a-f]/i : kind === 'domain' ? /[a-z0-9_-]/i : /[a-z0-9_.-]/i;
  // A path may go on with a query or a deeper page only after a separator: /a/b is not in /a/bc.
  const after = kind === 'sha256' ? /[0-9a-f]/i : kind === 'domain' ? /[a-z0-9_-]/i : /[\w~%.-]/;
  return {
    report,
    find(text, lower) {
      for (let at = lower.indexOf(needle); at !== -1; at = lower.indexOf(needle, at + 1)) {
        const [left, right] = [at === 0 ? '' : text[at - 1]!, text[at + needle.length] ?? ''];
        const next = text[at + needle.length + 1] ?? '';
        // example.org is not in example.org.evil.net; a full stop may end a sentence.
        const goesOn = after.test(right) && !(kind === 'url' && right === '.' && !/[\w~%-]/.test(next));
        const longer = kind === 'domain' && right === '.' && /[a-z0-9]/i.test(next);
        const left2 = left === '.' && kind === 'url' ? lower.slice(Math.max(0, at - 4), at) === 'www.' : !before.test(left) || left === '';
        const same = kind !== 'url' || text.slice(at + needle.indexOf('/'), at + needle.length) === value.slice(needle.indexOf('/')) || !value.includes('/');
        if (left2 && !goesOn && !longer && same) return at;
      }
      return -1;
    },
  };
}

/** A place where a report was found. */
export interface Hit {
  readonly report: Report;
  /** File or member. */
  readonly path: string;
  /** 'line 3', 'row 17', 'the file itself', 'column url'. */
  readonly where: string;
  /** Places in this file in all. */
  readonly count: number;
  /** SHA-256 of the file. */
  readonly sha256?: string;
}

export interface Affected {
  readonly name: string;
  readonly path: string;
  /** Why, step by step. */
  readonly why: readonly string[];
}

/** A model or data set with the names it goes by and what it says it was made from. */
export interface Node {
  readonly kind: 'dataset' | 'model';
  readonly path: string;
  readonly names: readonly string[];
  readonly madeFrom: readonly { readonly name: string; readonly role: 'dataset' | 'base-model' }[];
}

/** Two names for the same thing: equal, or equal in the last part where one has no owner. */
function sameName(a: string, b: string): boolean {
  const [left, right] = [a.toLowerCase().replace(/^pkg:[a-z]+\//, '').replace(/@.*$/, ''), b.toLowerCase().replace(/^pkg:[a-z]+\//, '').replace(/@.*$/, '')];
  if (left === right) return left !== '';
  const [leftLast, rightLast] = [left.slice(left.lastIndexOf('/') + 1), right.slice(right.lastIndexOf('/') + 1)];
  return leftLast !== '' && leftLast === rightLast && (!left.includes('/') || !right.includes('/'));
}

/** Models that are affected themselves, models made from what is affected, and models made from those. */
export function spread(nodes: readonly Node[], datasets: readonly Affected[], direct: readonly Affected[]): Affected[] {
  const out = new Map(direct.map((one) => [one.path, one]));
  const queue = [...datasets, ...direct].map(({ path, why }) => ({ names: nodes.find((one) => one.path === path)?.names ?? [path], why }));
  for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
    for (const node of nodes) {
      if (node.kind !== 'model' || out.has(node.path)) continue;
      const link = node.madeFrom.find(({ name }) => one.names.some((known) => sameName(known, name)));
      if (link === undefined) continue;
      const why = [...one.why, `${node.names[0] ?? node.path} names ${link.name} as its ${link.role}`];
      out.set(node.path, { name: node.names[0] ?? node.path, path: node.path, why });
      queue.push({ names: node.names, why });
    }
  }
  return [...out.values()];
}
