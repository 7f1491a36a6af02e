// SPDX-License-Identifier: Apache-2.0
import { isExpression, isLicenceId } from '../../licences.ts';
import { below, isObject, objects, quote, type Group, type Lint } from '../lint.ts';

const invalidExpression: Lint = {
  id: 'invalid-expression',
  level: 'error',
  title: 'a licence expression that SPDX does not know',
  why: 'The schema takes any text. Licence tools drop what they cannot parse, and with it the obligation.',
  fix: 'Join SPDX ids with AND, OR and WITH; a licence that SPDX does not list is LicenseRef-NAME.',
};
const unknownLicence: Lint = {
  id: 'unknown-licence',
  level: 'error',
  title: 'a licence id that is not on the SPDX list',
  why: 'Ids are looked up; this one finds nothing.',
  fix: 'Use the id in the list\'s own spelling, or give the licence by name.',
};
const severalExpressions: Lint = {
  id: 'several-expressions',
  level: 'warning',
  title: 'several licence expressions where one must say it all',
  why: 'Nothing says whether both hold or either: AND and OR mean different obligations.',
  fix: 'Join them into one expression with AND or OR.',
};
const placeholder: Lint = {
  id: 'placeholder-licence',
  level: 'warning',
  title: 'a licence that says nothing',
  why: '"unknown" or "other" as the name of a licence counts as a licence for tools that only look whether there is one.',
  fix: 'Leave licenses out when the licence is unknown, or name it.',
};
const idAsName: Lint = {
  id: 'licence-id-as-name',
  level: 'note',
  title: 'a listed licence is given by name',
  why: 'Tools match ids, not names.',
  fix: 'Put the same text into license.id.',
};

const emptyWords = /^\s*(unknown|other|none|noassertion|n\/?a|unlicen[sc]ed\?|tbd|todo|-+|\?+)\s*$/i;

export const licences: Group = {
  lints: [invalidExpression, unknownLicence, severalExpressions, placeholder, idAsName],
  start: (say) => ({
    object({ value, place }) {
      if (!Array.isArray(value['licenses'])) return;
      const by = new Map<unknown, number>();
      (value['licenses'] as unknown[]).forEach((choice, i) => {
        if (!isObject(choice)) return;
        const { expression, license, acknowledgement } = choice;
        if (typeof expression === 'string') {
          if (!isExpression(expression)) say(invalidExpression, below(place, 'licenses', i, 'expression'), `${quote(expression)} is no SPDX licence expression`);
          const count = (by.get(acknowledgement) ?? 0) + 1;
          by.set(acknowledgement, count);
          if (count === 2) say(severalExpressions, below(place, 'licenses', i), 'a second expression of the same standing');
        }
        if (!isObject(license)) return;
        const { id, name } = license;
        if (typeof id === 'string' && !isLicenceId(id)) say(unknownLicence, below(place, 'licenses', i, 'license', 'id'), `${quote(id)} is not on the SPDX licence list`);
        if (typeof name !== 'string') return;
        if (name.trim() === '' || emptyWords.test(name)) say(placeholder, below(place, 'licenses', i, 'license', 'name'), `${quote(name)} is no licence`);
        else if (isLicenceId(name) && objects(license['properties']).length === 0) say(idAsName, below(place, 'licenses', i, 'license', 'name'), `${quote(name)} is an SPDX id`);
      });
    },
  }),
};
