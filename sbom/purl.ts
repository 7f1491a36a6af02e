// SPDX-License-Identifier: Apache-2.0
// Package URLs: https://github.com/package-url/purl-spec (ECMA-427). Built here because the encoding must be canonical.

/** The parts of a package URL, decoded. */
export interface Purl {
  readonly type: string;
  /** Segments joined by '/'. */
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
  readonly qualifiers?: Readonly<Record<string, string>>;
  readonly subpath?: string;
}

/** What a type asks of its parts; a type that is not listed has neither a required namespace nor case rules. */
interface TypeRules {
  readonly namespace?: 'required' | 'prohibited';
  /** Brings the parts to the type's canonical form. */
  readonly canonical?: (purl: Purl) => Purl;
}

const lowerNames = (purl: Purl): Purl => ({
  ...purl,
  ...(purl.namespace === undefined ? {} : { namespace: purl.namespace.toLowerCase() }),
  name: purl.name.toLowerCase(),
});

const typeRules: Readonly<Record<string, TypeRules>> = {
  bitbucket: { namespace: 'required', canonical: lowerNames },
  github: { namespace: 'required', canonical: lowerNames },
  // Names keep their case; the version is a commit (types/huggingface-definition.json).
  huggingface: {
    namespace: 'required',
    canonical: (purl) => (purl.version === undefined ? purl : { ...purl, version: purl.version.toLowerCase() }),
  },
  // Databricks looks names up without regard to case, Azure ML does not.
  mlflow: {
    namespace: 'prohibited',
    canonical: (purl) => (/databricks/i.test(purl.qualifiers?.['repository_url'] ?? '') ? { ...purl, name: purl.name.toLowerCase() } : purl),
  },
  npm: { canonical: lowerNames },
  pypi: { namespace: 'prohibited', canonical: (purl) => ({ ...purl, name: purl.name.toLowerCase().replaceAll('_', '-') }) },
};

/** The canonical string, or undefined when the parts make no package URL. */
export function buildPurl(parts: Purl): string | undefined {
  const type = parts.type.toLowerCase();
  if (!/^[a-z][a-z0-9.-]*$/.test(type) || parts.name === '') return undefined;
  const rules = Object.hasOwn(typeRules, type) ? typeRules[type]! : {};
  const { namespace, name, version, qualifiers, subpath } = rules.canonical?.({ ...parts, type }) ?? parts;
  const folders = segments(namespace ?? '');
  if (rules.namespace === 'required' && folders.length === 0) return undefined;
  if (rules.namespace === 'prohibited' && folders.length > 0) return undefined;
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(qualifiers ?? {})) {
    if (!/^[a-z][a-z0-9._-]*$/i.test(key)) return undefined;
    if (value !== '') pairs.push(`${key.toLowerCase()}=${encode(value)}`);
  }
  const path = segments(subpath ?? '').filter((segment) => segment !== '.' && segment !== '..');
  return `pkg:${[type, ...folders.map(encode), encode(name)].join('/')}`
    + (version === undefined || version === '' ? '' : `@${encode(version)}`)
    + (pairs.length === 0 ? '' : `?${pairs.sort().join('&')}`)
    + (path.length === 0 ? '' : `#${path.map(encode).join('/')}`);
}

/** Reads any package URL, canonical or not; undefined when it is none. */
export function parsePurl(text: string): Purl | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof URIError) return undefined; // a stray '%'
    throw error;
  }
}

function parse(text: string): Purl | undefined {
  const scheme = /^pkg:\/*/i.exec(text);
  if (scheme === null) return undefined;
  const [beforeSubpath, subpath] = cutLast(text.slice(scheme[0].length), '#');
  const [beforeQualifiers, query] = cutLast(beforeSubpath, '?');
  const slash = beforeQualifiers.indexOf('/');
  if (slash <= 0) return undefined;
  const rest = beforeQualifiers.slice(slash + 1).replace(/\/+$/, '');
  // An '@' before the last '/' is an npm scope that somebody left unencoded, not a version.
  const [path, version] = rest.lastIndexOf('@') > Math.max(0, rest.lastIndexOf('/')) || !rest.includes('/') ? cutLast(rest, '@') : [rest, undefined];
  const parts = segments(path).map(decodeURIComponent);
  const name = parts.pop();
  if (name === undefined) return undefined;
  const qualifiers: Record<string, string> = {};
  for (const pair of query === undefined || query === '' ? [] : query.split('&')) {
    const [key, value] = [pair.slice(0, Math.max(0, pair.indexOf('='))), pair.slice(pair.indexOf('=') + 1)];
    if (key === '' || Object.hasOwn(qualifiers, key.toLowerCase())) return undefined;
    if (value !== '') qualifiers[key.toLowerCase()] = decodeURIComponent(value);
  }
  const below = segments(subpath ?? '').map(decodeURIComponent).filter((segment) => segment !== '.' && segment !== '..');
  const purl: Purl = {
    type: beforeQualifiers.slice(0, slash).toLowerCase(),
    ...(parts.length === 0 ? {} : { namespace: parts.join('/') }),
    name,
    ...(version === undefined || version === '' ? {} : { version: decodeURIComponent(version) }),
    ...(Object.keys(qualifiers).length === 0 ? {} : { qualifiers }),
    ...(below.length === 0 ? {} : { subpath: below.join('/') }),
  };
  if (buildPurl(purl) === undefined) return undefined;
  return Object.hasOwn(typeRules, purl.type) ? (typeRules[purl.type]!.canonical?.(purl) ?? purl) : purl;
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function cutLast(text: string, mark: string): [before: string, after: string | undefined] {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** All but letters, digits and '.-_~:' is encoded; a lone surrogate becomes U+FFFD, since it has no UTF-8 form. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}
