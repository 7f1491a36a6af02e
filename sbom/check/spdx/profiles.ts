// SPDX-License-Identifier: Apache-2.0
// What the profiles ask for beyond the schema: "External properties restrictions" of AIPackage and DatasetPackage, and
// the profiles' conformance clauses (SPDX 3.0.1, clauses AI and Dataset).
import { below, quote, type Group, type Lint } from '../lint.ts';
import { elementsOf, listOf } from './graph.ts';
import { isGiven } from './graph-lints.ts';

const aiProperties: Lint = {
  id: 'spdx-ai-properties',
  level: 'warning',
  title: 'an AI package lacks what its profile makes mandatory',
  why: 'Neither the JSON Schema nor the SHACL model checks these; a document that claims the profile without them is not conformant.',
  fix: 'Fill them in, or do not claim the ai profile.',
};
const datasetProperties: Lint = { ...aiProperties, id: 'spdx-dataset-properties', title: 'a dataset lacks what its profile makes mandatory', fix: 'Fill them in, or do not claim the dataset profile.' };
const licenceRelations: Lint = {
  id: 'spdx-licence-relationships',
  level: 'warning',
  title: 'not exactly one declared and one concluded licence',
  why: 'Both profiles ask for one hasDeclaredLicense and one hasConcludedLicense; NoAssertionLicense is an answer, nothing is none.',
  fix: 'Add the missing relationship, to NoAssertionLicense when the licence is not known; keep one of each.',
};
const unclaimed: Lint = {
  id: 'spdx-profile-not-claimed',
  level: 'note',
  title: 'elements of a profile that the document does not claim',
  why: 'Readers look at profileConformance to know what they may rely on.',
  fix: 'Add the profile to profileConformance once its mandatory properties are there.',
};

const mandatory: Readonly<Record<string, { readonly lint: Lint; readonly profile: string; readonly names: readonly string[] }>> = {
  ai_AIPackage: { lint: aiProperties, profile: 'ai', names: ['releaseTime', 'suppliedBy', 'software_downloadLocation', 'software_packageVersion', 'software_primaryPurpose'] },
  dataset_DatasetPackage: { lint: datasetProperties, profile: 'dataset', names: ['builtTime', 'originatedBy', 'releaseTime', 'software_downloadLocation', 'software_primaryPurpose', 'dataset_datasetType'] },
};

export const profiles: Group = {
  lints: [aiProperties, datasetProperties, licenceRelations, unclaimed],
  start: (say, document) => ({
    finish() {
      const elements = elementsOf(document);
      const claimed = new Set(elements.filter(({ type }) => type === 'SpdxDocument').flatMap(({ value }) => listOf(value['profileConformance'])));
      const licences = new Map<string, Record<string, number>>();
      for (const { value, type } of elements) {
        const kind = value['relationshipType'];
        if (!type.endsWith('Relationship') || (kind !== 'hasDeclaredLicense' && kind !== 'hasConcludedLicense') || typeof value['from'] !== 'string') continue;
        const counts = licences.get(value['from']) ?? {};
        counts[kind] = (counts[kind] ?? 0) + Math.max(1, listOf(value['to']).length);
        licences.set(value['from'], counts);
      }
      const missed = new Set<string>();
      for (const { value, place, type, id } of elements) {
        const wanted = Object.hasOwn(mandatory, type) ? mandatory[type]! : undefined;
        if (wanted === undefined) continue;
        if (!claimed.has(wanted.profile)) {
          if (!missed.has(wanted.profile)) say(unclaimed, place, `the document has an element of type ${type} and does not claim the ${wanted.profile} profile`);
          missed.add(wanted.profile);
          continue;
        }
        const name = quote(value['name'] ?? id);
        for (const property of wanted.names) {
          if (!isGiven(value[property])) say(wanted.lint, below(place, property), `${name} has no ${property}`);
        }
        for (const kind of ['hasDeclaredLicense', 'hasConcludedLicense']) {
          const count = licences.get(id)?.[kind] ?? 0;
          if (count !== 1) say(licenceRelations, place, `${name} has ${count} of ${kind}, not 1`);
        }
      }
    },
  }),
};
