// SPDX-License-Identifier: Apache-2.0
// What the CycloneDX schema cannot say. Works on any parsed document, ours or not: everything is checked before use.
import { isExpression, isLicenceId } from './licences.ts';
import { parsePurl } from './purl.ts';
import { isRegistered } from './taxonomy.ts';

/** Something wrong in a document that is valid by its schema. */
export interface Problem {
  /** Kebab-case and stable. */
  readonly code: string;
  /** JSON pointer (RFC 6901) to the place. */
  readonly pointer: string;
  readonly message: string;
}

type Json = Readonly<Record<string, unknown>>;

interface Reference {
  readonly pointer: string;
  readonly ref: string;
}

const digestLengths: Readonly<Record<string, number>> = {
  MD5: 32, 'SHA-1': 40, 'SHA-256': 64, 'SHA-384': 96, 'SHA-512': 128, 'SHA3-256': 64, 'SHA3-384': 96, 'SHA3-512': 128,
  'BLAKE2b-256': 64, 'BLAKE2b-384': 96, 'BLAKE2b-512': 128, BLAKE3: 64, 'Streebog-256': 64, 'Streebog-512': 128,
};

const absolute = /^(\/|~\/|[A-Za-z]:[\\/]|\\\\|file:)/;

/** Checks a parsed CycloneDX document; an empty list when nothing is wrong. Problems come in document order. */
export function lint(document: unknown): Problem[] {
  const linter = new Linter();
  linter.walk(document);
  return linter.finish();
}

class Linter {
  readonly #problems: Problem[] = [];
  readonly #refs = new Map<string, string>();
  readonly #wanted: Reference[] = [];

  /** Depth-first over a stack of its own: documents may be nested deeper than ours. */
  walk(document: unknown): void {
    const stack: { value: unknown; pointer: string; key: string; owner: string }[] = [{ value: document, pointer: '', key: '', owner: '' }];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { value, pointer, key, owner } = next;
      if (Array.isArray(value)) {
        for (let i = value.length - 1; i >= 0; i -= 1) stack.push({ value: value[i], pointer: `${pointer}/${i}`, key, owner });
      } else if (typeof value === 'object' && value !== null) {
        this.#object(value as Json, pointer, key);
        for (const [name, item] of Object.entries(value).toReversed()) {
          stack.push({ value: item, pointer: `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, key: name, owner: key });
        }
      }
    }
  }

  finish(): Problem[] {
    for (const { pointer, ref } of this.#wanted) {
      if (!this.#refs.has(ref) && !ref.startsWith('urn:cdx:')) this.#say('dangling-ref', pointer, `${quote(ref)} is the bom-ref of nothing in this document`);
    }
    return this.#problems;
  }

  #say(code: string, pointer: string, message: string): void {
    this.#problems.push({ code, pointer, message });
  }

  #object(object: Json, pointer: string, key: string): void {
    const ref = object['bom-ref'];
    if (typeof ref === 'string') {
      const first = this.#refs.get(ref);
      if (first === undefined) this.#refs.set(ref, pointer);
      else this.#say('duplicate-ref', `${pointer}/bom-ref`, `${quote(ref)} is already the bom-ref of ${first}`);
    }
    if (typeof object['alg'] === 'string' && typeof object['content'] === 'string') this.#hash(object['alg'], object['content'], pointer);
    if (typeof object['type'] === 'string' && typeof object['name'] === 'string' && !pointer.includes('/data/')) this.#component(object, pointer);
    if (Array.isArray(object['licenses'])) this.#licences(object['licenses'] as unknown[], `${pointer}/licenses`);
    if (typeof object['url'] === 'string') this.#path(object['url'], `${pointer}/url`);
    if (typeof object['location'] === 'string') this.#path(object['location'], `${pointer}/location`);
    if (key === 'properties' && typeof object['name'] === 'string') this.#property(object['name'], object['value'], pointer);
    this.#references(object, pointer, key);
  }

  #hash(algorithm: string, content: string, pointer: string): void {
    const length = Object.hasOwn(digestLengths, algorithm) ? digestLengths[algorithm] : undefined;
    if (length !== undefined && content.length !== length) {
      this.#say('hash-length', `${pointer}/content`, `${algorithm} has ${content.length} hex digits, not ${length}`);
    }
  }

  #component(component: Json, pointer: string): void {
    const { type, purl, name, modelCard, data } = component;
    if (modelCard !== undefined && type !== 'machine-learning-model') this.#say('model-card-on-wrong-type', `${pointer}/modelCard`, `a component of type ${quote(type)} has a modelCard`);
    if (data !== undefined && type !== 'data') this.#say('data-on-wrong-type', `${pointer}/data`, `a component of type ${quote(type)} has data`);
    if (component['version'] !== undefined && component['versionRange'] !== undefined) this.#say('version-and-range', pointer, 'a component has a version and a version range');
    if (typeof name === 'string' && type !== 'file' && absolute.test(name)) this.#absolute(name, `${pointer}/name`);
    if (typeof name === 'string' && name.trim() === '') this.#say('empty-name', `${pointer}/name`, 'a component has no name');
    if (typeof purl === 'string') this.#purl(purl, pointer);
    this.#ancestors(component, pointer);
  }

  #purl(purl: string, pointer: string): void {
    if (parsePurl(purl) === undefined) this.#say('invalid-purl', `${pointer}/purl`, `${quote(purl)} is no package URL`);
  }

  #ancestors(component: Json, pointer: string): void {
    const pedigree = component['pedigree'] as Json | undefined;
    const ancestors = pedigree?.['ancestors'];
    if (!Array.isArray(ancestors)) return;
    (ancestors as Json[]).forEach((ancestor, i) => {
      const samePurl = ancestor['purl'] !== undefined && ancestor['purl'] === component['purl'];
      const sameRef = ancestor['bom-ref'] !== undefined && ancestor['bom-ref'] === component['bom-ref'];
      const same = (['group', 'name', 'version', 'purl'] as const).every((key) => ancestor[key] === component[key]);
      if (samePurl || sameRef || same) this.#say('self-ancestor', `${pointer}/pedigree/ancestors/${i}`, `${quote(component['name'])} is its own ancestor`);
    });
  }

  #licences(choices: readonly unknown[], pointer: string): void {
    choices.forEach((choice, i) => {
      if (typeof choice !== 'object' || choice === null) return;
      const { expression, license } = choice as Json;
      if (typeof expression === 'string' && !isExpression(expression)) this.#say('invalid-expression', `${pointer}/${i}/expression`, `${quote(expression)} is no SPDX licence expression`);
      const id = (license as Json | undefined)?.['id'];
      if (typeof id === 'string' && !isLicenceId(id)) this.#say('unknown-licence', `${pointer}/${i}/license/id`, `${quote(id)} is not on the SPDX licence list`);
    });
  }

  /** Paths of the machine that wrote the document do not belong into it; those that climb out of it lead nowhere. */
  #path(text: string, pointer: string): void {
    if (absolute.test(text)) this.#absolute(text, pointer);
    else if (!/^[a-z][a-z0-9+.-]*:/i.test(text) && !text.includes('!/') && text.split('/').includes('..')) this.#say('escaping-path', pointer, `${quote(text)} leads out of the folder`);
  }

  #absolute(text: string, pointer: string): void {
    this.#say('absolute-path', pointer, `${quote(text)} is a path on some machine`);
  }

  #property(name: string, value: unknown, pointer: string): void {
    if (name.startsWith('cdx:') && !isRegistered(name)) this.#say('unregistered-property', `${pointer}/name`, `${quote(name)} is not in the CycloneDX property taxonomy`);
    if (typeof value === 'string' && !name.startsWith('assay:artefact') && /^(\/(home|Users|root|tmp|var|mnt)\/|[A-Za-z]:\\)/.test(value)) {
      this.#absolute(value, `${pointer}/value`);
    }
  }

  #references(object: Json, pointer: string, key: string): void {
    const want = (ref: unknown, at: string): void => {
      if (typeof ref === 'string') this.#wanted.push({ pointer: at, ref });
    };
    const wantAll = (name: string): void => {
      const list = object[name];
      if (Array.isArray(list)) (list as unknown[]).forEach((ref, i) => want(ref, `${pointer}/${name}/${i}`));
    };
    if (['dependencies', 'affects', 'datasets'].includes(key)) want(object['ref'], `${pointer}/ref`);
    if (key === 'dependencies') {
      wantAll('dependsOn');
      wantAll('provides');
      const on = object['dependsOn'];
      if (Array.isArray(on) && on.includes(object['ref'])) this.#say('self-dependency', pointer, `${quote(object['ref'])} depends on itself`);
    }
    if (key === 'compositions') for (const name of ['assemblies', 'dependencies', 'vulnerabilities']) wantAll(name);
    if (key === 'annotations') wantAll('subjects');
    if (key === 'claims') want(object['target'], `${pointer}/target`);
  }
}

function quote(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value) ?? 'nothing';
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 199)}…` : text);
}
