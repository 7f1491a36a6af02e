// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import { rule } from '../model/rule.ts';

const codes: ReadonlySet<string> = new Set(['zip/prefix']);

export default rule({
  id: 'zip-prefix',
  title: 'Bytes lie before the zip archive',
  why: 'A file that begins as something else and ends as a zip is read differently by tools that look at its head or its tail.',
  fix: 'Find out what the leading bytes are; models have no use for them.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-436', 'APPNOTE.TXT 4.3'],
  provisions: ['5.2.3-1'],
  example: ['zip/prefix.zip', 'zip/plain.zip'],
  reads: ['malformed'],
  *check({ artefact, facts }) {
    if (isFormat(artefact, 'tflite')) return; // its metadata are packed behind the model
    for (const { code, what, at } of facts) if (codes.has(code)) yield { message: what, ...(at === undefined ? {} : { at }) };
  },
});
