// SPDX-License-Identifier: Apache-2.0
import { pointerOf, type Place } from '../../schema/pointer.ts';
import { below, isObject, quote, type Group, type Lint, type Say } from '../lint.ts';
import { elementsOf, importedIds, listOf, type Element } from './graph.ts';

const duplicateId: Lint = {
  id: 'spdx-duplicate-id',
  level: 'error',
  title: 'one id, two elements',
  why: 'Readers of JSON-LD merge what has one id: a file takes on the hash of another.',
  fix: 'Give each element an spdxId of its own.',
};
const duplicateRelation: Lint = { ...duplicateId, id: 'spdx-duplicate-relationship-id', level: 'warning', title: 'one id, two relationships' };
const danglingId: Lint = {
  id: 'spdx-dangling-ref',
  level: 'error',
  title: 'a reference to an element that is not there',
  why: 'What should be connected is not: the licence, the dataset or the author is lost.',
  fix: 'Add the element, or declare it under import of the SpdxDocument when it stands in another document.',
};
const selfRelation: Lint = {
  id: 'spdx-self-relationship',
  level: 'error',
  title: 'an element is related to itself',
  why: 'Nothing contains, depends on or descends from itself; readers that follow the line may not come to an end.',
  fix: 'Name the other element in `to`.',
};
const cyclicLineage: Lint = {
  id: 'spdx-cyclic-lineage',
  level: 'error',
  title: 'two elements descend from each other',
  why: 'One of the two statements is false.',
  fix: 'Keep the direction that the training went.',
};
const emptyRelation: Lint = {
  id: 'spdx-empty-relationship',
  level: 'warning',
  title: 'a relationship to nothing',
  why: 'It says neither that there is something nor that there is nothing.',
  fix: 'Point it to NoneElement or NoAssertionElement, or leave it out.',
};
const noDocument: Lint = {
  id: 'spdx-no-document',
  level: 'warning',
  title: 'there is not exactly one SpdxDocument',
  why: 'The SpdxDocument says what the file is about and under which licence its data stand.',
  fix: 'Add one element of type SpdxDocument with rootElement.',
};
const noRoot: Lint = {
  id: 'spdx-no-root',
  level: 'note',
  title: 'the document does not say what it describes',
  why: 'Without rootElement nobody can tell which element is the product.',
  fix: 'Put the spdxId of the model, dataset or SBOM into rootElement.',
};

/** Members whose texts are ids of elements. */
const references = ['from', 'to', 'rootElement', 'element', 'createdBy', 'createdUsing', 'suppliedBy', 'originatedBy', 'creationInfo', 'dataLicense', 'subject', 'assessedElement', 'simplelicensing_customIdToUri', 'expandedlicensing_member', 'snippetFromFile'];

export const graph: Group = {
  lints: [duplicateId, duplicateRelation, danglingId, selfRelation, cyclicLineage, emptyRelation, noDocument, noRoot],
  start: (say, document) => ({
    finish() {
      const elements = elementsOf(document);
      const known = new Map<string, Place | undefined>();
      for (const { id, place, type } of elements) {
        if (id === '') continue;
        if (known.has(id)) say(type.endsWith('Relationship') ? duplicateRelation : duplicateId, below(place, 'spdxId'), `${quote(id)} is already the id at ${pointerOf(known.get(id))}`);
        else known.set(id, place);
      }
      const imported = importedIds(elements);
      for (const element of elements) dangling(say, element, (id) => known.has(id) || imported.has(id));
      const lineage = new Map<string, string>();
      for (const element of elements) relation(say, element, lineage);
      const documents = elements.filter(({ type }) => type === 'SpdxDocument');
      if (documents.length !== 1 && elements.length > 0) say(noDocument, undefined, `there are ${documents.length} elements of type SpdxDocument`);
      for (const { value, place } of documents) {
        if (listOf(value['rootElement']).length === 0) say(noRoot, below(place, 'rootElement'), 'rootElement is missing');
      }
    },
  }),
};

function dangling(say: Say, { value, place, type }: Element, known: (id: string) => boolean): void {
  for (const name of references) {
    if (name === 'subject' && type !== 'Annotation') continue;
    const held = value[name];
    listOf(held).forEach((ref, i) => {
      if (typeof ref !== 'string' || known(ref) || isIndividual(ref)) return;
      // dataLicense may name a licence of the SPDX list by its address.
      if (/^https?:\/\/spdx\.org\/licenses\//.test(ref)) return;
      say(danglingId, Array.isArray(held) ? below(place, name, i) : below(place, name), `${quote(ref)} is the id of nothing in this document`);
    });
  }
}

/** Elements that the model itself defines: NoneElement, NoAssertionLicense … by address or by name. */
function isIndividual(ref: string): boolean {
  return /^https:\/\/spdx\.org\/rdf\/3\.[\d.]+\/terms\/\w+\/\w+$/.test(ref) || /^(expandedlicensing_)?(NoneElement|NoAssertionElement|NoneLicense|NoAssertionLicense|SpdxOrganization)$/.test(ref);
}

function relation(say: Say, { value, place, type }: Element, lineage: Map<string, string>): void {
  if (!type.endsWith('Relationship')) return;
  const { from, relationshipType } = value;
  const to = listOf(value['to']);
  if (to.length === 0) say(emptyRelation, below(place, 'to'), `${quote(relationshipType)} leads to nothing`);
  to.forEach((target, i) => {
    if (typeof from !== 'string' || typeof target !== 'string') return;
    if (from === target) return say(selfRelation, below(place, 'to', i), `${quote(from)} is in ${quote(relationshipType)} to itself`);
    const older = relationshipType === 'descendantOf' ? [from, target] : relationshipType === 'ancestorOf' ? [target, from] : undefined;
    if (older === undefined) return;
    if (lineage.has(JSON.stringify([older[1], older[0]]))) say(cyclicLineage, below(place, 'to', i), `${quote(older[0])} and ${quote(older[1])} descend from each other`);
    lineage.set(JSON.stringify(older), '');
  });
}

/** Whether a value names something: not nothing, and no blank object. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0) && !(isObject(value) && Object.keys(value).length === 0);
}
