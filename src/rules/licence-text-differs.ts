// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { claims, folderOf, repositories } from './policy/repository.ts';

export default collectionRule({
  id: 'licence-text-differs',
  title: 'The text of the licence is not that of the licence stated',
  why: 'What the licence file grants is what holds in law; what the card says is what tools and people go by. Where the two differ, somebody relies on a permission that was not given.',
  fix: 'Ask the author which licence holds. Put its text beside the model, and its SPDX id into the card.',
  severity: 'high',
  confidence: 'medium',
  references: ['https://spdx.org/licenses/'],
  provisions: ['5.2.4-1.1'],
  example: ['contradiction/licence-text', 'contradiction/as-downloaded'],
  reads: ['claim'],
  *check(among) {
    const known = new Set(repositories(among).map(({ folder }) => folder));
    const stated = Map.groupBy(claims(among, 'licence'), ({ id }) => folderOf(id));
    for (const [folder, texts] of Map.groupBy(claims(among, 'licence-text'), ({ id }) => folderOf(id))) {
      const said = (known.has(folder) ? stated.get(folder) : undefined) ?? [];
      const names = said.map(({ value }) => key(value)).filter((name) => name !== undefined);
      const found = texts.map(({ value }) => key(value.replace(/ \([^()]*\)$/, ''))!);
      // Several texts of several licences are the parts of a whole: one of them is enough.
      if (names.length === 0 || names.some((name) => found.some((text) => same(name, text)))) continue;
      yield { artefact: texts[0]!.id, message: `the text is that of ${texts.map(({ value }) => value).join(' and ')}, stated is ${[...new Set(said.map(({ value }) => value))].slice(0, 5).join(', ')} in ${said[0]!.id}`, key: `${found.join(' ')} ${names.join(' ')}` };
    }
  },
});

/** In small letters, words for families and for nothing left out: they say no licence that a text could differ from. */
function key(licence: string): string | undefined {
  const name = licence.trim().toLowerCase().replaceAll(/\s+/g, '-').replace(/^licenseref-/, '').replace(/-(only|or-later)$/, '').replace(/\+$/, '');
  return /^(other|unknown|none|n\/a|gpl|lgpl|agpl|bsd|cc|openrail|gfdl|)$/.test(name) || /\s|-(and|or|with)-/.test(licence) ? undefined : name;
}

function same(name: string, text: string): boolean {
  const plain = (one: string): string => one.replaceAll(/[^a-z0-9+]+/g, '').replace(/licen[cs]e/g, '').replace(/^the/, '').replace(/(version|v)(?=\d)/, '').replace(/20$/, '2').replace(/10$/, '1');
  return plain(name) === plain(text) || (name === 'lgpl-lr' && text === 'lgpllr');
}
