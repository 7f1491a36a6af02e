// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { readBom, type Read } from '../../../sbom/check/index.ts';
import type { Json } from '../../../sbom/check/lint.ts';
import { diffBoms, isSame } from '../../../sbom/compare/diff.ts';
import { inventoryOf, type Inventory } from '../../../sbom/compare/inventory.ts';

function inventory(document: object): Inventory {
  return inventoryOf(readBom(Buffer.from(JSON.stringify(document))) as Extract<Read, { document: Json }>);
}

const digest = (letter: string): string => letter.repeat(2).padEnd(64, '0');

function bom(change: { hash?: string; licence?: string; base?: string; state?: string; extra?: object[] } = {}): Inventory {
  return inventory({
    bomFormat: 'CycloneDX',
    specVersion: '1.7',
    metadata: { component: { type: 'machine-learning-model', name: 'm', purl: 'pkg:huggingface/o/m@abc', licenses: [{ license: { id: change.licence ?? 'MIT' } }], pedigree: { ancestors: [{ type: 'machine-learning-model', name: change.base ?? 'base' }] } } },
    components: [{ type: 'file', 'bom-ref': 'f', name: 'w.bin', hashes: [{ alg: 'SHA-256', content: digest(change.hash ?? 'a') }] }, ...(change.extra ?? [])],
    vulnerabilities: [{ id: 'V', affects: [{ ref: 'f' }], ratings: [{ severity: 'high' }], analysis: { state: change.state ?? 'in_triage' } }],
  });
}

test('a document is no different from itself', () => {
  expect(isSame(diffBoms(bom(), bom()))).toBe(true);
});

test('hash, licence, lineage and verdict that changed are told with both values', () => {
  const { components, findings } = diffBoms(bom(), bom({ hash: 'b', licence: 'Apache-2.0', base: 'other', state: 'not_affected' }));
  expect(components).toEqual({
    added: [],
    removed: [],
    changed: [
      { key: 'file w.bin', changes: [{ field: 'hash', old: `SHA-256 ${digest('a')}`, new: `SHA-256 ${digest('b')}` }] },
      { key: 'pkg:huggingface/o/m', changes: [{ field: 'licence', old: 'MIT', new: 'Apache-2.0' }, { field: 'lineage', old: 'base', new: 'other' }] },
    ],
  });
  expect(findings.changed).toEqual([{ key: 'V in w.bin', changes: [{ field: 'state', old: 'in_triage', new: 'not_affected' }] }]);
});

test('a new version of a package is a change, not a departure and an arrival', () => {
  const scoped = (version: string): object => ({ type: 'library', name: 'core', group: '@scope', version, purl: `pkg:npm/%40scope/core@${version}?x=1` });
  const { components } = diffBoms(bom({ extra: [scoped('1')] }), bom({ extra: [scoped('2'), { type: 'file', name: 'new' }] }));
  expect(components).toEqual({ added: ['file new'], removed: [], changed: [{ key: 'pkg:npm/%40scope/core', changes: [{ field: 'version', old: '1', new: '2' }] }] });
});

test('an SPDX document lists the same things', () => {
  const at = (id: string): string => `https://example.org/#${id}`;
  const { items, findings } = inventory({
    '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
    '@graph': [
      { type: 'ai_AIPackage', spdxId: at('m'), name: 'm', software_packageUrl: 'pkg:huggingface/o/m@abc', software_packageVersion: '1' },
      { type: 'software_File', spdxId: at('f'), name: './w.bin', verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: digest('A') }] },
      { type: 'simplelicensing_LicenseExpression', spdxId: at('l'), simplelicensing_licenseExpression: 'MIT' },
      { type: 'Relationship', spdxId: at('r'), from: at('m'), to: [at('l')], relationshipType: 'hasDeclaredLicense' },
      { type: 'security_Vulnerability', spdxId: at('v'), name: 'V' },
      { type: 'security_VexAffectedVulnAssessmentRelationship', spdxId: at('x'), from: at('v'), to: [at('f')], relationshipType: 'affects' },
    ],
  });
  expect(items).toMatchObject([{ key: 'pkg:huggingface/o/m', version: '1', licences: ['MIT'] }, { isFile: true, name: 'w.bin', hashes: { 'SHA-256': digest('a') } }]);
  expect(findings).toEqual([{ key: 'V in ./w.bin', id: 'V', affects: ['./w.bin'], severity: 'unknown', state: 'Affected' }]);
});
