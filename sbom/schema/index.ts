// SPDX-License-Identifier: Apache-2.0
// The official schemas, read when first needed: a scan should not pay for them.
import { readFileSync } from 'node:fs';
import { Validator, type Schema, type Violation } from './validator.ts';

export type { Violation } from './validator.ts';

/** Documents whose schema is here. */
export const schemaNames = ['cyclonedx-1.2', 'cyclonedx-1.3', 'cyclonedx-1.4', 'cyclonedx-1.5', 'cyclonedx-1.6', 'cyclonedx-1.7', 'spdx-3.0.1'] as const;
export type SchemaName = (typeof schemaNames)[number];

/** The package has its code in bundles, and these files in a folder of their own. */
const besideSources = import.meta.url.endsWith('.ts');
const validators = new Map<SchemaName, Validator>();
const parts = new Map<string, Schema>();

/** What the official schema has against the document: nothing when it is valid, at most a thousand violations. */
export function violations(document: unknown, name: SchemaName): Violation[] {
  let validator = validators.get(name);
  if (validator === undefined) {
    const spdx = name === 'spdx-3.0.1';
    const others = spdx ? [] : ['spdx.schema.json', 'jsf-0.82.schema.json', ...(name === 'cyclonedx-1.7' ? ['cryptography-defs.schema.json'] : [])];
    const root = read(spdx ? 'spdx-3.0.1.schema.json' : `${name.replace('cyclonedx', 'bom')}.schema.json`);
    validators.set(name, validator = new Validator(root, new Map(others.map((file) => [file, read(file)]))));
  }
  return validator.violations(document);
}

/** The official schema itself. */
export function schemaOf(name: SchemaName): Schema {
  return read(name === 'spdx-3.0.1' ? 'spdx-3.0.1.schema.json' : `${name.replace('cyclonedx', 'bom')}.schema.json`);
}

let overlay: Validator | undefined;

/** What our own schema has against an overlay. */
export function overlayViolations(document: unknown): Violation[] {
  overlay ??= new Validator(read('overlay.schema.json'));
  return overlay.violations(document);
}

function read(file: string): Schema {
  let schema = parts.get(file);
  if (schema === undefined) parts.set(file, schema = JSON.parse(readFileSync(new URL(besideSources ? file : `schema/${file}`, import.meta.url), 'utf8')) as Schema);
  return schema;
}
