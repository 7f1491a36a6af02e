// SPDX-License-Identifier: Apache-2.0
// Texts and JSON lists that lie about among other things: logs, notes, caches, exports. They have the form of a data set, and nothing
// says that they are one. Studying takes a hundred times longer than inspecting, so only few of them are studied unless that is asked for.
import { notAssessable, type StudyFact } from './question.ts';
import { namesRole } from './roles.ts';
import type { Draft } from './sets.ts';

/** Bytes of loose sets that are studied all the same, the smallest sets first. */
export const looseStudied = 4 << 20;

/** Formats that anything is written in; the others (Parquet, CSV, JSON Lines …) are there for tables. */
const anything: ReadonlySet<string> = new Set(['json', 'text', 'card', 'unknown']);
/** Names of folders and files that say that data lie there. */
const hint = /(?:^|[/!_.\s-])(?:data|dataset|corpus|corpora|train|training|trn|test|tst|val|valid|validation|dev|eval|evaluation|holdout|samples?|examples?|docs?|documents?|articles?|reviews?|conversations?|dialogues?|chats?|prompts?|instructions?|answers?|questions?|knowledge|rag|benchmark|finetun\w*|fine[_-]tun\w*|sft|dpo|rlhf|alpaca|sharegpt|pos|neg|ham|spam|raw|labell?ed|unlabell?ed|unsupervised)s?(?=$|[/!_.\s\d-])/i;

/** Sets that are left out, by their place in the list. */
export function looseSets(drafts: readonly Draft[], bytesInAll: number): ReadonlySet<Draft> {
  const loose = drafts.filter((draft) => isLoose(draft, bytesInAll)).toSorted((a, b) => a.size - b.size || (a.name < b.name ? -1 : 1));
  let room = looseStudied;
  return new Set(loose.filter(({ size }) => (room -= size) < 0));
}

function isLoose(draft: Draft, bytesInAll: number): boolean {
  const { stated, target, files, columns, size, kind } = draft;
  if (stated !== undefined || target !== undefined || kind === 'images' || 2 * size >= bytesInAll) return false;
  return columns.every((name) => !namesRole(name)) && files.every((file) => file.split === undefined && file.format.split('+').every((one) => anything.has(one)))
    && !hint.test(draft.name) && files.every(({ id, label }) => !hint.test(id) && !hint.test(label ?? ''));
}

/** What is said of one that is left out. */
export function leftOut(draft: Draft): StudyFact {
  const what = `not studied: ${draft.files.length === 1 ? 'a file' : `${draft.files.length} files`} of text or records without a label, a split or a name that says that it is data, among other artefacts; --study all studies it, as does stating it in an overlay`;
  return { ...notAssessable({ id: 'rows', blind: 'all of it, as a set: each file was inspected for itself' }, draft, what), ...(draft.rows === undefined ? {} : { among: draft.rows }), detail: { loose: 1, troubles: 0 } };
}
