// SPDX-License-Identifier: Apache-2.0
// The official CycloneDX schemas as an oracle; the ones that are shipped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { project } from '../support/samples.ts';

const compiled = new Map<string, ValidateFunction>();

function schema(name: string): object {
  return JSON.parse(readFileSync(join(project, 'sbom/schema', name), 'utf8')) as object;
}

/** What the official schema of that version has against the document; an empty list when nothing. */
export function violations(document: unknown, specVersion: '1.6' | '1.7'): string[] {
  let validate = compiled.get(specVersion);
  if (validate === undefined) {
    const ajv = new Ajv({ strict: false, allErrors: true, schemas: ['spdx.schema.json', 'jsf-0.82.schema.json', 'cryptography-defs.schema.json'].map(schema) });
    formats.default(ajv);
    ajv.addFormat('iri-reference', true);
    ajv.addFormat('idn-email', true);
    compiled.set(specVersion, validate = ajv.compile(schema(`bom-${specVersion}.schema.json`)));
  }
  return validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}
