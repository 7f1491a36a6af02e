// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';

const notes = '.cache/huggingface/download/';

export default collectionRule({
  id: 'download-mixed-revisions',
  title: 'Files of one download come from several revisions',
  why: 'The notes that the hub client keeps say that files of this folder were fetched from different commits. No commit ever held this combination: weights and code may not fit, and nobody published or signed it as a whole.',
  fix: 'Fetch the whole repository again at one pinned commit (`revision=` with the 40-digit commit).',
  severity: 'medium',
  confidence: 'high',
  references: ['https://huggingface.co/docs/huggingface_hub/guides/download'],
  provisions: ['5.2.1-2'],
  example: ['provenance/mixed', 'provenance/bound'],
  reads: ['claim', 'record'],
  *check(among) {
    const found = new Map<string, Map<string, string[]>>();
    for (const { artefact, facts } of among.all) {
      const cut = artefact.id.lastIndexOf(notes);
      if (cut < 0 || !facts.some((fact) => fact.kind === 'record' && fact.by === 'hub-metadata')) continue;
      const folder = artefact.id.slice(0, cut);
      const file = artefact.id.slice(cut + notes.length, -'.metadata'.length);
      if (!among.has(folder + file)) continue; // the note of a file that was removed again
      const revisions = found.get(folder) ?? new Map<string, string[]>();
      found.set(folder, revisions);
      for (const fact of facts) if (fact.kind === 'claim' && fact.field === 'commit') revisions.set(fact.value, [...(revisions.get(fact.value) ?? []), file]);
    }
    for (const [folder, revisions] of found) {
      if (revisions.size < 2) continue;
      const told = [...revisions].map(([revision, files]) => `${revision.slice(0, 12)}: ${files.slice(0, 4).join(', ')}${files.length > 4 ? ', …' : ''}`);
      yield { artefact: folder.replace(/\/$/, ''), message: `the files of this folder come from ${revisions.size} revisions, expected one`, evidence: told, key: 'mixed' };
    }
  },
});
