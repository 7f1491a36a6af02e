// SPDX-License-Identifier: Apache-2.0
import { buildPurl, parsePurl, type Purl } from '../../purl.ts';
import { nameKey } from '../../text.ts';
import { below, isComponent, quote, type Group, type Json, type Lint, type Node } from '../lint.ts';

const invalidPurl: Lint = {
  id: 'invalid-purl',
  level: 'error',
  title: 'a purl that is no package URL',
  why: 'Vulnerability databases and registries are asked by purl. One they cannot read finds nothing, which looks like "no known vulnerability".',
  fix: 'Write pkg:TYPE/NAMESPACE/NAME@VERSION; a hub model is pkg:huggingface/ORG/NAME@COMMIT.',
};
const purlForm: Lint = {
  id: 'purl-not-canonical',
  level: 'note',
  title: 'a purl in a form that is not the canonical one',
  why: 'Tools compare purls as text; two spellings of one package are then two packages.',
  fix: 'Use the canonical spelling that the message gives.',
};
const purlName: Lint = {
  id: 'purl-name-mismatch',
  level: 'error',
  title: 'purl and name speak of two things',
  why: 'A fine-tune under the purl of its base model inherits that model\'s reputation, licence and hashes.',
  fix: 'Let the purl name the component itself; a base model belongs under pedigree.ancestors.',
};
const purlNameUnsure: Lint = { ...purlName, id: 'purl-name-differs', level: 'warning' };
const purlVersion: Lint = {
  id: 'purl-version-mismatch',
  level: 'warning',
  title: 'purl and version disagree',
  why: 'One of the two names a revision that is not here; a reader cannot know which.',
  fix: 'Give the same version in both.',
};
const emptyName: Lint = {
  id: 'empty-name',
  level: 'error',
  title: 'a component without a name',
  why: 'The schema takes white space for a name; nobody can find such a component.',
  fix: 'Name it: by the hub id, or by the file it is in.',
};
const versionAndRange: Lint = {
  id: 'version-and-range',
  level: 'error',
  title: 'a version and a version range',
  why: 'A component is one version or any of a range.',
  fix: 'Keep version for what is here, versionRange for what is only referred to.',
};
const externalHash: Lint = {
  id: 'digest-purl-mismatch',
  level: 'error',
  title: 'the checksum in the purl is not among the hashes',
  why: 'purl and hashes then name two different contents.',
  fix: 'Hash the file again; give the digest in both places, or in hashes alone.',
};
const sameTwice: Lint = {
  id: 'component-twice',
  level: 'warning',
  title: 'one component is listed twice',
  why: 'The same purl under two bom-refs: findings attached to one are missed by who looks at the other.',
  fix: 'Keep one, and let all references name it.',
};
const noRoot: Lint = {
  id: 'no-subject',
  level: 'note',
  title: 'the document does not say what it describes',
  why: 'Without metadata.component nobody can tell which of the components is the product.',
  fix: 'Put the model, dataset or application itself into metadata.component.',
};

/** Types whose purl is made from the component's name by a known rule. */
const strict = new Set(['huggingface', 'mlflow']);

export const identity: Group = {
  lints: [invalidPurl, purlForm, purlName, purlNameUnsure, purlVersion, emptyName, versionAndRange, externalHash, sameTwice, noRoot],
  start(say, document) {
    const seen = new Map<string, string>();
    const purlOf = (node: Node, text: string): void => {
      const { value, place } = node;
      const purl = text.length > 8192 ? undefined : parsePurl(text);
      if (purl === undefined) return say(invalidPurl, below(place, 'purl'), `${quote(text)} is no package URL`);
      const canonical = buildPurl(purl);
      if (canonical !== undefined && !sameSpelling(canonical, text)) say(purlForm, below(place, 'purl'), `${quote(text)} is ${quote(canonical)} in canonical form`);
      if (!sameThing(purl, value)) say(strict.has(purl.type) ? purlName : purlNameUnsure, below(place, 'purl'), `the purl names ${quote(purl.name)}, the component is called ${quote(value['name'])}`);
      const { version } = value;
      if (typeof version === 'string' && purl.version !== undefined && !/^(unknown)?$/i.test(version) && nameKey(version) !== nameKey(purl.version)) {
        say(purlVersion, below(place, 'version'), `the purl says version ${quote(purl.version)}, the component ${quote(version)}`);
      }
      checksum(node, purl);
      if (node.key !== 'components') return;
      const ref = typeof value['bom-ref'] === 'string' ? value['bom-ref'] : '';
      const first = seen.get(canonical ?? text);
      if (first !== undefined && purl.version !== undefined) say(sameTwice, below(place, 'purl'), `${quote(text)} is also the purl of ${quote(first)}`);
      else seen.set(canonical ?? text, ref);
    };
    const checksum = ({ value, place }: Node, { qualifiers }: Purl): void => {
      const list = value['hashes'];
      if (qualifiers?.['checksum'] === undefined || !Array.isArray(list)) return;
      const digests = new Set((list as unknown[]).map((hash) => String((hash as Json | null)?.['content']).toLowerCase()));
      const given = qualifiers['checksum'].split(',').map((one) => one.slice(one.indexOf(':') + 1).toLowerCase());
      if (!given.some((one) => digests.has(one))) say(externalHash, below(place, 'purl'), `the checksum ${quote(given[0])} is none of the component's hashes`);
    };
    return {
      object(node) {
        if (!isComponent(node)) return;
        const { value, place } = node;
        if (String(value['name']).trim() === '') say(emptyName, below(place, 'name'), 'a component has no name');
        if (value['version'] !== undefined && value['versionRange'] !== undefined) say(versionAndRange, place, 'a component has a version and a version range');
        if (typeof value['purl'] === 'string') purlOf(node, value['purl']);
      },
      finish() {
        if ((document['metadata'] as Json | undefined)?.['component'] === undefined) say(noRoot, below(undefined, 'metadata'), 'metadata.component is missing');
      },
    };
  },
};

function sameThing({ namespace, name, type }: Purl, component: Json): boolean {
  const [mine, theirs] = [nameKey(name), nameKey(String(component['name']))];
  if (mine === theirs || nameKey(`${namespace ?? ''}/${name}`) === theirs) return true;
  return !strict.has(type) && (theirs.includes(mine) || mine.includes(theirs));
}

/** Encodings that older versions of the specification asked for are no difference worth a word. */
function sameSpelling(canonical: string, text: string): boolean {
  const plain = (purl: string): string => purl.replaceAll(/%3A/gi, ':').replaceAll(/%2F/gi, '/').replaceAll(/%2B/gi, '+').replaceAll(/%40/gi, '@').replaceAll(/%7E/gi, '~');
  return plain(canonical) === plain(text);
}
