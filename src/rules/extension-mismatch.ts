// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { disguised, endingOf, promises } from './policy/extensions.ts';

export default rule({
  id: 'extension-mismatch',
  title: 'Content of another kind than the name promises',
  why: 'Scanners and people choose by name what to look at. A pickle or an archive called .safetensors, .png or .json passes them, and a loader that goes by content runs it.',
  fix: 'Do not load the file. Ask the publisher why it is named so, and take a copy from a source you trust.',
  severity: 'high',
  confidence: 'high',
  references: ['CVE-2025-1889', 'CVE-2025-10155', 'CWE-646'],
  provisions: ['5.2.3-1'],
  example: ['unopened/tar-as.safetensors', 'unopened/picture.pt'],
  reads: ['region', 'entry', 'call', 'malformed', 'gap', 'claim', 'tensor', 'anomaly', 'node'],
  *check({ artefact, facts }) {
    const ending = endingOf(artefact.id);
    const kept = promises[ending];
    if (kept === undefined) return;
    const formats = artefact.format.split('+');
    // That the promised format claims it too, by its name or as a polyglot, is no excuse.
    const native = facts.find((fact) => fact.kind === 'gap' && fact.what.startsWith('native program'));
    const found = formats.find((format) => disguised.has(format) && !kept.includes(format)) ?? (native === undefined ? undefined : 'a native program');
    if (found !== undefined) yield { message: `name ends in ${ending}, content is ${found}`, key: `${ending} ${found}` };
  },
});
