// SPDX-License-Identifier: Apache-2.0

/** By UTF-16 code unit: the same on every machine, unlike a locale's order. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const secrets = /\b(hf_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|sk-[\w-]{20,}|AKIA[A-Z0-9]{16}|xox[abprs]-[\w-]{10,}|glpat-[\w-]{16,})/g;
const userInfo = /(\w{2,12}:\/\/)[^\s/@]{1,256}@/g;
const homes = /(^|[\s"'=(,:])((?:file:\/\/)?\/(?:home|Users|root|tmp|var|mnt|media|data|workspace|content|opt|scratch|private|srv|nfs|gpfs|lustre|kaggle|dbfs|Volumes)\/|[A-Za-z]:[\\/])[^\s"',;)]{0,4096}/g;

/**
 * Text that an artefact declares, made fit to be published: bounded, without access tokens, without the paths of the
 * machine it was made on (only the last part of such a path is kept).
 */
export function publishable(text: string): string {
  const bounded = text.length > 1024 ? `${text.slice(0, 1023)}…` : text;
  return bounded
    .replaceAll(secrets, '[redacted]')
    .replaceAll(userInfo, '$1[redacted]@')
    .replaceAll(homes, (found, before: string) => `${before}[path]/${found.slice(before.length).replace(/[\\/]+$/, '').split(/[\\/]/).at(-1) ?? ''}`);
}

/** A name without the folders of some machine: a path that is absolute, or relative to a place unknown, keeps its last part. */
export function withoutFolders(name: string): string {
  const isPath = /^([/~.]|\[path\]|[A-Za-z]:[\\/]|file:)/.test(name) || name.includes('\\') || /(^|\/)\.\.(\/|$)/.test(name);
  if (!isPath) return name;
  return name.split(/[\\/]/).findLast((part) => !/^\.*$/.test(part)) ?? 'unknown';
}

/** A path as a relative URL reference: each segment percent-encoded, no segment taken for a scheme. */
export function pathReference(path: string): string {
  const encoded = path.split('/').map((segment) => encodeURIComponent(segment.toWellFormed())).join('/');
  return encoded.replaceAll('%21', '!');
}

/** The text when it is an http(s) URL without user name or password; undefined otherwise. */
export function webUrl(text: string): string | undefined {
  if (text.length > 2048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  return publishable(url.href) === url.href ? url.href : undefined;
}

/** Names that differ only in case, spaces and punctuation name the same thing. */
export function sameName(a: string, b: string): boolean {
  return nameKey(a) === nameKey(b);
}

/** Equal for names that `sameName` takes for one. */
export function nameKey(name: string): string {
  return name.toLowerCase().replaceAll(/[\s._-]+/g, '-');
}

/** The last part of 'org/name' or of a URL's path. */
export function lastPart(id: string): string {
  return id.replace(/\/+$/, '').split('/').at(-1) ?? id;
}
