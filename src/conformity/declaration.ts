// SPDX-License-Identifier: Apache-2.0
// What people declare: roles, attestations, exceptions, disposals. YAML; the shape is declaration.schema.json.
import { Malformed, LimitReached } from '../bytes/errors.ts';
import { isTagged, parseYaml, type Yaml } from '../grammar/yaml.ts';
import { UsageError } from '../model/usage-error.ts';
import { rootKinds, type RootKind } from './basis.ts';
import { aliases, provisions, roles, type Alias, type Role } from './profile.ts';

export const states = ['met', 'not-met', 'planned', 'not-applicable'] as const;
export type State = (typeof states)[number];

/** A document that a statement rests on. `path` is relative to the declaration. */
export interface Document {
  readonly path: string;
  readonly sha256: string;
  readonly title?: string;
}

export interface Attestation {
  /** An id of EN 304 223, whichever number was written. */
  readonly provision: string;
  readonly state: State;
  readonly statement: string;
  readonly evidence: readonly Document[];
  readonly by: { readonly name: string; readonly role?: string };
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly expires?: string;
}

/** Why a component is used although it is poorly documented or unsecured (5.2.3-2 to 5.2.3-2.2). */
export interface Exception {
  /** Path of a file or folder under the root, or a package URL. */
  readonly component: string;
  readonly lacks: readonly string[];
  readonly justification: string;
  readonly riskAssessment?: Document;
  readonly mitigations: readonly string[];
  /** Where end-users find it: a path, with or without #anchor, or an address. */
  readonly disclosedIn?: string;
  readonly owner: string;
  readonly date: string;
  readonly expires: string;
}

/** Data or a model that was disposed of: its digests must not turn up again. */
export interface Disposal {
  readonly name: string;
  readonly sha256: readonly string[];
  readonly method: string;
  readonly date: string;
  readonly custodian: string;
}

export interface Declaration {
  readonly path: string;
  readonly sha256: string;
  readonly profile: Alias;
  readonly subject: { readonly name: string; readonly version?: string; readonly digest?: string };
  readonly roles: readonly Role[];
  readonly kind?: RootKind;
  readonly deployed: boolean;
  /** Whether the models under the root are of the declarer's own making. */
  readonly origin?: 'own' | 'external';
  /** Hints of keys whose signature counts. */
  readonly signers: readonly string[];
  /** Files that no BOM need list, each with the reason. */
  readonly ignore: readonly { readonly path: string; readonly reason: string }[];
  /** YYYY-MM-DD from which on the subject is or was in use. */
  readonly inUseSince?: string;
  readonly attestations: readonly Attestation[];
  readonly exceptions: readonly Exception[];
  readonly disposals: readonly Disposal[];
}

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** Reads a declaration. Throws `UsageError`, naming the place, for anything that has not the shape of one. */
export async function parseDeclaration(text: string, path: string, sha256: string): Promise<Declaration> {
  // YAML would roll 30 February over into March.
  for (const [, date] of text.matchAll(/\b(?:date|expires|inUseSince)["']?\s*:\s*["']?(\d{4}-\d{2}-\d{2})/g)) if (!isDate(date!)) throw new UsageError(`the declaration ${path}: a date is ${date}; allowed is a day that exists`);
  let documents;
  try {
    documents = await parseYaml(text);
  } catch (error) {
    if (error instanceof Malformed || error instanceof LimitReached) throw new UsageError(`the declaration ${path} cannot be read: ${error.message}`);
    throw error;
  }
  const [first] = documents;
  if (first === undefined || documents.length > 1) throw new UsageError(`the declaration ${path} has ${documents.length} YAML documents; allowed is 1`);
  if (first.complaints.length > 0) throw new UsageError(`the declaration ${path} is not clean YAML: ${first.complaints[0]}`);
  return new Reader(path).declaration(plain(first.value), sha256);
}

function plain(value: Yaml): Plain {
  if (isTagged(value)) return plain(value.value);
  if (value instanceof Map) return Object.fromEntries([...value as ReadonlyMap<string, Yaml>].map(([key, one]) => [key, plain(one)]));
  return Array.isArray(value) ? (value as readonly Yaml[]).map(plain) : value as Plain;
}

/** A date that exists, as YYYY-MM-DD. */
export function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

class Reader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  declaration(value: Plain, sha256: string): Declaration {
    const top = this.#object(value, 'the top', ['schemaVersion', 'profile', 'subject', 'roles', 'kind', 'deployed', 'origin', 'signers', 'ignore', 'inUseSince', 'attestations', 'exceptions', 'disposals']);
    if (top['schemaVersion'] !== 1) this.#wrong('schemaVersion', JSON.stringify(top['schemaVersion'] ?? null), 'is 1');
    const profile = this.#oneOf(top['profile'] ?? 'etsi-en-304-223', 'profile', Object.keys(aliases) as Alias[]);
    const subject = this.#object(top['subject'] ?? null, 'subject', ['name', 'version', 'digest']);
    const digest = this.#optional(subject['digest'], 'subject.digest');
    if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) this.#wrong('subject.digest', digest, 'is sha256: and 64 hex digits');
    return {
      path: this.#file, sha256, profile,
      subject: { name: this.#text(subject['name'], 'subject.name'), ...maybe('version', this.#optional(subject['version'], 'subject.version')), ...maybe('digest', digest?.slice(7)) },
      roles: this.#list(top['roles'], 'roles').map((one, i) => this.#oneOf(one, `roles[${i}]`, roles)),
      ...(top['kind'] === undefined ? {} : { kind: this.#oneOf(top['kind'], 'kind', rootKinds) }),
      deployed: this.#flag(top['deployed'], 'deployed', true),
      ...(top['origin'] === undefined ? {} : { origin: this.#oneOf(top['origin'], 'origin', ['own', 'external'] as const) }),
      signers: this.#texts(top['signers'], 'signers'),
      ignore: this.#list(top['ignore'], 'ignore').map((one, i) => {
        const entry = this.#object(one, `ignore[${i}]`, ['path', 'reason']);
        return { path: this.#text(entry['path'], `ignore[${i}].path`), reason: this.#text(entry['reason'], `ignore[${i}].reason`) };
      }),
      ...maybe('inUseSince', top['inUseSince'] === undefined ? undefined : this.#date(top['inUseSince'], 'inUseSince')),
      attestations: this.#list(top['attestations'], 'attestations').map((one, i) => this.#attestation(one, `attestations[${i}]`, profile)),
      exceptions: this.#list(top['exceptions'], 'exceptions').map((one, i) => this.#exception(one, `exceptions[${i}]`)),
      disposals: this.#list(top['disposals'], 'disposals').map((one, i) => this.#disposal(one, `disposals[${i}]`)),
    };
  }

  #attestation(value: Plain, at: string, profile: Alias): Attestation {
    const entry = this.#object(value, at, ['provision', 'state', 'statement', 'evidence', 'by', 'date', 'expires']);
    const written = this.#text(entry['provision'], `${at}.provision`);
    const provision = provisions.find(({ id, uk }) => id === written || (profile === 'uk-ai-cop-2025' && uk === written));
    if (provision === undefined) this.#wrong(`${at}.provision`, written, 'is the number of one of the 72 provisions');
    const by = this.#object(entry['by'] ?? null, `${at}.by`, ['name', 'role']);
    return {
      provision: provision.id,
      state: this.#oneOf(entry['state'] ?? null, `${at}.state`, states),
      statement: this.#text(entry['statement'], `${at}.statement`),
      evidence: this.#list(entry['evidence'], `${at}.evidence`).map((one, i) => this.#document(one, `${at}.evidence[${i}]`)),
      by: { name: this.#text(by['name'], `${at}.by.name`), ...maybe('role', this.#optional(by['role'], `${at}.by.role`)) },
      date: this.#date(entry['date'], `${at}.date`),
      ...maybe('expires', entry['expires'] === undefined ? undefined : this.#date(entry['expires'], `${at}.expires`)),
    };
  }

  #exception(value: Plain, at: string): Exception {
    const entry = this.#object(value, at, ['component', 'lacks', 'justification', 'riskAssessment', 'mitigations', 'disclosedIn', 'owner', 'date', 'expires']);
    return {
      component: this.#text(entry['component'], `${at}.component`),
      lacks: this.#texts(entry['lacks'], `${at}.lacks`),
      justification: this.#optional(entry['justification'], `${at}.justification`) ?? '',
      ...(entry['riskAssessment'] === undefined || entry['riskAssessment'] === null ? {} : { riskAssessment: this.#document(entry['riskAssessment'], `${at}.riskAssessment`) }),
      mitigations: this.#texts(entry['mitigations'], `${at}.mitigations`),
      ...maybe('disclosedIn', this.#optional(entry['disclosedIn'], `${at}.disclosedIn`)),
      owner: this.#text(entry['owner'], `${at}.owner`),
      date: this.#date(entry['date'], `${at}.date`),
      expires: this.#date(entry['expires'], `${at}.expires`),
    };
  }

  #disposal(value: Plain, at: string): Disposal {
    const entry = this.#object(value, at, ['name', 'sha256', 'method', 'date', 'custodian']);
    const sha256 = this.#texts(entry['sha256'], `${at}.sha256`);
    for (const one of sha256) if (!/^[0-9a-f]{64}$/.test(one)) this.#wrong(`${at}.sha256`, one, 'is 64 hex digits');
    return {
      name: this.#text(entry['name'], `${at}.name`), sha256, method: this.#optional(entry['method'], `${at}.method`) ?? '',
      date: this.#date(entry['date'], `${at}.date`), custodian: this.#optional(entry['custodian'], `${at}.custodian`) ?? '',
    };
  }

  #document(value: Plain, at: string): Document {
    const entry = this.#object(value, at, ['path', 'sha256', 'title']);
    const path = this.#text(entry['path'], `${at}.path`);
    if (path.startsWith('/') || path.includes('\\') || path.includes('\0') || path.split('/').includes('..')) this.#wrong(`${at}.path`, path, 'is a path below the folder of the declaration');
    const sha256 = this.#text(entry['sha256'], `${at}.sha256`);
    if (!/^[0-9a-f]{64}$/.test(sha256)) this.#wrong(`${at}.sha256`, sha256, 'is 64 hex digits');
    return { path, sha256, ...maybe('title', this.#optional(entry['title'], `${at}.title`)) };
  }

  #wrong(at: string, found: string, allowed: string): never {
    throw new UsageError(`the declaration ${this.#file}: ${at} is ${found.slice(0, 100)}; allowed ${allowed}`);
  }

  #object(value: Plain | undefined, at: string, known: readonly string[]): Readonly<Record<string, Plain>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.#wrong(at, value === null || value === undefined ? 'missing' : 'no mapping', `is a mapping of ${known.join(', ')}`);
    const entry = value as Readonly<Record<string, Plain>>;
    for (const key of Object.keys(entry)) if (!known.includes(key)) this.#wrong(at, `given ${key}`, `are ${known.join(', ')}`);
    return entry;
  }

  #list(value: Plain | undefined, at: string): readonly Plain[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) this.#wrong(at, 'no list', 'is a list');
    return value as readonly Plain[];
  }

  #texts(value: Plain | undefined, at: string): string[] {
    return this.#list(value, at).map((one, i) => this.#text(one, `${at}[${i}]`));
  }

  #text(value: Plain | undefined, at: string): string {
    const text = this.#optional(value, at);
    if (text === undefined || text.trim() === '') this.#wrong(at, 'missing or empty', 'is a text');
    return text;
  }

  #optional(value: Plain | undefined, at: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number') return String(value);
    if (typeof value !== 'string' || value.length > 4000) this.#wrong(at, typeof value === 'string' ? `a text of ${value.length} characters` : 'no text', 'is a text of at most 4000 characters');
    return value;
  }

  #date(value: Plain | undefined, at: string): string {
    const text = this.#text(value, at);
    if (!isDate(text)) this.#wrong(at, text, 'is a date YYYY-MM-DD');
    return text;
  }

  #flag(value: Plain | undefined, at: string, otherwise: boolean): boolean {
    if (value === undefined || value === null) return otherwise;
    if (typeof value !== 'boolean') this.#wrong(at, JSON.stringify(value), 'are true and false');
    return value;
  }

  #oneOf<const T extends string>(value: Plain | undefined, at: string, allowed: readonly T[]): T {
    const found = allowed.find((one) => one === value);
    if (found === undefined) this.#wrong(at, typeof value === 'string' ? value : JSON.stringify(value ?? null), `are ${allowed.join(', ')}`);
    return found;
  }
}

function maybe<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : { [key]: value } as Partial<Record<K, V>>;
}
