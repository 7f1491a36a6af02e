// SPDX-License-Identifier: Apache-2.0
// JSON Schema, as far as the schemas here use it (draft-07, and unevaluatedProperties of 2020-12): an interpreter, since
// what a compiler of schemas generates has no bound on errors, compares array items each with each, and needs eval.
import { formats } from './formats.ts';
import { pointerOf, type Place } from './pointer.ts';
import { repeated } from './unique.ts';

/** Where a document is not what its schema asks for. */
export interface Violation {
  readonly pointer: string;
  /** Of JSON Schema: 'required', 'enum' … */
  readonly keyword: string;
  readonly message: string;
}

export type Schema = Readonly<Record<string, unknown>>;

interface Found {
  readonly place: Place | undefined;
  readonly keyword: string;
  readonly message: string;
}

type Json = Readonly<Record<string, unknown>>;

/** What collects errors; without it a check only says yes or no, and stops at the first no. */
type Errors = Found[] | undefined;
/** Names of members that some part of the schema has spoken of; undefined where nobody asks. */
type Evaluated = Set<string> | undefined;

/** Errors that are kept. One document can hold millions. */
const most = 1000;

/** Forms that are tried to find the one that was meant, and how often in one document: trying all at each level would grow with a power of the depth. */
const mostForms = 8;
const mostExplained = 10_000;

/** Checks documents against one schema and those it refers to. */
export class Validator {
  readonly #root: Schema;
  readonly #others: ReadonlyMap<string, Schema>;
  readonly #targets = new Map<string, Schema>();
  readonly #types = new WeakMap<Schema, ReadonlySet<unknown> | 'any'>();
  readonly #patterns = new Map<string, RegExp>();
  #explained = 0;
  readonly #enums = new WeakMap<readonly unknown[], ReadonlySet<unknown>>();

  /** @param others Schemas by the name that `$ref` calls them by. */
  constructor(root: Schema, others: ReadonlyMap<string, Schema> = new Map()) {
    this.#root = root;
    this.#others = others;
  }

  /** At most a thousand violations, in document order as far as the schema goes by it; none when the document is valid. */
  violations(document: unknown): Violation[] {
    const found: Found[] = [];
    this.#explained = 0;
    this.#check(this.#root, this.#root, document, undefined, found, undefined);
    return found.map(({ place, keyword, message }) => ({ pointer: pointerOf(place), keyword, message }));
  }

  /** `base` is the schema file that '#/…' means. */
  #check(schema: unknown, base: Schema, value: unknown, place: Place | undefined, errors: Errors, evaluated: Evaluated): boolean {
    if (schema === true) return true;
    if (schema === false) return say(errors, place, 'false', 'nothing is allowed here');
    const all = schema as Schema;
    if (all['unevaluatedProperties'] === false) return this.#closed(all, base, value, place, errors, evaluated);
    return this.#keywords(all, base, value, place, errors, evaluated);
  }

  #keywords(schema: Schema, base: Schema, value: unknown, place: Place | undefined, errors: Errors, evaluated: Evaluated): boolean {
    let good = this.#plain(schema, value, place, errors);
    if (!good && (errors === undefined || schema['type'] !== undefined && !isOf(value, schema['type']))) return false;
    if (Array.isArray(value)) good = this.#array(schema, base, value as unknown[], place, errors) && good;
    else if (typeof value === 'object' && value !== null) good = this.#object(schema, base, value as Json, place, errors, evaluated) && good;
    if (!good && errors === undefined) return false;
    return this.#combined(schema, base, value, place, errors, evaluated) && good;
  }

  /** Members that no part of the schema spoke of are errors. */
  #closed(schema: Schema, base: Schema, value: unknown, place: Place | undefined, errors: Errors, evaluated: Evaluated): boolean {
    const mine = new Set<string>();
    let good = this.#keywords(schema, base, value, place, errors, mine);
    if (good && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const key of Object.keys(value)) {
        if (!mine.has(key)) good = say(errors, { up: place, key }, 'unevaluatedProperties', `${quote(key)} is not a property of this object`);
        evaluated?.add(key);
      }
    }
    return good;
  }

  #plain(schema: Schema, value: unknown, place: Place | undefined, errors: Errors): boolean {
    const { type, const: constant, enum: allowed } = schema;
    if (type !== undefined && !isOf(value, type)) return say(errors, place, 'type', `${show(value)} stands where ${article(type)} must`);
    if (constant !== undefined && value !== constant) return say(errors, place, 'const', `${show(value)} stands where ${show(constant)} must`);
    if (Array.isArray(allowed) && !this.#members(allowed as unknown[]).has(value)) return say(errors, place, 'enum', `${show(value)} is not ${oneOf(allowed as unknown[])}`);
    if (typeof value === 'string') return this.#string(schema, value, place, errors);
    if (typeof value === 'number') {
      const { minimum, maximum } = schema;
      if (typeof minimum === 'number' && !(value >= minimum)) return say(errors, place, 'minimum', `${value} is less than the allowed ${minimum}`);
      if (typeof maximum === 'number' && !(value <= maximum)) return say(errors, place, 'maximum', `${value} is more than the allowed ${maximum}`);
    }
    return true;
  }

  #string(schema: Schema, value: string, place: Place | undefined, errors: Errors): boolean {
    const { minLength, maxLength, pattern, format } = schema;
    if (typeof minLength === 'number' && value.length < minLength) return say(errors, place, 'minLength', `${show(value)} is shorter than the allowed ${minLength} characters`);
    // In UTF-16 units; the texts whose length the schemas bound are ASCII codes.
    if (typeof maxLength === 'number' && value.length > maxLength) return say(errors, place, 'maxLength', `${show(value)} is longer than the allowed ${maxLength} characters`);
    if (typeof pattern === 'string' && !this.#pattern(pattern).test(value)) return say(errors, place, 'pattern', `${show(value)} has not the form ${pattern.length > 120 ? `${pattern.slice(0, 119)}…` : pattern}`);
    if (typeof format === 'string' && Object.hasOwn(formats, format) && !formats[format]!(value)) return say(errors, place, 'format', `${show(value)} is no ${format}`);
    return true;
  }

  #array(schema: Schema, base: Schema, value: readonly unknown[], place: Place | undefined, errors: Errors): boolean {
    let good = true;
    const { items, minItems, maxItems } = schema;
    if (typeof minItems === 'number' && value.length < minItems) good = say(errors, place, 'minItems', `${value.length} items are fewer than the allowed ${minItems}`);
    if (typeof maxItems === 'number' && value.length > maxItems) good = say(errors, place, 'maxItems', `${value.length} items are more than the allowed ${maxItems}`);
    if (Array.isArray(items)) return this.#tuple(items as Schema[], schema['additionalItems'], base, value, place, errors) && good;
    if (items !== undefined) {
      for (let key = 0; key < value.length; key += 1) {
        good = this.#check(items, base, value[key], { up: place, key }, errors, undefined) && good;
        if (!good && (errors === undefined || errors.length >= most)) return false;
      }
    }
    if (schema['uniqueItems'] === true && good) {
      const key = repeated(value);
      if (key >= 0) good = say(errors, { up: place, key }, 'uniqueItems', 'the item equals an earlier one of its list');
    }
    return good;
  }

  /** Items by their position, as draft-07 has them. */
  #tuple(items: readonly Schema[], additional: unknown, base: Schema, value: readonly unknown[], place: Place | undefined, errors: Errors): boolean {
    let good = true;
    for (let key = 0; key < value.length; key += 1) {
      if (!good && (errors === undefined || errors.length >= most)) return false;
      if (key < items.length) good = this.#check(items[key], base, value[key], { up: place, key }, errors, undefined) && good;
      else if (additional === false) good = say(errors, { up: place, key }, 'additionalItems', `only ${items.length} items are allowed here`);
    }
    return good;
  }

  #object(schema: Schema, base: Schema, value: Json, place: Place | undefined, errors: Errors, evaluated: Evaluated): boolean {
    let good = true;
    for (const name of (schema['required'] ?? []) as readonly string[]) {
      if (value[name] === undefined) good = say(errors, place, 'required', `${quote(name)} is missing`);
    }
    const { properties, additionalProperties } = schema as { properties?: Schema; additionalProperties?: unknown };
    if (properties === undefined && additionalProperties === undefined) return good;
    for (const key of Object.keys(value)) {
      if (!good && (errors === undefined || errors.length >= most)) return false;
      if (properties !== undefined && Object.hasOwn(properties, key)) {
        evaluated?.add(key);
        good = this.#check(properties[key], base, value[key], { up: place, key }, errors, undefined) && good;
      } else if (additionalProperties === false) {
        good = say(errors, { up: place, key }, 'additionalProperties', `${quote(key)} is not a property of this object`);
      } else if (additionalProperties !== undefined) {
        evaluated?.add(key);
        good = this.#check(additionalProperties, base, value[key], { up: place, key }, errors, undefined) && good;
      }
    }
    return good;
  }

  #combined(schema: Schema, base: Schema, value: unknown, place: Place | undefined, errors: Errors, evaluated: Evaluated): boolean {
    let good = true;
    const { $ref, allOf, anyOf, oneOf: one, not, if: condition } = schema;
    if (typeof $ref === 'string') {
      const [target, file] = this.#target($ref, base);
      good = this.#check(target, file, value, place, errors, evaluated);
    }
    for (const part of (allOf ?? []) as readonly Schema[]) {
      if (!good && errors === undefined) return false;
      good = this.#check(part, base, value, place, errors, evaluated) && good;
    }
    if (Array.isArray(anyOf)) good = this.#branches(anyOf as Schema[], 'anyOf', base, value, place, errors, evaluated) && good;
    if (Array.isArray(one)) good = this.#branches(one as Schema[], 'oneOf', base, value, place, errors, evaluated) && good;
    if (not !== undefined && this.#check(not, base, value, place, undefined, undefined)) good = say(errors, place, 'not', forbidden(not, value));
    if (condition !== undefined) {
      const next = schema[this.#check(condition, base, value, place, undefined, undefined) ? 'then' : 'else'];
      if (next !== undefined) good = this.#check(next, base, value, place, errors, evaluated) && good;
    }
    return good;
  }

  #branches(branches: readonly Schema[], keyword: 'anyOf' | 'oneOf', base: Schema, value: unknown, place: Place | undefined, errors: Errors, evaluated: Evaluated): boolean {
    const type = typeof value === 'object' && value !== null ? (value as Json)['type'] : undefined;
    const fitting = branches.filter((branch) => {
      const types = this.#typesOf(branch, base, 8);
      return types === 'any' || type === undefined || types.has(type);
    });
    let met = 0;
    for (const branch of fitting) {
      const mine: Evaluated = evaluated === undefined ? undefined : new Set();
      if (!this.#check(branch, base, value, place, undefined, mine)) continue;
      met += 1;
      for (const key of mine ?? []) evaluated!.add(key);
      if (evaluated === undefined && (keyword === 'anyOf' || met > 1)) break;
    }
    if (met === 1 || (met > 1 && keyword === 'anyOf')) return true;
    if (errors === undefined) return false;
    if (met > 1) return say(errors, place, keyword, `${show(value)} has more than one of the forms of which it must have one`);
    return this.#closest(fitting.length === 0 ? branches : fitting, base, value, place, keyword, errors);
  }

  /** What is wrong by the form that is meant, where that can be told; else that it is none of them. */
  #closest(branches: readonly Schema[], base: Schema, value: unknown, place: Place | undefined, keyword: string, errors: Found[]): boolean {
    const type = (value as Json | null)?.['type'];
    const none = `${typeof type === 'string' ? `an object of type ${quote(type)}` : show(value)} has none of the ${branches.length} forms allowed here`;
    this.#explained += 1;
    if (branches.length > mostForms || this.#explained > mostExplained) return say(errors, place, keyword, typeof type !== 'string' && branches.length > mostForms && isOf(value, 'object') ? `${none}, and no "type" that says which is meant` : none);
    const tried = branches.map((branch) => {
      const found: Found[] = [];
      this.#check(branch, base, value, place, found, typeof value === 'object' ? new Set() : undefined);
      return found;
    });
    // A form is not meant where already the kind of the value, or the member that names the form, is another.
    const here = (at: Place | undefined): boolean => at === place || (at?.key === 'type' && at.up === place);
    const meant = tried.filter((found) => !found.some(({ place: at, keyword: why }) => here(at) && ['type', 'const', 'enum', 'pattern', 'anyOf', 'oneOf'].includes(why)));
    const lacking = (found: readonly Found[]): Found[] => found.filter(({ place: at, keyword: why }) => at === place && why === 'required');
    const whole = meant.filter((found) => lacking(found).length === 0).sort((x, y) => x.length - y.length);
    const chosen = branches.length === 1 ? tried[0] : meant.length === 1 ? meant[0] : whole[0];
    if (chosen !== undefined && chosen.length > 0) {
      for (const { place: at, keyword: why, message } of chosen.slice(0, 20)) say(errors, at, why, message);
      return false;
    }
    const missing = meant.flatMap((found) => lacking(found).map(({ message }) => message));
    if (missing.length > 0 && missing.length === meant.length) return say(errors, place, keyword, [...new Set(missing)].join(', or '));
    return say(errors, place, keyword, none);
  }

  /** Values of the member `type` without which a branch cannot hold: sparing the rest of it most of the time. */
  #typesOf(schema: Schema, base: Schema, depth: number): ReadonlySet<unknown> | 'any' {
    const known = this.#types.get(schema);
    if (known !== undefined) return known;
    let types: ReadonlySet<unknown> | 'any' = 'any';
    const { $ref, allOf, properties } = schema as { $ref?: string; allOf?: readonly Schema[]; properties?: { type?: Schema } };
    const own = properties?.type;
    const values = Array.isArray(own?.['oneOf']) ? (own['oneOf'] as Schema[]).map((one) => one['const']) : own?.['const'] === undefined ? [] : [own['const']];
    if (values.length > 0 && values.every((one) => typeof one === 'string')) types = new Set(values);
    else if (depth > 0 && typeof $ref === 'string') {
      const [target, file] = this.#target($ref, base);
      types = this.#typesOf(target, file, depth - 1);
    } else if (depth > 0 && Array.isArray(allOf)) {
      types = (allOf as readonly Schema[]).map((part) => this.#typesOf(part, base, depth - 1)).find((one) => one !== 'any') ?? 'any';
    }
    this.#types.set(schema, types);
    return types;
  }

  #target(ref: string, base: Schema): [target: Schema, file: Schema] {
    const [name, pointer] = [ref.slice(0, ref.indexOf('#') < 0 ? ref.length : ref.indexOf('#')), ref.includes('#') ? ref.slice(ref.indexOf('#') + 1) : ''];
    const file = name === '' ? base : this.#others.get(name);
    if (file === undefined) throw new Error(`schema ${name} is not here`);
    const id = file['$id'];
    const key = `${typeof id === 'string' ? id : ''}#${pointer}`;
    let target = this.#targets.get(key);
    if (target === undefined) {
      let at: unknown = file;
      for (const step of pointer.split('/').slice(1)) at = (at as Schema)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
      this.#targets.set(key, target = at as Schema);
    }
    return [target, file];
  }

  #pattern(source: string): RegExp {
    let pattern = this.#patterns.get(source);
    if (pattern === undefined) this.#patterns.set(source, pattern = new RegExp(source, 'u'));
    return pattern;
  }

  #members(values: readonly unknown[]): ReadonlySet<unknown> {
    let set = this.#enums.get(values);
    if (set === undefined) this.#enums.set(values, set = new Set(values));
    return set;
  }
}

function say(errors: Errors, place: Place | undefined, keyword: string, message: string): false {
  if (errors !== undefined && errors.length < most) errors.push({ place, keyword, message });
  return false;
}

function isOf(value: unknown, type: unknown): boolean {
  if (Array.isArray(type)) return type.some((one) => isOf(value, one));
  switch (type) {
    case 'object': return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array': return Array.isArray(value);
    case 'integer': return Number.isInteger(value);
    case 'number': return typeof value === 'number' && Number.isFinite(value);
    case 'null': return value === null;
    default: return typeof value === type;
  }
}

function article(type: unknown): string {
  const words = (Array.isArray(type) ? type : [type]).map((one) => (/^[aeio]/.test(String(one)) ? `an ${String(one)}` : `a ${String(one)}`));
  return words.join(' or ');
}

function oneOf(values: readonly unknown[]): string {
  if (values.length > 24) return `one of the ${values.length} allowed values`;
  return values.length === 1 ? show(values[0]) : `one of ${values.map(show).join(', ')}`;
}

function forbidden(schema: unknown, value: unknown): string {
  const names = (schema as Schema)['required'];
  return Array.isArray(names) ? `${names.map(quote).join(' and ')} must not be here${names.length > 1 ? ' together' : ''}` : `${show(value)} is not allowed here`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? quote(value) : String(value);
}

function quote(text: unknown): string {
  const string = String(text);
  return JSON.stringify(string.length > 100 ? `${string.slice(0, 99)}…` : string);
}
