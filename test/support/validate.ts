import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { project } from './samples.ts';

/** What a JSON Schema file (path from the project's root) has against a document: nothing when it is valid. */
export function complaints(schema: string, document: unknown): string[] {
  const parsed = JSON.parse(readFileSync(join(project, schema), 'utf8')) as { $schema?: string; id?: string };
  const options = { strict: false, allErrors: true };
  const ajv = parsed.$schema?.includes('2020-12') === true ? new Ajv2020(options) : new Ajv(options);
  formats.default(ajv);
  if (parsed.$schema?.includes('draft-04') === true) {
    delete parsed.$schema; // ajv reads later drafts only; nothing this schema uses has changed its meaning
    delete parsed.id;
  }
  const validate = ajv.compile(parsed);
  void validate(document);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}
