// SPDX-License-Identifier: Apache-2.0
import { collectionRule, type Hit } from '../model/rule.ts';
import { resolveFrom } from './policy/repository.ts';

/** Files beside a Kitfile that no kit packs. */
const besides = /^(Kitfile|\.kitignore|\.gitignore|\.gitattributes|model\.sig)$|\.sig$|\.sigstore(\.json)?$|^\.(git|cache)(\/|$)/i;

export default collectionRule({
  id: 'kitfile-coverage',
  title: 'A Kitfile and the folder disagree',
  why: 'The Kitfile says what the kit is made of. A part that is not there makes the kit incomplete; a file that no part covers is shipped by nobody, or slipped in.',
  fix: 'Fetch what is missing, and either name the other files in the Kitfile or remove them.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-345', 'https://kitops.org/docs/kitfile/format/'],
  provisions: ['5.2.1-1', '5.2.1-2'],
  example: ['kitfile/missing', 'kitfile/covered'],
  reads: ['link'],
  *check(among): Iterable<Hit> {
    const files = among.all.map(({ artefact }) => artefact.id).filter((id) => !id.includes('!/'));
    for (const { artefact, facts } of among.all) {
      const folder = artefact.id.slice(0, artefact.id.lastIndexOf('/') + 1);
      if (artefact.id.slice(folder.length).toLowerCase() !== 'kitfile') continue;
      const parts = facts.flatMap((fact) => (fact.kind === 'link' && fact.role === 'part' && !/^[a-z][a-z0-9+.-]*:\/\//i.test(fact.target) ? [fact.target] : []));
      if (parts.length === 0) continue;
      const here = files.filter((id) => id.startsWith(folder) && id !== artefact.id);
      const covered = new Set<string>();
      for (const part of new Set(parts)) {
        const at = resolveFrom(folder, part);
        if (at === undefined || !`${at}/`.startsWith(folder)) {
          yield { artefact: artefact.id, severity: 'high', message: `part ${part} lies outside the folder of the Kitfile`, key: `outside ${part}` };
          continue;
        }
        const of = here.filter((id) => id === at || at === '' || `${at}/` === folder || id.startsWith(`${at}/`));
        // a Kitfile by itself was scanned without its kit: nothing to compare
        if (of.length === 0 && here.length > 0) yield { artefact: artefact.id, message: `part ${part} is named by the Kitfile and missing`, key: `missing ${part}` };
        for (const id of of) covered.add(id);
      }
      const left = here.filter((id) => !covered.has(id) && !besides.test(id.slice(folder.length)));
      if (left.length > 0) yield { artefact: artefact.id, severity: 'low', message: `${left.length} of ${here.length} files are covered by no part of the Kitfile`, evidence: left.slice(0, 10), key: 'uncovered' };
    }
  },
});
