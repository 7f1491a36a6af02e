// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

const shown = 6;

export default rule({
  id: 'fetch-unpinned',
  title: 'Code fetches models or data without a pinned revision',
  why: 'A repository on a hub can change under its name: what this program loads tomorrow need not be what was reviewed today.',
  fix: 'Pass `revision=` with the full commit (40 hex digits) to each of these calls.',
  severity: 'low',
  confidence: 'high',
  references: ['CWE-494', 'https://huggingface.co/docs/transformers/main_classes/model'],
  provisions: ['5.1.2-4', '5.2.3-1'],
  example: ['python/unpinned.py', 'python/pinned.py'],
  reads: ['link'],
  *check({ facts }) {
    const loose = facts.filter(({ role, revision, detail }) => role === 'fetch' && !isCommit(revision) && detail?.endsWith(', trust_remote_code') !== true);
    if (loose.length === 0) return;
    const told = [...new Set(loose.map(({ target, revision }) => (revision === undefined ? target : `${target} at ${revision}`)))];
    yield {
      message: `${told.length} ${told.length === 1 ? 'repository is' : 'repositories are'} fetched without a commit: ${told.slice(0, shown).join(', ')}${told.length > shown ? ', …' : ''}`,
      evidence: loose.slice(0, 32).map(({ target, detail }) => `${detail}(${JSON.stringify(target)})`),
      key: told.join(' '),
    };
  },
});

/** A full commit cannot move; a branch, a tag and a shortened commit can. */
function isCommit(revision: string | undefined): boolean {
  return revision !== undefined && /^[0-9a-f]{40}$/i.test(revision);
}
