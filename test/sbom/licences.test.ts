// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { isExpression, licenceOf } from '../../sbom/licences.ts';

test('an SPDX id is found whatever its case', () => {
  expect(licenceOf('apache-2.0')).toEqual({ id: 'Apache-2.0', terms: [] });
  expect(licenceOf('MIT')).toEqual({ id: 'MIT', terms: [] });
  expect(licenceOf('etalab-2.0')?.id).toBe('etalab-2.0');
});

test('hub keywords of another spelling are translated', () => {
  expect(licenceOf('odc-by')?.id).toBe('ODC-By-1.0');
  expect(licenceOf('odbl')?.id).toBe('ODbL-1.0');
  expect(licenceOf('openmdw-1.0')?.id).toBe('OpenMDW-1.0');
});

test('an ambiguous keyword is kept, not guessed', () => {
  expect(licenceOf('gpl')).toEqual({ name: 'LicenseRef-gpl', terms: [], ambiguity: 'the version is not said' });
  expect(licenceOf('gpl-3.0')).toMatchObject({ id: 'GPL-3.0', ambiguity: expect.stringContaining('later') });
  expect(licenceOf('bsd')?.id).toBeUndefined();
});

test('a licence that SPDX does not list becomes a LicenseRef with what it is known for', () => {
  expect(licenceOf('llama3.2')).toEqual({ name: 'LicenseRef-llama3.2', terms: ['use-restricted'] });
  expect(licenceOf('cc-by-nc-nd-4.0')).toEqual({ id: 'CC-BY-NC-ND-4.0', terms: ['no-derivatives', 'non-commercial'] });
  expect(licenceOf('My Licence, v2 (draft)')?.name).toBe('LicenseRef-My-Licence-v2-draft');
});

test('a word that says nothing is no licence', () => {
  for (const word of ['other', 'unknown', '', ' ', 'NOASSERTION']) expect(licenceOf(word)).toBeUndefined();
});

test('expressions are checked against the list and the grammar', () => {
  for (const good of ['MIT OR Apache-2.0', '(MIT AND (GPL-2.0-only WITH Classpath-exception-2.0))', 'GPL-2.0+', 'LicenseRef-x AND MIT']) {
    expect(isExpression(good), good).toBe(true);
  }
  for (const bad of ['', 'MIT OR', 'MIT Apache-2.0', '(MIT', 'MIT)', 'FOO', 'MIT WITH MIT', 'AND MIT', '()', 'MIT WITH', '('.repeat(5000)]) {
    expect(isExpression(bad), bad).toBe(false);
  }
});

test('properties of the prototype are no licences', () => {
  expect(licenceOf('constructor')?.name).toBe('LicenseRef-constructor');
  expect(licenceOf('__proto__')?.name).toBe('LicenseRef-proto');
});
